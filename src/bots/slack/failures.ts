// What Slack's refusals mean for us. Knows Slack's error codes, not what was asked.

import { webApi } from '@slack/bolt';

/** Slack's own code: "missing_scope", "message_not_found". */
export function codeOf(error: unknown): string | undefined {
  return error instanceof webApi.WebAPIPlatformError ? error.data.error : undefined;
}

/** The scope that was missing, when Slack says so. */
export function neededScope(error: unknown): string | undefined {
  if (!(error instanceof webApi.WebAPIPlatformError)) return undefined;
  const needed = (error.data as { needed?: unknown }).needed;
  return typeof needed === 'string' && needed ? needed : undefined;
}

/** Milliseconds that Slack wants us to keep quiet. */
export function quietFor(error: unknown): number | undefined {
  if (error instanceof webApi.WebAPIRateLimitedError) return error.retryAfter * 1000;
  return codeOf(error) === 'ratelimited' ? 30_000 : undefined;
}

const PASSING = new Set(['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout']);

/** The same call may go well a little later. */
export function isPassing(error: unknown): boolean {
  if (error instanceof webApi.WebAPIRequestError) return true;
  if (error instanceof webApi.WebAPIHTTPError) return error.statusCode >= 500;
  if (error instanceof UploadRefused) return error.status >= 500 || error.status === 429;
  if (error instanceof UploadBroken) return true;
  return PASSING.has(codeOf(error) ?? '');
}

const UNTAKEN = new Set(['service_unavailable', 'request_timeout']);
const NO_CONNECTION = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);

/** Slack did nothing at all, and the same call may go well a little later. */
export function isUntaken(error: unknown): boolean {
  if (error instanceof webApi.WebAPIRequestError) return NO_CONNECTION.has(connectionFault(error.original));
  if (error instanceof webApi.WebAPIHTTPError) return error.statusCode === 503;
  return UNTAKEN.has(codeOf(error) ?? '');
}

/** What `fetch` says beneath its "fetch failed". */
function connectionFault({ cause }: Error): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : '';
}

/** Somebody deleted the message. */
export function isDeleted(error: unknown): boolean {
  return codeOf(error) === 'message_not_found';
}

const FROZEN = new Set(['cant_update_message', 'cant_delete_message', 'edit_window_closed']);

/** The message is there and can not be changed any more. */
export function isFrozen(error: unknown): boolean {
  return FROZEN.has(codeOf(error) ?? '');
}

const OUTSIDE = new Set([
  'channel_not_found',
  'not_in_channel',
  'user_not_in_channel',
  'is_archived',
  'restricted_action',
  'restricted_action_read_only_channel',
  'restricted_action_thread_only_channel',
  'restricted_action_thread_locked',
]);

/** The bot can not speak there. */
export function isOutside(error: unknown): boolean {
  return OUTSIDE.has(codeOf(error) ?? '');
}

const NO_DIRECT_MESSAGE = new Set([
  'user_disabled',
  'user_not_found',
  'user_not_visible',
  'cannot_dm_bot',
  'messages_tab_disabled',
  'channel_not_found',
  'not_in_channel',
  'restricted_action',
]);

/** What a person can do who gets no direct message of ours. */
export function refusedPerson(error: unknown): string | undefined {
  const scope = neededScope(error);
  if (scope)
    return `I may not write you a direct message: the Slack app needs the scope ${scope}. Its owner adds it and installs the app again.`;
  return NO_DIRECT_MESSAGE.has(codeOf(error) ?? '')
    ? 'Slack does not let me write you a direct message. Open my page under Apps and send me a word there; the Messages tab must be switched on in the Slack app.'
    : undefined;
}

const TOO_LARGE = new Set(['file_upload_size_restricted', 'file_too_large']);

/** The upload itself, which is no method of the Web API, was refused. */
export class UploadRefused extends Error {
  override name = 'UploadRefused';
  readonly status: number;

  constructor(status: number) {
    super(`Slack did not take the file: HTTP ${status}.`);
    this.status = status;
  }
}

/** The line broke while a file was on its way. */
export class UploadBroken extends Error {
  override name = 'UploadBroken';

  constructor(cause: unknown) {
    super('The upload to Slack broke off.', { cause });
  }
}

/** A smaller file may be taken. */
export function isTooLarge(error: unknown): boolean {
  return error instanceof UploadRefused ? error.status === 413 : TOO_LARGE.has(codeOf(error) ?? '');
}

const BAD_TOKEN = new Set([
  'invalid_auth',
  'not_authed',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'not_allowed_token_type',
  'no_permission',
]);

export function isBadToken(error: unknown): boolean {
  return BAD_TOKEN.has(codeOf(error) ?? '');
}
