// Development and tests only: `--import tsx` of the process does not reach its worker threads on Node 20, this does.
import { workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
export default (await import(workerData.threadModule)).default;
