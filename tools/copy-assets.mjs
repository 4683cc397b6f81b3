// Makes dist complete after tsc: copies what is not TypeScript (the page's files), and removes what has no source any
// more, so that a renamed file does not live on.
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

function filesIn(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => path.relative(folder, path.join(entry.parentPath ?? entry.path, entry.name)));
}

export function copyAssets(source = path.join(root, 'src'), target = path.join(root, 'dist')) {
  const sources = filesIn(source);
  const expected = new Set();
  for (const file of sources) {
    const compiled = /^(.*)\.([cm]?)ts$/.exec(file);
    if (compiled && !file.endsWith('.d.ts')) {
      for (const end of ['js', 'js.map']) expected.add(`${compiled[1]}.${compiled[2]}${end}`);
      continue;
    }
    expected.add(file);
    mkdirSync(path.dirname(path.join(target, file)), { recursive: true });
    cpSync(path.join(source, file), path.join(target, file));
  }
  if (!existsSync(target)) return;
  for (const file of filesIn(target)) if (!expected.has(file)) rmSync(path.join(target, file));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) copyAssets();
