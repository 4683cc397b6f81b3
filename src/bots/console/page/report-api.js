// What the report asks of the server. Failures become errors whose message can be shown; `status` says which they are.
// Who is signed in no longer is sent to sign in.

import { apiQuery } from './report-query.js';

export const readReport = (asked) => ask(`/api/report?${apiQuery(asked)}`);

/** [{key, name}], all of them together first. */
export const readServers = async () => (await ask('/api/report/servers')).servers;

async function ask(path) {
  let response;
  try {
    response = await fetch(path);
  } catch (error) {
    throw new Error('Darkroom does not answer. Is it still running?', { cause: error });
  }
  if (response.status === 401) {
    location.assign('/sign-in');
    return new Promise(() => undefined);
  }
  const body = await response.json().catch(() => ({}));
  if (response.ok) return body;
  const error = new Error(body.error ?? `Darkroom answered with error ${response.status}.`);
  error.status = response.status;
  throw error;
}
