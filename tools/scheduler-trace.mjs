// Prints the numbers of one scheduler case, step by step, so that they can be compared with published ones.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { parseSchedulerConfig } from '../dist/pipeline/schedulers/config.js';
import { parseCase, traceCase } from '../dist/pipeline/schedulers/trace.js';

const usage =
  'Usage: npm run -s scheduler:trace -- --case FILE   (FILE is JSON; - reads from standard input)';

try {
  const { values } = parseArgs({ options: { case: { type: 'string' } } });
  if (values.case === undefined) throw new Error(usage);
  const text = readFileSync(values.case === '-' ? 0 : values.case, 'utf8');
  console.log(JSON.stringify(traceCase(parseCase(parseSchedulerConfig(text)))));
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
