"""A convolutional variational autoencoder: 128 x 128 RGB in [-1, 1] <-> 16 x 16 latents of 8 channels.

The diffusion model works in this latent space (Rombach et al. 2022, "High-Resolution Image Synthesis with Latent
Diffusion Models"): 24 times fewer numbers than pixels, and the decoder already knows what a clean outline is.
"""

import torch
import torch.nn.functional as F
from torch import nn

LATENT_CHANNELS = 8
FACTOR = 8  # pixels a side per latent


class Block(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.norm1, self.norm2 = nn.GroupNorm(8, channels), nn.GroupNorm(8, channels)
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x):
        h = self.conv1(F.silu(self.norm1(x)))
        return x + self.conv2(F.silu(self.norm2(h)))


class Encoder(nn.Module):
    """[b, 3, H, W] -> [b, 16, H/8, W/8]: mean and log variance, the contract of a diffusers vae_encoder."""

    def __init__(self, width=64):
        super().__init__()
        self.layers = nn.Sequential(
            nn.PixelUnshuffle(4),  # 48 channels at a quarter of the size: cheap on a CPU and nothing is lost
            nn.Conv2d(48, width, 3, padding=1),
            Block(width),
            nn.PixelUnshuffle(2),
            nn.Conv2d(4 * width, 2 * width, 1),
            Block(2 * width),
            Block(2 * width),
            nn.GroupNorm(8, 2 * width),
            nn.Conv2d(2 * width, 2 * LATENT_CHANNELS, 1),
        )

    def forward(self, image):
        return self.layers(image)


class Decoder(nn.Module):
    """[b, 8, h, w] -> [b, 3, 8h, 8w] in about [-1, 1]."""

    def __init__(self, width=64):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(LATENT_CHANNELS, 3 * width, 3, padding=1),
            Block(3 * width),
            Block(3 * width),
            nn.Conv2d(3 * width, 4 * width, 1),
            nn.PixelShuffle(2),
            nn.Conv2d(width, width, 3, padding=1),
            Block(width),
            Block(width),
            nn.Conv2d(width, 4 * 24, 3, padding=1),
            nn.PixelShuffle(2),
            nn.SiLU(),
            nn.Conv2d(24, 24, 3, padding=1),
            nn.SiLU(),
            nn.Conv2d(24, 12, 3, padding=1),
            nn.PixelShuffle(2),
        )

    def forward(self, latents):
        return self.layers(latents)


def sample(parameters):
    """A latent drawn from the encoder's Gaussian."""
    mean, logvar = parameters.chunk(2, dim=1)
    return mean + torch.randn_like(mean) * torch.exp(0.5 * logvar.clamp(-30, 20))


def kl(parameters):
    """Mean divergence from the unit Gaussian, in nats per latent number."""
    mean, logvar = parameters.float().chunk(2, dim=1)
    return 0.5 * (mean.square() + logvar.exp() - 1 - logvar).mean()


def reconstruction_loss(out, target):
    """L1 on colours and on the differences between neighbouring pixels, which keeps outlines sharp."""
    loss = (out - target).abs().mean()
    for dim in (2, 3):
        loss = loss + (out.diff(dim=dim) - target.diff(dim=dim)).abs().mean()
    return loss
