// The buttons under a message: those of the single pictures in a row for each thing to do, the rest below.

import { element } from '../common/element.js';

const ROWS = { upscale: 'Upscale', vary: 'Vary', pick: 'Only' };

export class Controls {
  /** `press(button, control)` does what the button says. */
  constructor(press) {
    this.press = press;
    this.node = element('div', { class: 'controls', role: 'group', 'aria-label': 'What to do with it' });
    this.drawn = '';
  }

  update(controls) {
    const drawn = JSON.stringify(controls);
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    const focused = document.activeElement?.dataset?.control;
    const had = this.node.contains(document.activeElement);
    const rows = Object.keys(ROWS)
      .map((action) => controls.filter((control) => control.action === action))
      .filter((row) => row.length > 1);
    const rest = controls.filter((control) => !rows.some((row) => row.includes(control)));
    this.node.replaceChildren(
      ...rows.map((row) => this.row(row)),
      ...(rest.length > 0 ? [this.line(rest)] : []),
    );
    this.node.hidden = controls.length === 0;
    if (!had) return;
    // The button that was pressed may be gone; whoever uses the keyboard stays in this message.
    const buttons = [...this.node.querySelectorAll('button')];
    (buttons.find((button) => button.dataset.control === focused) ?? buttons[0])?.focus();
  }

  row(controls) {
    const [{ action, emoji }] = controls;
    const word = ROWS[action];
    return element(
      'div',
      { class: 'control-row', role: 'group', 'aria-label': word },
      element('span', { class: 'row-name', 'aria-hidden': 'true' }, symbol(emoji), word),
      ...controls.map((control) =>
        this.button(control, { 'aria-label': `${word} ${control.index + 1}` }, String(control.index + 1)),
      ),
    );
  }

  line(controls) {
    const buttons = controls.map((control) =>
      this.button(control, {}, symbol(control.emoji), element('span', { class: 'words' }, control.label)),
    );
    return element('div', { class: 'control-line' }, ...buttons);
  }

  button(control, attributes, ...content) {
    const { action, index } = control;
    const made = element(
      'button',
      {
        type: 'button',
        class: 'button control',
        'data-control': `${action}:${index ?? ''}`,
        onclick: () => this.press(made, control),
        ...attributes,
      },
      ...content,
    );
    return made;
  }
}

function symbol(emoji) {
  return element('span', { class: 'emoji', 'aria-hidden': 'true' }, emoji);
}
