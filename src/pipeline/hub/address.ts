// What a person typed to name a model that is not here yet: a folder, a hub's id such as owner/name, or the address of
// its page.

import { statSync } from 'node:fs';
import path from 'node:path';
import { ModelProblem } from '../problems.ts';

/** A model on a hub. */
export interface HubAddress {
  /** Without a slash at the end. */
  base: string;
  /** owner/name. */
  id: string;
  /** A branch, tag or commit. */
  revision: string;
}

export type Address = { folder: string } | HubAddress;

const ID = /^([\w.-]+\/[\w.-]+)(?:@([\w./-]+))?$/;
const PAGE = /^\/?([\w.-]+\/[\w.-]+)(?:\/(?:tree|blob|resolve)\/([\w.-]+).*)?\/?$/;
const FOLDER_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** `hub` is where ids without an address are. Throws a ModelProblem that says what may be typed. */
export function parseAddress(text: string, hub: string): Address {
  if (/^https?:\/\//.test(text)) return pageAddress(text, hub);
  if (statSync(text, { throwIfNoEntry: false })?.isDirectory()) return { folder: path.resolve(text) };
  const [, id, revision] = ID.exec(text) ?? [];
  if (id === undefined || hasDots(id) || hasDots(revision ?? ''))
    throw new ModelProblem(
      `"${text}" is no folder here and no model's id: write owner/name, owner/name@revision, the address of a model's page, or a folder.`,
    );
  return { base: hub, id, revision: revision ?? 'main' };
}

/** Another hub than the usual one is taken to keep its models at the top of its address. */
function pageAddress(text: string, hub: string): HubAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const base = text.startsWith(`${hub}/`) ? hub : url?.origin;
  const rest = base === hub ? text.slice(hub.length).replace(/[?#].*$/, '') : url?.pathname;
  const [, id, revision] = PAGE.exec(rest ?? '') ?? [];
  if (base === undefined || id === undefined || hasDots(id))
    throw new ModelProblem(`${text} is not the address of a model: it should look like ${hub}/owner/name.`);
  return { base, id, revision: revision ?? 'main' };
}

const hasDots = (text: string): boolean => text.split('/').some((part) => /^\.*$/.test(part) && part !== '');

/** What the model's folder is called here: the given name, or the last part of where it comes from. */
export function folderName(address: Address, given: string | undefined): string {
  const name = given ?? path.posix.basename('folder' in address ? address.folder : address.id);
  if (FOLDER_NAME.test(name)) return name;
  throw new ModelProblem(
    `"${name}" can not be a model's name: use letters, digits, '.', '_' and '-' (--name).`,
  );
}
