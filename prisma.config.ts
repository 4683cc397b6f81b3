// Where the Prisma command line finds the schema of the database in use; the program itself does not read this.
import { existsSync } from 'node:fs';
import { defineConfig } from 'prisma/config';

if (existsSync('.env')) process.loadEnvFile('.env');
const url = process.env['DATABASE_URL'] || `file:${process.env['DATA_DIR'] || './data'}/darkroom.db`;
const dir = /^postgres(ql)?:/.test(url) ? 'prisma/postgres' : 'prisma';
export default defineConfig({
  schema: `${dir}/schema.prisma`,
  migrations: { path: `${dir}/migrations` },
  datasource: { url },
});
