import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Tests start real databases, browsers and processes; a slow machine is not a failure.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    setupFiles: ['test/support/patience.ts'],
    expect: { poll: { timeout: 20_000 } },
    // Processes, not threads: native addons and the signals that some tests send stay apart.
    pool: 'forks',
    maxWorkers: 2,
  },
});
