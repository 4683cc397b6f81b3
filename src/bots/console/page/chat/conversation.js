// The list of messages: what is in it and in which order. Ids sort by time.

import { BotMessage, isOver, personMessage } from './message.js';
import { element } from '../common/element.js';

const day = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });

export class Conversation {
  /** `tools` as BotMessage takes them, act and react with the message's id in front; `announce(words)` speaks. */
  constructor(list, tools, announce) {
    Object.assign(this, { list, tools, announce });
    this.shown = new Map();
  }

  get oldest() {
    return this.list.querySelector('.message')?.dataset.id;
  }

  get size() {
    return this.shown.size;
  }

  /**
   * What the server has now. What it no longer has in this stretch was deleted while we were away. Returns whether
   * older messages were let go, because there would be a gap between them and these.
   */
  replace(messages, more) {
    const kept = new Set(messages.map((message) => message.id));
    const from = more ? messages[0].id : '';
    const gap = more && ![...this.shown.keys()].some((id) => id >= from);
    for (const id of this.shown.keys()) {
      if (gap || (id >= from && !kept.has(id))) this.drop(id);
    }
    for (const message of messages) this.put(message);
    this.markDays();
    return gap;
  }

  /** Whether it is a new one. */
  put(message) {
    const known = this.shown.get(message.id);
    if (known) {
      if (message.kind === 'bot') this.change(known, message.view);
      return false;
    }
    const made = message.kind === 'bot' ? this.makeBot(message) : { node: personMessage(message) };
    this.shown.set(message.id, made);
    this.list.insertBefore(made.node, this.nodeAfter(message.id));
    return true;
  }

  // Nearly always there is none: looked for from the end.
  nodeAfter(id) {
    const later = [...this.list.querySelectorAll('.message')].findLastIndex((node) => node.dataset.id < id);
    return this.list.querySelectorAll('.message')[later + 1] ?? null;
  }

  add(message) {
    const isNew = this.put(message);
    if (isNew) {
      this.markDays();
      if (message.kind === 'bot') this.announce(spoken(message.view));
    }
    return isNew;
  }

  remove(id) {
    const had = this.shown.get(id)?.node.contains(document.activeElement);
    const neighbour = this.shown.get(id)?.node.previousElementSibling;
    if (!this.drop(id)) return;
    this.markDays();
    this.announce('Message deleted.');
    if (had) neighbour?.focus();
  }

  /** Brings a message into view, if it is loaded. */
  goTo(id) {
    const node = this.shown.get(id)?.node;
    if (!node) return false;
    node.scrollIntoView({ block: 'center' });
    node.focus({ preventScroll: true });
    node.dataset.found = 'true';
    node.addEventListener('blur', () => delete node.dataset.found, { once: true });
    return true;
  }

  makeBot(message) {
    const { act, react } = this.tools;
    return new BotMessage(message, {
      ...this.tools,
      act: (action, index) => act(message.id, action, index),
      react: (reaction, on) => react(message.id, reaction, on),
    });
  }

  /** What can be reacted with, or what is a favorite, has changed. */
  updateReactions() {
    for (const shown of this.shown.values()) shown.updateReactions?.();
  }

  promptOf(id) {
    return this.shown.get(id)?.view?.prompt ?? '';
  }

  change(shown, view) {
    const before = shown.view;
    shown.update(view);
    if (before.status !== view.status) this.announce(spoken(view));
  }

  drop(id) {
    this.shown.get(id)?.node.remove();
    return this.shown.delete(id);
  }

  markDays() {
    for (const old of this.list.querySelectorAll('.day')) old.remove();
    let last = '';
    for (const node of this.list.querySelectorAll('.message')) {
      const name = dayName(new Date(node.querySelector('time').dateTime));
      if (name !== last) node.before(element('li', { class: 'day' }, element('span', {}, name)));
      last = name;
    }
  }
}

function dayName(date) {
  const today = new Date();
  if (date.toDateString() === today.toDateString()) return 'Today';
  today.setDate(today.getDate() - 1);
  return date.toDateString() === today.toDateString() ? 'Yesterday' : day.format(date);
}

function spoken(view) {
  const count = view.pictures.length;
  const pictures = count === 1 ? '1 picture' : `${count} pictures`;
  return isOver(view) && count > 0
    ? `${pictures} of ${view.prompt} ready. ${view.headline}`
    : `${view.prompt}: ${view.headline}`;
}
