// A picture, enlarged. Escape closes, the arrows move to its neighbours.

import { pictureUrl } from './api.js';
import { byId } from '../common/element.js';

export class Lightbox {
  /** `startFrom(id)` takes a picture as the next one's beginning. */
  constructor(startFrom) {
    this.dialog = byId('lightbox');
    this.pictures = [];
    byId('lightbox-back').addEventListener('click', () => this.move(-1));
    byId('lightbox-on').addEventListener('click', () => this.move(1));
    byId('lightbox-close').addEventListener('click', () => this.dialog.close());
    byId('lightbox-start').addEventListener('click', () => {
      this.dialog.close();
      startFrom(this.pictures[this.at].id);
    });
    this.dialog.addEventListener('click', (event) => event.target === this.dialog && this.dialog.close());
    this.dialog.addEventListener('keydown', ({ key }) => {
      if (key === 'ArrowLeft') this.move(-1);
      if (key === 'ArrowRight') this.move(1);
    });
  }

  open(pictures, index, title) {
    Object.assign(this, { pictures, title });
    this.show(index);
    this.dialog.showModal();
  }

  move(by) {
    const count = this.pictures.length;
    this.show((this.at + by + count) % count);
  }

  show(index) {
    this.at = index;
    const { id, alt } = this.pictures[index];
    const many = this.pictures.length > 1;
    const image = byId('lightbox-picture');
    image.src = pictureUrl(id);
    image.alt = alt;
    byId('lightbox-caption').textContent = this.title;
    byId('lightbox-count').textContent = many ? `${index + 1} of ${this.pictures.length}` : '';
    byId('lightbox-back').hidden = byId('lightbox-on').hidden = !many;
    const link = byId('lightbox-download');
    link.href = pictureUrl(id);
    link.download = `${fileName(this.title)}-${index + 1}.png`;
  }
}

function fileName(title) {
  const words = title.toLowerCase().match(/[\p{Letter}\p{Number}]+/gu) ?? ['picture'];
  return words.slice(0, 8).join('-').slice(0, 60);
}
