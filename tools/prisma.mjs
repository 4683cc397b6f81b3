// Runs the Prisma CLI without any engine download.
// `generate` makes both clients (SQLite and Postgres); everything else is passed through.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);
const args = process.argv.slice(2).filter((a) => a !== '--if-present');
let cli;
try {
  cli = path.join(path.dirname(require.resolve('prisma/package.json')), 'build', 'index.js');
} catch {
  if (process.argv.includes('--if-present')) process.exit(0); // npm ci --omit=dev: the client was generated before
  console.error('The Prisma CLI is a development dependency: run npm ci without --omit=dev.');
  process.exit(1);
}
const env = { CHECKPOINT_DISABLE: '1', PRISMA_HIDE_UPDATE_MESSAGE: '1', ...process.env };
const engines = path.join(root, 'node_modules', '@prisma', 'engines');
const native = existsSync(engines) && readdirSync(engines).some((f) => f.startsWith('schema-engine-'));
// "generate" asks only that the engine's file exists. Windows cannot run a script as an engine, so it fetches one for the rest.
const standIn = process.platform !== 'win32' || args[0] === 'generate';
if (!env.PRISMA_SCHEMA_ENGINE_BINARY && !native && standIn) {
  env.PRISMA_SCHEMA_ENGINE_BINARY = path.join(root, 'tools', 'schema-engine.mjs');
}
const run = (extra, more = {}) =>
  spawnSync(process.execPath, [cli, ...args, ...extra], {
    stdio: 'inherit',
    cwd: root,
    env: { ...env, ...more },
  }).status ?? 1;
if (args[0] === 'generate') {
  process.exit(
    run(['--no-hints'], { DATABASE_URL: 'file:./unused.db' }) ||
      run(['--no-hints'], { DATABASE_URL: 'postgresql://unused/unused' }),
  );
}
process.exit(run([]));
