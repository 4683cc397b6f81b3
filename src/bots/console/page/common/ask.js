// One question to the server. Failures become errors whose message can be shown, and whose `status` tells the server's
// refusals; who is signed in no longer is sent to sign in.

/** The answer's JSON. */
export async function ask(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    throw new Error('Darkroom does not answer. Is it still running?', { cause: error });
  }
  if (response.status === 401) return toSignIn();
  const body = await response.json().catch(() => ({}));
  if (response.ok) return body;
  const error = new Error(body.error ?? `Darkroom answered with error ${response.status}.`);
  error.status = response.status;
  throw error;
}

/** Leaves the page, message in the address and all; never ends. */
export function toSignIn() {
  location.replace(`/sign-in${location.hash}`);
  return new Promise(() => undefined);
}
