// The report's page: what is asked for stands in the address, the numbers come from the server and are shown by the
// cards, and whatever the program does meanwhile moves them.

import { byId, element } from '../common/element.js';
import { readReport, readServers } from './api.js';
import { Controls } from './controls.js';
import { DaysCard } from './days.js';
import { follow } from './live.js';
import { LimitsCard, OutcomesCard } from './outcomes.js';
import { addressOf, apiQuery, readQuery } from './query.js';
import { RanksCard } from './ranks.js';
import { Tiles } from './tiles.js';
import { WaitsCard } from './waits.js';
import { counted } from './words.js';

/** What takes longer is seen to be under way. */
const PATIENCE_MS = 200;
const page = byId('report');
const cards = byId('cards');
const tiles = new Tiles(byId('tiles'));
const ranks = new RanksCard(byId('ranks'), (by) => ask({ ...asked, by }));
const shown = [
  tiles,
  new DaysCard(byId('days')),
  new WaitsCard(byId('waits')),
  new OutcomesCard(byId('outcomes')),
  new LimitsCard(byId('limits')),
];
const controls = new Controls((change) => ask({ ...asked, ...change }));

let asked = readQuery(location.search);
let answered;
/** What `answered` was asked by. */
let answeredBy;
/** Of several that are under way only the newest is shown. */
let turn = 0;

function ask(next) {
  const sameNumbers = answeredBy && next.period === answeredBy.period && next.server === answeredBy.server;
  asked = next;
  history.pushState(null, '', addressOf(asked));
  controls.show(asked);
  if (sameNumbers) ranks.show(answered, asked.by);
  else void read({ announce: true });
}

async function read({ announce = false } = {}) {
  const mine = ++turn;
  const slow = setTimeout(() => cards.setAttribute('aria-busy', 'true'), announce ? PATIENCE_MS : 60_000);
  try {
    const of = asked;
    const report = await readReport(of);
    if (mine !== turn) return;
    answeredBy = of;
    show(report);
    controls.wrong('');
    banner('');
    if (announce)
      byId('announcer').textContent =
        `${report.period.words}: ${report.sentences.empty ?? report.sentences.total}`;
  } catch (error) {
    if (mine === turn) explain(error);
  } finally {
    clearTimeout(slow);
    if (mine === turn) cards.setAttribute('aria-busy', 'false');
  }
}

function show(report) {
  answered = report;
  const { period, sentences, total, now } = report;
  page.dataset.state = sentences.empty === undefined ? 'shown' : 'empty';
  page.dataset.asked = total.requests;
  byId('refusal').hidden = true;
  byId('empty').hidden = sentences.empty === undefined;
  byId('empty-title').textContent =
    `Nothing was drawn ${period.from === period.to ? 'on this day' : 'in these days'}.`;
  byId('empty-words').textContent =
    total.requests > 0
      ? `${counted(total.requests, 'request')} ended without a picture.`
      : 'Nobody asked for one.';
  byId('period-words').textContent = `${period.words} · ${period.timeZone}`;
  byId('csv').href = `/api/report.csv?${apiQuery(asked)}`;
  byId('stamp').replaceChildren(
    'As of ',
    element('time', {}, new Date().toLocaleString('en-GB')),
    ', by your clock.',
  );
  for (const card of shown) card.show(report);
  ranks.show(report, asked.by);
  tiles.load(now);
}

function explain(error) {
  if (error.status === 403) {
    page.dataset.state = 'refused';
    byId('refusal').hidden = false;
    byId('refusal-words').textContent = error.message;
  } else if (error.status === 422) {
    if (!answered) page.dataset.state = 'wrong';
    controls.wrong(error.message);
  } else banner(error.message);
}

function banner(words) {
  byId('banner').hidden = words === '';
  byId('banner').textContent = words;
}

const STATES = { live: 'Live', lost: 'Connection lost' };

controls.show(asked);
// Gone back to after signing out: it is shown as it was, to whoever sits there now.
window.addEventListener('pageshow', ({ persisted }) => persisted && location.reload());
window.addEventListener('popstate', () => {
  asked = readQuery(location.search);
  controls.show(asked);
  void read({ announce: true });
});
await read();
if (page.dataset.state !== 'refused') {
  readServers().then(
    (servers) => controls.offer(servers, asked),
    () => undefined,
  );
  follow({
    load: (load) => tiles.load(load),
    // What is wrong is not asked again and again.
    refresh: async () => (answeredBy === asked || !answered ? read() : undefined),
    state(state) {
      byId('live').dataset.state = state;
      byId('live-words').textContent = STATES[state];
    },
  });
}
