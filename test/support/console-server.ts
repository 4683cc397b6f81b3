// A console in front of a scripted desk, and what a page would ask of it over HTTP.

import { afterEach } from 'vitest';
import type { Place } from '../../src/bots/chat.ts';
import { ScriptedDesk, type consoleDeps } from './scripted-desk.ts';

export const place: Place = { platform: 'console', channel: 'main' };
const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

export async function startedDesk(more: Parameters<typeof consoleDeps>[0] = {}): Promise<ScriptedDesk> {
  const desk = new ScriptedDesk(more);
  await desk.start();
  closing.push(() => desk.chat.stop());
  return desk;
}

export function post(desk: ScriptedDesk, path: string, body: object, headers: Record<string, string> = {}) {
  return fetch(desk.chat.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

/** A line typed, and the message that answers it. */
export async function answered(desk: ScriptedDesk, text = '/imagine a rocket'): Promise<{ message: string }> {
  await post(desk, '/api/messages', { text, key: 'k1' });
  return { message: (await history(desk)).messages[1]?.id ?? '' };
}

export async function errorOf(response: Response): Promise<string> {
  return ((await response.json()) as { error: string }).error;
}

export async function history(desk: ScriptedDesk, before = '') {
  const response = await fetch(`${desk.chat.url}/api/messages?channel=main&before=${before}`);
  return (await response.json()) as {
    messages: {
      id: string;
      kind: string;
      text?: string;
      view?: { status: string; preview?: { src: string } };
    }[];
    more: boolean;
  };
}
