"""Turns an exported model folder back into checkpoints, so that training can go on from what ships.

  python restore.py ../models/emoji && python train.py --minutes 60

Writes runs/autoencoder.pt and runs/diffusion.pt. Weights come back as the folder stores them (float16); the optimizer
starts afresh.
"""

import argparse
import json
import pathlib

import onnx
import torch
from onnx import numpy_helper


def weights(path, prefix=""):
    """The parameters in an exported part, under the names they have in PyTorch."""
    found = {}
    for tensor in onnx.load(path).graph.initializer:
        name = tensor.name.removesuffix("_stored")
        if name.startswith(prefix):
            found[name.removeprefix(prefix)] = torch.from_numpy(numpy_helper.to_array(tensor).copy()).float()
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path, default="runs")
    args = parser.parse_args()
    args.out.mkdir(exist_ok=True)
    config = json.loads((args.folder / "unet/config.json").read_text())
    vae = json.loads((args.folder / "vae_encoder/config.json").read_text())
    trained = config["trained"]
    ema = weights(args.folder / "unet/model.onnx", "unet.")
    torch.save({
        "ema": ema, "config": config["darkroom"], "scale": vae["scaling_factor"],
        "step": trained["steps"], "images_seen": trained["images_seen"], "minutes": trained["minutes"],
    }, args.out / "diffusion.pt")
    torch.save({
        "encoder": weights(args.folder / "vae_encoder/model.onnx"),
        "decoder": weights(args.folder / "vae_decoder/model.onnx"),
        "images_seen": vae["trained"]["images_seen"],
    }, args.out / "autoencoder.pt")
    print(f"{args.folder}: restored after {trained['images_seen']} images")
