"""The exported files: written by optimum, as people's folders are, and drawn with by optimum's own pipelines."""

import copy
import json
import pathlib
import shutil
import tempfile

import diffusers
import onnx
import onnxruntime
import optimum.onnxruntime
import torch
from optimum.exporters.onnx import onnx_export_from_model
from optimum.onnxruntime import ORTDiffusionPipeline
from PIL import Image

import reference
import tiny


def export(pipe, folder, half=()):
    """The whole pipeline; the parts in `half` as float16, inputs and outputs included."""
    if isinstance(pipe.vae, diffusers.AutoencoderTiny):
        export_with_tiny_decoder(pipe, folder)
    else:
        write_parts(pipe, folder)
    if half:
        with tempfile.TemporaryDirectory() as other:
            write_parts(copy.deepcopy(pipe).to(torch.float16), other)
            names = [n for part in half for n in (("vae_encoder", "vae_decoder") if part == "vae" else (part,))]
            for name in names:
                shutil.copytree(pathlib.Path(other) / name, folder / name, dirs_exist_ok=True)
    settle(folder)


def write_parts(pipe, folder):
    onnx_export_from_model(model=pipe, output=folder, do_validation=False, device="cpu")


class Decoder(torch.nn.Module):
    def __init__(self, autoencoder):
        super().__init__()
        self.autoencoder = autoencoder

    def forward(self, latent_sample):
        return self.autoencoder.decode(latent_sample).sample


def export_with_tiny_decoder(pipe, folder):
    """optimum exports no AutoencoderTiny: it gets another one, and the decoder that counts is written here."""
    small = pipe.vae
    pipe.register_modules(vae=tiny.autoencoder(0))
    write_parts(pipe, folder)
    pipe.register_modules(vae=small)
    pipe.save_config(folder)
    shutil.rmtree(folder / "vae_encoder")
    shutil.rmtree(folder / "vae_decoder")
    small.save_config(folder / "taesd_decoder")
    path, latents = folder / "taesd_decoder/model.onnx", torch.randn(3, 4, 8, 12)
    free = {0: "batch_size", 2: "height", 3: "width"}
    torch.onnx.export(Decoder(small), torch.randn(2, 4, 8, 8), path, input_names=["latent_sample"],
                      output_names=["sample"], dynamic_axes={"latent_sample": free, "sample": free}, dynamo=False)
    [drawn] = onnxruntime.InferenceSession(path).run(None, {"latent_sample": latents.numpy()})
    torch.testing.assert_close(torch.from_numpy(drawn), small.decode(latents).sample, atol=1e-5, rtol=0)


def beside(path):
    """The weights in model.onnx_data, as files above 2 GB must have them."""
    onnx.save(onnx.load(path), path, save_as_external_data=True, location="model.onnx_data", size_threshold=100)


def settle(folder):
    """Leaves out what names the machine that made the files."""
    for path in folder.rglob("config.json"):
        config = json.loads(path.read_text())
        config.pop("_name_or_path", None)
        path.write_text(json.dumps(config, indent=1, sort_keys=True) + "\n")


def can_open(folder, case):
    """Whether optimum's pipelines can draw it: they have no tiles and no AutoencoderTiny."""
    return not case.get("tiled") and (folder / "vae_decoder").exists()


def opened(folder, case):
    """The case's pictures, drawn from the files in `folder`."""
    index = json.loads((folder / "model_index.json").read_text())["_class_name"]
    pipe = pipeline_class(reference.class_for(index, case["mode"])).from_pretrained(folder)
    config = case["scheduler"]
    pipe.scheduler = getattr(diffusers, config["_class_name"]).from_config(config)
    images = {kind: Image.open(folder / case[kind]) for kind in ("init", "mask") if kind in case}
    return reference.pictures(pipe, case, images).float()


def pipeline_class(reference_class):
    """optimum's class of that name, or, where it has none, the same two bases that all of its classes have."""
    name = "ORT" + reference_class.__name__
    if hasattr(optimum.onnxruntime, name):
        return getattr(optimum.onnxruntime, name)
    return type(name, (ORTDiffusionPipeline, reference_class), {
        "task": "image-to-image", "main_input_name": "image", "auto_model_class": reference_class})
