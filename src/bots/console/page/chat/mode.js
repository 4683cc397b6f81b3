// The words above the line that say which message is being remixed.

export class Mode {
  /** `leave()` is called when the person has had enough of it. */
  constructor({ bar, words, button, leave }) {
    Object.assign(this, { bar, words });
    button.addEventListener('click', leave);
  }

  show(title) {
    this.words.textContent = `✏️ Remixing “${title}”`;
    this.bar.hidden = false;
  }

  hide() {
    this.words.textContent = '';
    this.bar.hidden = true;
  }
}
