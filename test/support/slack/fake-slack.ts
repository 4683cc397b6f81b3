// A small Slack on loopback: the Web API, Socket Mode or signed HTTP, three-step uploads, forms and response addresses,
// as much as a bot needs, with every request recorded and faults on demand.

import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { faultsOf, messageFaults } from './contract.ts';
import { SlackData, type Answer } from './slack-data.ts';
import {
  BOT,
  commandPayload,
  eventPayload,
  PERSON,
  pressPayload,
  shortcutPayload,
  submissionPayload,
  type OpenView,
  type Person,
  type Shown,
} from './payloads.ts';

export { BOT, PERSON, type Block, type OpenView, type Person, type Shown } from './payloads.ts';

export interface Call {
  method: string;
  args: Record<string, string>;
}

export type Fault = { error: string; needed?: string } | { status: number; retryAfter?: number };

/** How events go out over HTTP: where to, and signed with what. */
export interface HttpTarget {
  url: string;
  secret: string;
}

export class FakeSlack extends SlackData {
  readonly calls: Call[] = [];
  readonly responses: { path: string; body: Record<string, unknown> }[] = [];
  /** What was acknowledged, and with what. */
  readonly acks = new Map<string, unknown>();
  readonly sockets = new Set<WebSocket>();
  /** Uploads whose line breaks. */
  broken = 0;
  /** Uploads above so many bytes are refused when they arrive. */
  largestUpload = Infinity;
  /** Scopes of the bot token, as a header of auth.test says them. */
  scopes = '';
  /** Sockets that were ever opened. */
  connections = 0;
  /** Events go out over HTTP. */
  target: HttpTarget | undefined;
  readonly #faults = new Map<string, Fault[]>();
  /** Answers of a method that wait, by its name. */
  readonly #held = new Map<string, (() => void)[]>();
  readonly #server: Server;
  readonly #hub: WebSocketServer;
  readonly #sent: Promise<unknown>[] = [];

