// One message on the page: made once, then changed in place, so that the focus and the pictures stay where they are.

import { element } from './element.js';
import { askAgain, copyText } from './gestures.js';
import { Sheet } from './sheet.js';

const OVER = ['done', 'failed', 'canceled'];
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });

export function personMessage(message) {
  const [, command = '', words] = /^(\/\S+)?([^]*)$/.exec(message.text);
  return frame(
    message,
    element(
      'p',
      { class: 'said', dir: 'auto' },
      command && element('span', { class: 'command' }, command),
      words,
    ),
  );
}

/** `act(action, index)` does something; `enlarge(pictures, index)` and `goTo(id)` show something. */
export class BotMessage {
  constructor(message, { act, enlarge, goTo }) {
    this.act = act;
    this.prompt = element('h3', { class: 'prompt', dir: 'auto' });
    this.headline = element('p', { class: 'headline' });
    this.sheet = new Sheet(enlarge);
    this.controls = element('div', { class: 'controls', role: 'group', 'aria-label': 'What to do with it' });
    this.recipe = element('code', {
      class: 'recipe-text',
      dir: 'auto',
      tabindex: '0',
      'aria-label': 'Recipe',
    });
    this.copy = element(
      'button',
      { type: 'button', class: 'quiet copy', onclick: () => this.copyRecipe() },
      'Copy',
    );
    this.copy.setAttribute('aria-label', 'Copy the recipe');
    this.reactions = element('div', { class: 'reactions', role: 'group', 'aria-label': 'Reactions' });
    const origin = message.answers && this.originLink(message.answers, goTo);
    this.node = frame(
      message,
      origin,
      this.prompt,
      this.headline,
      this.sheet.node,
      this.controls,
      element(
        'div',
        { class: 'foot' },
        element('div', { class: 'recipe' }, this.recipe, this.copy),
        this.reactions,
      ),
    );
    this.update(message.view);
  }

  update(view) {
    const before = this.view;
    this.view = view;
    this.node.dataset.status = view.status;
    this.prompt.textContent = view.prompt;
    this.headline.textContent = view.headline;
    this.recipe.textContent = view.recipe;
    this.sheet.update(view);
    if (JSON.stringify(before?.controls) !== JSON.stringify(view.controls)) this.drawControls(view.controls);
    if (!before || isOver(before) !== isOver(view)) this.drawReactions();
  }

  drawControls(controls) {
    const focused = document.activeElement?.dataset?.control;
    const had = this.controls.contains(document.activeElement);
    const buttons = controls.map((control) =>
      this.button('button control', control.action, control.index, [
        element('span', { class: 'emoji', 'aria-hidden': 'true' }, control.emoji),
        element('span', { class: 'words' }, control.label),
      ]),
    );
    this.controls.replaceChildren(...buttons);
    this.controls.hidden = buttons.length === 0;
    // The button that was pressed may be gone; whoever uses the keyboard stays in this message.
    if (had) (buttons.find((button) => button.dataset.control === focused) ?? buttons[0])?.focus();
  }

  drawReactions() {
    const over = isOver(this.view);
    const had = this.reactions.contains(document.activeElement);
    const ending = over ? 'remove' : 'cancel';
    this.reactions.replaceChildren(
      this.button('reaction', 'rerun', undefined, ['🔁'], 'React with 🔁: draw again with a new seed'),
      this.button(
        'reaction',
        ending,
        undefined,
        ['❌'],
        `React with ❌: ${over ? 'delete this message' : 'cancel'}`,
      ),
    );
    if (had) this.reactions.firstElementChild.focus();
  }

  button(kind, action, index, content, label) {
    const made = element(
      'button',
      {
        type: 'button',
        class: kind,
        'data-control': `${action}:${index ?? ''}`,
        'aria-label': label,
        title: label,
      },
      ...content,
    );
    made.addEventListener('click', () => this.pressed(made, action, index));
    return made;
  }

  // Deleting pictures can not be taken back, so it asks once more, in place.
  async pressed(button, action, index) {
    if (button.dataset.busy) return;
    if (action === 'remove' && this.view.pictures.length > 0 && !button.dataset.sure) return askAgain(button);
    button.dataset.busy = 'true';
    await this.act(action, index);
    delete button.dataset.busy;
  }

  originLink(id, goTo) {
    return element(
      'p',
      { class: 'origin' },
      element(
        'button',
        { type: 'button', class: 'quiet', onclick: () => goTo(id) },
        '↰ from an earlier message',
      ),
    );
  }

  async copyRecipe() {
    const copied = await copyText(this.view.recipe, this.recipe);
    this.copy.textContent = copied ? 'Copied' : 'Press Ctrl+C';
    setTimeout(() => (this.copy.textContent = 'Copy'), 2000);
  }
}

export function isOver(view) {
  return OVER.includes(view.status);
}

function frame(message, ...content) {
  const time = new Date(message.createdAt);
  return element(
    'li',
    { class: `message ${message.kind}`, id: `message-${message.id}`, 'data-id': message.id, tabindex: '-1' },
    element(
      'span',
      { class: 'avatar', 'aria-hidden': 'true' },
      message.kind === 'person' ? message.author[0] : '',
    ),
    element(
      'article',
      { class: 'body' },
      element(
        'p',
        { class: 'byline' },
        element('span', { class: 'author' }, message.author),
        element('time', { datetime: message.createdAt, title: time.toLocaleString() }, clock.format(time)),
      ),
      ...content,
    ),
  );
}
