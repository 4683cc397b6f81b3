"""Stage 2: train the diffusion model.

  python train.py --minutes 110            # small configuration, CPU
  python train.py --minutes 25 --large     # the same code, wider, for an accelerator

Resumes from runs/diffusion.pt when it is there (weights, EMA, optimizer, step); restore.py makes one from an exported
model folder. Needs runs/autoencoder.pt from train_autoencoder.py. Prints a line every 100 steps.
"""

import argparse
import dataclasses
import json
import math
import os
import time

import numpy as np
import torch

from autoencoder import Encoder
from captions import captions
from noise_schedule import STEPS, add_noise
from text_encoder import encode
from unet import UNet, UNetConfig

parser = argparse.ArgumentParser()
parser.add_argument("--data", default="data")
parser.add_argument("--autoencoder", default="runs/autoencoder.pt")
parser.add_argument("--out", default="runs/diffusion.pt")
parser.add_argument("--minutes", type=float, default=110)  # of this call
parser.add_argument("--schedule-minutes", type=float, default=0)  # the learning rate falls over these; 0: over --minutes
parser.add_argument("--save-minutes", type=float, default=5)
parser.add_argument("--batch", type=int, default=32)
parser.add_argument("--lr", type=float, default=6e-4)
parser.add_argument("--final-lr", type=float, default=2e-5)
parser.add_argument("--warmup", type=int, default=200)  # steps
parser.add_argument("--ema", type=float, default=0.999)
parser.add_argument("--drop-caption", type=float, default=0.1)  # share of empty captions, for classifier-free guidance
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--large", action="store_true")
args = parser.parse_args()

torch.manual_seed(args.seed)
device = "cuda" if torch.cuda.is_available() else "cpu"
records = json.load(open(f"{args.data}/records.json"))


def cached(name, make):
    """What depends on the data and the frozen parts alone is computed once."""
    path = f"runs/{name}.pt"
    if not os.path.exists(path):
        os.makedirs("runs", exist_ok=True)
        torch.save(make(), path)
    return torch.load(path)


@torch.no_grad()
def encode_images():
    """[n, 8, 16, 16] latents of unit standard deviation, and the scale that made them so."""
    images = np.fromfile(f"{args.data}/images.u8", np.uint8).reshape(len(records), 128, 128, 3)
    encoder = Encoder().eval()
    encoder.load_state_dict(torch.load(args.autoencoder)["encoder"])
    means = []
    for i in range(0, len(images), 64):
        batch = torch.from_numpy(images[i : i + 64]).permute(0, 3, 1, 2).float() / 127.5 - 1
        means.append(encoder(batch).chunk(2, dim=1)[0])
    means = torch.cat(means)
    scale = 1 / means.std()
    return {"latents": means * scale, "scale": scale.item()}


def encode_captions():
    """Embeddings of every caption that training may use, and which of them belong to which image."""
    each = [captions(r, args.seed) for r in records]
    unique = sorted({c for cs in each for c in cs} | {""})
    index = {c: i for i, c in enumerate(unique)}
    return {"embeddings": encode(unique), "of": torch.tensor([[index[c] for c in cs] for cs in each]), "empty": index[""]}


latents = cached("latents", encode_images)
text = cached("captions", encode_captions)
config = UNetConfig(width=192, deep=448) if args.large else UNetConfig()
model = UNet(config).to(device, memory_format=torch.channels_last)
optimizer = torch.optim.AdamW(model.parameters(), lr=args.lr, betas=(0.9, 0.99), weight_decay=0.01)
ema = {k: v.detach().clone() for k, v in model.named_parameters()}
step, seen, trained = 0, 0, 0.0
if os.path.exists(args.out):
    saved = torch.load(args.out, map_location=device)
    ema = {k: v.to(device) for k, v in saved["ema"].items()}
    model.load_state_dict(saved.get("model", ema))  # a restored folder has the averaged weights alone
    if "optimizer" in saved:
        optimizer.load_state_dict(saved["optimizer"])
    step, seen, trained = saved["step"], saved["images_seen"], saved["minutes"]
print(f"{sum(p.numel() for p in model.parameters()) / 1e6:.1f} M parameters, {len(text['embeddings'])} captions, {device}")


def save():
    saved = {"model": model.state_dict(), "ema": ema, "optimizer": optimizer.state_dict(), "step": step, "images_seen": seen}
    saved |= {"minutes": trained + spent, "config": dataclasses.asdict(config), "scale": latents["scale"], "args": vars(args)}
    torch.save(saved, args.out + ".part")
    os.replace(args.out + ".part", args.out)


table = model.alphas_cumprod
all_latents = latents["latents"].to(device)
start = saved_at = time.time()
schedule = args.schedule_minutes or args.minutes
losses = []
while (spent := (time.time() - start) / 60) < args.minutes:
    part = min(1, (trained + spent if args.schedule_minutes else spent) / schedule)
    rate = args.final_lr + (args.lr - args.final_lr) * 0.5 * (1 + math.cos(math.pi * part))
    for group in optimizer.param_groups:
        group["lr"] = rate * min(1, (step + 1) / args.warmup)

    pick = torch.randint(len(records), (args.batch,))
    caption = text["of"][pick, torch.randint(text["of"].shape[1], (args.batch,))]
    caption = torch.where(torch.rand(args.batch) < args.drop_caption, text["empty"], caption)
    words = text["embeddings"][caption].float().to(device)
    clean = all_latents[pick].contiguous(memory_format=torch.channels_last)
    # one timestep from each of `batch` equal slices: every batch sees all noise levels
    t = ((torch.arange(args.batch) + torch.rand(args.batch)) / args.batch * STEPS).long().to(device)
    noise = torch.randn_like(clean)
    noisy = add_noise(clean, noise, t, table)
    with torch.autocast(device, torch.bfloat16):
        predicted = model(noisy, t, words)
    # Predict the noise. The weight 1 / a keeps the noisiest steps, where almost any guess is close, from being neglected.
    loss = ((predicted.float() - noise) ** 2).mean(dim=(1, 2, 3)).div(table[t]).mean()

    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    step, seen = step + 1, seen + args.batch
    decay = min(args.ema, (1 + step) / (10 + step))
    with torch.no_grad():
        torch._foreach_lerp_(list(ema.values()), list(model.parameters()), 1 - decay)
    losses.append(loss.item())
    if step % 100 == 0:
        speed = len(losses) * args.batch / (time.time() - start)
        print(f"{spent:6.1f} min step {step} passes {seen / len(records):.1f} loss {np.mean(losses[-100:]):.4f} lr {rate:.1e} {speed:.0f} images/s", flush=True)
    if time.time() - saved_at > 60 * args.save_minutes:
        saved_at = time.time()
        save()
save()
print(f"done: step {step}, {seen / len(records):.1f} passes")
