// What Discord's refusals mean for us: gone, not allowed, worth another try. Knows the codes and nothing else.

import { setTimeout as wait } from 'node:timers/promises';
import { DiscordAPIError, HTTPError, RESTJSONErrorCodes as Code } from 'discord.js';

const code = (error: unknown): unknown => (error instanceof DiscordAPIError ? error.code : undefined);

/** For the log: Discord's refusal without the words that people sent and the tokens in its address. */
export function brief(error: unknown): unknown {
  if (!(error instanceof DiscordAPIError)) return error;
  const { message, status, method } = error;
  return { message, code: error.code, status, method };
}

/** The message or its channel was deleted: nobody is left to show anything to. */
export const isGone = (error: unknown): boolean =>
  code(error) === Code.UnknownMessage || code(error) === Code.UnknownChannel;

export const wasAcknowledged = (error: unknown): boolean =>
  code(error) === Code.InteractionHasAlreadyBeenAcknowledged;

/** The person takes no direct messages from us. */
export const refusesMessages = (error: unknown): boolean =>
  code(error) === Code.CannotSendMessagesToThisUser ||
  code(error) === Code.CannotSendMessagesToThisUserDueToHavingNoMutualGuilds ||
  code(error) === Code.MissingAccess;

/** The permission that is missing, by the name it has in the server's settings. */
export function missingPermission(error: unknown): string | undefined {
  if (code(error) === Code.MissingAccess) return 'View Channel';
  return code(error) === Code.MissingPermissions
    ? 'Send Messages and Attach Files (in threads: Send Messages in Threads)'
    : undefined;
}

/** Discord's own trouble or the network's; not a refusal, and not a mistake of ours. */
const isPassing = (error: unknown): boolean =>
  error instanceof DiscordAPIError || error instanceof HTTPError
    ? error.status >= 500
    : !(error instanceof TypeError);

/** Tries again what may pass, with growing pauses, on top of the client's own immediate tries. */
export async function persist<T>(
  send: () => Promise<T>,
  { tries, pauseMs, signal }: { tries: number; pauseMs: number; signal: AbortSignal },
): Promise<T> {
  for (let left = tries - 1, pause = pauseMs; ; left--, pause *= 2)
    try {
      return await send();
    } catch (error) {
      if (left <= 0 || signal.aborted || !isPassing(error)) throw error;
      await wait(pause, undefined, { signal });
    }
}
