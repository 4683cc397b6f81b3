// How requests ended, and how much of the server's limits is used: bars with their numbers beside them.

import { element } from '../common/element.js';
import { count, percent } from './words.js';

const OUTCOMES = [
  ['done', 'Done'],
  ['failed', 'Failed'],
  ['canceled', 'Canceled'],
  ['moderated', 'Not allowed'],
];

export class OutcomesCard {
  constructor(card) {
    this.strip = element('div', { class: 'strip', 'aria-hidden': 'true' });
    this.list = element('dl', { class: 'ends' });
    this.parts = OUTCOMES.map(([key]) => element('i', { class: `part ${key}`, hidden: true }));
    this.strip.append(...this.parts);
    this.rows = OUTCOMES.map(([key, name]) => {
      const [many, part] = [
        element('dd', { class: 'number', 'data-outcome': key }),
        element('dd', { class: 'number soft' }),
      ];
      this.list.append(
        element('div', {}, element('dt', {}, element('i', { class: `spot ${key}` }), name), many, part),
      );
      return { many, part };
    });
    card.setAttribute('aria-labelledby', 'outcomes-title');
    card.append(
      element(
        'header',
        { class: 'card-head' },
        element('h2', { id: 'outcomes-title' }, 'How requests ended'),
      ),
      this.strip,
      this.list,
    );
  }

  show({ outcomes }) {
    const all = OUTCOMES.reduce((sum, [key]) => sum + outcomes[key], 0);
    for (const [at, [key]] of OUTCOMES.entries()) {
      const many = outcomes[key];
      this.parts[at].style.flexGrow = many;
      this.parts[at].hidden = many === 0;
      this.rows[at].many.textContent = count(many);
      this.rows[at].part.textContent = all > 0 ? percent(many, all) : '';
    }
  }
}

export class LimitsCard {
  constructor(card) {
    this.card = card;
    this.list = element('ul', { class: 'limit-list' });
    card.setAttribute('aria-labelledby', 'limits-title');
    card.append(
      element(
        'header',
        { class: 'card-head' },
        element('h2', { id: 'limits-title' }, 'Limits of the server'),
        element('p', { class: 'about' }, 'As they stand now.'),
      ),
      this.list,
    );
  }

  show({ limits }) {
    this.card.hidden = limits.length === 0;
    this.list.replaceChildren(...limits.map(limitRow));
  }
}

function limitRow({ text, used, amount }) {
  const part = amount > 0 ? Math.min(1, used / amount) : 1;
  const bar = element('i', { class: part >= 1 ? 'fill full' : part >= 0.8 ? 'fill near' : 'fill' });
  bar.style.setProperty('--part', part);
  const words = amount > 0 ? `${percent(used, amount)} used` : 'nothing allowed';
  return element(
    'li',
    {},
    element('p', { class: 'limit-text' }, element('span', {}, text), element('b', {}, words)),
    element('div', { class: 'track', 'aria-hidden': 'true' }, bar),
  );
}
