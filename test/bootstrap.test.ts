// The bootstrap on a small project of its own: this repository's tools and packages, a source file or two, and, where
// something would be installed, a stand-in for npm.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
// @ts-expect-error plain JavaScript
import { ofContents } from '../tools/fingerprint.mjs';
// @ts-expect-error plain JavaScript
import { compilerAdvice } from '../tools/packages.mjs';

let project = '';
const at = (...parts: string[]): string => path.join(project, ...parts);
const write = (file: string, content: string): void => writeFileSync(at(file), content);

beforeEach(() => {
  project = mkdtempSync(path.join(tmpdir(), 'darkroom-bootstrap-'));
  const files = ['package.json', 'package-lock.json', 'prisma', 'prisma.config.ts', 'tools'];
  for (const name of [...files, 'tsconfig.json', 'tsconfig.build.json'])
    cpSync(name, at(name), { recursive: true });
  mkdirSync(at('node_modules'));
  for (const name of readdirSync('node_modules'))
    if (name !== '.darkroom-stamp') symlinkSync(path.resolve('node_modules', name), at('node_modules', name));
  mkdirSync(at('src', 'page'), { recursive: true });
  write('src/main.ts', `import { word } from './word.ts';\nconsole.log(word);\n`);
  write('src/word.ts', `export const word: string = 'first';\n`);
  write('src/page/page.html', '<p>page</p>');
});

afterEach(() => rmSync(project, { recursive: true, force: true }));

/** Leaves out the slowest step, for the tests of the others. */
function pretendGenerated(): void {
  for (const name of ['sqlite', 'postgres']) {
    mkdirSync(at('src/store/generated', name), { recursive: true });
    write(`src/store/generated/${name}/client.ts`, 'export {};\n');
  }
  const inputs = ['prisma/schema.prisma', 'prisma/postgres/schema.prisma', 'package-lock.json'];
  write('src/store/generated/.stamp', ofContents(inputs.map((file) => at(file))));
}

