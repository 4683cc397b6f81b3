"""The families: which tiny parts make one, and which cases it must reproduce.

A family is a function that returns the pipeline, as diffusers holds it, and its cases. `case()` lists every field.
"""

import pathlib
import tempfile

import diffusers
import torch

import tiny
import words

SD = dict(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", num_train_timesteps=1000, steps_offset=1,
          clip_sample=False)
FOX, BLUR = "a photo of a red fox in the snow", "blurry, low quality"
EVERY = [w for w in words.TEXT.replace("\n", " ").split(", ")]


def scheduler(name, **config):
    """From a config file's fields: published ones carry fields of other classes too."""
    return getattr(diffusers, name).from_config(config)


def case(name, mode="text-to-image", prompt=FOX, negative=BLUR, width=32, height=32, steps=6, guidance=7.5, sampler=None,
         seeds=(7,), **more):
    """`sampler`: (class, changed fields) in place of the folder's scheduler. `negative` None: none was given."""
    return dict(name=name, mode=mode, prompt=prompt, negativePrompt=negative, width=width, height=height, steps=steps,
                guidanceScale=guidance, sampler=sampler, seeds=list(seeds), **more)


def tokenizer(pad=words.END):
    with tempfile.TemporaryDirectory() as folder:
        return words.clip_tokenizer(pathlib.Path(folder), pad)


@torch.no_grad()
def hidden(encoder, tokenizer, layer=None):
    """Hidden states of every phrase, to fit a U-Net with; the last, or layer -2 where a family takes that one."""
    ids = tokenizer(EVERY, padding="max_length", truncation=True, max_length=77, return_tensors="pt").input_ids
    out = encoder(ids, output_hidden_states=True)
    return out.last_hidden_state if layer is None else out.hidden_states[layer]


def latent_diffusion(seed, index="StableDiffusionPipeline", sampler=None, in_channels=4, pad=words.END, target="epsilon",
                     activation="quick_gelu", told=lambda n, g: {}, **unet):
    """CLIP, U-Net and autoencoder: every Stable Diffusion before SDXL."""
    sampler = sampler or scheduler("PNDMScheduler", skip_prk_steps=True, set_alpha_to_one=False, **SD)
    encoder, pieces = tiny.clip(seed, activation=activation), tokenizer(pad)
    network = tiny.unet(seed + 1, in_channels=in_channels, **unet)
    tiny.fit_noise(network, told, hidden(encoder, pieces), sampler.alphas_cumprod, seed + 2, target)
    parts = dict(vae=tiny.autoencoder(seed + 3), text_encoder=encoder, tokenizer=pieces, unet=network, scheduler=sampler,
                 safety_checker=None, feature_extractor=None, requires_safety_checker=False)
    return getattr(diffusers, index)(**parts)


SAMPLERS = {
    "ddim": ("DDIMScheduler", {}),
    "euler": ("EulerDiscreteScheduler", {}),
    "euler-ancestral": ("EulerAncestralDiscreteScheduler", {}),
    "dpmpp-2m": ("DPMSolverMultistepScheduler", {}),
    "dpmpp-2m-karras": ("DPMSolverMultistepScheduler", {"use_karras_sigmas": True}),
    "dpmpp-2m-sde": ("DPMSolverMultistepScheduler", {"algorithm_type": "sde-dpmsolver++"}),
    "unipc": ("UniPCMultistepScheduler", {}),
    "heun": ("HeunDiscreteScheduler", {}),
    "lms": ("LMSDiscreteScheduler", {}),
}


def sd1():
    euler = SAMPLERS["euler"]
    cases = [case("pndm")]
    cases += [case(name, sampler=sampler) for name, sampler in SAMPLERS.items()]
    cases += [
        case("no-guidance", guidance=1, sampler=euler),
        case("no-negative", negative=None, sampler=euler),
        case("wide", width=48, sampler=euler),
        case("tall", height=48, sampler=SAMPLERS["dpmpp-2m"]),
        case("three", seeds=(1, 2, 4294967295), sampler=SAMPLERS["euler-ancestral"], width=48),
        case("rescaled-guidance", guidanceRescale=0.7, sampler=euler),
        case("tiled", width=64, height=48, tiled=True, sampler=euler),
        case("image-ddim", "image-to-image", strength=0.6, sampler=SAMPLERS["ddim"]),
        case("image-pndm", "image-to-image", strength=0.75),
        case("image-euler-three", "image-to-image", strength=0.5, width=48, seeds=(1, 2, 3), sampler=euler),
        case("image-ancestral", "image-to-image", strength=0.8, sampler=SAMPLERS["euler-ancestral"]),
        case("image-dpmpp", "image-to-image", strength=0.7, steps=7, sampler=SAMPLERS["dpmpp-2m"]),
        case("image-full", "image-to-image", strength=1.0, guidance=1, sampler=SAMPLERS["ddim"]),
        case("inpaint-ddim", "inpaint", strength=0.75, sampler=SAMPLERS["ddim"]),
        case("inpaint-full", "inpaint", strength=1.0, sampler=euler),
        case("inpaint-three", "inpaint", strength=0.8, width=48, seeds=(1, 2, 3), sampler=SAMPLERS["euler-ancestral"]),
        case("inpaint-no-guidance", "inpaint", strength=0.9, guidance=1, sampler=SAMPLERS["dpmpp-2m"]),
    ]
    return latent_diffusion(100), cases


