// The whole program as a person runs it: a process of its own, a data folder, the console over HTTP.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { WireMessage } from '../../src/bots/console/wire.ts';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
export type BotWireMessage = Extract<WireMessage, { kind: 'bot' }>;

export interface Program {
  url: string;
  child: ChildProcess;
  /** What it has written so far. */
  output(): string;
  type(text: string, key: string): Promise<number>;
  press(message: string, body: object): Promise<number>;
  messages(): Promise<WireMessage[]>;
  /** Reads the live feed until a message of ours satisfies `wanted`. */
  until(wanted: (message: BotWireMessage) => boolean): Promise<BotWireMessage>;
  /** Resolves with its exit code when it has ended; at once when it has already. */
  kill(signal: NodeJS.Signals): Promise<number | null>;
}

export interface Ended {
  code: number | null;
  output: string;
}

function launch(dataDir: string, env: Record<string, string>): { child: ChildProcess; output: () => string } {
  const child = spawn(process.execPath, [main], {
    cwd: dataDir, // away from any .env
    env: { PATH: process.env['PATH'], DATA_DIR: dataDir, PORT: '0', MODELS_DIR: modelsDir, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stdout.on('data', (part: Buffer) => (said += part.toString()));
  child.stderr.on('data', (part: Buffer) => (said += part.toString()));
  return { child, output: () => said };
}

const modelsDir = fileURLToPath(new URL('../../models', import.meta.url));

/** For a program that is expected to refuse to start. */
export async function runToEnd(dataDir: string, env: Record<string, string> = {}): Promise<Ended> {
  const { child, output } = launch(dataDir, env);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output: output() };
}

export async function startProgram(dataDir: string, env: Record<string, string> = {}): Promise<Program> {
  const { child, output } = launch(dataDir, env);
  const url = await new Promise<string>((resolve, reject) => {
    const look = (): void => {
      const address = /open (http:\/\/[^\s/]+)/.exec(output())?.[1];
      if (address) resolve(address);
    };
    child.stdout!.on('data', look);
    child.once('close', () => reject(new Error(`The program ended before it was ready:\n${output()}`)));
  });
  const post = async (path: string, body: object): Promise<number> => {
    const response = await fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: url },
      body: JSON.stringify(body),
    });
    return response.status;
  };
  const messages = async (): Promise<WireMessage[]> => {
    const body = (await (await fetch(`${url}/api/messages`)).json()) as { messages: WireMessage[] };
    return body.messages;
  };
  return {
    url,
    child,
    output,
    messages,
    type: (text, key) => post('/api/messages', { text, key }),
    press: (message, body) => post(`/api/messages/${message}/actions`, body),
    until: (wanted) => untilMessage(url, messages, wanted),
    kill: async (signal) => {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      const closed = once(child, 'close') as Promise<[number | null]>;
      child.kill(signal);
      return (await closed)[0];
    },
  };
}

async function untilMessage(
  url: string,
  messages: () => Promise<WireMessage[]>,
  wanted: (message: BotWireMessage) => boolean,
): Promise<BotWireMessage> {
  const abort = new AbortController();
  const feed = await fetch(`${url}/api/events`, { signal: abort.signal }); // open before looking: nothing is missed
  try {
    const there = (await messages()).find((m): m is BotWireMessage => m.kind === 'bot' && wanted(m));
    if (there) return there;
    let text = '';
    for await (const part of feed.body!.pipeThrough(new TextDecoderStream())) {
      text += part;
      const frames = text.split('\n\n');
      text = frames.pop()!;
      for (const frame of frames) {
        const data = /^event: message\ndata: (.*)$/s.exec(frame)?.[1];
        const message = data && (JSON.parse(data) as WireMessage);
        if (message && message.kind === 'bot' && wanted(message)) return message;
      }
    }
    throw new Error('The live feed ended.');
  } finally {
    abort.abort();
  }
}
