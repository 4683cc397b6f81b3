"""Tiny vocabularies in the real files: a byte-level BPE as CLIP has it, a Unigram model as T5 has it.

CLIP's order is kept: 256 bytes ("!" is 0), the same 256 with </w>, the merges, then the start and the end token.
"""

import collections
import json
import math

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import CLIPTokenizer, T5TokenizerFast
from transformers.models.clip.tokenization_clip import bytes_to_unicode

TEXT = """a photo of a red fox in the snow, a small house by the sea at night, portrait of an old man with a hat,
green hills under a blue sky, watercolour painting of a cat, blurry, low quality, the moon over the mountains,
an astronaut riding a horse on mars, oil painting, highly detailed, a bowl of fruit on a wooden table, ugly, deformed"""
MERGES = 120
START, END = "<|startoftext|>", "<|endoftext|>"


def learned_merges(text, count):
    """Byte pair encoding (Sennrich et al. 2016): join the commonest neighbours, `count` times."""
    words = collections.Counter(tuple(w[:-1]) + (w[-1] + "</w>",) for w in text.replace(",", " ,").lower().split())
    merges = []
    for _ in range(count):
        pairs = collections.Counter()
        for word, n in words.items():
            for pair in zip(word, word[1:]):
                pairs[pair] += n
        best = min(pairs, key=lambda p: (-pairs[p], p))
        merges.append(best)
        joined = collections.Counter()
        for word, n in words.items():
            out = []
            for piece in word:
                if out and (out[-1], piece) == best:
                    out[-1] += piece
                else:
                    out.append(piece)
            joined[tuple(out)] += n
        words = joined
    return merges


def clip_tokenizer(folder, pad=END):
    """vocab.json, merges.txt and the two config files; `pad` is "!" in OpenCLIP's tokenizers."""
    folder.mkdir(parents=True, exist_ok=True)
    merges = learned_merges(TEXT, MERGES)
    letters = list(bytes_to_unicode().values())
    tokens = letters + [c + "</w>" for c in letters] + ["".join(m) for m in merges] + [START, END]
    (folder / "vocab.json").write_text(json.dumps({t: i for i, t in enumerate(tokens)}, ensure_ascii=False))
    (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(" ".join(m) for m in merges) + "\n")
    return CLIPTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"), pad_token=pad, model_max_length=77)


def pieces_of(text, count):
    """Letters and the commonest parts of words with the logarithms of their shares: a Unigram model (Kudo 2018)."""
    words = ["▁" + w for w in text.replace(",", " ,").split()]
    parts = collections.Counter(w[i:j] for w in words for i in range(len(w)) for j in range(i + 1, len(w) + 1))
    letters = sorted(p for p in parts if len(p) == 1)
    longer = sorted((p for p in parts if len(p) > 1 and parts[p] > 1), key=lambda p: (-parts[p] * len(p), p))
    total = sum(parts[p] for p in letters)
    return [(p, math.log(parts[p] / total)) for p in letters + longer[:count]]


def t5_tokenizer(length=512):
    """Pad 0, end 1, unknown 2, then the pieces; a word's first piece starts with an underline."""
    special = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)]
    tokenizer = Tokenizer(models.Unigram(special + pieces_of(TEXT, 80), unk_id=2))
    tokenizer.add_special_tokens([name for name, _ in special])
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", pair="$A </s> $B </s>",
                                                             special_tokens=[("</s>", 1)])
    return T5TokenizerFast(tokenizer_object=tokenizer, extra_ids=0, model_max_length=length)
