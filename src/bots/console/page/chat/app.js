// Puts the page together.

import {
  press,
  react,
  readDraft,
  readHistory,
  readModels,
  readOptions,
  readOverview,
  readSession,
  sendLine,
  signOut,
} from './api.js';
import { Attachment } from './attachment.js';
import { Composer } from './composer.js';
import { Conversation } from './conversation.js';
import { byId } from '../common/element.js';
import { Lightbox } from './lightbox.js';
import { follow } from './live.js';
import { Mode } from './mode.js';
import { Notes } from './notes.js';
import { Scroll } from './scroll.js';

const line = byId('line');
const known = { options: [], commands: [], reactions: [], models: [], favorites: new Set() };
let more = false;
let ownNotes = 0;

const announce = (words) => (byId('announcer').textContent = words);
const complain = (error) => {
  notes.show({ id: `own-${++ownNotes}`, lines: [{ text: error.message }] });
  scroll.arrived();
};

const enlarge = (pictures, index, title) => lightbox.open(pictures, index, title);
const notes = new Notes(byId('messages'), { announce, focusAfter: () => line.focus(), enlarge, goTo });
const lightbox = new Lightbox((id) => attachment.take(id));
const conversation = new Conversation(
  byId('messages'),
  {
    async act(id, action, index) {
      await (action === 'remix' ? remix(id) : press(id, action, { index })).catch(complain);
    },
    async react(id, reaction, on) {
      await react(id, reaction, on).catch(complain);
      if (reaction === 'favorite') await learnFavorites().catch(complain);
    },
    enlarge,
    goTo,
    offered: () => known.reactions,
    isFavorite: (jobId) => known.favorites.has(jobId),
  },
  announce,
);

const scroll = new Scroll({
  scroller: byId('scroller'),
  column: byId('column'),
  pill: byId('pill'),
  top: byId('older'),
  older: (measure) => readOlder(measure).catch(complain),
});

const attachment = new Attachment({
  chip: byId('chip'),
  chooser: byId('chooser'),
  button: byId('attach'),
  added: () => composer.begin('/imagine '),
  announce,
  complain,
});

const composer = new Composer({
  form: byId('composer'),
  line,
  list: byId('suggestions'),
  button: byId('send'),
  mode: new Mode({
    bar: byId('mode'),
    words: byId('mode-words'),
    button: byId('mode-leave'),
    leave: () => composer.leave(),
  }),
  attachment,
  known: () => known,
  async send(text, remixed) {
    scroll.toEnd();
    try {
      if (remixed === undefined) return await sendLine(text);
      await press(remixed, 'remix', { text });
      return true;
    } catch (error) {
      complain(error);
      return false;
    }
  },
});

async function remix(id) {
  const title = conversation.promptOf(id);
  composer.remix({ id, title, ...(await readDraft(id)) });
}

async function readOlder(measure = () => undefined) {
  if (!more) return;
  const page = await readHistory(conversation.oldest);
  measure();
  more = page.more;
  for (const message of page.messages) conversation.put(message);
  conversation.markDays();
  refresh();
}

/** Brings a message into view, from however far back. Ids sort by time. */
async function goTo(id) {
  scroll.stay();
  try {
    while (more && id < conversation.oldest) await readOlder();
    if (!conversation.goTo(id)) throw new Error('That message was deleted.');
  } catch (error) {
    scroll.moved();
    complain(error);
  }
}

function goToAddress() {
  const id = location.hash.slice(1);
  if (id) void goTo(id);
}

function refresh() {
  byId('empty').hidden = conversation.size > 0;
  byId('older').hidden = !more;
}

async function learn() {
  void learnFavorites().catch(complain);
  try {
    const [models, options] = await Promise.all([readModels(), readOptions()]);
    Object.assign(known, { models }, options);
  } catch {
    return; // Lines can be typed without suggestions; the next connection asks again.
  }
  const [card] = known.models;
  byId('model').hidden = !card;
  byId('model').textContent = card?.title ?? '';
  byId('model').title = card?.description ?? '';
  conversation.updateReactions();
}

async function learnFavorites() {
  const { marked } = await readOverview();
  known.favorites = new Set(marked);
  conversation.updateReactions();
}

/** The name, and the way out. */
function showWho(session) {
  byId('who').hidden = !session;
  byId('name').textContent = session?.name ?? '';
  byId('places').hidden = session?.admin === false;
  byId('sign-out').addEventListener('click', () => void signOut().catch(complain));
}

showWho(await readSession().catch(() => undefined));

let greeted = false;
follow({
  history(page) {
    const gap = conversation.replace(page.messages, page.more);
    if (!greeted || gap || !page.more) more = page.more;
    if (!greeted) {
      composer.remember(page.messages.filter(({ kind }) => kind === 'person').map(({ text }) => text));
      scroll.toEnd();
      goToAddress();
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

window.addEventListener('hashchange', goToAddress);
// Gone back to after signing out: it is shown as it was, to whoever sits there now.
window.addEventListener('pageshow', ({ persisted }) => persisted && location.reload());
for (const example of document.querySelectorAll('.example')) {
  example.addEventListener('click', () => void composer.submit(`/imagine ${example.dataset.prompt}`));
}
line.focus();
