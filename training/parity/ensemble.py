"""SDXL's base draws the first four fifths of the steps and its refiner the rest: pictures from two folders.

The folder has only cases.json, which names the two others.
"""

import json
import shutil

import optimum.onnxruntime
import torch

import families
import reference

FROM = 0.8  # the share of the reverse process at which the refiner goes on
CASES = [families.case("euler", guidance=5, steps=20), families.case("ddim", guidance=5, steps=20, sampler=families.SAMPLERS["ddim"]),
         families.case("wide-three", guidance=5, steps=20, width=48, seeds=(1, 2, 3))]


@torch.no_grad()
def draw(base, refiner, case):
    """The pictures, and what the base's decoder was given; the refiner's own decoder is not asked."""
    pictures, seen = [], []
    for seed in case["seeds"]:
        given = reference.arguments(base, case, {}, [seed]) | {"output_type": "latent"}
        latents = base(**given, denoising_end=FROM).images
        given = reference.arguments(refiner, case, {"init": torch.as_tensor(latents)}, [seed]) | {"output_type": "latent"}
        latents = torch.as_tensor(refiner(**given, denoising_start=FROM).images) / base.vae.config.scaling_factor
        seen.append(latents)
        pictures.append((base.vae.decode(latents, return_dict=False)[0] / 2 + 0.5).clamp(0, 1))
    return torch.cat(pictures), torch.cat(seen)


def quiet(*pipes):
    for pipe in pipes:
        pipe.set_progress_bar_config(disable=True)
    return pipes


def make(folder, tolerance, made):
    """Needs the folders of sdxl and sdxl-refiner beside this one, to check the exported files."""
    shutil.rmtree(folder, ignore_errors=True)
    base, refiner = quiet(families.sdxl()[0], families.sdxl_refiner()[0])
    files = quiet(optimum.onnxruntime.ORTStableDiffusionXLPipeline.from_pretrained(folder.parent / "sdxl"),
                  optimum.onnxruntime.ORTStableDiffusionXLImg2ImgPipeline.from_pretrained(folder.parent / "sdxl-refiner"))
    first = base.scheduler
    entries = []
    for case in CASES:
        case = dict(case)
        sampler = case.pop("sampler")
        for pipe in (base, refiner, *files):
            pipe.scheduler = first
            pipe.scheduler = reference.scheduler_for(pipe, sampler)
        pictures, latents = draw(base, refiner, case)
        worst = (draw(*files, case)[0] - pictures).abs().max().item()
        print(f"sdxl-ensemble/{case['name']}: {worst:.1e} apart", flush=True)
        assert worst < tolerance / 4, "the exported files draw another picture"
        entries.append(reference.entry(case, base.scheduler, pictures, latents, folder, tolerance))
    index = {"family": "sdxl-ensemble", "base": "sdxl", "refiner": "sdxl-refiner", "made": made, "cases": entries}
    (folder / "cases.json").write_text(json.dumps(index, indent=1) + "\n")
