// The list above the line: what could come next, and which of it the arrows point at (the ARIA combobox pattern).

import { element } from '../common/element.js';

export class Suggestions {
  /** `take(item)` puts one into the line. */
  constructor({ list, line, take }) {
    Object.assign(this, { list, line, take });
    this.close();
  }

  /** `eager` points at the first one. */
  show(items, eager) {
    if (items.length === 0) return this.close();
    this.items = items;
    this.list.replaceChildren(...items.map((item, index) => this.row(item, index)));
    this.list.hidden = false;
    this.line.setAttribute('aria-expanded', 'true');
    this.point(eager ? 0 : -1);
  }

  close() {
    this.items = [];
    this.at = -1;
    this.list.hidden = true;
    this.line.setAttribute('aria-expanded', 'false');
    this.line.removeAttribute('aria-activedescendant');
  }

  row(item, index) {
    return element(
      'li',
      {
        class: 'suggestion',
        role: 'option',
        id: `suggestion-${index}`,
        // Before the line loses the focus, which would close the list.
        onpointerdown: (event) => {
          event.preventDefault();
          this.take(item);
        },
      },
      element('span', { class: 'suggestion-word' }, item.insert),
      item.takes && element('span', { class: 'suggestion-takes' }, item.takes),
      element('span', { class: 'suggestion-note' }, item.note),
    );
  }

  point(index) {
    this.at = index;
    for (const [i, row] of [...this.list.children].entries()) {
      row.setAttribute('aria-selected', String(i === index));
      if (i === index) row.scrollIntoView({ block: 'nearest' });
    }
    if (index >= 0) this.line.setAttribute('aria-activedescendant', `suggestion-${index}`);
    else this.line.removeAttribute('aria-activedescendant');
  }

  /** Whether the key was for the list. */
  key({ key, shiftKey }) {
    const { at, items } = this;
    if (items.length === 0) return false;
    if (key === 'ArrowDown') this.point((at + 1) % items.length);
    else if (key === 'ArrowUp') this.point(at <= 0 ? items.length - 1 : at - 1);
    else if (key === 'Tab' && !shiftKey) this.take(items[Math.max(at, 0)]);
    else if (key === 'Enter' && !shiftKey && at >= 0) this.take(items[at]);
    else if (key === 'Escape') this.close();
    else return false;
    return true;
  }
}
