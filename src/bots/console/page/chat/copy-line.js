// A line that can be copied, with its button: a recipe, or a command in a note.

import { element } from '../common/element.js';
import { copyText } from './gestures.js';

/** `name` is what is copied, in a word. */
export class CopyLine {
  constructor(name) {
    this.text = element('code', { class: 'recipe-text', dir: 'auto', tabindex: '0', 'aria-label': name });
    this.button = element(
      'button',
      {
        type: 'button',
        class: 'quiet copy',
        'aria-label': `Copy the ${name.toLowerCase()}`,
        onclick: () => this.copy(),
      },
      'Copy',
    );
    this.node = element('div', { class: 'recipe' }, this.text, this.button);
  }

  show(text) {
    this.text.textContent = text;
    return this;
  }

  async copy() {
    const copied = await copyText(this.text.textContent, this.text);
    this.button.textContent = copied ? 'Copied' : 'Press Ctrl+C';
    setTimeout(() => (this.button.textContent = 'Copy'), 2000);
  }
}
