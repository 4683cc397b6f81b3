// The file a pool thread is started with: the painter with real pipelines on the real machine. With pipeline/, the only
// place that loads the network runtime.

import { workerData } from 'node:worker_threads';
import { readModelFolder } from '../pipeline/model-folder.ts';
import { tryDevice } from '../pipeline/onnx.ts';
import { openPipeline, type Pipeline } from '../pipeline/pipeline.ts';
import { deviceAdvice } from './devices.ts';
import { memoryOf, usualBudget, weightOf } from './memory.ts';
import { painter, type OpenPipeline } from './painter.ts';
import type { ThreadSetup } from './thread-task.ts';
import { warmUp } from './warm-up.ts';

const { config } = workerData as ThreadSetup;

const open: OpenPipeline = async (folder, options): Promise<Pipeline> => {
  const pipeline = await openPipeline(folder, options);
  if (options.device !== 'cpu') await warmUp(pipeline, readModelFolder(folder).card);
  return pipeline;
};

export default painter(open, config, {
  weigh: weightOf,
  budget: (device) => usualBudget(device, config.threads),
  inUse: (device) => memoryOf(device)?.used,
  whyNot: async (device) => {
    const said = await tryDevice(device);
    return said === undefined ? undefined : deviceAdvice(device, said);
  },
});
