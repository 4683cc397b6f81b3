import { expect, it } from 'vitest';
// @ts-expect-error plain JavaScript
import { countLine } from '../tools/count-tests.mjs';

const file = (status: string, assertionResults: object[]) => ({ status, assertionResults });

it('tells how many tests passed and failed in one line', () => {
  const testResults = [file('passed', [{}, {}]), file('failed', [{}])];
  expect(countLine(JSON.stringify({ numPassedTests: 2, numFailedTests: 1, testResults }))).toBe(
    '2 passed, 1 failed',
  );
});

it('counts a file that could not be loaded as a failure', () => {
  const testResults = [file('passed', [{}]), file('failed', [])];
  expect(countLine(JSON.stringify({ numPassedTests: 1, numFailedTests: 0, testResults }))).toBe(
    '1 passed, 1 failed',
  );
});

it('counts a run without a report as a failure', () => {
  expect(countLine('')).toBe('0 passed, 1 failed');
});
