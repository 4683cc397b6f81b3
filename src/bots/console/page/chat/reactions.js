// The strip of emoji on a finished message, as other chats have it.

import { element } from '../common/element.js';

/** In the order of the strip. Some need pictures. */
const MEANINGS = {
  rerun: { words: 'Draw again with a new seed' },
  upscale: { words: 'Upscale every picture', pictures: true },
  send: { words: 'Show each picture with its seed', pictures: true },
  favorite: { words: 'Favorite', pictures: true },
  end: { words: 'Delete' },
};

export class Reactions {
  /** `react(button, reaction, on)` sends it. */
  constructor(react) {
    this.react = react;
    this.node = element('div', {
      class: 'reactions',
      role: 'group',
      'aria-label': 'Reactions',
      hidden: true,
    });
    this.drawn = '';
  }

  /** `offered` is a list of {reaction, emoji}. */
  update({ offered, over, pictures, favorite }) {
    const shown = Object.keys(MEANINGS).flatMap((meaning) => {
      const known = offered.find(({ reaction }) => reaction === meaning);
      return known && (pictures || !MEANINGS[meaning].pictures) ? [known] : [];
    });
    this.node.hidden = !over || shown.length === 0;
    if (JSON.stringify(shown) !== this.drawn) this.draw(shown);
    const star = this.node.querySelector('[data-reaction=favorite]');
    star?.setAttribute('aria-pressed', String(favorite));
  }

  draw(shown) {
    this.drawn = JSON.stringify(shown);
    this.node.replaceChildren(...shown.map((each) => this.button(each)));
  }

  button({ reaction, emoji }) {
    const { words } = MEANINGS[reaction];
    const press = () => this.react(made, reaction, made.getAttribute('aria-pressed') !== 'true');
    const made = element(
      'button',
      {
        type: 'button',
        class: 'reaction',
        'data-reaction': reaction,
        'data-tip': words,
        'aria-label': reaction === 'favorite' ? words : `React with ${emoji}: ${words}`,
        onclick: press,
      },
      emoji,
    );
    return made;
  }
}
