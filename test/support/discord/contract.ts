// Discord's own description of its HTTP API, as a judge of the requests that a test recorded.

import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Recorded } from './fake-discord.ts';

interface Contract {
  bodies: Record<string, object>;
  $defs: object;
}

const contract = JSON.parse(readFileSync('test/support/discord/contract.json', 'utf8')) as Contract;
const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addFormat('snowflake', /^\d{1,20}$/);
ajv.addFormat('nonce', /^.{1,25}$/);

const judges = Object.entries(contract.bodies).map(([operation, schema]) => {
  const [method, template = ''] = operation.split(' ');
  const path = new RegExp(`^${template.replace(/\{[^}]+\}/g, '[^/@]+')}$`);
  return { method, path, valid: ajv.compile({ ...schema, $defs: contract.$defs }) };
});

const MAX_CONTENT = 2000;

/** What Discord would say against these requests, in sentences. */
export function breaches(requests: readonly Recorded[]): string[] {
  return requests.flatMap((request) => [...judge(request), ...beyondTheSchema(request)]);
}

function judge({ method, path, body }: Recorded): string[] {
  const operation = judges.find((each) => each.method === method && each.path.test(path));
  if (!operation)
    return method === 'GET' || method === 'DELETE' ? [] : [`${method} ${path} is not in the contract`];
  if (operation.valid(body)) return [];
  return (operation.valid.errors ?? []).map((e) => `${method} ${path}${e.instancePath} ${e.message}`);
}

/** What holds for bots although the schema does not say it. */
function beyondTheSchema({ method, path, body, files }: Recorded): string[] {
  const found: string[] = [];
  const { content, attachments = [] } = body as {
    content?: string;
    attachments?: { id: string; description?: string }[];
  };
  if (content !== undefined && content.length > MAX_CONTENT) found.push('content is too long');
  if (content !== undefined && !('allowed_mentions' in body)) found.push('mentions are left to chance');
  if (files.length > 0 && attachments.length !== files.length) found.push('a file is not described');
  if (files.length > 0 && attachments.some((a) => !a.description)) found.push('a file has no alt text');
  return found.map((what) => `${method} ${path}: ${what}`);
}
