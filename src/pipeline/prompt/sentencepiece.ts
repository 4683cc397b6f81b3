// T5's vocabulary as SentencePiece writes it (spiece.model, a protocol buffer), made into the `tokenizer.json` that belongs
// to it: a Unigram model (Kudo 2018). Reads the few fields that matter; numbers of fields are those of
// sentencepiece_model.proto.

import type { TokenizerJson } from './tokenizer-files.ts';

/** The end token follows the words; nothing stands before them. Undefined when the bytes are no Unigram model. */
export function sentencePieceTokenizer(bytes: Uint8Array, eosToken: string): TokenizerJson | undefined {
  const model = readModel(bytes);
  if (!model) return undefined;
  const { pieces, charsmap } = model;
  const eos = pieces.findIndex(({ text }) => text === eosToken);
  const unknown = pieces.findIndex(({ type }) => type === UNKNOWN);
  if (eos < 0 || unknown < 0) return undefined;
  const added = pieces.flatMap(({ text, type }, id) =>
    type === UNKNOWN || type === CONTROL ? [{ id, content: text, special: true, normalized: false }] : [],
  );
  return {
    version: '1.0',
    added_tokens: added,
    normalizer: charsmap ? { type: 'Precompiled', precompiled_charsmap: charsmap } : null,
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'WhitespaceSplit' },
        { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always' },
      ],
    },
    post_processor: {
      type: 'TemplateProcessing',
      single: [{ Sequence: { id: 'A', type_id: 0 } }, { SpecialToken: { id: eosToken, type_id: 0 } }],
      pair: [],
      special_tokens: { [eosToken]: { id: eosToken, ids: [eos], tokens: [eosToken] } },
    },
    decoder: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always' },
    model: { type: 'Unigram', unk_id: unknown, vocab: pieces.map(({ text, score }) => [text, score]) },
  };
}

interface Piece {
  text: string;
  /** The logarithm of its probability. */
  score: number;
  type: number;
}

interface Model {
  pieces: Piece[];
  /** The table of its Unicode normalization, in base64. */
  charsmap?: string;
}

const NORMAL = 1;
const UNKNOWN = 2;
const CONTROL = 3;
const UNIGRAM = 1;

function readModel(bytes: Uint8Array): Model | undefined {
  const model: Model = { pieces: [] };
  try {
    for (const { field, value } of fields(bytes)) {
      if (typeof value === 'number') continue;
      if (field === 1) model.pieces.push(readPiece(value));
      if (field === 2 && numberIn(value, 3, UNIGRAM) !== UNIGRAM) return undefined;
      if (field !== 3) continue;
      for (const part of fields(value))
        if (part.field === 2 && typeof part.value !== 'number' && part.value.length > 0)
          model.charsmap = Buffer.from(part.value).toString('base64');
    }
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
  return model;
}

function readPiece(bytes: Uint8Array): Piece {
  const piece = { text: '', score: 0, type: NORMAL };
  for (const { field, value } of fields(bytes)) {
    if (field === 1 && typeof value !== 'number') piece.text = Buffer.from(value).toString('utf8');
    if (field === 2 && typeof value === 'number') piece.score = value;
    if (field === 3 && typeof value === 'number') piece.type = value;
  }
  return piece;
}

function numberIn(bytes: Uint8Array, wanted: number, otherwise: number): number {
  for (const { field, value } of fields(bytes))
    if (field === wanted && typeof value === 'number') return value;
  return otherwise;
}

/** The fields of a message, in order: varints and floats as numbers, all else as bytes. A RangeError at a cut end. */
function* fields(bytes: Uint8Array): Generator<{ field: number; value: number | Uint8Array }> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = view.getUint8(at++);
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  const take = (length: number): Uint8Array => {
    at += length;
    if (at > bytes.length) throw new RangeError('The message ends in the middle of a field.');
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const tag = varint();
    const field = Math.floor(tag / 8);
    const wire = tag % 8;
    if (wire === 0) yield { field, value: varint() };
    else if (wire === 1) yield { field, value: take(8) };
    else if (wire === 2) yield { field, value: take(varint()) };
    else if (wire === 5) {
      yield { field, value: view.getFloat32(at, true) };
      at += 4;
    } else throw new RangeError(`No field has the wire type ${wire}.`);
  }
}
