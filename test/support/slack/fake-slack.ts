// A small Slack on loopback: the Web API, Socket Mode, three-step uploads and response addresses, as much as a bot
// needs, with every request recorded and faults on demand.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { faultsOf } from './contract.ts';

export const BOT = { user: 'U0BOT', bot: 'B0BOT', token: 'xoxb-good', appToken: 'xapp-good' };
export const PERSON = { id: 'U1ALICE', name: 'alice' };

export interface Call {
  method: string;
  args: Record<string, string>;
}

export interface Shown {
  channel: string;
  ts: string;
  thread?: string;
  text: string;
  blocks: Block[];
}

export interface Block {
  type: string;
  text?: { text: string };
  alt_text?: string;
  slack_file?: { id: string };
  elements?: { action_id?: string; text: string | { text: string } }[];
}

export type Fault = { error: string; needed?: string } | { status: number; retryAfter?: number };

interface File {
  bytes?: Uint8Array;
  length: number;
  complete: boolean;
  looks: number;
}

type Answer = Record<string, unknown>;

export class FakeSlack {
  readonly calls: Call[] = [];
  readonly messages = new Map<string, Shown>();
  readonly whispers: { channel: string; user: string; text: string; thread?: string }[] = [];
  readonly responses: { path: string; body: Record<string, unknown> }[] = [];
  readonly files = new Map<string, File>();
  /** Envelopes that were acknowledged. */
  readonly acks = new Set<string>();
  /** Channels in which the bot is. */
  readonly joined = new Set(['C1', 'C2', 'D1']);
  readonly sockets = new Set<WebSocket>();
  /** Slack never gets done with a file. */
  stuck = false;
  /** Uploads whose line breaks. */
  broken = 0;
  /** Sockets that were ever opened. */
  connections = 0;
  readonly #faults = new Map<string, Fault[]>();
  readonly #server: Server;
  readonly #hub: WebSocketServer;
  #count = 0;