def rounded(parts):
    """sd1 with these parts' weights as 16 bits hold them. The reference goes on in 32 bits, as a CPU does."""
    pipe, cases = sd1()
    for part in parts:
        getattr(pipe, part).half().float()
    chosen = ("pndm", "euler-ancestral", "no-guidance", "three", "image-ddim", "inpaint-ddim")
    return pipe, [c for c in cases if c["name"] in chosen]


BESIDE = ("sdxl",)  # weights in a second file, model.onnx_data
HALF = {"sd1-fp16": ("text_encoder", "unet", "vae"), "sd1-mixed": ("text_encoder", "unet")}


def sd1_fp16():
    return rounded(HALF["sd1-fp16"])


def sd1_mixed():
    """The autoencoder stays at 32 bits, as people do where 16 give black pictures."""
    return rounded(HALF["sd1-mixed"])


def sd1_taesd():
    """Decoded by TAESD's kind of autoencoder."""
    pipe, cases = sd1()
    pipe.register_modules(vae=tiny.tiny_autoencoder(150))
    return pipe, [c for c in cases if c["name"] in ("euler", "tall", "three")]


def sd1_legacy():
    """Without configuration files the autoencoder must be what it usually is: 8 x 8 pixels of one latent."""
    pipe, _ = sd1()
    pipe.register_modules(vae=tiny.autoencoder(160, blocks=(4, 4, 8, 8)))
    large = dict(width=64, height=64)
    cases = [
        case("pndm", **large),
        case("ddim", sampler=SAMPLERS["ddim"], width=96, height=64),
        case("no-guidance", guidance=1, sampler=SAMPLERS["unipc"], **large),
        case("three", seeds=(1, 2, 3), sampler=SAMPLERS["dpmpp-2m"], **large),
    ]
    return pipe, cases


def sd2_v():
    """OpenCLIP: gelu, padding with "!". The network predicts v; linear projections around its attention."""
    v = scheduler("DDIMScheduler", prediction_type="v_prediction", set_alpha_to_one=False, **SD)
    pipe = latent_diffusion(200, sampler=v, pad="!", target="v_prediction", activation="gelu",
                            use_linear_projection=True, attention_head_dim=(2, 4))
    cases = [
        case("ddim"),
        case("no-guidance", guidance=1),
        case("no-negative", negative=None),
        case("wide-three", width=48, seeds=(1, 2, 3)),
        case("euler", sampler=("EulerDiscreteScheduler", {})),
        case("dpmpp-2m", sampler=("DPMSolverMultistepScheduler", {})),
        case("zero-snr", guidanceRescale=0.7,
             sampler=("DDIMScheduler", {"rescale_betas_zero_snr": True, "timestep_spacing": "trailing"})),
        case("image", "image-to-image", strength=0.6),
    ]
    return pipe, cases


def sd1_inpaint():
    """Nine channels: noisy latents, mask, latents of the picture without the masked part."""
    cases = [
        case("full", "inpaint", strength=1.0),
        case("part", "inpaint", strength=0.7, sampler=SAMPLERS["ddim"]),
        case("no-guidance", "inpaint", strength=1.0, guidance=1, sampler=SAMPLERS["euler"]),
        case("wide-three", "inpaint", strength=1.0, width=48, seeds=(1, 2, 3), sampler=SAMPLERS["euler-ancestral"]),
        case("part-three", "inpaint", strength=0.6, seeds=(1, 2, 3), sampler=SAMPLERS["dpmpp-2m"]),
    ]
    return latent_diffusion(300, "StableDiffusionInpaintPipeline", in_channels=9), cases


