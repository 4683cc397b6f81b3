"""Turns a Stable Diffusion model for PyTorch into a folder for Darkroom: diffusers layout, networks in ONNX.

    python export_hub_model.py runwayml/stable-diffusion-v1-5 --out ../models/sd15
    python export_hub_model.py path/to/diffusers-folder --out ../models/mine
    python export_hub_model.py merged.safetensors --like runwayml/stable-diffusion-v1-5 --out ../models/merged

The environment is that of parity/requirements.txt. A single-file checkpoint holds weights only; --like names the model
it descends from (a hub id or a diffusers folder), whose configurations and tokenizers it gets.
"""

import argparse
import json
import shutil
import tempfile
from pathlib import Path

import diffusers
from optimum.exporters.onnx import main_export


def single_file(checkpoint: Path, like: str, folder: str) -> str:
    """A checkpoint in one file as a diffusers folder."""
    index = diffusers.DiffusionPipeline.load_config(like)
    pipeline_class = getattr(diffusers, index["_class_name"])
    pipeline_class.from_single_file(str(checkpoint), config=like).save_pretrained(folder)
    return folder


def export(model: str, out: Path, half: bool) -> None:
    """Every part of a diffusers model as ONNX, with its configurations and tokenizers."""
    if not half:
        main_export(model, output=out, task="text-to-image", dtype="fp32", device="cpu")
        return
    main_export(model, output=out, task="text-to-image", dtype="fp16", device="cuda")
    wide = needing_float32(out)
    if not wide:
        return
    # The exporter knows one precision for all parts. Beside the folder, because there is room for a model.
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as whole:
        main_export(model, output=whole, task="text-to-image", dtype="fp32", device="cpu")
        for part in wide:
            shutil.rmtree(out / part)
            shutil.move(Path(whole) / part, out / part)


def needing_float32(folder: Path) -> list[str]:
    """Parts whose numbers grow beyond what float16 can hold, 65504: T5, and autoencoders that say so."""
    def says(config: Path) -> bool:
        told = json.loads(config.read_text())
        return told.get("force_upcast") is True or told.get("model_type") == "t5"

    return sorted(config.parent.name for config in folder.glob("*/config.json") if says(config))


def finish(out: Path) -> None:
    """Makes sure that the decoder, which is made last, is there, and says what came out."""
    networks = sorted(path.relative_to(out).as_posix() for path in out.glob("*/model.onnx"))
    if "vae_decoder/model.onnx" not in networks:
        raise SystemExit(f"The exporter made {', '.join(networks) or 'nothing'}: the decoder is missing.")
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    print(f"{out}: {', '.join(networks)}; {size / 1e6:.0f} MB. Try it: npm run models -- check {out}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", help="a hub id, a diffusers folder, or a .safetensors file")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--like", help="for a .safetensors file: the model it descends from")
    half = "float16 weights, but for T5 and autoencoders that overflow in it; the export then needs a GPU"
    parser.add_argument("--half", action="store_true", help=half)
    given = parser.parse_args()
    if given.out.exists():
        parser.error(f"{given.out} exists already")
    with tempfile.TemporaryDirectory() as scratch:
        model = given.model
        if model.endswith((".safetensors", ".ckpt")):
            if not given.like:
                parser.error("--like is needed for a single file")
            model = single_file(Path(model), given.like, scratch)
        try:
            export(model, given.out, given.half)
            finish(given.out)
        except BaseException:
            shutil.rmtree(given.out, ignore_errors=True)
            raise


if __name__ == "__main__":
    main()
