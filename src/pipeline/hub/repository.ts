// What a hub says about a model: its files with sizes and checksums, its licence. All of it is somebody else's word, so
// it is checked here before anyone trusts it.
// Source: the Hugging Face Hub's HTTP interface, GET /api/models/{id}.

import { z } from 'zod';
import { ModelProblem } from '../problems.ts';
import type { HubAddress } from './address.ts';

export interface HubFile {
  /** With slashes; stays inside of the model's folder. */
  path: string;
  /** Bytes, where the hub says. */
  size?: number;
  /** Hexadecimal, where the hub says. */
  sha256?: string;
  /** Git's SHA-1 of a small file, where the hub says. */
  blobId?: string;
}

export interface Repository {
  address: HubAddress;
  /** The commit that the files belong to, where the hub says. */
  commit?: string;
  /** As its authors call it. */
  license?: string;
  /** Files are given to people only who accepted the licence on its page. */
  gated: boolean;
  files: HubFile[];
}

const size = z.number().int().min(0);
const Answer = z.object({
  sha: z
    .string()
    .regex(/^[0-9a-f]{7,64}$/)
    .nullish(),
  gated: z.union([z.boolean(), z.string()]).nullish(),
  cardData: z
    .object({
      license: z.union([z.string(), z.array(z.string())]).nullish(),
      license_name: z.string().nullish(),
    })
    .nullish(),
  siblings: z.array(
    z.object({
      rfilename: z.string(),
      size: size.nullish(),
      blobId: z.string().nullish(),
      lfs: z.object({ sha256: z.string().nullish(), size: size.nullish() }).nullish(),
    }),
  ),
});

/** How a hub is asked. */
export interface Asking {
  fetch: typeof fetch;
  /** Sent to the hub at `tokenFor` only. */
  token?: string;
  tokenFor?: string;
  /** A hub that says nothing for so long is taken to be gone. */
  stallMs: number;
}

export function headersFor(base: string, { token, tokenFor }: Asking): Record<string, string> {
  return token !== undefined && base === tokenFor ? { authorization: `Bearer ${token}` } : {};
}

/** Throws a ModelProblem that says why it can not be had. */
export async function askHub(address: HubAddress, asking: Asking): Promise<Repository> {
  const { base, id, revision } = address;
  const at = revision === 'main' ? '' : `/revision/${encodeURIComponent(revision)}`;
  const url = `${base}/api/models/${id}${at}?blobs=true`;
  const answer = await get(url, asking, address);
  const parsed = Answer.safeParse(answer);
  if (!parsed.success)
    throw new ModelProblem(`${base} does not answer as a hub does: ${z.prettifyError(parsed.error)}`);
  const { sha, gated, cardData, siblings } = parsed.data;
  const license = cardData?.license_name ?? cardData?.license;
  return {
    address,
    ...(sha && { commit: sha }),
    ...(license && { license: [license].flat().join(', ') }),
    gated: Boolean(gated),
    files: siblings.map(({ rfilename, lfs, blobId, ...file }) => {
      checkPath(rfilename, base);
      const bytes = lfs?.size ?? file.size;
      const sha256 = lfs?.sha256?.toLowerCase();
      if (sha256 && !/^[0-9a-f]{64}$/.test(sha256))
        throw new ModelProblem(`${base} gives ${rfilename} a checksum that is none.`);
      return {
        path: rfilename,
        ...(typeof bytes === 'number' && { size: bytes }),
        ...(sha256 && { sha256 }),
        // Of a large file it names the note that git keeps in its place.
        ...(!lfs && /^[0-9a-f]{40}$/.test(blobId ?? '') && { blobId: blobId! }),
      };
    }),
  };
}

/** The pipeline class in its model_index.json. Throws a ModelProblem. */
export async function pipelineClassOf(repository: Repository, asking: Asking): Promise<string> {
  const answer = await get(urlOf(repository, 'model_index.json'), asking, repository.address);
  const parsed = z.looseObject({ _class_name: z.string() }).safeParse(answer);
  if (parsed.success) return parsed.data._class_name;
  throw new ModelProblem(`The model_index.json of ${repository.address.id} names no pipeline class.`);
}

/** Where a file of it is. */
export function urlOf({ address, commit }: Repository, file: string): string {
  const place = file.split('/').map(encodeURIComponent).join('/');
  return `${address.base}/${address.id}/resolve/${encodeURIComponent(commit ?? address.revision)}/${place}`;
}

async function get(url: string, asking: Asking, address: HubAddress): Promise<unknown> {
  const { base, id } = address;
  let response: Response;
  try {
    const headers = { accept: 'application/json', ...headersFor(base, asking) };
    response = await asking.fetch(url, { headers, signal: AbortSignal.timeout(asking.stallMs) });
    if (response.ok) return await response.json();
  } catch (error) {
    throw new ModelProblem(`${base} can not be reached, or does not answer as a hub does: ${said(error)}.`, {
      cause: error,
    });
  }
  throw new ModelProblem(refusalOf(response.status, `${base}/${id}`));
}

/** Why a hub gives something not away, as a sentence. */
export function refusalOf(status: number, page: string): string {
  switch (status) {
    case 401:
    case 403:
      return `${page} is not open to everyone, or does not exist. Accept its licence there, and put an access token of yours in MODELS_HUB_TOKEN.`;
    case 404:
      return `There is no ${page}: look for its name there.`;
    default:
      return `${page} could not be read: the hub answered with ${status}. Try again later.`;
  }
}

/** What went wrong on the way, in a few words: fetch hides it in the cause. */
export function said(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message || error.message : error.message;
}

/** A name that would leave the folder, or mean something else on another system, is no mistake of the person's. */
function checkPath(file: string, base: string): void {
  const parts = file.split('/');
  // oxlint-disable-next-line no-control-regex
  const odd = (part: string): boolean => /^\.{0,2}$|[\\:*?"<>|\u0000-\u001f]/.test(part);
  if (parts.some(odd) || file.length > 500)
    throw new ModelProblem(
      `${base} names a file ${JSON.stringify(file.slice(0, 100))}, which can not be kept: the model is not fetched.`,
    );
}
