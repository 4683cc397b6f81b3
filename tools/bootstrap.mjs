// Makes a fresh clone ready to run: packages, Prisma clients, build. Runs before `npm start`, `npm test` and
// `npm run imagine`, needs nothing but Node and npm, and does only what is not done yet. Everything it says goes to
// stderr. With --quiet it is silent when there was nothing to do.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const at = (...parts) => path.join(root, ...parts);
let busy = false;
const say = (sentence) => {
  busy = true;
  process.stderr.write(`darkroom: ${sentence}\n`);
};
const fail = (sentence) => {
  process.stderr.write(`\ndarkroom: ${sentence}\n`);
  process.exit(1);
};

/** The "engines" of package.json, in words. */
function checkNode(version = process.versions.node) {
  const [major, minor] = version.split('.').map(Number);
  const fits = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22;
  if (!fits)
    fail(
      `this is Node ${version}; Darkroom needs 20.19 or newer in the 20 line, or 22.12 or newer. See nodejs.org.`,
    );
}

async function generateClients() {
  const { ofContents, readStamp, writeStamp } = await import('./fingerprint.mjs');
  const { runStep } = await import('./run-step.mjs');
  const stamp = at('src', 'store', 'generated', '.stamp');
  const schemas = [at('prisma', 'schema.prisma'), at('prisma', 'postgres', 'schema.prisma')];
  const wanted = ofContents([...schemas, at('package-lock.json')]);
  const there = ['sqlite', 'postgres'].every((name) =>
    existsSync(at('src', 'store', 'generated', name, 'client.ts')),
  );
  if (there && readStamp(stamp) === wanted) return;
  say('Generating the database clients.');
  const generate = await runStep(process.execPath, [at('tools', 'prisma.mjs'), 'generate'], { cwd: root });
  if (!generate.ok)
    fail(`${generate.output}\nThe database clients could not be generated from prisma/schema.prisma.`);
  writeStamp(stamp, wanted);
}

async function build() {
  const { ofContents, ofTrees, readStamp, removeStamp, writeStamp } = await import('./fingerprint.mjs');
  const { runStep } = await import('./run-step.mjs');
  const stamp = at('dist', '.stamp');
  const settings = ofContents([at('tsconfig.json'), at('tsconfig.build.json'), at('package-lock.json')]);
  const wanted = ofTrees([at('src')], settings);
  if (readStamp(stamp) === wanted) return;
  say('Building.');
  removeStamp(stamp);
  const compiler = at('node_modules', 'typescript', ...compilerPath());
  const compile = await runStep(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { cwd: root });
  if (!compile.ok)
    fail(`${compile.output}\nThe sources in src/ could not be built: correct what is listed above.`);
  const { copyAssets } = await import('./copy-assets.mjs');
  copyAssets(at('src'), at('dist'));
  // Of before the build: what was edited meanwhile is built next time.
  writeStamp(stamp, wanted);
}

function compilerPath() {
  const { bin } = JSON.parse(readFileSync(at('node_modules', 'typescript', 'package.json'), 'utf8'));
  return bin.tsc.split('/');
}

checkNode();
// Loaded only now, so that a Node too old to read them gets the sentence above.
const { installPackages } = await import('./packages.mjs');
const problem = await installPackages(root, say);
if (problem) fail(problem);
await generateClients();
await build();
if (busy) say('Ready.');
else if (!process.argv.includes('--quiet')) process.stderr.write('darkroom: everything is up to date.\n');
