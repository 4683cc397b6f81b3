// A door before a fake server that counts requests as the platform does, and refuses with 429 what is too much. Passes
// everything else on as it is. Knows no platform: the rules say what is counted together.

import http, { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Rule {
  /** The name under which a request is counted, if it is. */
  bucket: (method: string, path: string, body: string) => string | undefined;
  /** So many pass in any `windowMs`. */
  budget: number;
  windowMs: number;
  /** For the platform as a whole, as Discord tells it in the refusal. */
  global?: true;
}

export interface Passed {
  method: string;
  path: string;
  /** performance.now() when its head arrived. */
  at: number;
}

export class Door {
  readonly passed: Passed[] = [];
  readonly refused: Passed[] = [];
  readonly #server: Server;
  readonly #rules: readonly Rule[];
  readonly #counted = new Map<string, number[]>();
  readonly #agent = new http.Agent({ keepAlive: true });

  private constructor(target: string, rules: readonly Rule[]) {
    this.#rules = rules;
    this.#server = createServer((request, response) => void this.#pass(target, request, response));
  }

  /** `target`: the origin of the server behind it. */
  static async before(target: string, rules: readonly Rule[] = []): Promise<Door> {
    const door = new Door(target, rules);
    await new Promise<void>((resolve) => door.#server.listen(0, '127.0.0.1', resolve));
    return door;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #pass(target: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: path = '', headers } = request;
    const seen = { method, path, at: performance.now() };
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const over = this.#over(seen, body.toString('latin1'));
    if (over) {
      this.refused.push(seen);
      return refuse(response, over);
    }
    this.passed.push(seen);
    const onward = http.request(target + path, { method, headers, agent: this.#agent }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    onward.end(body);
  }

  /** Counts the request, unless it is too much: then how long there is no room for it. */
  #over({ method, path, at }: Passed, body: string): { waitMs: number; global: boolean } | undefined {
    const counting = this.#rules.flatMap((rule) => {
      const name = rule.bucket(method, path, body);
      return name === undefined ? [] : [{ rule, times: this.#times(name) }];
    });
    for (const { rule, times } of counting) {
      const oldest = times.at(-rule.budget);
      const waitMs = oldest === undefined ? 0 : oldest + rule.windowMs - at;
      if (waitMs > 0) return { waitMs, global: rule.global ?? false };
    }
    for (const { times } of counting) times.push(at);
    return undefined;
  }

  #times(name: string): number[] {
    const times = this.#counted.get(name) ?? [];
    this.#counted.set(name, times);
    return times;
  }
}

function refuse(response: ServerResponse, { waitMs, global }: { waitMs: number; global: boolean }): void {
  const seconds = waitMs / 1000;
  const told = { message: 'You are being rate limited.', retry_after: seconds, global };
  response.writeHead(429, {
    'content-type': 'application/json',
    'retry-after': String(seconds),
    ...(global && { 'x-ratelimit-global': 'true' }),
  });
  response.end(JSON.stringify(told));
}
