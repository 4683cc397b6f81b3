// The live feed, and coming back to it. Each time it opens the history is read again, and what the feed says in the
// meantime waits, so that nothing is shown twice or in the wrong order.

import { readHistory, readSession } from './api.js';

const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 5000;

/** `listener` has: history(page), message(message), removed(id), whisper(note), lost(), back(). */
export function follow(listener) {
  let source;
  let retry;
  let wait = FIRST_WAIT_MS;

  const say = (name, data) => listener[name](name === 'removed' ? data.id : data);

  const connect = () => {
    clearTimeout(retry);
    source?.close();
    const mine = new EventSource('/api/events');
    source = mine;
    let held = [];
    let rereads = 0;
    const tell = (name, data) => (held ? held.push([name, data]) : say(name, data));
    const reread = async () => {
      held ??= [];
      const turn = ++rereads; // of two at once the later one knows more
      try {
        const page = await readHistory();
        if (source !== mine || turn !== rereads) return;
        listener.history(page);
        const waiting = held;
        held = undefined;
        for (const [name, data] of waiting) say(name, data);
        wait = FIRST_WAIT_MS;
        listener.back();
      } catch {
        if (source === mine && turn === rereads) lose();
      }
    };
    mine.addEventListener('open', () => void reread());
    for (const name of ['message', 'removed', 'whisper']) {
      // The browser's own errors are plain events named "error" and never come by these names.
      mine.addEventListener(name, (event) => tell(name, JSON.parse(event.data)));
    }
    mine.addEventListener('reset', () => void reread());
    mine.addEventListener('error', () => source === mine && lose());
  };

  const lose = () => {
    source.close();
    source = undefined;
    listener.lost();
    readSession().catch(() => undefined); // it may be that nobody is signed in any more
    clearTimeout(retry);
    retry = setTimeout(connect, wait);
    wait = Math.min(wait * 2, LONGEST_WAIT_MS);
  };

  window.addEventListener('online', () => source ?? connect());
  document.addEventListener('visibilitychange', () => document.hidden || source || connect());
  connect();
}