def guidance_told(n, g):
    scale = torch.rand(n, generator=g) * 8
    return dict(timestep_cond=diffusers.LatentConsistencyModelPipeline.get_guidance_scale_embedding(None, scale, 16))


def lcm():
    """Distilled with its guidance: the scale goes in as an embedding, and one run a step is enough."""
    sampler = scheduler("LCMScheduler", original_inference_steps=50, **{**SD, "steps_offset": 0})
    pipe = latent_diffusion(400, sampler=sampler, told=guidance_told, time_cond_proj_dim=16)
    parts = {k: v for k, v in pipe.components.items() if k != "image_encoder"}
    pipe = diffusers.LatentConsistencyModelPipeline(**parts, requires_safety_checker=False)
    cases = [
        case("four", steps=4, guidance=8.5, negative=None),
        case("one", steps=1, guidance=2, negative=None),
        case("wide-three", steps=3, guidance=8.5, negative=None, width=48, seeds=(1, 2, 3)),
        case("image", "image-to-image", steps=4, guidance=6, negative=None, strength=0.6),
    ]
    return pipe, cases


def sd_turbo():
    """SD 2's parts with noise prediction; few steps, spaced from the end, without guidance."""
    sampler = scheduler("EulerDiscreteScheduler", timestep_spacing="trailing", **SD)
    pipe = latent_diffusion(500, sampler=sampler, pad="!", activation="gelu", use_linear_projection=True,
                            attention_head_dim=(2, 4))
    few = dict(guidance=0, negative=None)
    cases = [
        case("one", steps=1, **few),
        case("four", steps=4, **few),
        case("wide-three", steps=2, width=48, seeds=(1, 2, 3), **few),
        case("image", "image-to-image", steps=2, strength=0.5, **few),
        case("ancestral", steps=4, sampler=("EulerAncestralDiscreteScheduler", {}), **few),
    ]
    return pipe, cases


POOLED = 24


def told_size(numbers):
    """What SDXL is told beside the words: the pooled prompt, and sizes (base) or sizes and a score (refiner)."""

    def more(n, g):
        times = torch.tensor([[32.0, 32, 0, 0, 32, 32][:numbers]]).repeat(n, 1)
        return dict(added_cond_kwargs=dict(text_embeds=torch.randn(n, POOLED, generator=g), time_ids=times))

    return more


def sdxl_unet(seed, words, numbers, alphas, width):
    network = tiny.unet(seed, words=width, down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
                        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"), transformer_layers_per_block=(1, 2),
                        use_linear_projection=True, attention_head_dim=(2, 4), addition_embed_type="text_time",
                        addition_time_embed_dim=8, projection_class_embeddings_input_dim=POOLED + 8 * numbers)
    return tiny.fit_noise(network, told_size(numbers), words, alphas, seed + 1)


def sdxl():
    sampler = scheduler("EulerDiscreteScheduler", timestep_spacing="leading", **SD)
    first, second = tiny.clip(600), tiny.clip(601, width=24, projection=POOLED, activation="gelu")
    pieces, pieces2 = tokenizer(), tokenizer("!")
    both = torch.cat([hidden(first, pieces, -2), hidden(second, pieces2, -2)], -1)
    pipe = diffusers.StableDiffusionXLPipeline(
        vae=tiny.autoencoder(602, scaling=0.13025), text_encoder=first, text_encoder_2=second, tokenizer=pieces,
        tokenizer_2=pieces2, unet=sdxl_unet(603, both, 6, sampler.alphas_cumprod, 56), scheduler=sampler,
        force_zeros_for_empty_prompt=True, add_watermarker=False)
    cases = [
        case("euler", guidance=5),
        case("no-negative", guidance=5, negative=None),
        case("empty-negative", guidance=5, negative=""),
        case("no-guidance", guidance=1),
        case("wide-three", guidance=5, width=48, seeds=(1, 2, 3)),
        case("dpmpp-2m-karras", guidance=5, height=48, sampler=SAMPLERS["dpmpp-2m-karras"]),
        case("rescaled-guidance", guidance=5, guidanceRescale=0.7, sampler=SAMPLERS["ddim"]),
        case("turbo-one", steps=1, guidance=0, negative=None,
             sampler=("EulerAncestralDiscreteScheduler", {"timestep_spacing": "trailing"})),
        case("turbo-four", steps=4, guidance=0, negative=None, seeds=(1, 2),
             sampler=("EulerAncestralDiscreteScheduler", {"timestep_spacing": "trailing"})),
        case("image", "image-to-image", guidance=5, strength=0.6),
        case("image-three", "image-to-image", guidance=5, strength=0.5, width=48, seeds=(1, 2, 3)),
        case("inpaint", "inpaint", guidance=5, strength=0.75),
        case("inpaint-full-three", "inpaint", guidance=5, strength=1.0, width=48, seeds=(1, 2, 3)),
    ]
    return pipe, cases


