// The line at the bottom: typing, suggestions (the ARIA combobox pattern), sending, and lines typed before.

import { element } from './element.js';
import { suggest, take } from './suggest.js';

/** `send(text)` resolves to whether the line was taken; if not it stays. `known` gives {options, models}. */
export class Composer {
  constructor({ form, line, list, button, send, known }) {
    Object.assign(this, { form, line, list, button, send, known });
    this.past = [];
    this.back = 0;
    this.close();
    line.addEventListener('input', () => this.typed());
    line.addEventListener('click', () => this.look());
    line.addEventListener('blur', () => this.close());
    line.addEventListener('keydown', (event) => this.key(event));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.submit(line.value);
    });
  }

  /** Lines typed before, the oldest first. */
  remember(lines) {
    for (const text of lines) {
      if (this.past.at(-1) !== text) this.past.push(text);
    }
    this.back = 0;
  }

  async submit(text) {
    const words = text.replace(/\s+/g, ' ').trim();
    if (!words) return;
    this.close();
    this.set('');
    if (!(await this.send(words)) && this.line.value === '') this.set(words);
  }

  typed() {
    this.back = 0;
    this.fit();
    this.look();
  }

  set(text, caret = text.length) {
    this.line.value = text;
    this.line.setSelectionRange(caret, caret);
    this.fit();
  }

  fit() {
    this.button.disabled = this.line.value.trim() === '';
    this.line.style.height = 'auto';
    this.line.style.height = `${this.line.scrollHeight}px`;
  }

  look() {
    const { line } = this;
    if (line.selectionStart !== line.selectionEnd) return this.close();
    const { items, from, eager } = suggest(line.value, line.selectionStart, this.known());
    if (items.length === 0) return this.close();
    this.items = items;
    this.from = from;
    this.list.replaceChildren(...items.map((item, index) => this.row(item, index)));
    this.list.hidden = false;
    line.setAttribute('aria-expanded', 'true');
    this.point(eager ? 0 : -1);
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
          this.take(index);
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

  take(index) {
    const { text, caret } = take(this.line.value, this.line.selectionStart, this.from, this.items[index]);
    this.set(text, caret);
    this.look();
  }

  close() {
    this.items = [];
    this.at = -1;
    this.list.hidden = true;
    this.line.setAttribute('aria-expanded', 'false');
    this.line.removeAttribute('aria-activedescendant');
  }

  key(event) {
    if (event.isComposing) return;
    const done = this.items.length > 0 ? this.keyInList(event) : this.keyInLine(event);
    if (done) event.preventDefault();
  }

  keyInList({ key, shiftKey }) {
    const { at, items } = this;
    if (key === 'ArrowDown') this.point((at + 1) % items.length);
    else if (key === 'ArrowUp') this.point(at <= 0 ? items.length - 1 : at - 1);
    else if (key === 'Tab' && !shiftKey) this.take(Math.max(at, 0));
    else if (key === 'Enter' && !shiftKey && at >= 0) this.take(at);
    else if (key === 'Enter' && !shiftKey) void this.submit(this.line.value);
    else if (key === 'Escape') this.close();
    else return false;
    return true;
  }

  keyInLine({ key, shiftKey }) {
    if (key === 'Enter' && !shiftKey) void this.submit(this.line.value);
    else if (key === 'ArrowUp' && this.mayRecall()) return this.recall(1);
    else if (key === 'ArrowDown' && this.back > 0) return this.recall(-1);
    else return false;
    return true;
  }

  // Arrow up moves the caret while somebody edits a line of their own.
  mayRecall() {
    return this.line.value === '' || this.back > 0;
  }

  recall(by) {
    const back = this.back + by;
    if (back > this.past.length) return true;
    this.set(back === 0 ? '' : this.past.at(-back));
    this.back = back;
    return true;
  }
}
