"""Model folders with a few thousand random weights, and the pictures that diffusers draws with them.

    python make.py --out ../../test/fixtures/parity            (every family)
    python make.py --out ../../test/fixtures/parity sd1 flux   (these)

Every folder is drawn twice: by diffusers with torch, whose pictures are kept, and by optimum's pipelines from the
exported files. The two must agree, or the export is wrong and nothing may be compared with it.
"""

import argparse
import importlib.metadata
import json
import pathlib
import shutil
import warnings

import diffusers

import ensemble
import families
import legacy
import reference
import safety
from export import beside, can_open, export, opened

WITHIN = 1e-3  # what the TypeScript pipelines must reach; the exported files must do ten times better
WITHIN_HALF = 1e-2  # 16 bits hold three digits, and every step rounds again


def make(name, maker, folder):
    shutil.rmtree(folder, ignore_errors=True)
    pipe, cases = maker()
    if name == "sd1-legacy":
        legacy.export(pipe, folder)
    else:
        export(pipe, folder, families.HALF.get(name, ()))
    if name in families.BESIDE:
        beside(folder / "unet/model.onnx")
    tolerance = WITHIN_HALF if name in families.HALF else WITHIN
    entries = []
    for case in cases:
        entry, expected = reference.write_case(pipe, case, folder, tolerance)
        if can_open(folder, entry):
            drawn = legacy.opened(folder, entry) if name == "sd1-legacy" else opened(folder, entry)
            worst = (drawn - expected).abs().max().item()
            cut = ((expected == 0) | (expected == 1)).float().mean()
            print(f"{name}/{case['name']}: {worst:.1e} apart; contrast {expected.std():.2f}, {cut:.1%} cut off", flush=True)
            assert worst < tolerance / (2 if name in families.HALF else 10), "the exported files draw another picture"
        entries.append(entry)
    (folder / "cases.json").write_text(json.dumps({"family": name, "made": MADE, "cases": entries}, indent=1) + "\n")
    total = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file())
    print(f"{name}: {len(entries)} cases, {total / 1e6:.2f} MB")


MADE = {name: importlib.metadata.version(name) for name in ("diffusers", "transformers", "torch", "optimum-onnx", "onnxruntime")}
MAKERS = {f.__name__.replace("_", "-"): f for f in (
    families.sd1, families.sd1_fp16, families.sd1_mixed, families.sd1_taesd, families.sd1_legacy, families.sd2_v, families.sd1_inpaint,
    families.sdxl, families.sdxl_refiner, families.lcm, families.sd_turbo, families.sd3, families.flux, families.flux_schnell)}
parser = argparse.ArgumentParser()
parser.add_argument("--out", default="../../test/fixtures/parity")
parser.add_argument("families", nargs="*", default=[*MAKERS, "sdxl-ensemble", "safety"])
args = parser.parse_args()
warnings.filterwarnings("ignore")
diffusers.logging.set_verbosity_error()
for name in args.families:
    folder = pathlib.Path(args.out) / name
    if name == "safety":
        safety.make(folder)
    elif name == "sdxl-ensemble":
        ensemble.make(folder, WITHIN, MADE)
    else:
        make(name, MAKERS[name], folder)
