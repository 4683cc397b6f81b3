"""Does a picture show what was asked?  python evaluate.py --model ../models/emoji

Draws 300 captions and 50 paraphrases that occur in no caption, all with fixed seeds, from the exported folder (the
very files that ship), and asks whether the caption's own concept is among the 1 and the 10 nearest training images by
distance between 32 x 32 RGB thumbnails. Chance is what a random training image would score. Writes a table and a
contact sheet beside the model.
"""

import argparse
import json
import pathlib
import random

import numpy as np
import onnxruntime as ort
import torch
from PIL import Image, ImageDraw
from tokenizers import Tokenizer

from captions import captions
from noise_schedule import STEPS, alphas_cumprod

PARAPHRASES = {
    "puppy": "dog face", "kitty": "cat face", "crimson heart": "red heart", "doughnut with frosting": "doughnut",
    "red family car": "automobile", "car seen from the side": "sport utility vehicle", "passenger jet plane": "airplane", "spaceship": "rocket",
    "tangerine fruit": "tangerine", "slice of pizza with cheese": "pizza", "burger": "hamburger", "cup of coffee": "hot beverage",
    "lager": "beer mug", "merlot": "wine glass", "birthday dessert": "birthday cake", "soft serve": "soft ice cream",
    "timber": "wood", "evergreen fir": "evergreen tree", "coconut palm": "palm tree", "cacti": "cactus",
    "scarlet rose flower": "rose", "sunflower blossom": "sunflower", "fungus": "mushroom", "snow figure": "snowman",
    "crescent lunar shape": "crescent moon", "bright solar disk": "sun", "thunderbolt": "high voltage", "flames": "fire",
    "raindrop": "droplet", "tidal wave": "water wave", "hog": "pig face", "bovine face": "cow face", "mouse head": "mouse face",
    "bunny": "rabbit face", "bruin": "bear", "primate face": "monkey face", "hen": "chicken", "penguins": "penguin",
    "toad": "frog", "viper": "snake", "cetacean": "whale", "shark fish": "shark", "octopod": "octopus",
    "honey bee insect": "honeybee", "lepidopteran": "butterfly", "soccer football": "soccer ball", "hoops ball": "basketball",
    "acoustic guitar": "guitar", "piano keyboard": "musical keyboard", "timepiece": "watch",
}

parser = argparse.ArgumentParser()
parser.add_argument("--model", default="../models/emoji")
parser.add_argument("--data", default="data")
parser.add_argument("--captions", type=int, default=300)
parser.add_argument("--steps", type=int, default=25)
parser.add_argument("--guidance", type=float, default=0)  # 0: the model's own default
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--write", action="store_true")  # contact sheet and table into the model folder
args = parser.parse_args()

model = pathlib.Path(args.model)
guidance = args.guidance or json.loads((model / "darkroom.json").read_text())["defaults"]["guidanceScale"]
scale = json.loads((model / "vae_decoder/config.json").read_text())["scaling_factor"]
options = ort.SessionOptions()
options.intra_op_num_threads = args.threads
session = {p: ort.InferenceSession(model / p / "model.onnx", options) for p in ("text_encoder", "unet", "vae_decoder")}
tokenizer = Tokenizer.from_file(str(model / "tokenizer/tokenizer.json"))
tokenizer.enable_truncation(32)
tokenizer.enable_padding(length=32, pad_id=0, pad_token="[PAD]")
alphas = alphas_cumprod().double().numpy()


def words(texts):
    ids = np.array([e.ids for e in tokenizer.encode_batch(texts)], np.int64)
    return session["text_encoder"].run(None, {"input_ids": ids})[0]


def draw(texts, seeds):
    """The reverse process as DDIM (Song et al. 2021) with classifier-free guidance: the plainest that is fast."""
    cond, empty = words(texts), np.repeat(words([""]), len(texts), 0)
    x = np.stack([torch.randn(8, 16, 16, generator=torch.Generator().manual_seed(s)).numpy() for s in seeds])
    times = np.round(np.arange(STEPS, 0, -STEPS / args.steps)).astype(int) - 1
    for i, t in enumerate(times):
        feed = {"sample": np.concatenate([x, x]).astype(np.float32), "timestep": np.array(t, np.int64),
                "encoder_hidden_states": np.concatenate([empty, cond])}
        if not session["unet"].get_inputs()[1].shape == []:
            feed["timestep"] = np.array([t], np.int64)
        free, asked = np.split(session["unet"].run(None, feed)[0], 2)
        noise = free + guidance * (asked - free)
        a = alphas[t]
        b = alphas[times[i + 1]] if i + 1 < len(times) else 1.0
        clean = (x - np.sqrt(1 - a) * noise) / np.sqrt(a)
        x = np.sqrt(b) * clean + np.sqrt(1 - b) * noise
    pixels = session["vae_decoder"].run(None, {"latent_sample": (x / scale).astype(np.float32)})[0]
    return ((pixels.clip(-1, 1) + 1) * 127.5).round().astype(np.uint8).transpose(0, 2, 3, 1)


def thumbnails(images):
    small = images.reshape(len(images), 32, 4, 32, 4, 3).astype(np.float32).mean(axis=(2, 4))
    return small.reshape(len(images), -1)


records = json.load(open(f"{args.data}/records.json"))
concepts = np.array([r["concept"] for r in records])
training = thumbnails(np.fromfile(f"{args.data}/images.u8", np.uint8).reshape(len(records), 128, 128, 3))
squares = (training**2).sum(1)


def score(texts, wanted):
    drawn = np.concatenate([draw(texts[i : i + 10], range(1000 + i, 1000 + i + len(texts[i : i + 10]))) for i in range(0, len(texts), 10)])
    mine = thumbnails(drawn)
    nearest = (squares - 2 * mine @ training.T).argsort(1)
    hits = concepts[nearest] == np.array(wanted)[:, None]
    return hits[:, :1].any(1).mean(), hits[:, :10].any(1).mean(), drawn, hits[:, :10].any(1)


def chance(wanted, k):
    share = np.array([(concepts == w).mean() for w in wanted])
    return (1 - (1 - share) ** k).mean()


used = {c for r in records for c in captions(r, 0)}
assert not used & PARAPHRASES.keys(), used & PARAPHRASES.keys()
missing = set(PARAPHRASES.values()) - set(concepts)
assert not missing, missing
asked = random.Random(0).sample(sorted(set(concepts)), args.captions)
rows = []
for name, texts, wanted in (("captions", asked, asked), ("paraphrases", list(PARAPHRASES), list(PARAPHRASES.values()))):
    top1, top10, drawn, hit = score(texts, wanted)
    rows.append(f"| {name} ({len(texts)}) | {top1:.1%} | {top10:.1%} | {chance(wanted, 1):.2%} | {chance(wanted, 10):.2%} |")
    if name == "captions":
        sheet, labels = drawn, texts
table = "\n".join(["| drawn from | top 1 | top 10 | chance, top 1 | chance, top 10 |", "|---|---|---|---|---|", *rows])
print(table)


def contact_sheet(images, texts, columns=10):
    count = len(images)
    sheet = Image.new("RGB", (columns * 128, -(-count // columns) * 144), "white")
    pen = ImageDraw.Draw(sheet)
    for i, (image, text) in enumerate(zip(images, texts)):
        at = (i % columns * 128, i // columns * 144)
        sheet.paste(Image.fromarray(image), at)
        pen.text((at[0] + 4, at[1] + 128), text[:20], fill="black")
    return sheet


contact_sheet(sheet[:60], labels[:60]).save(model / "contact-sheet.png" if args.write else "runs/contact-sheet.png")
