// The sheet of paper in the tray: empty, then developing, then four pictures. The preview stays under the pictures
// until they are all there, so that nothing flashes.

import { pictureUrl } from './api.js';
import { element } from '../common/element.js';

export class Sheet {
  /** `enlarge(pictures, index, title)` opens a picture. */
  constructor(enlarge) {
    this.enlarge = enlarge;
    this.preview = element('img', { class: 'preview', alt: '', hidden: true, decoding: 'async' });
    this.grid = element('div', { class: 'grid' });
    this.fill = element('span', { class: 'progress-fill' });
    this.bar = element(
      'div',
      { class: 'progress', role: 'progressbar', 'aria-label': 'Progress' },
      this.fill,
    );
    this.node = element('div', { class: 'sheet' }, this.preview, this.grid, this.bar);
    this.shown = '';
  }

  update(view) {
    const ids = view.pictures.map((picture) => picture.id).join();
    const waiting = view.status === 'queued' || view.status === 'running';
    this.node.hidden = !waiting && ids === '';
    this.node.dataset.state = waiting ? view.status : 'over';
    this.showPreview(view, waiting || ids !== '');
    this.showProgress(view, waiting);
    if (ids === this.shown) return;
    this.shown = ids;
    this.showPictures(view);
  }

  showPreview({ preview, status }, keep) {
    if (preview) {
      this.preview.src = preview.src;
      this.preview.alt = preview.alt;
      this.preview.hidden = false;
    } else if (!keep || status === 'queued') {
      this.dropPreview();
    }
  }

  dropPreview() {
    this.preview.hidden = true;
    this.preview.removeAttribute('src');
    this.preview.alt = '';
  }

  showProgress({ progress }, waiting) {
    this.bar.hidden = !waiting || !progress;
    if (!progress) return;
    this.bar.setAttribute('aria-valuemin', '0');
    this.bar.setAttribute('aria-valuemax', String(progress.of));
    this.bar.setAttribute('aria-valuenow', String(progress.step));
    this.bar.setAttribute('aria-valuetext', `Step ${progress.step} of ${progress.of}`);
    this.fill.style.width = `${(100 * progress.step) / Math.max(progress.of, 1)}%`;
  }

  /** The first press on a hidden picture shows it, the next enlarges it. */
  open(button, pictures, index, prompt) {
    if (!button.dataset.spoiler) return this.enlarge(pictures, index, prompt);
    delete button.dataset.spoiler;
    button.removeAttribute('aria-label');
  }

  showPictures({ pictures, prompt }) {
    let left = pictures.length;
    const arrived = () => --left === 0 && this.dropPreview();
    const buttons = pictures.map((picture, index) => {
      const image = element('img', { class: 'picture', alt: picture.alt, decoding: 'async' });
      const button = element(
        'button',
        { type: 'button', class: 'print', onclick: () => this.open(button, pictures, index, prompt) },
        image,
      );
      if (picture.spoiler) {
        button.dataset.spoiler = 'true';
        button.setAttribute('aria-label', 'Hidden: the safety checker flagged it. Press to see it.');
      }
      image.addEventListener('load', () => {
        image.dataset.here = 'true';
        arrived();
      });
      image.addEventListener('error', () => {
        button.replaceChildren(element('span', { class: 'lost' }, 'This picture is gone'));
        button.disabled = true;
        arrived();
      });
      image.src = pictureUrl(picture.id);
      return button;
    });
    this.grid.dataset.count = String(pictures.length);
    this.grid.replaceChildren(...buttons);
    if (pictures.length === 0) this.dropPreview();
  }
}
