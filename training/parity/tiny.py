"""Networks with a few thousand random weights each, in diffusers' and transformers' own classes.

Weights come from seeds. Left alone they would give grey pictures and noise predictions near zero; so the last layers
are fitted or scaled (see `fit_noise` and `contrast`): pictures have light and dark, prompts change them, and nothing
saturates.
"""

import torch
from diffusers import AutoencoderKL, AutoencoderTiny, FluxTransformer2DModel, SD3Transformer2DModel, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, T5Config, T5EncoderModel

WORDS = 634  # the size of words.clip_tokenizer


def clip(seed, width=32, projection=None, activation="quick_gelu", pad=1, layers=2):
    """`layers`: SD 2 keeps one layer less than OpenCLIP has, so that the last state is the second to last."""
    torch.manual_seed(seed)
    config = CLIPTextConfig(vocab_size=WORDS, hidden_size=width, intermediate_size=width, num_hidden_layers=layers,
                            num_attention_heads=4, hidden_act=activation, projection_dim=projection or width,
                            bos_token_id=0, eos_token_id=2, pad_token_id=pad, initializer_factor=1.0)
    model = (CLIPTextModelWithProjection if projection else CLIPTextModel)(config).eval()
    return lively(model)


def t5(seed, width=32):
    torch.manual_seed(seed)
    config = T5Config(vocab_size=128, d_model=width, d_kv=8, d_ff=width, num_layers=2, num_heads=4,
                      feed_forward_proj="gated-gelu", is_encoder_decoder=False, use_cache=False)
    return T5EncoderModel(config).eval()


@torch.no_grad()
def lively(model, gain=8):
    """CLIP's usual start is so small that every prompt reads alike; larger matrices tell them apart."""
    for name, weight in model.named_parameters():
        if weight.ndim == 2:
            weight.mul_(gain if "embedding" in name else gain / 2)
    return model


