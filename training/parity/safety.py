"""The safety checker of Stable Diffusion 1 with random weights, and pictures that it does and does not flag.

Its inputs and outputs are those of diffusers' convert_stable_diffusion_checkpoint_to_onnx.py; optimum leaves it out.
"""

import json
import shutil

import numpy as np
import onnxruntime
import torch
from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker
from PIL import Image, ImageDraw
from transformers import CLIPConfig, CLIPImageProcessor

SIDE = 32  # pixels a side that the checker sees; pictures of this height need no resizing


def checker(seed):
    torch.manual_seed(seed)
    vision = dict(hidden_size=32, intermediate_size=32, num_hidden_layers=2, num_attention_heads=4, image_size=SIDE, patch_size=8)
    model = StableDiffusionSafetyChecker(CLIPConfig(vision_config=vision, text_config={}, projection_dim=24)).eval()
    model.concept_embeds.data = torch.randn(17, 24)
    model.special_care_embeds.data = torch.randn(3, 24)
    model.concept_embeds_weights.data.fill_(0.9)
    model.special_care_embeds_weights.data.fill_(0.9)
    for name, weight in model.vision_model.named_parameters():
        if weight.ndim >= 2:
            weight.data.mul_(6)
    return model


def picture(ground, shape, width):
    image = Image.new("RGB", (width, SIDE), ground)
    ImageDraw.Draw(image).ellipse((4, 6, width - 8, SIDE - 4), fill=shape)
    return image


PICTURES = {
    "red": picture((200, 40, 30), (250, 220, 60), SIDE),
    "blue": picture((20, 60, 200), (240, 240, 250), SIDE),
    "green-wide": picture((30, 150, 60), (10, 20, 10), 48),
    "grey-wide": picture((120, 120, 120), (200, 190, 180), 48),
}
FLAGGED = ("red", "green-wide")


@torch.no_grad()
def concepts_from_pictures(model, processor):
    """Two of the seventeen concepts are pictures of ours, so these are over the threshold and the others under it."""
    for place, name in enumerate(FLAGGED):
        seen = processor(PICTURES[name], return_tensors="pt").pixel_values
        model.concept_embeds.data[5 * place] = model.visual_projection(model.vision_model(seen)[1])[0]


def export(model, path):
    path.parent.mkdir(parents=True)
    model.forward = model.forward_onnx
    axes = {"clip_input": {0: "batch", 1: "channels", 2: "height", 3: "width"},
            "images": {0: "batch", 1: "height", 2: "width", 3: "channels"}}
    torch.onnx.export(model, (torch.randn(1, 3, SIDE, SIDE), torch.randn(1, SIDE, SIDE, 3)), path, dynamo=False,
                      input_names=["clip_input", "images"], output_names=["out_images", "has_nsfw_concepts"], dynamic_axes=axes)


def make(folder):
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "cases").mkdir(parents=True)
    processor = CLIPImageProcessor(size={"shortest_edge": SIDE}, crop_size={"height": SIDE, "width": SIDE})
    model = checker(1000)
    concepts_from_pictures(model, processor)
    cases = []
    for name, image in PICTURES.items():
        image.save(folder / f"cases/{name}.png")
        seen = processor(image, return_tensors="np").pixel_values
        pixels = np.asarray(image, dtype=np.float32)[None] / 255
        _, [flagged] = model(torch.from_numpy(seen), torch.from_numpy(pixels))
        assert flagged == (name in FLAGGED), name
        cases.append({"name": name, "image": f"cases/{name}.png", "flagged": flagged})
    model.config.to_json_file(folder / "config.json")
    processor.save_pretrained(folder / "feature_extractor")
    export(model, folder / "safety_checker/model.onnx")
    shutil.move(folder / "config.json", folder / "safety_checker/config.json")
    (folder / "safety.json").write_text(json.dumps({"cases": cases}, indent=1) + "\n")
    session = onnxruntime.InferenceSession(folder / "safety_checker/model.onnx")
    for case in cases:
        image = Image.open(folder / case["image"])
        seen = processor(image, return_tensors="np").pixel_values
        feeds = {"clip_input": seen, "images": np.asarray(image, dtype=np.float32)[None] / 255}
        assert bool(session.run(["has_nsfw_concepts"], feeds)[0][0]) == case["flagged"], case["name"]
    print(f"safety: {len(cases)} cases")
