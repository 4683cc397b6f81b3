// The picture that a line starts from: chosen, pasted or dropped, kept by the server, shown as a chip until it is sent
// or taken away.

import { keepImage, pictureUrl } from './api.js';
import { element } from '../common/element.js';

const MOST_BYTES = 20 * 1024 * 1024;

export class Attachment {
  /** `added()` is called when there is one; `announce(words)` speaks, `complain(error)` tells what went wrong. */
  constructor({ chip, chooser, button, added, announce, complain }) {
    Object.assign(this, { chip, chooser, added, announce, complain });
    /** The id, as soon as the server has it; undefined without a picture, null when it was refused. */
    this.id = Promise.resolve(undefined);
    button.addEventListener('click', () => chooser.click());
    chooser.addEventListener('change', () => {
      this.bring(chooser.files);
      chooser.value = '';
    });
    document.addEventListener('paste', (event) => {
      const { files, types } = event.clipboardData;
      // Other programs copy words together with a picture of them.
      if (!types.includes('text/plain') && this.bring(files)) event.preventDefault();
    });
    this.watchDrops();
  }

  watchDrops() {
    const { dataset } = document.body;
    const withFiles = (event) => event.dataTransfer.types.includes('Files');
    document.addEventListener('dragover', (event) => {
      if (!withFiles(event)) return;
      event.preventDefault();
      dataset.dropping = 'true';
    });
    document.addEventListener('dragleave', (event) => event.relatedTarget || delete dataset.dropping);
    document.addEventListener('drop', (event) => {
      delete dataset.dropping;
      if (!withFiles(event)) return;
      event.preventDefault();
      this.bring(event.dataTransfer.files);
    });
  }

  /** Takes the first file; whether there was one. */
  bring([file]) {
    if (!file) return false;
    if (!file.type.startsWith('image/'))
      this.complain(new Error(`${file.name} is not a picture. Choose a PNG, JPEG or WebP.`));
    else if (file.size > MOST_BYTES)
      this.complain(new Error('That picture is too large. It can have up to 20 MB.'));
    else this.take(keepImage(file));
    return true;
  }

  /** A picture that the server has, or will have. */
  take(coming) {
    const id = Promise.resolve(coming).catch((error) => {
      if (this.id === id) this.clear();
      this.complain(error);
      return null;
    });
    this.id = id;
    this.draw();
    this.added();
    void id.then((known) => {
      if (this.id !== id || known === null) return;
      this.draw(known);
      this.announce('Picture added. The next line starts from it.');
    });
  }

  clear() {
    this.id = Promise.resolve(undefined);
    this.chip.hidden = true;
    this.chip.replaceChildren();
  }

  draw(id) {
    const remove = () => {
      this.clear();
      this.announce('Picture removed.');
      this.added();
    };
    this.chip.hidden = false;
    this.chip.replaceChildren(
      id
        ? element('img', { class: 'chip-picture', alt: 'The picture to start from', src: pictureUrl(id) })
        : element('span', { class: 'chip-picture', 'aria-hidden': 'true' }),
      element('span', { class: 'chip-words' }, id ? 'Starts from this picture' : 'Bringing the picture…'),
      element(
        'button',
        { type: 'button', class: 'quiet chip-remove', 'aria-label': 'Remove the picture', onclick: remove },
        '✕',
      ),
    );
  }
}
