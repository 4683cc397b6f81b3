// What the chat asks of the server, and does there.

import { ask, toSignIn } from '../common/ask.js';

export async function readHistory(before) {
  return ask(`/api/messages${before ? `?before=${encodeURIComponent(before)}` : ''}`);
}

export async function readModels() {
  return (await ask('/api/models')).models;
}

/** What can be typed and pressed: {options, commands, reactions}. */
export async function readOptions() {
  return ask('/api/options');
}

/** The jobs that wait, those of before and the favorites. */
export async function readOverview() {
  return ask('/api/overview');
}

/** What a remix of a message begins with: {prompt, flags}. */
export async function readDraft(message) {
  return ask(`${about(message)}/draft`);
}

/** Whether the line was something that can be done; if not, a note comes that says what can. */
export async function sendLine(text) {
  return (await post('/api/messages', { text, key: newKey() })).accepted;
}

/** `more` has the picture's index, or the text of a remix. */
export async function press(message, action, more = {}) {
  await post(`${about(message)}/actions`, { action, ...more, key: newKey() });
}

/** Presses a button under words of ours. */
export async function decide(review, act) {
  await post(`/api/reviews/${encodeURIComponent(review)}`, { act, key: newKey() });
}

export async function react(message, reaction, on = true) {
  await post(`${about(message)}/reactions`, { reaction, on, key: newKey() });
}

/** Keeps a picture to start from; its id. */
export async function keepImage(file) {
  const headers = { 'content-type': file.type };
  return (await write('/api/images', { method: 'POST', headers, body: file })).id;
}

export function pictureUrl(id) {
  return `/pictures/${encodeURIComponent(id)}.png`;
}

/** Who is signed in: {name, admin, csrf}; undefined where nobody signs in. */
export function readSession() {
  session = askSession();
  session.catch(() => (session = undefined));
  return session;
}

/** The newest answer, and the name in the first. */
let session;
let first;

async function askSession() {
  const { signsIn, ...who } = await ask('/api/session');
  if (!signsIn) return undefined;
  if (who.name === undefined) return toSignIn();
  // Somebody else has signed in meanwhile, in another tab: what stands here is not theirs.
  if (first !== undefined && first !== who.name) location.reload();
  first = who.name;
  return who;
}

export async function signOut() {
  await write('/api/session', { method: 'DELETE', headers: { 'content-type': 'application/json' } });
  await toSignIn();
}

function about(message) {
  return `/api/messages/${encodeURIComponent(message)}`;
}

function post(path, body) {
  return write(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

/** Writes carry what shows that they come from here. */
async function write(path, options) {
  const who = await (session ?? readSession());
  return ask(path, who ? { ...options, headers: { ...options.headers, 'x-csrf-token': who.csrf } } : options);
}

// crypto.randomUUID is missing on plain HTTP under any name but localhost.
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