  private constructor() {
    super();
    this.#server = createServer((request, response) => void this.#serve(request, response));
    this.#hub = new WebSocketServer({ server: this.#server });
    this.#hub.on('connection', (socket) => {
      this.connections += 1;
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
      socket.on('message', (data: Buffer) => {
        const { envelope_id: id, payload } = JSON.parse(data.toString()) as {
          envelope_id?: string;
          payload?: unknown;
        };
        if (id) this.acks.set(id, payload);
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

  /** Calls of this method are answered when it is released. */
  hold(method: string): void {
    this.#held.set(method, []);
  }

  release(method: string): void {
    for (const answer of this.#held.get(method) ?? []) answer();
    this.#held.delete(method);
  }

  of(method: string): Call[] {
    return this.calls.filter((call) => call.method === method);
  }

  /** Throws what Slack would have found wrong with the calls. */
  async stop(): Promise<void> {
    for (const socket of this.#hub.clients) socket.terminate();
    this.#hub.close();
    await Promise.allSettled(this.#sent);
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    const complaints = [
      ...this.calls.flatMap(({ method, args }) => faultsOf(method, args)),
      ...this.responses.flatMap(({ body }) => messageFaults(body['text'], body['blocks'] ?? [])),
    ];
    if (complaints.length > 0) throw new Error(complaints.join('\n'));
  }

  /** Sends an envelope on its way; the envelope's id. */
  send(type: string, payload: object, more: object = {}): string {
    const id = `envelope-${this.count()}`;
    if (this.target) {
      this.#sent.push(
        this.post(type, payload, this.target, more).then(async (answer) => {
          const text = await answer.text();
          if (answer.ok) this.acks.set(id, text ? (JSON.parse(text) as unknown) : undefined);
        }),
      );
      return id;
    }
    const [socket] = this.sockets;
    if (!socket) throw new Error('No socket is open.');
    socket.send(JSON.stringify({ envelope_id: id, type, accepts_response_payload: false, payload, ...more }));
    return id;
  }

  /** One request over HTTP, signed now unless told otherwise. */
  post(
    type: string,
    payload: object,
    target: HttpTarget,
    more: { retry_attempt?: number; at?: number; unsigned?: boolean } = {},
  ): Promise<Response> {
    const json = type === 'events_api';
    const fields =
      type === 'interactive' ? { payload: JSON.stringify(payload) } : (payload as Record<string, string>);
    const body = json ? JSON.stringify(payload) : new URLSearchParams(fields).toString();
    const at = String(Math.floor((more.at ?? Date.now()) / 1000));
    const signature = `v0=${createHmac('sha256', target.secret).update(`v0:${at}:${body}`).digest('hex')}`;
    return fetch(target.url, {
      method: 'POST',
      headers: {
        'content-type': json ? 'application/json' : 'application/x-www-form-urlencoded',
        ...(!more.unsigned && { 'x-slack-request-timestamp': at, 'x-slack-signature': signature }),
        ...(more.retry_attempt && {
          'x-slack-retry-num': String(more.retry_attempt),
          'x-slack-retry-reason': 'http_timeout',
        }),
      },
      body,
    });
  }

  command(
    text: string,
    more: { channel?: string; trigger?: string; command?: string; by?: Person } = {},
  ): string {
    const { channel = 'C1', command = '/imagine', by = PERSON } = more;
    const { trigger, address } = this.#trigger(more.trigger);
    return this.send('slash_commands', commandPayload(text, { channel, command, trigger, address, by }));
  }

  event(event: { type: string } & Record<string, unknown>, id: string, more: object = {}): string {
    return this.send('events_api', eventPayload(event, id), more);
  }

  mention(text: string, id: string, more: Record<string, unknown> = {}, envelope: object = {}): string {
    const event = { type: 'app_mention', user: PERSON.id, channel: 'C1', ts: '9.1', event_ts: '9.1', text };
    return this.event({ ...event, ...more }, id, envelope);
  }

  /** In a direct message with us. */
  write(text: string, id: string, more: Record<string, unknown> = {}): string {
    const event = { type: 'message', channel_type: 'im', user: PERSON.id, channel: 'D1', ts: '9.1', text };
    return this.event({ ...event, event_ts: '9.1', ...more }, id);
  }

  react(to: { channel: string; ts: string }, reaction: string, id: string, more: object = {}): string {
    const item = { type: 'message', channel: to.channel, ts: to.ts };
    const event = { type: 'reaction_added', user: PERSON.id, item_user: BOT.user, reaction, item };
    return this.event({ ...event, event_ts: '9.2', ...more }, id);
  }

  press(on: Shown | 'home', actionId: string, trigger?: string, by = PERSON): string {
    return this.send('interactive', pressPayload(on, actionId, { ...this.#trigger(trigger), by }));
  }

  /** A shortcut: in a message's menu, or anywhere. */
  shortcut(
    callback: string,
    on?: { channel: string; message: { ts: string } & Record<string, unknown> },
    trigger?: string,
  ): string {
    return this.send('interactive', shortcutPayload(callback, { ...this.#trigger(trigger), by: PERSON }, on));
  }

  submit(view: OpenView, values: Record<string, string | true>, by = PERSON): string {
    return this.send('interactive', submissionPayload(view, values, by));
  }

  #trigger(trigger = `trigger-${this.count()}`): { trigger: string; address: string } {
    this.triggers.add(trigger);
    return { trigger, address: `${this.origin}/response/${trigger}` };
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
    const reply = (): void => this.#reply(response, name, args, request.headers.authorization ?? '');
    const held = this.#held.get(name);
    if (held) held.push(reply);
    else reply();
  }

  #reply(response: ServerResponse, method: string, args: Record<string, string>, token: string): void {
    const fault = this.#faults.get(method)?.shift();
    if (fault && 'status' in fault) {
      const pause = fault.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) };
      return void response.writeHead(fault.status, pause).end();
    }
    const answer = fault ? { ok: false, ...fault } : this.#answer(method, args, token);
    response.setHeader('content-type', 'application/json');
    if (method === 'auth.test') response.setHeader('x-oauth-scopes', this.scopes);
    response.end(JSON.stringify(answer));
  }

  #answer(method: string, args: Record<string, string>, token: string): Answer {
    const good = method === 'apps.connections.open' ? BOT.appToken : BOT.token;
    if (token !== `Bearer ${good}`) return { ok: false, error: 'invalid_auth' };
    if (method === 'apps.connections.open') return { ok: true, url: this.origin.replace('http', 'ws') };
    return this.answer(method, args, this.origin);
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
    if (bytes.byteLength > this.largestUpload) return void response.writeHead(413).end();
    const fits = file?.length === bytes.byteLength;
    if (file && fits) file.bytes = new Uint8Array(bytes);
    response.writeHead(fits ? 200 : 400).end(fits ? `OK - ${bytes.byteLength}` : 'length differs');
  }
}
