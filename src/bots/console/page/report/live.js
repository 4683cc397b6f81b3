// Keeps the report as new as the program: hears how busy the queue is, and says when it is time to read again.

const SETTLES_MS = 2000;
/** Reading takes at most so much of the program's time. */
const SHARE = 0.1;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8000;

/** `listener` has: load({waiting, running}), refresh() that resolves when it is read, state('live' | 'lost'). */
export function follow(listener) {
  let source;
  let retry;
  let wait = FIRST_WAIT_MS;
  let due;
  let notBefore = performance.now() + SETTLES_MS; // the page was read just now

  const refresh = async () => {
    due = undefined;
    const begun = performance.now();
    try {
      await listener.refresh();
    } finally {
      const now = performance.now();
      notBefore = now + Math.max(SETTLES_MS, (now - begun) / SHARE);
    }
  };

  /** At once where nothing was read lately, and once for all that happens until then. */
  const soon = () => {
    if (document.hidden) return;
    due ??= setTimeout(() => void refresh(), Math.max(0, notBefore - performance.now()));
  };

  const connect = () => {
    clearTimeout(retry);
    source?.close();
    const mine = new EventSource('/api/report/events');
    source = mine;
    mine.addEventListener('open', () => {
      listener.state('live');
      wait = FIRST_WAIT_MS;
    });
    mine.addEventListener('load', (event) => {
      listener.load(JSON.parse(event.data));
      soon();
    });
    mine.addEventListener('error', () => source === mine && lose());
  };

  const lose = () => {
    source.close();
    source = undefined;
    listener.state('lost');
    soon(); // reading says why
    clearTimeout(retry);
    retry = setTimeout(connect, wait);
    wait = Math.min(wait * 2, LONGEST_WAIT_MS);
  };

  document.addEventListener('visibilitychange', () => {
    if (document.hidden) return;
    if (!source) connect();
    soon();
  });
  window.addEventListener('focus', soon);
  window.addEventListener('online', () => source ?? connect());
  connect();
}
