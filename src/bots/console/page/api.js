// What the page asks of the server. Failures become errors whose message can be shown.

export async function readHistory(before) {
  return ask(`/api/messages${before ? `?before=${encodeURIComponent(before)}` : ''}`);
}

export async function readModels() {
  return (await ask('/api/models')).models;
}

export async function readOptions() {
  return (await ask('/api/options')).options;
}

/** Whether the line was something that can be done; if not, a note comes that says what can. */
export async function sendLine(text) {
  return (await post('/api/messages', { text, key: newKey() })).accepted;
}

export async function press(message, action, index) {
  await post(`/api/messages/${encodeURIComponent(message)}/actions`, { action, index, key: newKey() });
}

export function pictureUrl(id) {
  return `/pictures/${encodeURIComponent(id)}.png`;
}

function post(path, body) {
  return ask(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

async function ask(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    throw new Error('Darkroom does not answer. Is it still running?', { cause: error });
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(body.error ?? `Darkroom answered with error ${response.status}.`);
  return body;
}

// crypto.randomUUID is missing on plain HTTP under any name but localhost.
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
