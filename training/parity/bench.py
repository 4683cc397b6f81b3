"""Times Python's pipelines on a model folder, as JSON lines on stdout: one per round, the first to warm up.

    python bench.py FOLDER --steps 10 --size 256                 ONNX Runtime, with optimum's pipeline
    python bench.py FOLDER --steps 10 --size 256 --engine torch  diffusers on PyTorch: the folder's shapes, random weights

With --on-request every line on stdin asks for a round: bench/engine.mjs takes turns with the TypeScript pipeline so.
"""

import argparse
import json
import pathlib
import sys
import time
import warnings

import diffusers
import onnxruntime
import torch

warnings.filterwarnings("ignore")
diffusers.logging.set_verbosity_error()


class Stopwatch:
    """Adds up the time inside some functions. Not for functions that call each other."""

    def __init__(self):
        self.seconds = 0.0

    def around(self, owner, name):
        inner = getattr(owner, name)

        def timed(*args, **more):
            begun = time.perf_counter()
            try:
                return inner(*args, **more)
            finally:
                self.seconds += time.perf_counter() - begun

        setattr(owner, name, timed)


def onnx_pipeline(folder, threads, watch):
    from optimum.onnxruntime import ORTPipelineForText2Image

    for name in ("run", "run_with_iobinding"):
        watch.around(onnxruntime.InferenceSession, name)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return ORTPipelineForText2Image.from_pretrained(folder, session_options=options)


def torch_pipeline(folder, threads, watch):
    """Stable Diffusion 1 and 2 only. Speed does not depend on what the weights are."""
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

    torch.set_num_threads(threads)
    config = lambda part: json.loads((folder / part / "config.json").read_text())
    scheduler = json.loads((folder / "scheduler/scheduler_config.json").read_text())
    pipe = diffusers.StableDiffusionPipeline(
        unet=diffusers.UNet2DConditionModel.from_config(config("unet")),
        vae=diffusers.AutoencoderKL.from_config(config("vae_decoder")),
        text_encoder=CLIPTextModel(CLIPTextConfig(**config("text_encoder"))),
        tokenizer=CLIPTokenizer.from_pretrained(folder / "tokenizer"),
        scheduler=getattr(diffusers, scheduler["_class_name"]).from_config(scheduler),
        safety_checker=None, feature_extractor=None, requires_safety_checker=False)
    watch.around(pipe.unet, "forward")
    watch.around(pipe.text_encoder, "forward")
    watch.around(pipe.vae, "decode")
    return pipe


def peak_megabytes():
    status = pathlib.Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def once(pipe, args, watch):
    watch.seconds, begun, busy = 0.0, time.perf_counter(), time.process_time()
    pipe("a photo of a red fox in the snow", negative_prompt="blurry", width=args.size, height=args.size,
         num_inference_steps=args.steps, guidance_scale=args.guidance, num_images_per_prompt=args.batch,
         generator=[torch.Generator("cpu").manual_seed(i) for i in range(args.batch)])
    total = time.perf_counter() - begun
    return {"engine": args.engine, "imagesPerSecond": args.batch / total, "totalMs": 1000 * total,
            "runtimeMs": 1000 * watch.seconds, "outsideMs": 1000 * (total - watch.seconds),
            "processorMs": 1000 * (time.process_time() - busy), "peakMegabytes": peak_megabytes(),
            "versions": {"onnxruntime": onnxruntime.__version__, "diffusers": diffusers.__version__, "torch": torch.__version__}}


parser = argparse.ArgumentParser()
parser.add_argument("folder", type=pathlib.Path)
parser.add_argument("--engine", choices=("onnx", "torch"), default="onnx")
parser.add_argument("--size", type=int, default=256)
parser.add_argument("--steps", type=int, default=10)
parser.add_argument("--batch", type=int, default=1)
parser.add_argument("--guidance", type=float, default=7.5)
parser.add_argument("--threads", type=int, default=torch.get_num_threads())
parser.add_argument("--rounds", type=int, default=4)
parser.add_argument("--on-request", action="store_true")
args = parser.parse_args()
watch = Stopwatch()
pipe = (onnx_pipeline if args.engine == "onnx" else torch_pipeline)(args.folder, args.threads, watch)
pipe.set_progress_bar_config(disable=True)
for _ in sys.stdin if args.on_request else range(args.rounds):
    print(json.dumps(once(pipe, args, watch)), flush=True)
