// What Slack would say of a request's arguments. The schemas beside this file are derived from Slack's own
// node-slack-sdk (@slack/web-api, @slack/types) and manifest-schema, which are under the MIT licence.

import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';

interface MethodArgs {
  required: string[];
  anyOfRequired: string[][];
  properties: Record<string, string[]>;
}

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`./${name}`, import.meta.url), 'utf8')) as unknown;

const methods = read('slack-args.schema.json') as Record<string, MethodArgs>;
const blocks = new Ajv({ strict: false, allErrors: false });
blocks.addSchema(read('slack-blocks.schema.json') as object, 'slack');
const manifest = new Ajv({ strict: false });
formats.default(manifest);

/** Methods without a list of arguments. */
const FREE = ['auth.test', 'apps.connections.open'];

/** What is wrong with a call, in sentences. */
export function faultsOf(method: string, args: Record<string, string>): string[] {
  if (FREE.includes(method)) return [];
  const known = methods[method];
  if (!known) return [`${method} is not in the contract`];
  const given = Object.keys(args);
  const unknown = given.filter((name) => !known.properties[name]).map((name) => `${method}: no ${name}`);
  const complete = known.anyOfRequired.some((names) => names.every((name) => given.includes(name)));
  const wrong = given.flatMap((name) => typeFault(method, name, args[name]!, known.properties[name] ?? []));
  return [
    ...unknown,
    ...(complete ? [] : [`${method}: arguments are missing`]),
    ...wrong,
    ...blockFaults(args),
  ];
}

function typeFault(method: string, name: string, value: string, types: string[]): string[] {
  if (types.length === 0 || types.includes('string')) return [];
  const fits = types.some((type) => {
    if (type === 'number') return value !== '' && Number.isFinite(Number(value));
    if (type === 'boolean') return value === 'true' || value === 'false';
    const parsed = JSON.parse(value) as unknown;
    return type === 'array' ? Array.isArray(parsed) : typeof parsed === 'object';
  });
  return fits ? [] : [`${method}: ${name} is not ${types.join(' or ')}`];
}

interface AnyBlock {
  type: string;
  alt_text?: string;
  elements?: { action_id?: string }[];
}

function blockFaults(args: Record<string, string>): string[] {
  if (!args['blocks']) return [];
  const list = JSON.parse(args['blocks']) as AnyBlock[];
  const valid = blocks.validate('slack#/definitions/Blocks', list);
  const ids = list.flatMap(({ elements = [] }) => elements.flatMap(({ action_id: id }) => (id ? [id] : [])));
  return [
    ...(valid ? [] : [`blocks: ${blocks.errorsText()}`]),
    ...(list.length > 50 ? ['more than 50 blocks'] : []),
    ...(new Set(ids).size < ids.length ? ['an action_id comes twice'] : []),
    ...(list.some(({ alt_text: alt = '' }) => alt.length > 2000) ? ['alt_text is too long'] : []),
    ...(args['text'] ? [] : ['blocks without text']),
  ];
}

/** What is wrong with an app manifest. */
export function manifestFaults(value: unknown): string[] {
  const check = manifest.compile(read('slack-manifest.schema.json') as object);
  return check(value) ? [] : (check.errors ?? []).map((e) => `${e.instancePath} ${e.message}`);
}
