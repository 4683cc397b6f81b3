// A Postgres server of the tests' own, in a temporary folder, where Postgres is installed.

import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';

export interface PostgresServer {
  /** The address of a new, empty database. */
  newDatabase(): Promise<string>;
  stop(): Promise<void>;
}

/** The folder with `postgres` and `initdb`, or undefined after a loud line. */
export function findPostgres(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).map((v) => path.join(debian, v, 'bin')) : [];
  const folders = [...versions, ...(process.env['PATH'] ?? '').split(path.delimiter)];
  const found = folders.find((f) => ['postgres', 'initdb'].every((name) => existsSync(path.join(f, name))));
  if (!found)
    console.warn('\n*** NOT TESTED: Postgres is not installed here, so its store tests are skipped. ***\n');
  return found;
}

/** Postgres refuses to run as root; then it runs as the user its package made. */
function owner(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

export async function startPostgres(binaries: string): Promise<PostgresServer> {
  const folder = mkdtempSync(path.join(tmpdir(), 'darkroom-postgres-'));
  const user = owner();
  if (user.uid !== undefined && user.gid !== undefined) chownSync(folder, user.uid, user.gid);
  const options = { ...user, cwd: folder, env: { ...process.env, LC_ALL: 'C' } };
  execFileSync(
    path.join(binaries, 'initdb'),
    ['-D', path.join(folder, 'db'), '-A', 'trust', '-U', 'postgres', '-E', 'UTF8', '-N'],
    { ...options, stdio: 'ignore' },
  );
  const port = await freePort();
  const settings = ['listen_addresses=127.0.0.1', `unix_socket_directories=${folder}`, 'fsync=off'];
  const args = ['-D', path.join(folder, 'db'), '-p', String(port), ...settings.flatMap((s) => ['-c', s])];
  const server = spawn(path.join(binaries, 'postgres'), args, {
    ...options,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(server, 'exit');
  const kill = (): void => void server.kill('SIGQUIT');
  process.once('exit', kill);
  await readyLine(server.stderr);
  return {
    newDatabase: () => newDatabase(port),
    async stop() {
      process.off('exit', kill);
      server.kill('SIGQUIT');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function readyLine(log: NodeJS.ReadableStream): Promise<void> {
  const seen: string[] = [];
  const lines = createInterface({ input: log });
  for await (const line of lines) {
    seen.push(line);
    if (line.includes('ready to accept connections')) break;
  }
  log.resume();
  if (!seen.at(-1)?.includes('ready to accept'))
    throw new Error(`Postgres did not start:\n${seen.join('\n')}`);
}

async function newDatabase(port: number): Promise<string> {
  const name = `t_${randomBytes(6).toString('hex')}`;
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' });
  await client.connect();
  await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  return `postgresql://postgres@127.0.0.1:${port}/${name}`;
}
