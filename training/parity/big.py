"""A folder shaped like Stable Diffusion 1.5 with random weights, to measure time on.  python big.py /tmp/sd15 [--width 0.5]

The full width is 1 billion weights, 4.3 GB of files in float32, and about 12 GB of memory while it is written; half the
width has a quarter of the U-Net.
"""

import argparse
import pathlib
import tempfile

import diffusers
import torch
from transformers import CLIPTextConfig, CLIPTextModel

import families
import words
from export import export


def pipeline(width=1.0):
    torch.manual_seed(0)
    channels = tuple(int(c * width) for c in (320, 640, 1280, 1280))
    with tempfile.TemporaryDirectory() as folder:
        tokenizer = words.clip_tokenizer(pathlib.Path(folder))
    encoder = CLIPTextModel(CLIPTextConfig(
        vocab_size=49408, hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12,
        bos_token_id=0, eos_token_id=2))
    unet = diffusers.UNet2DConditionModel(sample_size=64, block_out_channels=channels, cross_attention_dim=768)
    vae = diffusers.AutoencoderKL(
        block_out_channels=(128, 256, 512, 512), layers_per_block=2, latent_channels=4, sample_size=512,
        down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4)
    sampler = families.scheduler("DDIMScheduler", set_alpha_to_one=False, **families.SD)
    return diffusers.StableDiffusionPipeline(vae=vae, text_encoder=encoder, tokenizer=tokenizer, unet=unet, scheduler=sampler,
                                             safety_checker=None, feature_extractor=None, requires_safety_checker=False)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--width", type=float, default=1.0)
    args = parser.parse_args()
    export(pipeline(args.width), args.out)
