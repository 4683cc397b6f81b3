"""Stage 3: the trained parts as a model folder in the diffusers ONNX layout.  python export.py --out ../models/emoji

Writes text_encoder, unet, vae_encoder, vae_decoder (model.onnx and config.json each), tokenizer, scheduler,
model_index.json and the preview projection. restore.py turns the folder back into checkpoints.
"""

import argparse
import json
import pathlib
import shutil

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

import text_encoder
from autoencoder import FACTOR, LATENT_CHANNELS, Decoder, Encoder
from noise_schedule import SCHEDULER_CONFIG
from unet import UNet, UNetConfig

PREVIEW_PATCH = 4  # a latent place becomes 4 x 4 preview pixels


class NoiseInOut(nn.Module):
    """The U-Net under the names that an exported UNet2DConditionModel has."""

    def __init__(self, unet):
        super().__init__()
        self.unet = unet

    def forward(self, sample, timestep, encoder_hidden_states):
        return self.unet(sample, timestep.expand(sample.shape[0]), encoder_hidden_states)


def export(module, path, inputs, output, free):
    """One part; `free` names the dimensions that stay open, per input."""
    path.mkdir(parents=True, exist_ok=True)
    names = list(inputs)
    torch.onnx.export(
        module.eval(), tuple(inputs.values()), path / "model.onnx", input_names=names, output_names=[output],
        dynamic_axes={**free, output: {0: "batch"}}, opset_version=17, dynamo=False,
        do_constant_folding=False,  # keeps the parameters' names, for restore.py; the runtime folds when it opens the file
    )


def store_halves(path):
    """Weights as float16 with a Cast to float32 behind each: half the file, and the arithmetic stays float32.

    The runtime folds the Casts away when it opens the file.
    """
    shrink(path, lambda name, w: (numpy_helper.from_array(w.astype(np.float16), name + "_stored"),
                                  [helper.make_node("Cast", [name + "_stored"], [name], to=TensorProto.FLOAT)]))


def store_bytes(path):
    """Matrices as int8 with one scale a row (or column), exactly the rounding that text_encoder.rounded() trained with."""

    def rows(name, w):
        for axis in (1, 0):
            scale = np.maximum(np.abs(w).max(axis=axis, keepdims=True), 1e-12) / 127
            levels = np.round(w / scale)
            if np.abs(levels * scale - w).max() < 1e-6:
                nodes = [
                    helper.make_node("Cast", [name + "_q"], [name + "_f"], to=TensorProto.FLOAT),
                    helper.make_node("Mul", [name + "_f", name + "_s"], [name]),
                ]
                stored = [numpy_helper.from_array(levels.astype(np.int8), name + "_q"),
                          numpy_helper.from_array(scale.astype(np.float32), name + "_s")]
                return stored, nodes
        raise SystemExit(f"{name} is not rounded to 8 bits")

    shrink(path, rows)


def shrink(path, store, least=4096):
    model = onnx.load(path)
    graph = model.graph
    kept, nodes = [], []
    for tensor in graph.initializer:
        w = numpy_helper.to_array(tensor)
        if w.dtype == np.float32 and w.size >= least and w.ndim >= 2:
            stored, more = store(tensor.name, w)
            kept += stored if isinstance(stored, list) else [stored]
            nodes += more
        else:
            kept.append(tensor)
    every = nodes + list(graph.node)
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend(kept)
    graph.node.extend(every)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def write_json(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2) + "\n")


