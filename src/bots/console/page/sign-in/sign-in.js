// Signs in with what was typed, or with the key that an invitation's link carries after its #, where no server and no
// log sees it.

import { byId } from '../common/element.js';

const field = byId('secret');

async function signIn(secret) {
  byId('enter').disabled = true;
  say('');
  const refusal = await tryIt(secret).catch(() => 'Darkroom does not answer. Is it still running?');
  byId('enter').disabled = false;
  if (refusal === undefined) return location.replace(target);
  say(refusal);
  field.select();
  field.focus();
}

/** Undefined when it worked, else why not. */
async function tryIt(secret) {
  const response = await fetch('/api/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ secret }),
  });
  if (response.ok) return undefined;
  const { error } = await response.json().catch(() => ({}));
  return error ?? `Darkroom answered with error ${response.status}.`;
}

function say(refusal) {
  byId('refusal').textContent = refusal;
  field.setAttribute('aria-invalid', String(refusal !== ''));
}

byId('form').addEventListener('submit', (event) => {
  event.preventDefault();
  void signIn(field.value.trim());
});

/** A key of an invitation; whatever else stands behind the # is a message of the chat that somebody wants to see. */
const KEY = /^[\w-]{43}$/;

const behind = location.hash.slice(1);
const key = KEY.test(behind) ? behind : '';
const target = `/${key ? '' : location.hash}`;
if (key) history.replaceState(undefined, '', '/sign-in'); // nobody finds it in the address bar, nor in the history

const { signsIn, name } = await (await fetch('/api/session')).json();
const isIn = !signsIn || name !== undefined;
if (isIn && !key) {
  location.replace(target); // who follows a link from elsewhere comes here first, though they are signed in
} else if (name !== undefined) {
  // A link from somebody else must not make this person draw in another's name.
  field.value = key;
  byId('lead').textContent = `You are signed in as ${name}. Press the button to sign in as somebody else.`;
} else if (key) {
  field.value = key;
  void signIn(key);
} else {
  field.focus();
}
