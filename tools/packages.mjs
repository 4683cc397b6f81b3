// Brings node_modules in step with package-lock.json, and sees to it that the SQLite addon can be loaded.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ofContents, readStamp, removeStamp, writeStamp } from './fingerprint.mjs';
import { runStep } from './run-step.mjs';

/** Undefined when all is well, else what to tell the person. */
export async function installPackages(root, say) {
  const stamp = path.join(root, 'node_modules', '.darkroom-stamp');
  // A compiled addon fits one system, one processor and one ABI of Node.
  const fits = `${process.platform}-${process.arch}-${process.versions.modules}`;
  const wanted = `${ofContents([path.join(root, 'package-lock.json')])} ${fits}`;
  if (readStamp(stamp) === wanted) return undefined;
  if (!isInstalled(root)) {
    say('Installing the packages. The first time this takes up to a few minutes.');
    removeStamp(stamp);
    const install = await npm(root, ['ci', '--include=dev']);
    if (!install.ok) return explainInstall(install.output);
  }
  const problem = loadSqlite(root) && (await rebuildSqlite(root, say));
  if (!problem) writeStamp(stamp, wanted);
  return problem;
}

/** Whether npm's own record of what it installed agrees with the lockfile. */
function isInstalled(root) {
  const record = path.join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages;
  const locked = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')).packages;
  return Object.entries(locked).every(([place, wanted]) => {
    if (place === '') return true;
    const found = installed[place];
    if (!found) return wanted.optional === true;
    return found.version === wanted.version && found.integrity === wanted.integrity;
  });
}

/** Tried in a process of its own: an addon that does not fit may crash. Returns its error, or undefined. */
function loadSqlite(root) {
  const { status, stderr } = spawnSync(
    process.execPath,
    ['-e', "new (require('better-sqlite3'))(':memory:').close()"],
    { cwd: root, encoding: 'utf8' },
  );
  return status === 0 ? undefined : stderr || 'It ended without a word.';
}

async function rebuildSqlite(root, say) {
  say('Making the SQLite addon for this Node.');
  const rebuild = await npm(root, ['rebuild', 'better-sqlite3', '--ignore-scripts=false']);
  const error = rebuild.ok ? loadSqlite(root) : rebuild.output;
  return (
    error && `${error.trim()}\n\nThe SQLite addon (better-sqlite3) cannot be loaded.\n${compilerAdvice()}`
  );
}

/** npm's settings arrive in the environment of a script it runs: those that would change this install are overruled. */
async function npm(root, args) {
  const cli = process.env.npm_execpath ?? '';
  const own = /npm-cli\.[cm]?js$/.test(cli);
  const command = own ? process.execPath : 'npm';
  const flags = [
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    '--no-dry-run',
    '--no-global',
    '--package-lock=true',
  ];
  const env = { ...process.env, ...localHeaders() };
  for (const name of Object.keys(env))
    if (
      /^npm_config_(omit|only|production|dry_run|global|location|package_lock_only|workspaces?)$/i.test(name)
    )
      delete env[name];
  return runStep(command, [...(own ? [cli] : []), ...args, ...flags], {
    cwd: root,
    env,
    show: true,
    shell: !own && process.platform === 'win32',
  });
}

/** Where Node's own headers are installed beside it, a compile need not download them. */
function localHeaders() {
  const prefix = path.dirname(path.dirname(process.execPath));
  const header = path.join(prefix, 'include', 'node', 'node_version.h');
  if (process.env.npm_config_nodedir || !existsSync(header)) return {};
  const text = readFileSync(header, 'utf8');
  const number = (name) => new RegExp(`#define NODE_${name}_VERSION (\\d+)`).exec(text)?.[1];
  const version = ['MAJOR', 'MINOR', 'PATCH'].map(number).join('.');
  return version === process.versions.node ? { npm_config_nodedir: prefix } : {};
}

function explainInstall(output) {
  if (/node-gyp|gyp ERR|better-sqlite3/.test(output))
    return `The SQLite addon (better-sqlite3) could not be made: npm's words are above.\n${compilerAdvice()}`;
  return 'npm could not install the packages: its words are above. Check that this machine reaches the package registry, then run the same command again.';
}

/** What is needed where no ready-made addon could be fetched. */
export function compilerAdvice(has = hasCommand, platform = process.platform) {
  const compilers = [process.env.CXX, 'c++', 'g++', 'clang++'].filter(Boolean);
  const missing = [
    ...(compilers.some(has) ? [] : ['a C++ compiler']),
    ...(has('make') ? [] : ['make']),
    ...(['python3', 'python'].some(has) ? [] : ['Python 3']),
  ];
  if (platform !== 'win32' && missing.length === 0)
    return 'A ready-made one could not be fetched, and compiling it failed although a compiler is here: delete node_modules and run the same command again.';
  const packages =
    platform === 'darwin'
      ? 'Install it with: xcode-select --install'
      : platform === 'win32'
        ? 'Install "Visual Studio Build Tools" with "Desktop development with C++", and Python 3.'
        : 'Install it with: sudo apt-get install build-essential python3 (Debian, Ubuntu), sudo dnf install gcc-c++ make python3 (Fedora) or apk add build-base python3 (Alpine)';
  const lack = platform === 'win32' ? 'a C++ compiler' : missing.join(', ');
  return `A ready-made one could not be fetched for this system, so it must be compiled, and that needs ${lack}.\n${packages}\nThen run the same command again.`;
}

function hasCommand(name) {
  const { error, status } = spawnSync(name, ['--version'], { stdio: 'ignore' });
  return !error && status === 0;
}
