// Conditions are waited for as long as a slow machine needs: what does not come at all fails all the same.

import { vi } from 'vitest';

const LONGEST_MS = 20_000;
const { waitFor } = vi;

vi.waitFor = (condition, options) =>
  waitFor(condition, {
    timeout: LONGEST_MS,
    ...(typeof options === 'number' ? { timeout: options } : options),
  });
