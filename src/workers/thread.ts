// The file a pool thread is started with: the painter with real pipelines. With pipeline/, the only place that loads
// the network runtime.

import { workerData } from 'node:worker_threads';
import { openPipeline } from '../pipeline/pipeline.ts';
import { painter } from './painter.ts';
import type { ThreadSetup } from './thread-task.ts';

export default painter(openPipeline, (workerData as ThreadSetup).config);