  private constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response));
    this.#hub = new WebSocketServer({ server: this.#server });
    this.#hub.on('connection', (socket) => {
      this.connections += 1;
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
      socket.on('message', (data: Buffer) => {
        const { envelope_id: id } = JSON.parse(data.toString()) as { envelope_id?: string };
        if (id) this.acks.add(id);
      });
      socket.send(JSON.stringify({ type: 'hello', num_connections: this.sockets.size }));
    });
  }

  static async start(): Promise<FakeSlack> {
    const fake = new FakeSlack();
    await new Promise<void>((resolve) => fake.#server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get apiUrl(): string {
    return `${this.origin}/api/`;
  }

  /** The next call of this method fails so. */
  fail(method: string, ...faults: Fault[]): void {
    this.#faults.set(method, [...(this.#faults.get(method) ?? []), ...faults]);
  }

  of(method: string): Call[] {
    return this.calls.filter((call) => call.method === method);
  }

  /** Throws what Slack would have found wrong with the calls. */
  async stop(): Promise<void> {
    for (const socket of this.#hub.clients) socket.terminate();
    this.#hub.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    const complaints = this.calls.flatMap(({ method, args }) => faultsOf(method, args));
    if (complaints.length > 0) throw new Error(complaints.join('\n'));
  }

  /** Sends an envelope to one socket; the envelope's id. */
  send(type: string, payload: object, more: object = {}): string {
    const [socket] = this.sockets;
    if (!socket) throw new Error('No socket is open.');
    const id = `envelope-${(this.#count += 1)}`;
    socket.send(JSON.stringify({ envelope_id: id, type, accepts_response_payload: false, payload, ...more }));
    return id;
  }

  command(text: string, more: { channel?: string; trigger?: string } = {}): string {
    const { channel = 'C1', trigger = `trigger-${(this.#count += 1)}` } = more;
    return this.send('slash_commands', {
      token: 'x',
      team_id: 'T1',
      team_domain: 'test',
      channel_id: channel,
      channel_name: 'general',
      user_id: PERSON.id,
      user_name: PERSON.name,
      command: '/imagine',
      text,
      api_app_id: 'A1',
      is_enterprise_install: 'false',
      response_url: `${this.origin}/response/${trigger}`,
      trigger_id: trigger,
    });
  }

  event(event: { type: string } & Record<string, unknown>, id: string, more: object = {}): string {
    const payload = {
      token: 'x',
      team_id: 'T1',
      api_app_id: 'A1',
      type: 'event_callback',
      event_id: id,
      event_time: 1_700_000_000,
      authorizations: [{ team_id: 'T1', user_id: BOT.user, is_bot: true, is_enterprise_install: false }],
      event,
    };
    return this.send('events_api', payload, more);
  }

  mention(text: string, id: string, more: Record<string, unknown> = {}, envelope: object = {}): string {
    const event = { type: 'app_mention', user: PERSON.id, channel: 'C1', ts: '9.1', event_ts: '9.1', text };
    return this.event({ ...event, ...more }, id, envelope);
  }

  react(to: { channel: string; ts: string }, reaction: string, id: string, more: object = {}): string {
    const item = { type: 'message', channel: to.channel, ts: to.ts };
    const event = {
      type: 'reaction_added',
      user: PERSON.id,
      item_user: BOT.user,
      reaction,
      item,
      event_ts: '9.2',
    };
    return this.event({ ...event, ...more }, id);
  }

  press(on: Shown, actionId: string, trigger: string): string {
    const { channel, ts, thread } = on;
    return this.send('interactive', {
      type: 'block_actions',
      team: { id: 'T1', domain: 'test' },
      user: { id: PERSON.id, name: PERSON.name, username: PERSON.name, team_id: 'T1' },
      api_app_id: 'A1',
      token: 'x',
      trigger_id: trigger,
      response_url: `${this.origin}/response/${trigger}`,
      container: {
        type: 'message',
        channel_id: channel,
        message_ts: ts,
        ...(thread && { thread_ts: thread }),
      },
      channel: { id: channel, name: 'general' },
      actions: [
        {
          type: 'button',
          action_id: actionId,
          block_id: 'b',
          action_ts: '9.3',
          text: { type: 'plain_text', text: '' },
        },
      ],
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const [, kind, name = ''] = (request.url ?? '').split('/');
    if (kind === 'upload') return this.#take(name, request, body, response);
    if (kind === 'response') {
      this.responses.push({ path: name, body: JSON.parse(body.toString()) as Record<string, unknown> });
      return void response.end('ok');
    }
    const args = Object.fromEntries(new URLSearchParams(body.toString()));
    this.calls.push({ method: name, args });
    this.#reply(response, name, args, request.headers.authorization ?? '');
  }

  #reply(response: ServerResponse, method: string, args: Record<string, string>, token: string): void {
    const fault = this.#faults.get(method)?.shift();
    if (fault && 'status' in fault) {
      const pause = fault.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) };
      return void response.writeHead(fault.status, pause).end();
    }
    const answer = fault ? { ok: false, ...fault } : this.#answer(method, args, token);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answer));
  }

  #answer(method: string, args: Record<string, string>, token: string): Answer {
    const good = method === 'apps.connections.open' ? BOT.appToken : BOT.token;
    if (token !== `Bearer ${good}`) return { ok: false, error: 'invalid_auth' };
    switch (method) {
      case 'auth.test':
        return { ok: true, user_id: BOT.user, bot_id: BOT.bot, team: 'Test', team_id: 'T1' };
      case 'apps.connections.open':
        return { ok: true, url: this.origin.replace('http', 'ws') };
      case 'conversations.open':
        return { ok: true, channel: { id: 'D1' } };
      case 'files.getUploadURLExternal': {
        const id = `F${(this.#count += 1)}`;
        this.files.set(id, { length: Number(args['length']), complete: false, looks: 0 });
        return { ok: true, file_id: id, upload_url: `${this.origin}/upload/${id}` };
      }
      case 'files.completeUploadExternal':
      case 'files.info':
        return this.#file(method, args);
      default:
        return this.#message(method, args);
    }
  }

  #message(method: string, args: Record<string, string>): Answer {
    const { channel = '', thread_ts: thread, text = '' } = args;
    if (!this.joined.has(channel)) return { ok: false, error: 'channel_not_found' };
    if (method === 'chat.postEphemeral') {
      this.whispers.push({ channel, user: args['user'] ?? '', text, ...(thread && { thread }) });
      return { ok: true, message_ts: '1.1' };
    }
    const blocks = JSON.parse(args['blocks'] ?? '[]') as Block[];
    if (!this.#showable(blocks)) return { ok: false, error: 'invalid_blocks' };
    if (method === 'chat.postMessage') {
      const ts = `1700000000.${String((this.#count += 1)).padStart(6, '0')}`;
      this.messages.set(`${channel}/${ts}`, { channel, ts, text, blocks, ...(thread && { thread }) });
      return { ok: true, channel, ts, message: { ts } };
    }
    const at = `${channel}/${args['ts'] ?? args['timestamp'] ?? ''}`;
    const shown = this.messages.get(at);
    if (!shown) return { ok: false, error: 'message_not_found' };
    if (method === 'chat.delete') this.messages.delete(at);
    if (method === 'chat.update') Object.assign(shown, { text, blocks });
    const { thread: thread_ts, ...rest } = shown;
    return { ok: true, channel, ts: shown.ts, message: { ...rest, ...(thread_ts && { thread_ts }) } };
  }

  /** A file may be shown once Slack has worked on it. */
  #showable(blocks: Block[]): boolean {
    return blocks.every(({ slack_file: file }) => !file || (this.files.get(file.id)?.looks ?? 0) >= 2);
  }

  #take(id: string, request: IncomingMessage, body: Buffer, response: ServerResponse): void {
    if (this.broken > 0) {
      this.broken -= 1;
      return void response.destroy();
    }
    const file = this.files.get(id);
    const [, boundary] = /boundary=(.+)$/.exec(request.headers['content-type'] ?? '') ?? [];
    const start = body.indexOf('\r\n\r\n') + 4;
    const bytes = body.subarray(start, body.lastIndexOf(`\r\n--${boundary}`));
    const fits = file?.length === bytes.byteLength;
    if (file && fits) file.bytes = new Uint8Array(bytes);
    response.writeHead(fits ? 200 : 400).end(fits ? `OK - ${bytes.byteLength}` : 'length differs');
  }

  /** Work on a file takes until the second look. */
  #file(method: string, args: Record<string, string>): Answer {
    const list = JSON.parse(args['files'] ?? '[]') as { id: string }[];
    const id = args['file'] ?? list[0]?.id ?? '';
    const file = this.files.get(id);
    if (!file?.bytes) return { ok: false, error: 'file_not_found' };
    if (method === 'files.completeUploadExternal') file.complete = true;
    else file.looks += 1;
    const mimetype = !this.stuck && file.complete && file.looks >= 2 ? 'image/png' : '';
    return method === 'files.info'
      ? { ok: true, file: { id, mimetype, shares: {} } }
      : { ok: true, files: [{ id, title: id }] };
  }
}
