// Discord as far as Darkroom uses it: the HTTP API with its refusals, and the gateway beside it. Every request is
// recorded as it came over the wire; a fault set by a test happens once.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FakeGateway } from './fake-gateway.ts';
import { IDS, ada, bot } from './payloads.ts';

const API = '/api/v10';
export const TOKEN = 'fake.bot.token';

export interface Recorded {
  method: string;
  /** Below /api/v10. */
  path: string;
  body: object;
  files: { name: string; bytes: Uint8Array }[];
  status: number;
}

interface Attachment {
  id: string;
  filename: string;
  description?: string;
  bytes: Uint8Array;
}

export interface FakeMessage {
  id: string;
  channel_id: string;
  content: string;
  author: { id: string };
  flags: number;
  components: { components: { custom_id: string; label: string; emoji: { name: string } }[] }[];
  attachments: Attachment[];
  nonce?: string;
  message_reference?: { message_id: string };
  allowed_mentions?: object;
}

type Body = Partial<FakeMessage> & { type?: number; recipient_id?: string; data?: Body };

interface Token {
  channel: string;
  acknowledged: boolean;
  original?: string;
  /** The original still says that the bot is thinking. */
  thinking: boolean;
  expired: boolean;
}

interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

interface Request {
  body: Body;
  files: Recorded['files'];
  match: RegExpExecArray;
}

const refusal = (status: number, code: number, message: string): Answer => ({
  status,
  body: { code, message },
});
const ok = (body: unknown): Answer => ({ status: 200, body });
const NOTHING: Answer = { status: 204 };
const UNKNOWN_MESSAGE = refusal(404, 10008, 'Unknown Message');
const EPHEMERAL = 64;

export class FakeDiscord {
  readonly requests: Recorded[] = [];
  readonly messages = new Map<string, FakeMessage>();
  /** For all servers, and, by its id, for one. */
  commands: unknown[] = [];
  readonly guildCommands = new Map<string, unknown[]>();
  /** What the application says of itself beyond its name. */
  application: object = {};
  /** The servers that the bot is in, as the list of them shows. */
  guilds: { id: string; name: string; permissions: string }[] = [];
  /** Channels that the bot may not see. */
  readonly hidden = new Set<string>();
  refusesDms = false;
  /** Bytes that a file may have. */
  fileLimit = 10 * 1024 * 1024;
  gateway!: FakeGateway;
  readonly #server: Server;
  readonly #tokens = new Map<string, Token>();
  readonly #faults: { method: string; path: RegExp; answer: Answer }[] = [];
  #lastId = 2_000_000_000_000_000_000n;

  private constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async start(): Promise<FakeDiscord> {
    const fake = new FakeDiscord();
    await new Promise<void>((resolve) => fake.#server.listen(0, '127.0.0.1', resolve));
    fake.gateway = new FakeGateway(fake.#server, TOKEN, () => `ws://127.0.0.1:${fake.#port}`);
    return fake;
  }

  get #port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get apiUrl(): string {
    return `http://127.0.0.1:${this.#port}/api`;
  }

  async stop(): Promise<void> {
    await this.gateway.stop();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** The next request like this one is answered so, once. */
  failNext(method: string, path: RegExp, answer: Answer): void {
    this.#faults.push({ method, path, answer });
  }

  expireTokens(): void {
    for (const token of this.#tokens.values()) token.expired = true;
  }

  /** A message by somebody else. */
  put(message: Partial<FakeMessage> = {}): FakeMessage {
    const made: FakeMessage = {
      id: this.#id(),
      channel_id: IDS.channel,
      content: '',
      author: { id: IDS.bo },
      flags: 0,
      components: [],
      attachments: [],
      ...message,
    };
    this.messages.set(made.id, made);
    return made;
  }

  /** An interaction begins: its token works from here on. */
  interact(payload: object): ReturnType<FakeGateway['dispatch']> {
    const {
      token,
      channel_id: channel,
      message,
    } = payload as {
      token: string;
      channel_id: string;
      message?: FakeMessage;
    };
    this.#tokens.set(token, {
      channel,
      acknowledged: false,
      thinking: false,
      expired: false,
      ...(message && { original: message.id }),
    });
    return this.gateway.dispatch('INTERACTION_CREATE', payload);
  }

  sent(method: string, path: RegExp): Recorded[] {
    return this.requests.filter((r) => r.method === method && path.test(r.path));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '' } = request;
    const path = decodeURIComponent(url.split('?')[0] ?? '').replace(API, '');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { body, files } = await read(Buffer.concat(chunks), request.headers['content-type'] ?? '');
    const answer = this.#answer(method, path, { body, files }, request.headers.authorization);
    this.requests.push({ method, path, body, files, status: answer.status });
    response.writeHead(answer.status, {
      ...(answer.body !== undefined && { 'content-type': 'application/json' }),
      ...answer.headers,
    });
    response.end(answer.body === undefined ? undefined : JSON.stringify(answer.body));
  }