function start(args: string[] = [], env: NodeJS.ProcessEnv = {}, nodeArgs: string[] = []): ChildProcess {
  return spawn(process.execPath, [...nodeArgs, at('tools/bootstrap.mjs'), ...args], {
    cwd: tmpdir(),
    env: { ...process.env, npm_execpath: at('npm-cli.cjs'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function bootstrap(args: string[] = [], env: NodeJS.ProcessEnv = {}, nodeArgs: string[] = []) {
  const child = start(args, env, nodeArgs);
  const [out, said, [code]] = await Promise.all([
    text(child.stdout!),
    text(child.stderr!),
    once(child, 'exit'),
  ]);
  expect(out, 'stdout stays free for the command that follows').toBe('');
  return { said, code };
}

async function runBuilt(): Promise<string> {
  return text(spawn(process.execPath, [at('dist/main.js')]).stdout);
}

/** Writes the stand-in and a lockfile that node_modules does not match. */
function needInstall(npm: string): void {
  write('npm-cli.cjs', npm);
  const lock = JSON.parse(readFileSync(at('package-lock.json'), 'utf8'));
  lock.packages['node_modules/zod'].version = '0.0.1';
  write('package-lock.json', JSON.stringify(lock));
}

describe('the bootstrap', () => {
  it('generates, builds and copies the page once, then finds nothing to do', async () => {
    const first = await bootstrap();
    expect(first).toEqual({
      code: 0,
      said: 'darkroom: Generating the database clients.\ndarkroom: Building.\ndarkroom: Ready.\n',
    });
    expect(existsSync(at('src/store/generated/postgres/client.ts'))).toBe(true);
    expect(existsSync(at('dist/store/generated/sqlite/client.js'))).toBe(true);
    expect(readFileSync(at('dist/page/page.html'), 'utf8')).toBe('<p>page</p>');
    expect(await runBuilt()).toBe('first\n');
    const built = statSync(at('dist/main.js')).mtimeMs;
    expect(await bootstrap()).toEqual({ code: 0, said: 'darkroom: everything is up to date.\n' });
    expect(await bootstrap(['--quiet'])).toEqual({ code: 0, said: '' });
    expect(statSync(at('dist/main.js')).mtimeMs).toBe(built);
  });

  it('generates again when the schema has changed', async () => {
    await bootstrap();
    write('prisma/schema.prisma', `${readFileSync(at('prisma/schema.prisma'), 'utf8')}\n// changed\n`);
    expect((await bootstrap()).said).toContain('Generating the database clients.');
  });

  it('builds again when a source has changed, and drops what has no source any more', async () => {
    pretendGenerated();
    await bootstrap();
    write('src/main.ts', `console.log('second, without words');\n`);
    rmSync(at('src/word.ts'));
    expect(await bootstrap(['--quiet'])).toMatchObject({ code: 0 });
    expect(await runBuilt()).toBe('second, without words\n');
    expect(existsSync(at('dist/word.js'))).toBe(false);
    expect(existsSync(at('dist/page/page.html'))).toBe(true);
  });

  it('names the place of a mistake in the sources, every time until it is gone', async () => {
    pretendGenerated();
    write('src/word.ts', `export const word: string = 7;\n`);
    for (let time = 0; time < 2; time += 1) {
      const { said, code } = await bootstrap();
      expect(code).toBe(1);
      expect(said).toContain('src/word.ts(1,14): error TS2322');
      expect(said).toContain('could not be built');
    }
  });

  it('refuses a Node that is too old, before anything else', async () => {
    const old = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.1' } })`;
    const { said, code } = await bootstrap([], {}, [
      '--import',
      `data:text/javascript,${encodeURIComponent(old)}`,
    ]);
    expect(code).toBe(1);
    expect(said).toMatch(/this is Node 18\.20\.1; Darkroom needs 20\.19 or newer/);
    expect(existsSync(at('dist'))).toBe(false);
  });
});

describe('the bootstrap, when the packages do not match the lockfile,', () => {
  const report = `
    const env = Object.entries(process.env).filter(([name]) => /^npm_config_/i.test(name));
    require('fs').writeFileSync(process.cwd() + '/npm.json', JSON.stringify({ args: process.argv.slice(2), env }));
  `;

  it('installs them once, whatever settings of the outer npm leak in', async () => {
    needInstall(report);
    pretendGenerated();
    const leaked = {
      npm_config_omit: 'dev',
      npm_config_dry_run: 'true',
      npm_config_registry: 'http://127.0.0.1:9/',
    };
    expect((await bootstrap([], leaked)).said).toContain('Installing the packages');
    const { args, env } = JSON.parse(readFileSync(at('npm.json'), 'utf8'));
    expect(args).toEqual(expect.arrayContaining(['ci', '--include=dev', '--no-audit', '--no-fund']));
    const names = env.map(([name]: [string]) => name);
    expect(names).toContain('npm_config_registry');
    expect(names).not.toContain('npm_config_omit');
    expect(names).not.toContain('npm_config_dry_run');
    expect(await bootstrap(['--quiet'])).toEqual({ code: 0, said: '' });
  });

  it('repeats npm’s words and says what to do when it fails', async () => {
    needInstall(`console.error('npm error ENOTFOUND'); process.exit(1);`);
    const { said, code } = await bootstrap();
    expect(code).toBe(1);
    expect(said).toMatch(/npm error ENOTFOUND[^]*Check that this machine reaches the package registry/);
  });

  it('names the compiler’s package when the SQLite addon could not be compiled', async () => {
    needInstall(`console.error('gyp ERR! not found: make'); process.exit(1);`);
    const { said, code } = await bootstrap([], { PATH: '', CXX: '' });
    expect(code).toBe(1);
    expect(said).toMatch(/SQLite addon \(better-sqlite3\)[^]*needs a C\+\+ compiler, make, Python 3/);
  });

  it('passes a signal on to npm and ends with it', async () => {
    needInstall(`
      process.on('SIGTERM', () => { console.error('npm stopped'); process.exit(1); });
      console.error('npm waits');
      setInterval(() => {}, 1000);
    `);
    const child = start();
    const ended = once(child, 'exit');
    let said = '';
    for await (const chunk of child.stderr!) {
      said += chunk;
      if (said.includes('npm waits') && !child.killed) child.kill('SIGTERM');
    }
    expect(said).toContain('npm stopped');
    expect(await ended).toEqual([143, null]);
  });
});

it('the advice on compilers names the right package for each system', () => {
  const none = () => false;
  expect(compilerAdvice(none, 'linux')).toContain('sudo apt-get install build-essential python3');
  expect(compilerAdvice(none, 'darwin')).toContain('xcode-select --install');
  expect(compilerAdvice(none, 'win32')).toContain('Visual Studio Build Tools');
  expect(compilerAdvice(() => true, 'linux')).toContain('delete node_modules');
  expect(compilerAdvice((name: string) => name !== 'make', 'linux')).toContain('that needs make.');
});
