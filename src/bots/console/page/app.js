// Puts the page together.

import { press, readHistory, readModels, readOptions, sendLine } from './api.js';
import { Composer } from './composer.js';
import { Conversation } from './conversation.js';
import { byId } from './element.js';
import { Lightbox } from './lightbox.js';
import { follow } from './live.js';
import { Notes } from './notes.js';
import { Scroll } from './scroll.js';

const line = byId('line');
const known = { options: [], models: [] };
let more = false;
let ownNotes = 0;

const announce = (words) => (byId('announcer').textContent = words);
const notes = new Notes(byId('messages'), announce, () => line.focus());
const complain = (error) => {
  notes.show({ id: `own-${++ownNotes}`, text: error.message });
  scroll.arrived();
};

const lightbox = new Lightbox();
const conversation = new Conversation(
  byId('messages'),
  {
    act: (id, action, index) => press(id, action, index).catch(complain),
    enlarge: (pictures, index, title) => lightbox.open(pictures, index, title),
    goTo: (id) => conversation.goTo(id) || complain(new Error('That message is further up, or was deleted.')),
  },
  announce,
);

const scroll = new Scroll({
  scroller: byId('scroller'),
  column: byId('column'),
  pill: byId('pill'),
  top: byId('older'),
  async older(measure) {
    if (!more) return;
    try {
      const page = await readHistory(conversation.oldest);
      measure();
      more = page.more;
      for (const message of page.messages) conversation.put(message);
      conversation.markDays();
    } catch (error) {
      complain(error);
    }
    refresh();
  },
});

const composer = new Composer({
  form: byId('composer'),
  line,
  list: byId('suggestions'),
  button: byId('send'),
  known: () => known,
  async send(text) {
    composer.remember([text]);
    scroll.toEnd();
    try {
      return await sendLine(text);
    } catch (error) {
      complain(error);
      return false;
    }
  },
});

function refresh() {
  byId('empty').hidden = conversation.size > 0;
  byId('older').hidden = !more;
}

async function learn() {
  try {
    [known.models, known.options] = await Promise.all([readModels(), readOptions()]);
  } catch {
    return; // Lines can be typed without suggestions; the next connection asks again.
  }
  const [card] = known.models;
  byId('model').hidden = !card;
  byId('model').textContent = card?.title ?? '';
  byId('model').title = card?.description ?? '';
}

let greeted = false;
follow({
  history(page) {
    const gap = conversation.replace(page.messages, page.more);
    if (!greeted || gap || !page.more) more = page.more;
    if (!greeted) {
      composer.remember(page.messages.filter(({ kind }) => kind === 'person').map(({ text }) => text));
      scroll.toEnd();
    }
    greeted = true;
    refresh();
    void learn();
  },
  message(message) {
    if (conversation.add(message)) {
      refresh();
      scroll.arrived();
    }
  },
  removed(id) {
    conversation.remove(id);
    refresh();
  },
  whisper(note) {
    notes.show(note);
    scroll.arrived();
  },
  lost() {
    byId('banner').hidden = false;
  },
  back() {
    byId('banner').hidden = true;
  },
});

for (const example of document.querySelectorAll('.example')) {
  example.addEventListener('click', () => void composer.submit(`/imagine ${example.dataset.prompt}`));
}
line.focus();
