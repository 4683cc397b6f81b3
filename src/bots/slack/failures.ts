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
  return PASSING.has(codeOf(error) ?? '');
}

const GONE = new Set([
  'message_not_found',
  'cant_update_message',
  'cant_delete_message',
  'edit_window_closed',
  'channel_not_found',
  'is_archived',
]);

/** The message can not be changed any more, by anyone's fault: deleted, archived, out of reach. */
export function isGone(error: unknown): boolean {
  return GONE.has(codeOf(error) ?? '');
}

const OUTSIDE = new Set([
  'channel_not_found',
  'not_in_channel',
  'user_not_in_channel',
  'is_archived',
  'restricted_action',
]);

/** The bot can not speak there. */
export function isOutside(error: unknown): boolean {
  return OUTSIDE.has(codeOf(error) ?? '');
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
