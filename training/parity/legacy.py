"""The layout of diffusers' convert_stable_diffusion_checkpoint_to_onnx.py, which people's older folders have.

Tokens are int32, the network takes a time per picture, its weights lie in weights.pb, and no part has a config.json.
There is no vae_encoder here: those draw their noise inside the file, so nothing can be compared.
"""

import json

import diffusers
import numpy as np
import onnx
import onnxruntime
import torch
from transformers import CLIPTokenizer

BATCH = {0: "batch"}
PLANES = {0: "batch", 1: "channels", 2: "height", 3: "width"}
WORDS = {0: "batch", 1: "sequence"}


class Part(torch.nn.Module):
    """A network as one function of tensors."""

    def __init__(self, network, run):
        super().__init__()
        self.network, self.run = network, run

    def forward(self, *inputs):
        return self.run(self.network, *inputs)


def write(path, network, run, inputs, outputs, free):
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(Part(network, run).eval(), tuple(inputs.values()), path, input_names=list(inputs), output_names=outputs,
                      dynamic_axes=free, opset_version=14, dynamo=False)


def export(pipe, folder):
    encoder, unet, vae = pipe.text_encoder, pipe.unet, pipe.vae
    write(folder / "text_encoder/model.onnx", encoder, lambda n, ids: tuple(n(ids, return_dict=False)),
          {"input_ids": torch.zeros(1, 77, dtype=torch.int32)}, ["last_hidden_state", "pooler_output"], {"input_ids": WORDS})
    write(folder / "unet/model.onnx", unet, lambda n, *x: n(*x, return_dict=False)[0],
          {"sample": torch.randn(2, 4, 8, 8), "timestep": torch.tensor([1.0, 2.0]),
           "encoder_hidden_states": torch.randn(2, 77, encoder.config.hidden_size)},
          ["out_sample"], {"sample": PLANES, "timestep": BATCH, "encoder_hidden_states": WORDS})
    write(folder / "vae_decoder/model.onnx", vae, lambda n, z: n.decode(z, return_dict=False)[0],
          {"latent_sample": torch.randn(1, 4, 8, 8)}, ["sample"], {"latent_sample": PLANES})
    path = folder / "unet/model.onnx"
    onnx.save(onnx.load(path), path, save_as_external_data=True, location="weights.pb", size_threshold=100)
    pipe.tokenizer.save_pretrained(folder / "tokenizer")
    pipe.scheduler.save_pretrained(folder / "scheduler")
    network = ["diffusers", "OnnxRuntimeModel"]
    index = {"_class_name": "OnnxStableDiffusionPipeline", "_diffusers_version": diffusers.__version__,
             "feature_extractor": [None, None], "requires_safety_checker": False, "safety_checker": [None, None],
             "scheduler": ["diffusers", type(pipe.scheduler).__name__], "text_encoder": network,
             "tokenizer": ["transformers", "CLIPTokenizer"], "unet": network, "vae_decoder": network, "vae_encoder": [None, None]}
    (folder / "model_index.json").write_text(json.dumps(index, indent=2) + "\n")


def opened(folder, case):
    """The case's pictures by diffusers' own pipeline for such folders. It draws noise with numpy, so it is given ours."""
    names = ("unet", "text_encoder", "vae_decoder")
    parts = {name: diffusers.OnnxRuntimeModel(onnxruntime.InferenceSession(folder / name / "model.onnx")) for name in names}
    config = case["scheduler"]
    pipe = diffusers.OnnxStableDiffusionPipeline(
        **parts, vae_encoder=None, tokenizer=CLIPTokenizer.from_pretrained(folder / "tokenizer"),
        scheduler=getattr(diffusers, config["_class_name"]).from_config(config), safety_checker=None, feature_extractor=None,
        requires_safety_checker=False)
    pipe.set_progress_bar_config(disable=True)
    shape = (1, 4, case["height"] // 8, case["width"] // 8)
    noise = [torch.randn(shape, generator=torch.Generator().manual_seed(seed)) for seed in case["seeds"]]
    images = pipe([case["prompt"]] * len(noise), width=case["width"], height=case["height"], num_inference_steps=case["steps"],
                  guidance_scale=case["guidanceScale"], negative_prompt=[case["negativePrompt"] or ""] * len(noise),
                  latents=np.concatenate([n.numpy() for n in noise]), output_type="np").images
    return torch.from_numpy(images).permute(0, 3, 1, 2)
