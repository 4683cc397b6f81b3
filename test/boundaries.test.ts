// The layers of ARCHITECTURE.md, checked on every file's imports: calls go down only.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const layers = ['bots', 'core', 'queue', 'workers', 'pipeline'];
/** The composition roots, which put the layers together. */
const roots = ['main.ts', 'imagine.ts', 'models.ts', 'discord-register.ts', 'doctor.ts'];
/** What the store may know of the bots: the ports that it implements. */
const botPorts = ['bots/chat.ts', 'bots/console/messages.ts', 'bots/console/access/access-store.ts'];
/** Who alone may name a package. */
const owners: { packages: RegExp; place: RegExp }[] = [
  { packages: /^onnxruntime-node$/, place: /^pipeline\/onnx\.ts$/ },
  { packages: /^discord\.js$|^@discordjs\//, place: /^bots\/discord\// },
  { packages: /^@slack\//, place: /^bots\/slack\// },
  { packages: /^@prisma\/|^better-sqlite3$|^pg$/, place: /^store\// },
];

interface Import {
  target: string;
  typeOnly: boolean;
}

/** The source without comments; text in quotes is kept. */
function withoutComments(source: string): string {
  const tokens = /("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|\/\*[^]*?\*\/|\/\/[^\n]*/g;
  return source.replace(tokens, (_all, quoted?: string) => quoted ?? ' ');
}

/** Static and dynamic imports, re-exports, `require`, types by `import()`, and files named by `new URL`. */
function importsOf(source: string): Import[] {
  const forms = [
    /\b(?:import|export)\s+(type\b)?[^'"`;()]*?\bfrom\s*['"]([^'"]+)['"]/g,
    /\bimport\s*()['"]([^'"]+)['"]/g,
    /\b(?:import|require|import\.meta\.resolve|require\.resolve)()\s*\(\s*['"`]([^'"`]+)['"`]/g,
    /\bnew URL()\(\s*['"`](\.[^'"`]+)['"`]\s*,\s*import\.meta\.url/g,
  ];
  const code = withoutComments(source);
  return forms.flatMap((form) =>
    [...code.matchAll(form)].map(([, type, target]) => ({ target: target!, typeOnly: Boolean(type) })),
  );
}

/** What is wrong with a file of src/, in sentences; `file` is its path there. */
function faults(file: string, source: string): string[] {
  const found = importsOf(source).flatMap(({ target, typeOnly }) => {
    const wrong = target.startsWith('.')
      ? ownFault(file, path.posix.join(path.posix.dirname(file), target), typeOnly)
      : packageFault(file, target);
    return wrong ? [`${file} may not import ${target}: ${wrong}`] : [];
  });
  const environment =
    /\bprocess\s*\??\.\s*env\b|\bprocess\s*\[\s*['"`]env|\{[^{}]*\benv\b[^{}]*\}\s*(=\s*process\b|from\s*['"](node:)?process['"])/;
  if (file !== 'config.ts' && environment.test(withoutComments(source)))
    found.push(`${file} may not read process.env: only config.ts does`);
  return found;
}

function packageFault(file: string, target: string): string | undefined {
  const name = target
    .split('/')
    .slice(0, target.startsWith('@') ? 2 : 1)
    .join('/');
  const owner = owners.find(({ packages }) => packages.test(name) || packages.test(target));
  return owner && !owner.place.test(file) ? `only ${owner.place.source} does` : undefined;
}

function ownFault(file: string, target: string, typeOnly: boolean): string | undefined {
  const from = placeOf(file);
  const to = placeOf(target);
  if (to === 'outside') return undefined;
  if (from === 'root') return undefined;
  if (to === 'root') return 'nothing imports a composition root';
  if (to === 'config')
    return from === 'config' ? undefined : 'settings are handed in by the composition roots';
  if (from === 'store') return storeFault(to, target, typeOnly);
  if (to === 'store') return 'only the composition roots know the store';
  if (from === 'config') return 'the settings know no layer';
  return layers.indexOf(to) < layers.indexOf(from) ? `${from} is below ${to}` : undefined;
}

function storeFault(to: string, target: string, typeOnly: boolean): string | undefined {
  if (['store', 'core', 'queue'].includes(to)) return undefined;
  if (to !== 'bots') return 'the store knows only the ports it implements';
  return typeOnly && botPorts.includes(target)
    ? undefined
    : 'of the bots the store knows only the types of its ports';
}

/** A layer, 'store', 'config', 'root', or 'outside' of src. */
function placeOf(file: string): string {
  if (file.startsWith('..')) return 'outside';
  if (roots.includes(file)) return 'root';
  if (['config.ts', 'settings.ts'].includes(file)) return 'config';
  const folder = file.split('/')[0]!;
  if (layers.includes(folder) || folder === 'store') return folder;
  throw new Error(
    `src/${file} belongs to no layer: move it into one, or add its place to test/boundaries.test.ts.`,
  );
}

describe('the rule book', () => {
  it.each([
    ['core/a.ts', `import { post } from '../bots/chat.ts';`, 'core is below bots'],
    ['queue/a.ts', `import type { View } from '../bots/chat.ts';`, 'queue is below bots'],
    ['pipeline/a.ts', `export type { ToHost } from '../workers/protocol.ts';`, 'pipeline is below workers'],
    ['pipeline/deep/a.ts', `export * from '../../queue/job.ts';`, 'pipeline is below queue'],
    ['workers/a.ts', `const job = await import('../queue/job.ts');`, 'workers is below queue'],
    ['workers/a.ts', `type J = import('../queue/job.ts').Job;`, 'workers is below queue'],
    ['pipeline/a.ts', `fork(new URL('../workers/host.ts', import.meta.url));`, 'pipeline is below workers'],
    ['workers/a.ts', `import {\n  a,\n  type B,\n} from '../core/studio.ts';`, 'workers is below core'],
    ['workers/a.ts', `const x = 1; import '../core/studio.ts'`, 'workers is below core'],
    ['core/a.ts', `import { openStore } from '../store/open.ts';`, 'only the composition roots'],
    ['core/a.ts', `import { readConfig } from '../config.ts';`, 'handed in'],
    ['config.ts', `import { statuses } from './queue/job.ts';`, 'know no layer'],
    ['bots/a.ts', `import '../main.ts';`, 'composition root'],
    ['store/a.ts', `import { post } from '../bots/chat.ts';`, 'only the types'],
    ['store/a.ts', `import type { Feed } from '../bots/console/feed.ts';`, 'only the types'],
    ['store/a.ts', `import { draw } from '../pipeline/pipeline.ts';`, 'only the ports'],
    ['workers/a.ts', `import * as ort from 'onnxruntime-node';`, 'pipeline\\/onnx'],
    ['workers/a.ts', `const ort = require("onnxruntime-node");`, 'pipeline\\/onnx'],
    ['pipeline/a.ts', `import type { Tensor } from 'onnxruntime-node';`, 'pipeline\\/onnx'],
    ['bots/slack/a.ts', `import { Client } from 'discord.js';`, 'bots\\/discord'],
    ['bots/discord/a.ts', `import { WebClient } from '@slack/web-api';`, 'bots\\/slack'],
    ['core/a.ts', `import { PrismaClient } from '@prisma/client';`, '^store'],
    ['queue/a.ts', `import Database from 'better-sqlite3';`, '^store'],
    [
      'queue/a.ts',
      `import { PrismaClient } from '../store/generated/sqlite/client.ts';`,
      'only the composition',
    ],
    ['main.ts', `console.log(process.env['PORT']);`, 'process.env'],
    ['core/a.ts', `const { env } = process;`, 'process.env'],
    ['core/a.ts', `import { env } from 'node:process';`, 'process.env'],
  ])('refuses in %s: %s', (file, source, reason) => {
    const found = faults(file, source);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(reason);
  });

  it.each([
    [
      'bots/console/a.ts',
      `import type { Job } from '../../queue/job.ts'; import { Studio } from '../../core/studio.ts';`,
    ],
    ['core/a.ts', `import { readCard } from '../pipeline/model-card.ts';`],
    ['pipeline/onnx.ts', `import * as ort from 'onnxruntime-node';`],
    ['bots/discord/a.ts', `import { Client } from 'discord.js';`],
    ['store/a.ts', `import type { MessageStore } from '../bots/console/messages.ts'; import pg from 'pg';`],
    ['store/a.ts', `import { overStatuses } from '../queue/job.ts'; import './generated/sqlite/client.ts';`],
    ['main.ts', `import { openStore } from './store/open.ts'; import { readConfig } from './config.ts';`],
    ['config.ts', `export const read = (env = process.env) => env;`],
    [
      'queue/a.ts',
      `// import { a } from '../bots/chat.ts'; process.env\n/* import '../main.ts' */ const url = 'http://x';`,
    ],
    ['pipeline/a.ts', `const font = new URL('../../assets/font.ttf', import.meta.url);`],
  ])('allows in %s: %s', (file, source) => {
    expect(faults(file, source)).toEqual([]);
  });

  it('asks for a place for a file that belongs to no layer', () => {
    expect(() => faults('helpers/a.ts', `import '../core/a.ts';`)).toThrow('belongs to no layer');
  });
});

describe('src', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .map((file) => file.split(path.sep).join('/'))
    .filter((file) => /\.[cm]?[jt]s$/.test(file) && !file.startsWith('store/generated/'));
  const read = (file: string): string => readFileSync(path.join('src', file), 'utf8');

  it('is really read: it has files in every layer, and imports between them', () => {
    const places = files.map(placeOf);
    for (const layer of [...layers, 'store', 'config']) expect(places).toContain(layer);
    expect(importsOf(read('queue/job.ts'))).toContainEqual({
      target: '../pipeline/picture.ts',
      typeOnly: true,
    });
    expect(importsOf(read('store/open.ts')).length).toBeGreaterThan(5);
  });

  it('keeps to the rule book in every file', () => {
    expect(files.flatMap((file) => (placeOf(file), faults(file, read(file))))).toEqual([]);
  });
});
