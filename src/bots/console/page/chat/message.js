// One message on the page: made once, then changed in place, so that the focus and the pictures stay where they are.

import { pictureUrl } from './api.js';
import { Controls } from './controls.js';
import { CopyLine } from './copy-line.js';
import { element } from '../common/element.js';
import { askAgain } from './gestures.js';
import { storedImages, withoutImages } from './line.js';
import { Reactions } from './reactions.js';
import { Sheet } from './sheet.js';

const OVER = ['done', 'failed', 'canceled'];
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });

export function personMessage(message) {
  return frame(
    message,
    element('p', { class: 'said', dir: 'auto' }, ...said(withoutImages(message.text))),
    ...storedImages(message.text).map(startingPicture),
  );
}

/** Words, with the command in front marked. */
export function said(text) {
  const [, command, words] = /^(\/[a-z]+)?([^]*)$/i.exec(text);
  return [command && element('span', { class: 'command' }, command), words];
}

function startingPicture(id) {
  const made = element('img', { class: 'thumb', alt: 'The picture it starts from', src: pictureUrl(id) });
  made.addEventListener('error', () => made.remove());
  return made;
}

/**
 * `act(action, index)` and `react(reaction, on)` do something; `enlarge(pictures, index, title)` and `goTo(id)` show
 * something; `offered()` are the reactions there are, `isFavorite(jobId)` the state of one.
 */
export class BotMessage {
  constructor(message, tools) {
    this.tools = tools;
    this.prompt = element('h3', { class: 'prompt', dir: 'auto' });
    this.headline = element('p', { class: 'headline' });
    this.sheet = new Sheet(tools.enlarge);
    this.controls = new Controls((button, { action, index }) =>
      this.once(button, action === 'remove', () => tools.act(action, index)),
    );
    this.recipe = new CopyLine('Recipe');
    this.reactions = new Reactions((button, reaction, on) =>
      this.once(button, reaction === 'end', () => tools.react(reaction, on)),
    );
    this.node = frame(
      message,
      message.answers && this.originLink(message.answers),
      elsewhere(message.view.by),
      this.prompt,
      this.headline,
      this.sheet.node,
      this.controls.node,
      this.recipe.node,
      this.reactions.node,
    );
    this.update(message.view);
  }

  update(view) {
    this.view = view;
    this.node.dataset.status = view.status;
    this.prompt.textContent = view.prompt;
    this.headline.textContent = view.headline;
    this.recipe.show(view.recipe);
    this.sheet.update(view);
    this.controls.update(view.controls);
    this.updateReactions();
  }

  updateReactions() {
    const { jobId, pictures } = this.view;
    this.reactions.update({
      offered: this.tools.offered(),
      over: isOver(this.view),
      pictures: pictures.length > 0,
      favorite: this.tools.isFavorite(jobId),
    });
  }

  // Deleting pictures can not be taken back, so it asks once more, in place.
  async once(button, deletes, act) {
    if (button.dataset.busy) return;
    if (deletes && this.view.pictures.length > 0 && !button.dataset.sure) return askAgain(button);
    button.dataset.busy = 'true';
    await act();
    delete button.dataset.busy;
  }

  originLink(id) {
    return element(
      'p',
      { class: 'origin' },
      element(
        'button',
        { type: 'button', class: 'quiet', onclick: () => this.tools.goTo(id) },
        '↰ from an earlier message',
      ),
    );
  }
}

/** Who asked, for a picture of another platform that is shown here. */
function elsewhere({ platform, name }) {
  return platform !== 'console' && element('p', { class: 'asked', dir: 'auto' }, `Asked by ${name}`);
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
