// Notes for one person's eyes, among the messages: they are not kept, and go when they are dismissed.

import { decide, pictureUrl } from './api.js';
import { CopyLine } from './copy-line.js';
import { element } from '../common/element.js';
import { said } from './message.js';

const MOST = 5;

export class Notes {
  /** `enlarge(pictures, index, title)` and `goTo(id)` show something. */
  constructor(list, { announce, focusAfter, enlarge, goTo }) {
    Object.assign(this, { list, announce, focusAfter, enlarge, goTo });
    this.seen = new Set();
  }

  show({ id, lines, pictures = [], figure, files = [], presses = [] }) {
    if (this.seen.has(id)) return;
    this.seen.add(id);
    const note = element(
      'li',
      { class: 'note' },
      this.words(lines),
      pictures.length > 0 && this.prints(pictures),
      figure && element('img', { class: 'note-figure', alt: figure.alt, src: figure.src }),
      files.length > 0 && element('p', { class: 'note-files' }, ...files.map(fileLink)),
      presses.length > 0 && this.presses(presses),
      element('p', { class: 'note-foot' }, element('span', {}, 'Only you can see this'), this.dismissal()),
    );
    this.list.append(note);
    for (const old of [...this.list.querySelectorAll('.note')].slice(0, -MOST))
      if (!old.querySelector('.note-files')) old.remove(); // what is to be fetched stays
    this.announce(lines.map(({ text }) => text).join('\n'));
  }

  words(lines) {
    const [only] = lines;
    if (lines.length === 1 && !only.code) return this.text(only);
    const items = lines.map((line) =>
      element('li', { class: 'note-line' }, this.text(line), line.code && copyLine(line.code)),
    );
    return element('ul', { class: 'note-lines' }, ...items);
  }

  text({ text, href }) {
    return element(
      'p',
      { class: 'note-text', dir: 'auto' },
      ...(href ? [this.link(text, href)] : said(text)),
    );
  }

  link(text, href) {
    const [, here] = /^\/#([\w-]+)$/.exec(href) ?? [];
    if (!here) return element('a', { href, target: '_blank', rel: 'noopener noreferrer' }, text);
    const follow = (event) => {
      event.preventDefault();
      this.goTo(here);
    };
    return element('a', { href, onclick: follow }, text);
  }

  prints(pictures) {
    const prints = pictures.map((picture, index) =>
      element(
        'button',
        { type: 'button', class: 'print', onclick: () => this.enlarge(pictures, index, picture.alt) },
        element('img', { class: 'note-picture', alt: picture.alt, src: pictureUrl(picture.id) }),
      ),
    );
    return element('div', { class: 'note-pictures' }, ...prints);
  }

  presses(presses) {
    const buttons = presses.map(({ review, act, emoji, label }) =>
      element(
        'button',
        { type: 'button', class: 'button control', onclick: (event) => this.press(event, review, act) },
        `${emoji} ${label}`,
      ),
    );
    return element('p', { class: 'note-presses' }, ...buttons);
  }

  async press({ currentTarget: button }, review, act) {
    button.disabled = true;
    try {
      await decide(review, act);
    } catch (error) {
      button.disabled = false;
      this.announce(error.message);
    }
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

function fileLink({ name, href }) {
  return element('a', { href, download: name }, name);
}

function copyLine(code) {
  return new CopyLine('Line').show(code).node;
}
