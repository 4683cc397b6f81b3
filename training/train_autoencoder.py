"""Stage 1: train the autoencoder.  python train_autoencoder.py --minutes 15  (resumes from runs/autoencoder.pt)"""

import argparse
import json
import math
import os
import time

import numpy as np
import torch

from autoencoder import Decoder, Encoder, kl, reconstruction_loss, sample

parser = argparse.ArgumentParser()
parser.add_argument("--data", default="data")
parser.add_argument("--out", default="runs/autoencoder.pt")
parser.add_argument("--minutes", type=float, default=15)  # of this call; the learning rate falls to 0 over it
parser.add_argument("--batch", type=int, default=16)
parser.add_argument("--lr", type=float, default=1e-3)
parser.add_argument("--kl-weight", type=float, default=1e-3)  # per latent number; keeps latents near unit scale
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--decoder-only", action="store_true")  # sharpen the decoder and leave the latents as they are
args = parser.parse_args()

torch.manual_seed(args.seed)
device = "cuda" if torch.cuda.is_available() else "cpu"
records = json.load(open(f"{args.data}/records.json"))
images = torch.from_numpy(np.fromfile(f"{args.data}/images.u8", np.uint8).reshape(len(records), 128, 128, 3))
encoder = Encoder().to(device, memory_format=torch.channels_last)
decoder = Decoder().to(device, memory_format=torch.channels_last)
done = 0
if os.path.exists(args.out):
    saved = torch.load(args.out, map_location=device)
    encoder.load_state_dict(saved["encoder"])
    decoder.load_state_dict(saved["decoder"])
    done = saved["images_seen"]
trained = list(decoder.parameters()) + ([] if args.decoder_only else list(encoder.parameters()))
optimizer = torch.optim.AdamW(trained, lr=args.lr, betas=(0.9, 0.99), weight_decay=1e-4)
start, step, logged = time.time(), 0, []
while (part := (time.time() - start) / (60 * args.minutes)) < 1:
    for group in optimizer.param_groups:
        group["lr"] = args.lr * min(1, (step + 1) / 100) * 0.5 * (1 + math.cos(math.pi * part))
    batch = images[torch.randint(len(images), (args.batch,))].permute(0, 3, 1, 2)
    batch = (batch.to(device).float() / 127.5 - 1).contiguous(memory_format=torch.channels_last)
    if torch.rand(()) < 0.5:
        batch = batch.flip(3)
    with torch.autocast(device, torch.bfloat16):
        parameters = encoder(batch)
        out = decoder(sample(parameters.float()))
    loss = reconstruction_loss(out.float(), batch)
    total = loss + args.kl_weight * kl(parameters)
    optimizer.zero_grad(set_to_none=True)
    total.backward()
    torch.nn.utils.clip_grad_norm_(trained, 1.0)
    optimizer.step()
    step, done = step + 1, done + args.batch
    logged.append(loss.item())
    if step % 200 == 0:
        psnr = -10 * math.log10(((out.float().clamp(-1, 1) - batch) ** 2).mean().item() / 4)
        rate = step * args.batch / (time.time() - start)
        print(f"{part:5.0%} step {step} images {done} loss {np.mean(logged[-200:]):.4f} psnr {psnr:.2f} dB kl {kl(parameters):.3f} {rate:.0f} images/s", flush=True)
os.makedirs(os.path.dirname(args.out), exist_ok=True)
torch.save({"encoder": encoder.state_dict(), "decoder": decoder.state_dict(), "images_seen": done, "args": vars(args)}, args.out)