@torch.no_grad()
def preview_projection(decoder, latents, scale):
    """Least squares from one latent place to the 4 x 4 pixels that the decoder draws there, on clean latents."""
    pick = latents[torch.linspace(0, len(latents) - 1, 256).long()]
    pixels = nn.functional.avg_pool2d(decoder(pick / scale).clamp(-1, 1), FACTOR // PREVIEW_PATCH)
    squares = nn.functional.pixel_unshuffle(pixels, PREVIEW_PATCH)  # [n, 3 * 16, 16, 16], channel first
    squares = squares.unflatten(1, (3, PREVIEW_PATCH**2)).transpose(1, 2).flatten(1, 2)  # pixel first, then colour
    inputs = pick.permute(0, 2, 3, 1).reshape(-1, LATENT_CHANNELS)
    inputs = torch.cat([inputs, torch.ones(len(inputs), 1)], dim=1)
    targets = squares.permute(0, 2, 3, 1).reshape(len(inputs), -1)
    solution = torch.linalg.lstsq(inputs, targets).solution
    rounded = lambda t: [round(v, 5) for v in t.tolist()]
    return {"factors": [rounded(row) for row in solution[:-1]], "bias": rounded(solution[-1]), "patch": PREVIEW_PATCH}


parser = argparse.ArgumentParser()
parser.add_argument("--diffusion", default="runs/diffusion.pt")
parser.add_argument("--autoencoder", default="runs/autoencoder.pt")
parser.add_argument("--latents", default="runs/latents.pt")
parser.add_argument("--out", default="../models/emoji")
args = parser.parse_args()
out = pathlib.Path(args.out)
saved = torch.load(args.diffusion, map_location="cpu")
autoencoder = torch.load(args.autoencoder, map_location="cpu")
config = UNetConfig(**saved["config"])
unet = UNet(config)
unet.load_state_dict({**unet.state_dict(), **saved["ema"]})
encoder, decoder = Encoder(), Decoder()
encoder.load_state_dict(autoencoder["encoder"])
decoder.load_state_dict(autoencoder["decoder"])
scale = saved["scale"]

sample, words = torch.randn(2, LATENT_CHANNELS, 16, 16), torch.randn(2, text_encoder.TOKENS, text_encoder.WIDTH)
ids = torch.randint(1000, 2000, (2, text_encoder.TOKENS))
batch = {0: "batch"}
export(NoiseInOut(unet), out / "unet", {"sample": sample, "timestep": torch.tensor([7]), "encoder_hidden_states": words},
       "out_sample", {"sample": batch, "encoder_hidden_states": batch})
export(text_encoder.load(), out / "text_encoder", {"input_ids": ids}, "last_hidden_state", {"input_ids": batch})
export(decoder, out / "vae_decoder", {"latent_sample": sample}, "sample", {"latent_sample": batch})
export(encoder, out / "vae_encoder", {"sample": torch.randn(2, 3, 128, 128)}, "latent_parameters", {"sample": batch})
for part in ("unet", "vae_decoder", "vae_encoder"):
    store_halves(out / part / "model.onnx")
store_bytes(out / "text_encoder" / "model.onnx")

write_json(out / "unet/config.json", {"_class_name": "UNet2DConditionModel", "sample_size": 16, "in_channels": LATENT_CHANNELS,
           "out_channels": LATENT_CHANNELS, "cross_attention_dim": text_encoder.WIDTH, "darkroom": saved["config"],
           "trained": {"steps": saved["step"], "images_seen": saved["images_seen"], "minutes": round(saved["minutes"])}})
vae = {"_class_name": "AutoencoderKL", "latent_channels": LATENT_CHANNELS, "scaling_factor": scale,
       "block_out_channels": [64, 64, 128, 192], "trained": {"images_seen": autoencoder["images_seen"]}}
write_json(out / "vae_decoder/config.json", vae)
write_json(out / "vae_encoder/config.json", vae)
latents = torch.load(args.latents)["latents"]
write_json(out / "vae_decoder/preview.json", preview_projection(decoder.eval(), latents, scale))
write_json(out / "text_encoder/config.json", {"_class_name": "BertModel", "hidden_size": text_encoder.WIDTH,
           "max_position_embeddings": text_encoder.TOKENS, "source": "sentence-transformers/all-MiniLM-L6-v2"})
write_json(out / "scheduler/scheduler_config.json", SCHEDULER_CONFIG)
write_json(out / "model_index.json", {"_class_name": "StableDiffusionPipeline", "text_encoder": ["darkroom", "BertModel"],
           "tokenizer": ["transformers", "BertTokenizerFast"], "unet": ["darkroom", "UNet2DConditionModel"],
           "vae_encoder": ["darkroom", "AutoencoderKL"], "vae_decoder": ["darkroom", "AutoencoderKL"],
           "scheduler": ["diffusers", SCHEDULER_CONFIG["_class_name"]]})
write_json(out / "darkroom.json", {
    "title": "Emoji", "description": "Draws emoji of things, animals, food, faces and signs, 128 x 128 pixels.",
    "multipleOf": 128, "minSize": 128, "maxSize": 128, "maxSteps": 150,
    "defaults": {"steps": 25, "guidanceScale": 4, "scheduler": "dpm++2m", "negativePrompt": ""}})
(out / "tokenizer").mkdir(exist_ok=True)
shutil.copy(text_encoder.package_folder() / "tokenizer.json", out / "tokenizer/tokenizer.json")
write_json(out / "tokenizer/tokenizer_config.json", {"tokenizer_class": "BertTokenizer", "model_max_length": text_encoder.TOKENS,
           "pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]", "unk_token": "[UNK]", "do_lower_case": True})
total = sum(f.stat().st_size for f in out.rglob("*") if f.is_file())
print(f"{out}: {total / 1e6:.1f} MB, unet after {saved['images_seen']} images")
