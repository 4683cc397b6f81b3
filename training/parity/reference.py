"""Runs a case through the reference pipeline and writes what came out.

Knows files and pipelines, not how the networks were made.
"""

import contextlib
import inspect
import json

import diffusers
import numpy as np
import torch
from PIL import Image, ImageDraw

KINDS = ("text-to-image", "image-to-image", "inpaint")
CLASSES = {
    "StableDiffusion": dict(zip(KINDS, ("StableDiffusionPipeline", "StableDiffusionImg2ImgPipeline", "StableDiffusionInpaintPipeline"))),
    "StableDiffusionXL": dict(zip(KINDS, ("StableDiffusionXLPipeline", "StableDiffusionXLImg2ImgPipeline", "StableDiffusionXLInpaintPipeline"))),
    "StableDiffusion3": dict(zip(KINDS, ("StableDiffusion3Pipeline", "StableDiffusion3Img2ImgPipeline", "StableDiffusion3InpaintPipeline"))),
    "LatentConsistencyModel": dict(zip(KINDS, ("LatentConsistencyModelPipeline", "LatentConsistencyModelImg2ImgPipeline", None))),
    "Flux": dict(zip(KINDS, ("FluxPipeline", "FluxImg2ImgPipeline", "FluxInpaintPipeline"))),
}


def class_for(index, mode):
    """The pipeline for this mode, of the family that model_index.json names."""
    family = index.removesuffix("Pipeline").removesuffix("Img2Img").removesuffix("Inpaint")
    return getattr(diffusers, CLASSES[family][mode])


def picture(width, height):
    """Something to start from: a sky, a hill, a sun."""
    image = Image.new("RGB", (width, height), (110, 160, 220))
    draw = ImageDraw.Draw(image)
    draw.ellipse((-6, height // 2, width + 6, 2 * height), fill=(60, 130, 70))
    draw.ellipse((width - 15, 3, width - 5, 13), fill=(250, 220, 90))
    draw.line((4, height - 4, width // 2, height // 2), fill=(150, 100, 60), width=3)
    return image


def mask(width, height):
    """White is drawn anew. Its edge cuts through latent places; a border of 127 and 128 shows where the threshold lies."""
    image = Image.new("L", (width, height), 0)
    draw = ImageDraw.Draw(image)
    draw.rectangle((5, 7, width // 2 + 1, height - 10), fill=127)
    draw.rectangle((6, 8, width // 2, height - 11), fill=128)
    draw.ellipse((width // 2, 2, width - 3, height // 2 + 3), fill=255)
    return image


def scheduler_for(pipe, sampler):
    if sampler is None:
        return type(pipe.scheduler).from_config(pipe.scheduler.config)
    name, changed = sampler
    return getattr(diffusers, name).from_config(pipe.scheduler.config, **changed)


def arguments(pipe, case, images, seeds):
    given = dict(prompt=case["prompt"], num_inference_steps=case["steps"], guidance_scale=case["guidanceScale"],
                 num_images_per_prompt=len(seeds), output_type="pt", image=images.get("init"), mask_image=images.get("mask"),
                 generator=[torch.Generator("cpu").manual_seed(s) for s in seeds])
    optional = dict(width="width", height="height", negativePrompt="negative_prompt", strength="strength",
                    guidanceRescale="guidance_rescale")
    given |= {theirs: case[ours] for ours, theirs in optional.items() if ours in case}
    takes = inspect.signature(type(pipe).__call__).parameters
    return {name: value for name, value in given.items() if name in takes and value is not None}


def pictures(pipe, case, images):
    """[n, 3, H, W] in [0, 1].

    Without a picture to start from, one call draws all seeds. With one, it is a call a seed: for several generators
    the inpainting pipelines would encode the picture with the first one only, and a picture's neighbours would matter.
    """
    pipe.set_progress_bar_config(disable=True)
    calls = [[s] for s in case["seeds"]] if images else [case["seeds"]]
    with shifted(pipe):
        return torch.cat([torch.as_tensor(pipe(**arguments(pipe, case, images, seeds)).images) for seeds in calls])


@contextlib.contextmanager
def shifted(pipe):
    """SD 3's inpainting pipeline decodes without the autoencoder's shift, alone among its siblings: here it has it."""
    decode = pipe.vae.decode
    if "StableDiffusion3Inpaint" in type(pipe).__name__:
        pipe.vae.decode = lambda latents, *rest, **more: decode(latents + pipe.vae.config.shift_factor, *rest, **more)
    try:
        yield
    finally:
        pipe.vae.decode = decode


def draw(pipe, case, images):
    """The pictures, and what the decoder was given."""
    seen = []
    decode = pipe.vae.decode
    pipe.vae.decode = lambda latents, *rest, **more: (seen.append(latents), decode(latents, *rest, **more))[1]
    try:
        return pictures(pipe, case, images), torch.cat(seen)
    finally:
        pipe.vae.decode = decode


def write(path, tensor):
    path.parent.mkdir(parents=True, exist_ok=True)
    np.ascontiguousarray(tensor.detach().float().numpy(), dtype="<f4").tofile(path)


@torch.no_grad()
def write_case(base, case, folder, tolerance):
    """Draws one case and writes its files. Returns its entry in cases.json, and the pictures."""
    case = dict(case)
    plan = scheduler_for(base, case.pop("sampler"))
    pipe = class_for(type(base).__name__, case["mode"]).from_pipe(base, scheduler=plan, vae=base.vae)
    images, files = {}, {}
    for kind, make, modes in (("init", picture, KINDS[1:]), ("mask", mask, KINDS[2:])):
        if case["mode"] in modes:
            files[kind] = f"cases/{kind}-{case['width']}x{case['height']}.png"
            images[kind] = make(case["width"], case["height"])
            (folder / "cases").mkdir(exist_ok=True)
            images[kind].save(folder / files[kind])
    pipe.vae.enable_tiling(case.get("tiled", False))
    drawn, latents = draw(pipe, case, images)
    return entry(case | files, plan, drawn, latents, folder, tolerance), drawn


def entry(case, plan, drawn, latents, folder, tolerance):
    """Writes what came out; returns the case as it stands in cases.json."""
    expected, given = f"cases/{case['name']}.f32", f"cases/{case['name']}.latents.f32"
    write(folder / expected, drawn)
    write(folder / given, latents)
    return case | {"scheduler": json.loads(plan.to_json_string()), "expected": expected, "decoderInput": given,
                   "tolerance": tolerance}
