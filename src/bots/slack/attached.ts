// Pictures that people attached to their messages, as something to start from. Knows no forms.

import type { SlackWeb } from './web.ts';

/** As far as we look at one of Slack's files. */
interface File {
  id?: string;
  mimetype?: string;
  url_private?: string;
  /** It lies elsewhere, and Slack only knows of it. */
  is_external?: boolean;
  /** Files of other workspaces come without their particulars. */
  file_access?: string;
}

interface Attachment {
  image_url?: string;
}

export type Attached =
  /** `file`: Slack holds it and asks for our token; nobody else may see that. */
  | { kind: 'image'; url: string; file: boolean }
  /** Something is attached that is no picture. */
  | { kind: 'other' }
  | { kind: 'nothing' };

/** The first picture of a message. */
export async function attachedTo(
  { files: listed, attachments: shown }: { files?: unknown; attachments?: unknown },
  web: SlackWeb,
): Promise<Attached> {
  const files = (listed ?? []) as File[];
  for (const each of files) {
    const file = each.file_access === 'check_file_info' ? await lookUp(each, web) : each;
    if (file.url_private && file.mimetype?.startsWith('image/'))
      return { kind: 'image', url: file.url_private, file: isHeldBySlack(file, web) };
  }
  const attachments = (shown ?? []) as Attachment[];
  const url = attachments.find((each) => each.image_url)?.image_url;
  if (url) return { kind: 'image', url, file: false };
  return files.length > 0 ? { kind: 'other' } : { kind: 'nothing' };
}

/** Slack's public hosts, or those of the workspace's own API, as for government. */
function isHeldBySlack({ url_private: url = '', is_external: external }: File, web: SlackWeb): boolean {
  if (external || !URL.canParse(url)) return false;
  const api = new URL(web.options.slackApiUrl ?? 'https://slack.com');
  const { host, protocol } = new URL(url);
  if (host === 'files.slack.com') return protocol === 'https:';
  return protocol === api.protocol && (host === api.host || host === `files.${api.host}`);
}

async function lookUp({ id = '' }: File, web: SlackWeb): Promise<File> {
  const { file } = await web.call((client) => client.files.info({ file: id })).catch(() => ({ file: {} }));
  return file ?? {};
}