  #answer(
    method: string,
    path: string,
    { body, files }: Omit<Request, 'match'>,
    authorization: string | undefined,
  ): Answer {
    const fault = this.#faults.findIndex((f) => f.method === method && f.path.test(path));
    if (fault >= 0) return this.#faults.splice(fault, 1)[0]!.answer;
    const open = /^\/(interactions|webhooks)\//.test(path);
    if (!open && authorization !== `Bot ${TOKEN}`) return refusal(401, 0, '401: Unauthorized');
    if (files.some(({ bytes }) => bytes.byteLength > this.fileLimit))
      return refusal(413, 40005, 'Request entity too large');
    for (const [verb, pattern, act] of this.#routes) {
      const match = verb === method ? pattern.exec(path) : null;
      if (match) return act({ body, files, match });
    }
    return refusal(404, 0, '404: Not Found');
  }

  readonly #routes: [string, RegExp, (request: Request) => Answer][] = [
    ['GET', /^\/gateway\/bot$/, () => ok(this.#gatewayInformation())],
    ['GET', /^\/users\/@me$/, () => ok(bot)],
    ['GET', /^\/users\/@me\/guilds$/, () => ok(this.guilds)],
    [
      'GET',
      /^\/applications\/@me$/,
      () => ok({ id: IDS.application, name: 'Darkroom', flags: 0, bot, ...this.application }),
    ],
    ['GET', /^\/applications\/\d+\/commands$/, () => ok(this.commands)],
    ['PUT', /^\/applications\/\d+\/commands$/, ({ body }) => ok((this.commands = listOf(body)))],
    [
      'GET',
      /^\/applications\/\d+\/guilds\/(\d+)\/commands$/,
      ({ match }) => ok(this.guildCommands.get(match[1]!) ?? []),
    ],
    [
      'PUT',
      /^\/applications\/\d+\/guilds\/(\d+)\/commands$/,
      ({ body, match }) => ok(this.guildCommands.set(match[1]!, listOf(body)).get(match[1]!)),
    ],
    ['GET', /^\/channels\/(\d+)$/, ({ match }) => this.#channel(match[1]!)],
    ['GET', /^\/users\/(\d+)$/, () => ok(ada)],
    ['POST', /^\/users\/@me\/channels$/, ({ body }) => ok({ id: `9${body.recipient_id}`, type: 1 })],
    ['POST', /^\/interactions\/\d+\/(.+)\/callback$/, (request) => this.#callback(request)],
    ['POST', /^\/webhooks\/\d+\/([^/]+)$/, (request) => this.#followUp(request)],
    ['PATCH', /^\/webhooks\/\d+\/([^/]+)\/messages\/(.+)$/, (request) => this.#webhookEdit(request)],
    ['DELETE', /^\/webhooks\/\d+\/([^/]+)\/messages\/(.+)$/, (request) => this.#webhookDelete(request)],
    ['POST', /^\/channels\/(\d+)\/messages$/, (request) => this.#create(request)],
    ['GET', /^\/channels\/(\d+)\/messages\/(\d+)$/, (r) => this.#onMessage(r, (m) => ok(readable(m)))],
    ['PATCH', /^\/channels\/(\d+)\/messages\/(\d+)$/, (r) => this.#onMessage(r, (m) => ok(this.#edit(m, r)))],
    ['DELETE', /^\/channels\/(\d+)\/messages\/(\d+)$/, (r) => this.#onMessage(r, (m) => this.#delete(m))],
  ];

  #gatewayInformation(): object {
    return {
      url: `ws://127.0.0.1:${this.#port}`,
      shards: 1,
      session_start_limit: { total: 1000, remaining: 999, reset_after: 1000, max_concurrency: 1 },
    };
  }

  #callback({ body, match }: Request): Answer {
    const token = this.#tokens.get(match[1]!);
    if (!token || token.expired) return refusal(404, 10062, 'Unknown interaction');
    if (token.acknowledged) return refusal(400, 40060, 'Interaction has already been acknowledged.');
    token.acknowledged = true;
    if (body.type === 5 || body.type === 4) {
      const made = this.#make(token.channel, { body: body.data ?? {}, files: [], match });
      token.original = made.id;
      token.thinking = body.type === 5;
    }
    return NOTHING;
  }

  #token(match: RegExpExecArray): Token | Answer {
    const token = this.#tokens.get(match[1]!);
    if (token?.expired) return refusal(401, 50027, 'Invalid Webhook Token');
    return token?.acknowledged ? token : refusal(404, 10015, 'Unknown Webhook');
  }

  #followUp(request: Request): Answer {
    const token = this.#token(request.match);
    if ('status' in token) return token;
    // As Discord does it: the first follow-up takes the place of a deferred reply, and its publicity.
    if (token.thinking) {
      token.thinking = false;
      const { flags: _, ...body } = request.body;
      return ok(this.#edit(this.messages.get(token.original!)!, { ...request, body }));
    }
    return ok(this.#make(token.channel, request));
  }

  #webhookEdit(request: Request): Answer {
    const token = this.#token(request.match);
    if ('status' in token) return token;
    const id = request.match[2] === '@original' ? token.original : request.match[2];
    const message = this.messages.get(id ?? '');
    if (!message) return UNKNOWN_MESSAGE;
    token.thinking = false;
    return ok(this.#edit(message, request));
  }

  #webhookDelete({ match }: Request): Answer {
    const token = this.#token(match);
    if ('status' in token) return token;
    const message = this.messages.get((match[2] === '@original' ? token.original : match[2]) ?? '');
    token.thinking = false;
    return message ? this.#delete(message) : UNKNOWN_MESSAGE;
  }

  #create(request: Request): Answer {
    const channel = request.match[1]!;
    if (this.hidden.has(channel)) return refusal(403, 50001, 'Missing Access');
    if (this.refusesDms && channel.startsWith('9'))
      return refusal(403, 50007, 'Cannot send messages to this user');
    const { nonce } = request.body;
    const same = [...this.messages.values()].find((m) => nonce !== undefined && m.nonce === nonce);
    return ok(same ?? this.#make(channel, request));
  }

  #onMessage({ match }: Request, act: (message: FakeMessage) => Answer): Answer {
    if (this.hidden.has(match[1]!)) return refusal(403, 50001, 'Missing Access');
    const message = this.messages.get(match[2]!);
    const reachable = message?.channel_id === match[1] && (message?.flags ?? 0) !== EPHEMERAL;
    return message && reachable ? act(message) : UNKNOWN_MESSAGE;
  }

  #channel(id: string): Answer {
    if (this.hidden.has(id)) return refusal(403, 50001, 'Missing Access');
    return id.startsWith('9')
      ? ok({ id, type: 1, recipients: [ada] })
      : refusal(404, 10003, 'Unknown Channel');
  }

  #delete({ id }: FakeMessage): Answer {
    this.messages.delete(id);
    return NOTHING;
  }

  #make(channel: string, request: Request): FakeMessage {
    return this.#edit(this.put({ channel_id: channel, author: { id: IDS.bot } }), request);
  }

  /** Keeps the listed attachments, adds the new files; without a list everything stays. */
  #edit(message: FakeMessage, { body, files }: Request): FakeMessage {
    const { attachments, ...rest } = body;
    Object.assign(message, rest);
    if (!attachments) return message;
    message.attachments = attachments.flatMap((asked) => {
      const kept = message.attachments.find(({ id }) => id === asked.id);
      const file = files[Number(asked.id)];
      if (kept) return [{ ...kept, ...asked }];
      return file ? [{ ...asked, id: this.#id(), bytes: file.bytes }] : [];
    });
    return message;
  }

  #id(): string {
    this.#lastId += 1n;
    return String(this.#lastId);
  }
}

const listOf = (body: object): unknown[] => (Array.isArray(body) ? body : []);

/** Without the intent for it, a bot reads nothing of what others wrote. */
const readable = (message: FakeMessage): FakeMessage =>
  message.author.id === IDS.bot ? message : { ...message, content: '', attachments: [], components: [] };

async function read(raw: Buffer, type: string): Promise<{ body: Body; files: Recorded['files'] }> {
  if (raw.length === 0) return { body: {}, files: [] };
  if (!type.startsWith('multipart/')) return { body: JSON.parse(raw.toString('utf8')) as Body, files: [] };
  const form = await new Response(new Uint8Array(raw), { headers: { 'content-type': type } }).formData();
  const files: Recorded['files'] = [];
  for (const [name, value] of form) {
    const index = /^files\[(\d+)\]$/.exec(name)?.[1];
    if (index !== undefined && typeof value !== 'string')
      files[Number(index)] = { name: value.name, bytes: new Uint8Array(await value.arrayBuffer()) };
  }
  const json = form.get('payload_json');
  return { body: JSON.parse(typeof json === 'string' ? json : '{}') as Body, files };
}
