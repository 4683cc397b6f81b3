// The line at the bottom: typing, sending, remixing, and lines typed before.

import { draws, storedImages, withImage, withoutImages } from './line.js';
import { suggest, take } from './suggest.js';
import { Suggestions } from './suggestions.js';

export class Composer {
  /**
   * `send(text, remixed)` resolves to whether the line was taken; if not it stays. `known` gives {options, commands,
   * models}, `attachment` holds the picture to start from, `mode` shows that a message is being remixed.
   */
  constructor({ form, line, list, button, mode, attachment, send, known }) {
    Object.assign(this, { line, button, mode, attachment, send, known });
    this.suggestions = new Suggestions({ list, line, take: (item) => this.take(item) });
    this.past = [];
    this.back = 0;
    line.addEventListener('input', () => this.typed());
    line.addEventListener('click', () => this.look());
    line.addEventListener('blur', () => this.suggestions.close());
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

  async submit(typed) {
    const words = typed.replace(/\s+/g, ' ').trim();
    if (!words || this.sending) return;
    this.suggestions.close();
    this.sending = true;
    try {
      await this.sendLine(words);
    } finally {
      this.sending = false;
    }
  }

  async sendLine(words) {
    // A command typed over a draft is a command.
    const remixed = words.startsWith('/') ? undefined : this.remixed;
    const pictured = remixed || draws(words);
    const image = pictured ? await this.attachment.id : undefined;
    if (image === null) return;
    const text = withImage(words, image);
    if (this.remixed && !remixed) this.leave();
    else this.set('');
    if (image) this.attachment.clear();
    if (!remixed) this.remember([text]);
    if (!(await this.send(text, remixed?.id))) {
      if (this.line.value === '') this.set(words);
      if (image) this.attachment.take(image);
    } else if (remixed && this.remixed === remixed) this.leave();
  }

  /** The line becomes a draft over a message, until it is sent or left; then it is again what it was. */
  remix({ id, title, prompt, flags }) {
    this.remixed = { id, before: this.remixed?.before ?? this.line.value };
    const [image, ...more] = storedImages(flags);
    // Several pictures, one for each to draw, stay in the line: a chip holds one.
    const single = image && more.length === 0;
    this.remixed.brought = single;
    if (single) this.attachment.take(image);
    this.mode.show(title);
    this.set(`${prompt} ${single ? withoutImages(flags) : flags}`.trim(), prompt.length);
    this.line.focus();
  }

  leave() {
    if (!this.remixed) return;
    const { before, brought } = this.remixed;
    this.remixed = undefined;
    if (brought) this.attachment.clear();
    this.mode.hide();
    this.set(before);
    this.line.focus();
  }

  /** A line to begin with, where there is none yet. */
  begin(text) {
    if (this.line.value.trim() === '') this.set(text);
    this.line.focus();
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
    const { value, selectionStart, selectionEnd } = this.line;
    if (selectionStart !== selectionEnd) return this.suggestions.close();
    const { items, from, eager } = suggest(value, selectionStart, this.known(), Boolean(this.remixed));
    this.from = from;
    this.suggestions.show(items, eager);
  }

  take(item) {
    const { text, caret } = take(this.line.value, this.line.selectionStart, this.from, item);
    this.set(text, caret);
    this.look();
  }

  key(event) {
    if (event.isComposing) return;
    if (this.suggestions.key(event) || this.keyInLine(event)) event.preventDefault();
  }

  keyInLine({ key, shiftKey }) {
    if (key === 'Enter' && !shiftKey) void this.submit(this.line.value);
    else if (key === 'Escape' && this.remixed) this.leave();
    else if (key === 'ArrowUp' && this.mayRecall()) return this.recall(1);
    else if (key === 'ArrowDown' && this.back > 0) return this.recall(-1);
    else return false;
    return true;
  }

  // Arrow up moves the caret while somebody edits a line of their own.
  mayRecall() {
    return !this.remixed && (this.line.value === '' || this.back > 0);
  }

  recall(by) {
    const back = this.back + by;
    if (back > this.past.length) return true;
    this.set(back === 0 ? '' : this.past.at(-back));
    this.back = back;
    return true;
  }
}
