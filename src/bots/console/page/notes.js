// Notes for one person's eyes, among the messages: they are not kept, and go when they are dismissed.

import { element } from './element.js';

const MOST = 5;

export class Notes {
  constructor(list, announce, focusAfter) {
    Object.assign(this, { list, announce, focusAfter });
    this.seen = new Set();
  }

  show({ id, text }) {
    if (this.seen.has(id)) return;
    this.seen.add(id);
    const note = element(
      'li',
      { class: 'note' },
      element('p', { class: 'note-text', dir: 'auto' }, text),
      element('p', { class: 'note-foot' }, element('span', {}, 'Only you can see this'), this.dismissal()),
    );
    this.list.append(note);
    for (const old of [...this.list.querySelectorAll('.note')].slice(0, -MOST)) old.remove();
    this.announce(text);
  }

  dismissal() {
    return element(
      'button',
      {
        type: 'button',
        class: 'quiet',
        onclick: (event) => {
          event.currentTarget.closest('.note').remove();
          this.focusAfter();
        },
      },
      'Dismiss',
    );
  }
}
