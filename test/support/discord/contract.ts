// Discord's own description of its HTTP API, as a judge of the requests that a test recorded.

import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Recorded } from './fake-discord.ts';

interface Contract {
  withoutBody: string[];
  bodies: Record<string, object>;
  $defs: object;
}

const contract = JSON.parse(readFileSync('test/support/discord/contract.json', 'utf8')) as Contract;
const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addFormat('snowflake', /^\d{1,20}$/);
ajv.addFormat('nonce', /^.{1,25}$/);

const operations = [
  ...contract.withoutBody.map((operation) => ({ ...routeOf(operation), valid: undefined })),
  ...Object.entries(contract.bodies).map(([operation, schema]) => ({
    ...routeOf(operation),
    valid: ajv.compile({ ...schema, $defs: contract.$defs }),
  })),
];

function routeOf(operation: string): { method: string; path: RegExp } {
  const [method = '', template = ''] = operation.split(' ');
  return { method, path: new RegExp(`^${template.replace(/\{[^}]+\}/g, '[^/@]+')}$`) };
}

const MAX_CONTENT = 2000;
const MAX_COMMAND = 8000;

/** What Discord would say against these requests, in sentences. */
export function breaches(requests: readonly Recorded[]): string[] {
  return requests.flatMap((request) => [...judge(request), ...beyondTheSchema(request)]);
}

function judge({ method, path, body }: Recorded): string[] {
  const operation = operations.find((each) => each.method === method && each.path.test(path));
  if (!operation) return [`${method} ${path} is not in the contract`];
  const { valid } = operation;
  if (!valid || valid(asDescribed(body))) return [];
  return (valid.errors ?? []).map((e) => `${method} ${path}${e.instancePath} ${e.message}`);
}

/** Discord's documentation, and its answers, have permissions as a string of digits; its description has a number. */
function asDescribed(body: object): object {
  if (!Array.isArray(body)) return body;
  return body.map((command: { default_member_permissions?: string | null }) => {
    const { default_member_permissions: digits } = command;
    return typeof digits !== 'string' ? command : { ...command, default_member_permissions: Number(digits) };
  });
}

interface Said {
  content?: string;
  attachments?: { id: string; description?: string }[];
  components?: { components?: unknown[] }[];
}

/** What holds for bots although the schema does not say it. */
function beyondTheSchema({ method, path, body, files }: Recorded): string[] {
  if (Array.isArray(body)) return body.flatMap((command: object) => commandFaults(command));
  const found: string[] = [];
  const said = ((body as { data?: object }).data ?? body) as Said;
  const { content, attachments = [], components = [] } = said;
  if (content !== undefined && content.length > MAX_CONTENT) found.push('content is too long');
  if (content !== undefined && !('allowed_mentions' in said)) found.push('mentions are left to chance');
  if (files.length > 0 && attachments.length !== files.length) found.push('a file is not described');
  if (files.length > 0 && attachments.some((a) => !a.description)) found.push('a file has no alt text');
  if (components.length > 5) found.push('too many rows');
  if (components.some((row) => (row.components ?? []).length > 5)) found.push('too many buttons in a row');
  return found.map((what) => `${method} ${path}: ${what}`);
}

interface Described {
  name?: string;
  description?: string;
  options?: Described[];
  choices?: { name: string; value: string | number }[];
}

const lengthOf = ({ name = '', description = '', options = [], choices = [] }: Described): number =>
  name.length +
  description.length +
  options.reduce((sum, option) => sum + lengthOf(option), 0) +
  choices.reduce((sum, choice) => sum + choice.name.length + String(choice.value).length, 0);

const MOST = 25; // of options, subcommands or choices

function commandFaults(command: Described): string[] {
  const { name, options = [], choices = [] } = command;
  const required = options.map((option) => 'required' in option && option.required === true);
  return [
    ...(lengthOf(command) > MAX_COMMAND ? [`the command ${name} is too long`] : []),
    ...(required.lastIndexOf(true) > required.indexOf(false) && required.includes(false)
      ? [`the command ${name} asks for a required option after an optional one`]
      : []),
    ...(options.length > MOST || choices.length > MOST ? [`${name} has too many parts`] : []),
    ...options.flatMap((option) => commandFaults(option)),
  ];
}
