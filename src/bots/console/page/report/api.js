// What the report asks of the server.

import { ask } from '../common/ask.js';
import { apiQuery } from './query.js';

export const readReport = (asked) => ask(`/api/report?${apiQuery(asked)}`);

/** [{key, name}], all of them together first. */
export const readServers = async () => (await ask('/api/report/servers')).servers;
