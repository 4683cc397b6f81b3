// The totals at the top: what was used, how long people waited, and what is going on right now.

import { element } from '../common/element.js';
import { average, count, timeText, waitText } from './words.js';

const NOTHING = '–';

export class Tiles {
  constructor(host) {
    this.tiles = {
      time: tile(host, 'time', 'Device time'),
      pictures: tile(host, 'pictures', 'Pictures'),
      requests: tile(host, 'requests', 'Requests'),
      people: tile(host, 'people', 'People'),
      wait: tile(host, 'wait', 'Half began within'),
      now: tile(host, 'now', 'Right now'),
    };
  }

  show({ total, waits, days }) {
    const { deviceSeconds, pictures, requests, people } = total;
    const spread = days.length > 1 && requests > 0;
    const each = pictures > 0 ? `${timeText(deviceSeconds / pictures)} a picture` : '';
    this.tiles.time(timeText(deviceSeconds), each);
    this.tiles.pictures(count(pictures), spread ? `${average(pictures / days.length)} a day` : '');
    this.tiles.requests(count(requests), spread ? `${average(requests / days.length)} a day` : '');
    this.tiles.people(
      count(people),
      people > 0 ? `${average(pictures / people)} ${pictures === people ? 'picture' : 'pictures'} each` : '',
    );
    if (waits) this.tiles.wait(waitText(waits.p50), `95 % within ${waitText(waits.p95)}`);
    else this.tiles.wait(NOTHING, 'nothing began');
  }

  load({ running, waiting }) {
    const idle = running === 0 && waiting === 0;
    this.tiles.now(idle ? 'Idle' : `${count(running)} drawing`, `${count(waiting)} waiting`, idle);
  }
}

/** A function that sets the value, the words below it, and whether nothing is going on. */
function tile(host, name, title) {
  const value = element('dd', { class: 'value', 'data-value': name }, NOTHING);
  const note = element('dd', { class: 'note' }, '\u00a0');
  const card = element('div', { class: `tile idle ${name}` }, element('dt', {}, title), value, note);
  host.append(card);
  return (text, words, isIdle = false) => {
    card.classList.toggle('idle', isIdle);
    value.textContent = text;
    note.textContent = words || '\u00a0';
  };
}
