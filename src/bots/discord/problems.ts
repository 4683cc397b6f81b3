// What Discord's refusals mean for us: gone, not allowed, too large, worth another try. Knows the codes and nothing
// else.

import { setTimeout as wait } from 'node:timers/promises';
import { DiscordAPIError, HTTPError, RESTJSONErrorCodes as Code } from 'discord.js';

const codeOf = (error: unknown): unknown => (error instanceof DiscordAPIError ? error.code : undefined);
const statusOf = (error: unknown): number | undefined =>
  error instanceof DiscordAPIError || error instanceof HTTPError ? error.status : undefined;

/** For the log: Discord's refusal without the words that people sent and the tokens in its address. */
export function brief(error: unknown): unknown {
  if (!(error instanceof DiscordAPIError)) return error;
  const { message, status, method } = error;
  return { message, code: error.code, status, method };
}

/** The message or its channel was deleted: nobody is left to show anything to. */
export const isGone = (error: unknown): boolean =>
  codeOf(error) === Code.UnknownMessage || codeOf(error) === Code.UnknownChannel;

/** The interaction can be answered no more. */
export const isExpired = (error: unknown): boolean =>
  codeOf(error) === Code.InvalidWebhookToken ||
  codeOf(error) === Code.UnknownWebhook ||
  statusOf(error) === 401;

/** A message of more than an hour ago takes only so many edits. */
export const isWornOut = (error: unknown): boolean =>
  codeOf(error) === Code.MaximumNumberOfEditsToMessagesOlderThanOneHourReached;

export const isTooLarge = (error: unknown): boolean =>
  codeOf(error) === Code.RequestEntityTooLarge || statusOf(error) === 413;

export const wasAcknowledged = (error: unknown): boolean =>
  codeOf(error) === Code.InteractionHasAlreadyBeenAcknowledged;

export const isUnauthorized = (error: unknown): boolean => statusOf(error) === 401;

/** The person takes no direct messages from us. */
export const refusesMessages = (error: unknown): boolean =>
  codeOf(error) === Code.CannotSendMessagesToThisUser ||
  codeOf(error) === Code.CannotSendMessagesToThisUserDueToHavingNoMutualGuilds ||
  codeOf(error) === Code.MissingAccess;

export const isForbidden = (error: unknown): boolean =>
  codeOf(error) === Code.MissingAccess || codeOf(error) === Code.MissingPermissions;

/** Of the network, and of the client that gave a request up. */
const NETWORK =
  /^(ECONN(RESET|REFUSED|ABORTED)|E(HOST|NET)(UNREACH|DOWN)|ENETRESET|ETIMEDOUT|EPIPE|EAI_AGAIN|ENOTFOUND|ABORT_ERR|UND_ERR_(\w+_TIMEOUT|SOCKET|ABORTED))$/;

/** Discord's own trouble or the network's; not a refusal, and not a mistake of ours. */
export const isPassing = (error: unknown): boolean => {
  const answered = statusOf(error);
  if (answered !== undefined) return answered >= 500 || answered === 429;
  if (!(error instanceof Error)) return false;
  return error.name === 'AbortError' || ('code' in error && NETWORK.test(String(error.code)));
};

export interface Patience {
  tries: number;
  pauseMs: number;
  signal: AbortSignal;
}

/** Tries again what may pass, with growing pauses, on top of the client's own immediate tries. */
export async function persist<T>(send: () => Promise<T>, { tries, pauseMs, signal }: Patience): Promise<T> {
  for (let left = tries - 1, pause = pauseMs; ; left--, pause *= 2)
    try {
      return await send();
    } catch (error) {
      if (left <= 0 || signal.aborted || !isPassing(error)) throw error;
      await wait(pause, undefined, { signal });
    }
}
