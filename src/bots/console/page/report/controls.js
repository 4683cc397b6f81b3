// Which period and which server is asked for.

import { byId, element } from '../common/element.js';

const OTHER = 'other';

export class Controls {
  /** `choose({period} or {server})` is called when the reader wants something else. */
  constructor(choose) {
    this.periods = [...document.querySelectorAll('#periods input')];
    this.text = byId('other-text');
    this.select = byId('server');
    // Only a pointer goes on into the field: arrow keys come past it.
    let byPointer = false;
    byId('periods').addEventListener('pointerdown', () => (byPointer = true));
    byId('periods').addEventListener('keydown', () => (byPointer = false));
    byId('periods').addEventListener('change', ({ target }) => {
      byId('other').hidden = target.value !== OTHER;
      if (target.value !== OTHER) choose({ period: target.value });
      else if (byPointer) this.text.focus();
    });
    byId('asked').addEventListener('submit', (event) => {
      event.preventDefault();
      const period = this.text.value.trim();
      if (period) choose({ period });
      else this.text.focus();
    });
    this.select.addEventListener('change', () => choose({ server: this.select.value }));
  }

  show({ period, server }) {
    const known = this.periods.find(({ value }) => value === period && value !== OTHER);
    (known ?? this.periods.at(-1)).checked = true;
    byId('other').hidden = known !== undefined;
    if (!known) this.text.value = period;
    this.wrong('');
    if ([...this.select.options].some(({ value }) => value === server)) this.select.value = server;
  }

  /** The servers that there are: [{key, name}]. */
  offer(servers, { server }) {
    this.select.replaceChildren(...servers.map(({ key, name }) => element('option', { value: key }, name)));
    const isKnown = servers.some(({ key }) => key === server);
    if (isKnown) this.select.value = server;
    else this.select.selectedIndex = -1; // so that any can be chosen
    byId('server-label').hidden = isKnown && servers.length < 2;
  }

  /** What is wrong with what was asked for, in words; '' when nothing is. */
  wrong(words) {
    byId('wrong').hidden = words === '';
    byId('wrong').textContent = words;
    this.text.setAttribute('aria-invalid', String(words !== ''));
  }
}
