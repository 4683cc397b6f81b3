// Prints the result of a vitest JSON report as one plain line. A file that could not even be loaded, and a run that
// left no report, count as one failure each.
import { readFileSync } from 'node:fs';

export function countLine(report) {
  let run;
  try {
    run = JSON.parse(report);
  } catch {
    return '0 passed, 1 failed';
  }
  const broken = run.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  );
  return `${run.numPassedTests} passed, ${run.numFailedTests + broken.length} failed`;
}

if (process.argv[2]) console.log(countLine(readFileSync(process.argv[2], 'utf8')));