def sdxl_refiner():
    """Only the second text encoder; told an aesthetic score. It starts from a picture."""
    sampler = scheduler("EulerDiscreteScheduler", timestep_spacing="leading", **SD)
    second, pieces2 = tiny.clip(701, width=24, projection=POOLED, activation="gelu"), tokenizer("!")
    network = sdxl_unet(703, hidden(second, pieces2, -2), 5, sampler.alphas_cumprod, 24)
    pipe = diffusers.StableDiffusionXLImg2ImgPipeline(
        vae=tiny.autoencoder(702, scaling=0.13025), text_encoder=None, text_encoder_2=second, tokenizer=None,
        tokenizer_2=pieces2, unet=network, scheduler=sampler, requires_aesthetics_score=True,
        force_zeros_for_empty_prompt=False, add_watermarker=False)
    cases = [
        case("image", "image-to-image", guidance=5, strength=0.5),
        case("no-negative", "image-to-image", guidance=5, strength=0.5, negative=None),
        case("wide", "image-to-image", guidance=5, strength=0.6, width=48),
        case("no-guidance-three", "image-to-image", guidance=1, strength=0.5, seeds=(1, 2, 3)),
    ]
    return pipe, cases


def sd3():
    """Two CLIPs side by side, padded to T5's width and put before its words; rectified flow."""
    pipe = diffusers.StableDiffusion3Pipeline(
        transformer=tiny.sd3_transformer(800, words=64, pooled=56), scheduler=scheduler("FlowMatchEulerDiscreteScheduler", shift=3.0),
        vae=tiny.autoencoder(801, channels=16, scaling=1.5305, shift=0.0609, bare=True),
        text_encoder=tiny.clip(802, projection=32), tokenizer=tokenizer(),
        text_encoder_2=tiny.clip(803, width=24, projection=24, activation="gelu"), tokenizer_2=tokenizer("!"),
        text_encoder_3=tiny.t5(804, width=64), tokenizer_3=words.t5_tokenizer())
    cases = [
        case("flow", guidance=7),
        case("no-guidance", guidance=1),
        case("no-negative", guidance=4.5, negative=None),
        case("wide-three", guidance=4.5, width=48, seeds=(1, 2, 3)),
        case("tall", guidance=4.5, height=48, steps=4),
        case("image", "image-to-image", guidance=4.5, strength=0.6, width=48),
        case("inpaint", "inpaint", guidance=4.5, strength=0.75),
    ]
    return pipe, cases


def flux_parts(seed, guidance, **flow):
    flow = dict(base_shift=0.5, max_shift=1.15, base_image_seq_len=256, max_image_seq_len=4096, **flow)
    return diffusers.FluxPipeline(
        transformer=tiny.flux_transformer(seed, words=32, pooled=32, guidance=guidance),
        vae=tiny.autoencoder(seed + 1, channels=16, scaling=0.3611, shift=0.1159, bare=True),
        scheduler=scheduler("FlowMatchEulerDiscreteScheduler", **flow), text_encoder=tiny.clip(seed + 2), tokenizer=tokenizer(),
        text_encoder_2=tiny.t5(seed + 3, width=32), tokenizer_2=words.t5_tokenizer())


def flux():
    """Latents packed two by two; guidance is an input, not a second run."""
    pipe = flux_parts(900, guidance=True, use_dynamic_shifting=True, shift=3.0)
    cases = [
        case("dev", guidance=3.5, negative=None),
        case("strong", guidance=30, negative=None),
        case("wide-three", guidance=3.5, negative=None, width=48, seeds=(1, 2, 3)),
        case("tall", guidance=3.5, negative=None, height=48),
        case("image", "image-to-image", guidance=3.5, negative=None, strength=0.6, width=48, seeds=(1, 2)),
        case("inpaint", "inpaint", guidance=3.5, negative=None, strength=0.75),
    ]
    return pipe, cases


def flux_schnell():
    """Few steps, evenly spaced, and a network that is told no guidance."""
    cases = [
        case("four", guidance=0, negative=None, steps=4),
        case("one", guidance=0, negative=None, steps=1),
        case("wide-three", guidance=0, negative=None, steps=4, width=48, seeds=(1, 2, 3)),
    ]
    return flux_parts(950, guidance=False, use_dynamic_shifting=False, shift=1.0), cases
