// A card with a drawing, and the same as a table. Which of the two is shown is the reader's choice.

import { element } from '../common/element.js';

export class Figure {
  /** `words` are those of `card`: {title, about}. */
  constructor(card, { title, about }) {
    this.about = element('p', { class: 'about' }, about ?? '');
    this.drawing = element('div', { class: 'drawing' });
    this.table = element('div', {
      class: 'table',
      tabindex: 0,
      role: 'region',
      'aria-label': `${title}, as a table`,
      hidden: true,
    });
    this.toggle = element(
      'button',
      { type: 'button', class: 'quiet', 'aria-pressed': 'false', onclick: () => this.turn() },
      'Show as table',
    );
    const id = `${card.id}-title`;
    card.setAttribute('aria-labelledby', id);
    card.append(
      element('header', { class: 'card-head' }, element('h2', { id }, title), this.about, this.toggle),
      this.drawing,
      this.table,
    );
  }

  turn() {
    const asTable = this.table.hidden;
    this.table.hidden = !asTable;
    this.drawing.hidden = asTable;
    this.toggle.setAttribute('aria-pressed', String(asTable));
  }

  /** The table alone, for good. */
  giveUp() {
    if (this.table.hidden) this.turn();
    this.toggle.hidden = true;
  }

  say(words) {
    this.about.textContent = words;
  }

  /** `columns` are [{name, number?}], `rows` lists of cells' texts; the first of each is its head. */
  fill(caption, columns, rows) {
    const said = JSON.stringify(rows);
    if (said === this.said) return; // whoever reads it or marks some of it is not disturbed
    this.said = said;
    const { scrollTop } = this.table;
    this.table.replaceChildren(tableOf(caption, columns, rows));
    this.table.scrollTop = scrollTop;
  }
}

export function tableOf(caption, columns, rows) {
  const cell = (tag, index, content, more = {}) =>
    element(tag, { class: columns[index].number && 'number', ...more }, content);
  return element(
    'table',
    {},
    element('caption', { class: 'unseen' }, caption),
    element(
      'thead',
      {},
      element('tr', {}, ...columns.map(({ name }, index) => cell('th', index, name, { scope: 'col' }))),
    ),
    element(
      'tbody',
      {},
      ...rows.map((row) =>
        element(
          'tr',
          {},
          ...row.map((content, index) =>
            index === 0 ? cell('th', 0, content, { scope: 'row' }) : cell('td', index, content),
          ),
        ),
      ),
    ),
  );
}