def unet(seed, in_channels=4, words=32, **more):
    torch.manual_seed(seed)
    shape = dict(block_out_channels=(8, 16), down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
                 up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"), attention_head_dim=2)
    model = UNet2DConditionModel(**{**shape, **dict(
        sample_size=8, in_channels=in_channels, out_channels=4, layers_per_block=1, norm_num_groups=4,
        cross_attention_dim=words), **more}).eval()
    return louder_words(model)


@torch.no_grad()
def louder_words(model, gain=2):
    """What the sampler is told beside the time should be seen in the picture."""
    for name, weight in model.named_parameters():
        if "attn2.to_v" in name or "add_embedding" in name or "cond_proj" in name:
            weight.mul_(gain)
    return model


@torch.no_grad()
def fitted(last, features, goal, seed, wild=0.15):
    """The last layer by least squares, plus a share of chance. features [rows, in], goal [rows, out]."""
    g = torch.Generator().manual_seed(seed)
    seen = torch.cat([features, torch.ones(len(features), 1)], 1).double()
    found = torch.linalg.solve(seen.T @ seen + 1e-2 * torch.eye(seen.shape[1]).double(), seen.T @ goal.double()).float()
    weight = found[:-1].T.reshape(last.weight.shape)
    last.weight.copy_(weight + wild * weight.std() * torch.randn(weight.shape, generator=g))
    last.bias.copy_(found[-1])


@torch.no_grad()
def before(last, run):
    """What goes into this layer while `run` runs."""
    seen = []
    hook = last.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    run()
    hook.remove()
    return seen[0]


def fit_noise(model, told, words, alphas, seed, target="epsilon", n=96):
    """A U-Net that predicts noise, more or less.

    Without it a sampler would divide by sqrt(alpha) what no network took away, and pictures would be noise of size 15.
    """
    g = torch.Generator().manual_seed(seed)
    t, pick = torch.randint(0, 1000, (n,), generator=g), torch.randint(0, len(words), (n,), generator=g)
    clean, noise = (torch.randn(n, 4, 8, 8, generator=g) for _ in range(2))
    a = alphas[t].view(-1, 1, 1, 1)
    sample = a.sqrt() * clean + (1 - a).sqrt() * noise
    goal = noise if target == "epsilon" else a.sqrt() * noise - (1 - a).sqrt() * clean
    sample = torch.cat([sample, torch.randn(n, model.config.in_channels - 4, 8, 8, generator=g)], 1)
    maps = before(model.conv_out, lambda: model(sample, t, words[pick], **told(n, g)))
    patches = torch.nn.functional.unfold(maps, 3, padding=1).transpose(1, 2).flatten(0, 1)
    fitted(model.conv_out, patches, goal.permute(0, 2, 3, 1).reshape(-1, 4), seed)
    return model


def fit_flow(model, words, pooled, seed, n=96):
    """A transformer that predicts noise minus picture, more or less. `words` [tokens], `pooled`: widths of random ones."""
    g = torch.Generator().manual_seed(seed)
    flux = isinstance(model, FluxTransformer2DModel)
    shape = (n, 16, 64) if flux else (n, 16, 8, 8)
    sigma = torch.rand(n, generator=g)
    clean, noise = (torch.randn(shape, generator=g) for _ in range(2))
    s = sigma.view(-1, *[1] * (len(shape) - 1))
    given = dict(hidden_states=(1 - s) * clean + s * noise, encoder_hidden_states=torch.randn(n, 20, words, generator=g),
                 pooled_projections=torch.randn(n, pooled, generator=g), timestep=sigma if flux else 1000 * sigma)
    if flux:
        places = torch.tensor([[0.0, y, x] for y in range(4) for x in range(4)])
        given |= dict(txt_ids=torch.zeros(20, 3), img_ids=places)
        if model.config.guidance_embeds:
            given["guidance"] = torch.rand(n, generator=g) * 8
    tokens = before(model.proj_out, lambda: model(**given))
    goal = noise - clean
    if not flux:  # a token is a square of 2 x 2, its channels last
        goal = goal.reshape(n, 16, 4, 2, 4, 2).permute(0, 2, 4, 3, 5, 1)
    fitted(model.proj_out, tokens.flatten(0, 1), goal.reshape(tokens.shape[0] * tokens.shape[1], -1), seed)
    return model


def autoencoder(seed, channels=4, blocks=(4, 8, 8), scaling=0.18215, shift=None, bare=False):
    """`bare`: without the two 1 x 1 convolutions beside the latents, as in SD 3 and FLUX."""
    torch.manual_seed(seed)
    n = len(blocks)
    more = dict(use_quant_conv=False, use_post_quant_conv=False) if bare else {}
    model = AutoencoderKL(down_block_types=("DownEncoderBlock2D",) * n, up_block_types=("UpDecoderBlock2D",) * n,
                          block_out_channels=blocks, layers_per_block=1, latent_channels=channels, norm_num_groups=2,
                          sample_size=32, scaling_factor=scaling, shift_factor=shift, **more).eval()
    return contrast(model, seed)


@torch.no_grad()
def contrast(model, seed, spread=0.35):
    """Decoded noise has this standard deviation around grey, encoded noise one of 1 / scaling_factor."""
    g = torch.Generator().manual_seed(seed)
    scale, shift = model.config.scaling_factor, model.config.shift_factor or 0
    latents = torch.randn(4, model.config.latent_channels, 8, 8, generator=g)
    images = model.decode(latents / scale + shift).sample
    model.decoder.conv_out.weight.mul_(spread / images.std())
    model.decoder.conv_out.bias.sub_(images.mean((0, 2, 3))).mul_(spread / images.std())
    blurred = torch.nn.functional.interpolate(torch.rand(4, 3, 8, 8, generator=g) * 2 - 1, scale_factor=4, mode="bicubic")
    mean = model.encode(blurred).latent_dist.mean
    half = model.config.latent_channels
    last = getattr(model, "quant_conv", None) or model.encoder.conv_out
    last.weight[:half].mul_(1 / scale / mean.std())
    last.bias[:half].sub_(mean.mean((0, 2, 3)) - shift).mul_(1 / scale / mean.std())
    last.bias[half:].sub_(3)  # a log variance near -3: the drawn noise is seen, and does not drown the picture
    return model


@torch.no_grad()
def tiny_autoencoder(seed, spread=0.35):
    """TAESD's kind: convolutions only, and nothing to scale its latents by."""
    torch.manual_seed(seed)
    model = AutoencoderTiny(encoder_block_out_channels=(8, 8, 8), decoder_block_out_channels=(8, 8, 8),
                            num_encoder_blocks=(1, 1, 1), num_decoder_blocks=(1, 1, 1)).eval()
    model.requires_grad_(False)
    images = model.decode(torch.randn(4, 4, 8, 8)).sample
    last = model.decoder.layers[-1]
    last.weight.mul_(spread / images.std())
    last.bias.copy_(0.5 - (images.mean((0, 2, 3)) / 2 + 0.5 - last.bias) * spread / images.std())
    return model


def sd3_transformer(seed, words, pooled):
    torch.manual_seed(seed)
    model = SD3Transformer2DModel(sample_size=8, patch_size=2, in_channels=16, num_layers=2, attention_head_dim=8,
                                  num_attention_heads=4, joint_attention_dim=words, caption_projection_dim=32,
                                  pooled_projection_dim=pooled, out_channels=16, pos_embed_max_size=16,
                                  dual_attention_layers=(0,), qk_norm="rms_norm").eval()
    return fit_flow(awake(model), words, pooled, seed)


def flux_transformer(seed, words, pooled, guidance=True):
    torch.manual_seed(seed)
    model = FluxTransformer2DModel(patch_size=1, in_channels=64, num_layers=1, num_single_layers=1, attention_head_dim=16,
                                   num_attention_heads=2, joint_attention_dim=words, pooled_projection_dim=pooled,
                                   guidance_embeds=guidance, axes_dims_rope=(4, 6, 6)).eval()
    return fit_flow(awake(model), words, pooled, seed)


@torch.no_grad()
def awake(model, gain=3):
    """Larger modulation, so that words and time are seen."""
    for name, weight in model.named_parameters():
        if weight.ndim == 2 and any(part in name for part in ("time_text_embed", "context_embedder")):
            weight.mul_(gain)
    return model
