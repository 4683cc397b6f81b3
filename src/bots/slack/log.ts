// Bolt's log lines in ours. Its debug lines hold whole payloads, prompts included, so they are not kept.

import { LogLevel } from '@slack/bolt';
import type { Logger } from '@slack/bolt';
import type { Logger as Pino } from 'pino';

export function boltLog(log: Pino): Logger {
  const words = (parts: unknown[]): string => parts.map(String).join(' ');
  return {
    debug: () => undefined,
    info: (...parts: unknown[]) => log.debug(words(parts)),
    warn: (...parts: unknown[]) => log.warn(words(parts)),
    error: (...parts: unknown[]) => log.error(words(parts)),
    setLevel: () => undefined,
    getLevel: () => LogLevel.INFO,
    setName: () => undefined,
  };
}
