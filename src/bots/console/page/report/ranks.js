// Who and what used the most: three short lists side by side, or one of them whole. Rows keep their element for as long
// as they are there, so that a new order and new numbers move into place.

import { element } from '../common/element.js';
import { count, counted, percent, timeText, titled } from './words.js';

const FACETS = [
  { by: 'person', list: 'people', title: 'People', one: 'person' },
  { by: 'channel', list: 'channels', title: 'Channels', one: 'channel' },
  { by: 'model', list: 'models', title: 'Models', one: 'model' },
];
const SHORT = 5;
const MOVES = { duration: 400, easing: 'cubic-bezier(0.3, 0, 0.2, 1)' };
const still = matchMedia('(prefers-reduced-motion: reduce)');

export class RanksCard {
  /** `choose(by)` is called when a reader wants one list, or all of them (undefined). */
  constructor(card, choose) {
    this.choices = element('fieldset', { class: 'choice' }, element('legend', { class: 'unseen' }, 'By'));
    for (const [value, name] of [['', 'All'], ...FACETS.map(({ by, title }) => [by, title])]) {
      const input = element('input', {
        type: 'radio',
        name: 'by',
        value,
        onchange: () => choose(value || undefined),
      });
      this.choices.append(element('label', {}, input, element('span', {}, name)));
    }
    this.lists = element('div', { class: 'lists' });
    this.blocks = FACETS.map((facet) => new Block(this.lists, facet));
    card.setAttribute('aria-labelledby', 'ranks-title');
    card.append(
      element(
        'header',
        { class: 'card-head' },
        element('h2', { id: 'ranks-title' }, 'Who and what'),
        element('p', { class: 'about' }, 'By device time.'),
        this.choices,
      ),
      this.lists,
    );
  }

  show(report, by) {
    this.choices.querySelector(`[value="${by ?? ''}"]`).checked = true;
    this.lists.classList.toggle('one', by !== undefined);
    for (const [at, { by: own }] of FACETS.entries()) {
      this.blocks[at].host.hidden = by !== undefined && by !== own;
      this.blocks[at].show(report, by === own);
    }
  }
}

class Block {
  constructor(parent, facet) {
    this.facet = facet;
    this.rows = new Map();
    this.many = element('span', { class: 'soft' });
    this.body = element('tbody', {});
    this.none = element('p', { class: 'none', hidden: true }, `No ${facet.one} is named in these days.`);
    const columns = ['Device time', 'Share', 'Pictures', 'Requests'];
    this.table = element(
      'table',
      { class: 'ranked' },
      element('caption', {}, element('b', {}, facet.title), this.many),
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          element('th', { scope: 'col' }, titled(facet.one)),
          ...columns.map((name) => element('th', { scope: 'col', class: 'number' }, name)),
        ),
      ),
      this.body,
    );
    this.host = element('div', { class: 'block', 'data-facet': facet.by }, this.table, this.none);
    parent.append(this.host);
  }

  show(report, whole) {
    const { list } = this.facet;
    const all = report[list];
    const shares = all.slice(0, whole ? all.length : SHORT);
    const of = report.total[list];
    this.none.hidden = all.length > 0;
    this.table.hidden = all.length === 0;
    this.many.textContent = of > shares.length ? `${shares.length} of ${count(of)}` : '';
    const before = new Map([...this.rows].map(([key, { row }]) => [key, row.offsetTop]));
    const kept = new Set(shares.map(({ key }) => key));
    for (const [key, { row }] of this.rows)
      if (!kept.has(key)) {
        row.remove();
        this.rows.delete(key);
      }
    const most = shares[0]?.deviceSeconds ?? 0;
    for (const [at, share] of shares.entries()) this.place(at, share, report, most);
    for (const [key, { row }] of this.rows) slide(row, before.get(key));
  }

  place(at, share, { total, server }, most) {
    const { key, name, deviceSeconds, pictures, requests } = share;
    const known = this.rows.get(key) ?? newRow();
    this.rows.set(key, known);
    const { row, label, from, bar, cells } = known;
    label.textContent = this.facet.by === 'channel' ? `#${name}` : name;
    label.title = name;
    from.textContent =
      server === 'all' && this.facet.by !== 'model' ? titled(key.slice(0, key.indexOf('/'))) : '';
    bar.style.setProperty('--part', most > 0 ? deviceSeconds / most : 0);
    const texts = [
      timeText(deviceSeconds),
      percent(deviceSeconds, total.deviceSeconds),
      count(pictures),
      count(requests),
    ];
    for (const [column, text] of texts.entries()) cells[column].textContent = text;
    row.title = `${counted(pictures, 'picture')}, ${counted(requests, 'request')}`;
    if (this.body.rows[at] !== row) this.body.insertBefore(row, this.body.rows[at] ?? null); // what is marked stays so
  }
}

function newRow() {
  const label = element('bdi', { class: 'who', dir: 'auto' });
  const from = element('span', { class: 'from' });
  const bar = element('i', { class: 'fill' });
  const cells = ['seconds', 'part', 'pictures', 'requests'].map((name) =>
    element('td', { class: `number ${name}` }),
  );
  const head = element(
    'th',
    { scope: 'row' },
    element(
      'div',
      { class: 'line' },
      element('span', { class: 'name' }, label, from),
      element('span', { class: 'track', 'aria-hidden': 'true' }, bar),
    ),
  );
  return { row: element('tr', {}, head, ...cells), label, from, bar, cells };
}

/** From where it was to where it is. */
function slide(row, before) {
  if (still.matches) return;
  if (before === undefined) row.animate({ opacity: [0, 1] }, MOVES);
  else if (before !== row.offsetTop)
    row.animate({ translate: [`0 ${before - row.offsetTop}px`, '0 0'] }, MOVES);
}
