// What Slack would say of a request's arguments. The schemas beside this file are derived from Slack's own
// node-slack-sdk (@slack/web-api, @slack/types) and manifest-schema, which are under the MIT licence in LICENSE here.

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
    ...(args['blocks'] ? messageFaults(args['text'], JSON.parse(args['blocks']) as unknown) : []),
    ...(args['view'] ? viewFaults(JSON.parse(args['view']) as AnyView) : []),
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
  block_id?: string;
  alt_text?: string;
  elements?: { action_id?: string; url?: string }[];
  element?: AnyInput;
}

interface AnyInput {
  action_id?: string;
  options?: { value: string }[];
  initial_value?: string;
  max_length?: number;
}

interface AnyView {
  type: string;
  blocks: AnyBlock[];
}

/** What is wrong with a message, also one that goes to a response address. */
export function messageFaults(text: unknown, list: unknown): string[] {
  const many = list as AnyBlock[];
  return [
    ...blockFaults(many),
    ...(many.length > 50 ? ['more than 50 blocks'] : []),
    ...(text ? [] : ['blocks without text']),
  ];
}

function blockFaults(list: AnyBlock[]): string[] {
  const valid = blocks.validate('slack#/definitions/Blocks', list);
  const twice = (ids: string[]): boolean => new Set(ids).size < ids.length;
  const actions = list.flatMap(({ elements = [] }) => elements.flatMap(({ action_id: id }) => id ?? []));
  return [
    ...(valid ? [] : [`blocks: ${blocks.errorsText()}`]),
    ...(twice(actions) ? ['an action_id comes twice'] : []),
    ...(twice(list.flatMap(({ block_id: id }) => id ?? [])) ? ['a block_id comes twice'] : []),
    ...(list.some(({ alt_text: alt = '' }) => alt.length > 2000) ? ['alt_text is too long'] : []),
    ...(list.some(({ type, elements }) => type === 'rich_text' && elements?.length === 0)
      ? ['rich text without a line']
      : []),
  ];
}

function viewFaults(view: AnyView): string[] {
  const definition = view.type === 'home' ? 'HomeView' : 'ModalView';
  const valid = blocks.validate(`slack#/definitions/${definition}`, view);
  const inputs = view.blocks.flatMap(({ element }) => element ?? []);
  return [
    ...(valid ? [] : [`view: ${blocks.errorsText()}`]),
    ...blockFaults(view.blocks),
    ...(inputs.some(({ options }) => options?.length === 0) ? ['a list without options'] : []),
    ...(inputs.some(({ initial_value: text = '', max_length: most = 3000 }) => text.length > most)
      ? ['a field begins with more than it holds']
      : []),
    ...(JSON.stringify(view).length > 250_000 ? ['a view is larger than 250 kB'] : []),
  ];
}

/** What is wrong with an app manifest. */
export function manifestFaults(value: unknown): string[] {
  const check = manifest.compile(read('slack-manifest.schema.json') as object);
  return check(value) ? [] : (check.errors ?? []).map((e) => `${e.instancePath} ${e.message}`);
}
