// What the small Slack knows and answers: messages, files, forms, people. Nothing of how requests come.

import { BOT, PERSON, type Block, type OpenView, type Shown } from './payloads.ts';

export type Answer = Record<string, unknown>;

interface File {
  name: string;
  bytes?: Uint8Array;
  length: number;
  complete: boolean;
  looks: number;
}

/** Files that were sent somewhere by themselves. */
export interface Share {
  channel: string;
  thread?: string;
  files: string[];
}

export interface Whisper {
  channel: string;
  user: string;
  text: string;
  blocks: Block[];
  thread?: string;
}

export class SlackData {
  readonly messages = new Map<string, Shown>();
  readonly whispers: Whisper[] = [];
  readonly files = new Map<string, File>();
  readonly shares: Share[] = [];
  /** Forms that were opened, the newest last. */
  readonly views: OpenView[] = [];
  readonly homes = new Map<string, { blocks: Block[] }>();
  /** Channels in which the bot is. */
  readonly joined = new Set(['C1', 'C2', 'D1', 'D2']);
  /** Their direct messages; who has none takes none. */
  readonly directs = new Map([
    [PERSON.id, 'D1'],
    ['U2BOB', 'D2'],
  ]);
  readonly people = new Map([
    [PERSON.id, { name: 'alice', is_bot: false }],
    ['U2BOB', { name: 'bob', is_bot: false }],
    ['U3ROBOT', { name: 'robot', is_bot: true }],
  ]);
  /** User groups by their ids. */
  readonly groups = new Map<string, { handle: string; users: string[] }>();
  /** What may still open a form, once. */
  readonly triggers = new Set<string>();
  /** Slack never gets done with a file. */
  stuck = false;
  #count = 0;

  protected count(): number {
    return (this.#count += 1);
  }

  protected answer(method: string, args: Record<string, string>, origin: string): Answer {
    switch (method) {
      case 'auth.test':
        return {
          ok: true,
          user: 'darkroom',
          user_id: BOT.user,
          bot_id: BOT.bot,
          team: 'Test',
          team_id: 'T1',
        };
      case 'conversations.open': {
        const id = this.directs.get(args['users'] ?? '');
        return id ? { ok: true, channel: { id } } : { ok: false, error: 'user_not_found' };
      }
      case 'users.info': {
        const person = this.people.get(args['user'] ?? '');
        return person
          ? { ok: true, user: { id: args['user'], ...person } }
          : { ok: false, error: 'user_not_found' };
      }
      case 'usergroups.list': {
        const all = [...this.groups].map(([id, group]) => ({ id, name: group.handle, ...group }));
        return { ok: true, usergroups: all };
      }
      case 'files.getUploadURLExternal': {
        const id = `F${this.count()}`;
        this.files.set(id, {
          name: args['filename'] ?? '',
          length: Number(args['length']),
          complete: false,
          looks: 0,
        });
        return { ok: true, file_id: id, upload_url: `${origin}/upload/${id}` };
      }
      case 'files.completeUploadExternal':
      case 'files.info':
      case 'files.delete':
        return this.#file(method, args);
      case 'views.open':
      case 'views.publish':
        return this.#view(method, args);
      default:
        return this.#message(method, args);
    }
  }

  #view(method: string, args: Record<string, string>): Answer {
    const view = JSON.parse(args['view'] ?? '{}') as OpenView;
    if (method === 'views.publish') this.homes.set(args['user_id'] ?? '', view);
    else {
      const trigger = args['trigger_id'] ?? '';
      if (!this.triggers.delete(trigger)) return { ok: false, error: 'expired_trigger_id' };
      this.views.push({ ...view, trigger, id: `V${this.count()}` });
    }
    return { ok: true, view };
  }

  #message(method: string, args: Record<string, string>): Answer {
    const { channel = '', thread_ts: thread, text = '' } = args;
    if (!this.joined.has(channel)) return { ok: false, error: 'channel_not_found' };
    const blocks = JSON.parse(args['blocks'] ?? '[]') as Block[];
    if (method === 'chat.postEphemeral') {
      this.whispers.push({ channel, user: args['user'] ?? '', text, blocks, ...(thread && { thread }) });
      return { ok: true, message_ts: '1.1' };
    }
    if (!this.#showable(blocks)) return { ok: false, error: 'invalid_blocks' };
    if (method === 'chat.postMessage') {
      const ts = `1700000000.${String(this.count()).padStart(6, '0')}`;
      this.messages.set(`${channel}/${ts}`, { channel, ts, text, blocks, ...(thread && { thread }) });
      return { ok: true, channel, ts, message: { ts } };
    }
    const ts = args['ts'] ?? args['timestamp'] ?? args['message_ts'] ?? '';
    const shown = this.messages.get(`${channel}/${ts}`);
    if (!shown) return { ok: false, error: 'message_not_found' };
    if (method === 'chat.getPermalink')
      return { ok: true, permalink: `https://test.slack.com/archives/${channel}/p${ts.replace('.', '')}` };
    if (method === 'chat.delete') this.messages.delete(`${channel}/${ts}`);
    if (method === 'chat.update') Object.assign(shown, { text, blocks });
    const { thread: thread_ts, ...rest } = shown;
    return { ok: true, channel, ts: shown.ts, message: { ...rest, ...(thread_ts && { thread_ts }) } };
  }

  /** A file may be shown once Slack has worked on it. */
  #showable(blocks: Block[]): boolean {
    return blocks.every(({ slack_file: file }) => !file || (this.files.get(file.id)?.looks ?? 0) >= 2);
  }

  /** Work on a file takes until the second look. */
  #file(method: string, args: Record<string, string>): Answer {
    const list = JSON.parse(args['files'] ?? '[]') as { id: string }[];
    const id = args['file'] ?? list[0]?.id ?? '';
    const file = this.files.get(id);
    if (method === 'files.delete')
      return this.files.delete(id) ? { ok: true } : { ok: false, error: 'file_not_found' };
    if (!file?.bytes) return { ok: false, error: 'file_not_found' };
    if (method === 'files.completeUploadExternal') return this.#complete(list, args);
    file.looks += 1;
    const mimetype = !this.stuck && file.complete && file.looks >= 2 ? 'image/png' : '';
    return { ok: true, file: { id, mimetype, shares: {} } };
  }

  #complete(list: { id: string }[], args: Record<string, string>): Answer {
    const { channel_id: channel, thread_ts: thread } = args;
    const files = list.map(({ id }) => this.files.get(id));
    if (files.some((file) => !file?.bytes)) return { ok: false, error: 'file_not_found' };
    if (channel && !this.joined.has(channel)) return { ok: false, error: 'channel_not_found' };
    for (const file of files) file!.complete = true;
    if (channel)
      this.shares.push({ channel, ...(thread && { thread }), files: files.map((file) => file!.name) });
    return { ok: true, files: list.map(({ id }) => ({ id, title: id })) };
  }
}
