// Keeps the report as new as the program: hears how busy the queue is, and says when it is time to read again.

const SETTLES_MS = 2000;
/** Reading takes at most so much of the program's time. */
const SHARE = 0.1;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8000;
/** Days end and limits renew though nothing happens. */
const AGED_MS = 5 * 60_000;
/** The server gives a sign of life every twenty seconds. */
const SILENT_MS = 50_000;

/** `listener` has: load({waiting, running}), refresh() that resolves when it is read, state('live' | 'lost'). */
export function follow(listener) {
  let source;
  let retry;
  let wait = FIRST_WAIT_MS;
  let due;
  let notBefore = performance.now() + SETTLES_MS; // the page was read just now

  let isReading = false;
  let isDue = false;
  let silence;

  const refresh = async () => {
    due = undefined;
    isReading = true;
    isDue = false;
    const begun = performance.now();
    try {
      await listener.refresh();
    } finally {
      const now = performance.now();
      notBefore = now + Math.max(SETTLES_MS, (now - begun) / SHARE);
      isReading = false;
      if (isDue) soon();
    }
  };

  /** At once where nothing was read lately, and once for all that happens until then. */
  const soon = () => {
    if (document.hidden) return;
    if (isReading) isDue = true;
    else due ??= setTimeout(() => void refresh(), Math.max(0, notBefore - performance.now()));
  };

  const connect = () => {
    clearTimeout(retry);
    source?.close();
    const mine = new EventSource('/api/report/events');
    source = mine;
    const alive = () => {
      clearTimeout(silence);
      silence = setTimeout(() => source === mine && lose(), SILENT_MS);
    };
    alive();
    mine.addEventListener('open', () => {
      alive();
      listener.state('live');
      wait = FIRST_WAIT_MS;
    });
    mine.addEventListener('beat', alive);
    mine.addEventListener('load', (event) => {
      alive();
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

  // A browser has few connections to a server, and a page that nobody sees needs none.
  const rest = () => {
    for (const timer of [retry, due, silence]) clearTimeout(timer);
    due = undefined;
    source?.close();
    source = undefined;
  };

  document.addEventListener('visibilitychange', () => {
    if (document.hidden) return rest();
    if (!source) connect();
    soon();
  });
  setInterval(soon, AGED_MS);
  window.addEventListener('focus', soon);
  window.addEventListener('online', () => source ?? connect());
  connect();
}
