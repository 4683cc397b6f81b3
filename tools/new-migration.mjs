// npm run db:migration -- <what_changed>
// Writes the next migration of the database that DATABASE_URL names: brings it up to the last one, asks Prisma what
// separates it from the schema, and keeps that SQL. `prisma migrate dev` needs an engine that can not be had from npm.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';

const name = process.argv[2] ?? '';
const folder = /^postgres(ql)?:/.test(process.env.DATABASE_URL ?? '') ? 'prisma/postgres' : 'prisma';
if (!/^[a-z][a-z0-9_]*$/.test(name) || !process.env.DATABASE_URL) {
  console.error('Usage: DATABASE_URL=file:/tmp/empty.db npm run db:migration -- what_changed');
  process.exit(2);
}

function prisma(...args) {
  const { status, stdout } = spawnSync(process.execPath, ['tools/prisma.mjs', ...args], {
    encoding: 'utf8',
    stdio: ['inherit', 'pipe', 'inherit'],
  });
  if (status !== 0) process.exit(status ?? 1);
  return stdout;
}

prisma('migrate', 'deploy');
const to = `${folder}/schema.prisma`;
const sql = prisma('migrate', 'diff', '--from-config-datasource', '--to-schema', to, '--script');
if (sql.trim().startsWith('-- This is an empty migration')) {
  console.log('The schema has not changed since the last migration.');
} else {
  const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  const made = `${folder}/migrations/${stamp}_${name}`;
  mkdirSync(made);
  writeFileSync(`${made}/migration.sql`, sql);
  console.log(`${made}/migration.sql is written: read it before you commit it.`);
}
