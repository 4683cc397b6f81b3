// Discord's gateway as far as one bot on one shard needs it: identify, heartbeat, resume with replay, and the ways in
// which a connection ends. Sends only what the bot's intents ask for.

import type { Server } from 'node:http';
import { GatewayIntentBits, GatewayOpcodes } from 'discord.js';
import { WebSocketServer, type WebSocket } from 'ws';
import { IDS, bot, guildOf } from './payloads.ts';

const PRIVILEGED =
  GatewayIntentBits.GuildMembers | GatewayIntentBits.GuildPresences | GatewayIntentBits.MessageContent;

interface Packet {
  op: number;
  t: string;
  s: number;
  d: unknown;
}

interface Received {
  op: GatewayOpcodes;
  d: { token?: string; intents?: number; session_id?: string; seq?: number };
}

export class FakeGateway {
  readonly #sockets: WebSocketServer;
  readonly #token: string;
  readonly #url: () => string;
  readonly #sent: Packet[] = [];
  /** Connections that have begun or resumed a session: only they hear of events. */
  readonly #listening = new Set<WebSocket>();
  #session = 0;
  #intents = 0;
  /** What bots identified with. */
  readonly identified: number[] = [];
  resumed = 0;
  /** Closes the next identify with this code. */
  refuseWith: number | undefined;
  /** Says hello and nothing else. */
  mute = false;
  heartbeatMs = 2000;
  /** Hears no heartbeats: the connection is dead although the socket is open. */
  deaf = false;

  constructor(server: Server, token: string, url: () => string) {
    this.#token = token;
    this.#url = url;
    this.#sockets = new WebSocketServer({ server });
    this.#sockets.on('connection', (socket) => this.#greet(socket));
  }

  get connections(): number {
    return this.#sockets.clients.size;
  }

  /** Events of this session. */
  get dispatched(): number {
    return this.#sent.length;
  }

  dispatch(t: string, d: unknown): Packet | undefined {
    if (t.startsWith('MESSAGE_REACTION_') && !this.#wantsReactions(d as { guild_id?: string }))
      return undefined;
    const packet = { op: GatewayOpcodes.Dispatch, t, s: this.#sent.length + 1, d };
    this.#sent.push(packet);
    this.again(packet);
    return packet;
  }

  /** The same packet once more. */
  again(packet: Packet): void {
    for (const socket of this.#listening) socket.send(JSON.stringify(packet));
  }

  /** Every connection breaks without a word. */
  kill(): void {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#listening.clear();
  }

  /** The next resume is refused: the bot has to begin anew. */
  forgetSession(): void {
    this.#session += 1;
  }

  async stop(): Promise<void> {
    this.kill();
    await new Promise<void>((resolve) => this.#sockets.close(() => resolve()));
  }

  #wantsReactions({ guild_id: guild }: { guild_id?: string }): boolean {
    const bit = guild ? GatewayIntentBits.GuildMessageReactions : GatewayIntentBits.DirectMessageReactions;
    return (this.#intents & bit) !== 0;
  }

  #greet(socket: WebSocket): void {
    socket.on('close', () => this.#listening.delete(socket));
    socket.on('message', (data) => {
      const text = Buffer.isBuffer(data) ? data.toString('utf8') : '';
      this.#hear(socket, JSON.parse(text) as Received);
    });
    socket.send(JSON.stringify({ op: GatewayOpcodes.Hello, d: { heartbeat_interval: this.heartbeatMs } }));
  }

  #hear(socket: WebSocket, { op, d }: Received): void {
    if (op === GatewayOpcodes.Heartbeat && !this.deaf)
      socket.send(JSON.stringify({ op: GatewayOpcodes.HeartbeatAck }));
    if (op === GatewayOpcodes.Identify && !this.mute) this.#identify(socket, d);
    if (op === GatewayOpcodes.Resume) this.#resume(socket, d);
  }

  #identify(socket: WebSocket, d: Received['d']): void {
    if (d.token !== this.#token) return socket.close(4004);
    this.#intents = d.intents ?? 0;
    this.identified.push(this.#intents);
    if (this.refuseWith !== undefined) return socket.close(this.refuseWith);
    if ((this.#intents & PRIVILEGED) !== 0) return socket.close(4014);
    this.#session += 1;
    this.#sent.length = 0;
    this.#listening.add(socket);
    this.dispatch('READY', {
      v: 10,
      user: bot,
      guilds: [{ id: IDS.guild, unavailable: true }],
      session_id: `session-${this.#session}`,
      resume_gateway_url: this.#url(),
      application: { id: IDS.application, flags: 0 },
    });
    this.dispatch('GUILD_CREATE', guildOf());
    return undefined;
  }

  #resume(socket: WebSocket, { session_id: session, seq = 0 }: Received['d']): void {
    if (session !== `session-${this.#session}`)
      return socket.send(JSON.stringify({ op: GatewayOpcodes.InvalidSession, d: false }));
    this.resumed += 1;
    for (const packet of this.#sent.filter(({ s }) => s > seq)) socket.send(JSON.stringify(packet));
    this.#listening.add(socket);
    this.dispatch('RESUMED', {});
    return undefined;
  }
}
