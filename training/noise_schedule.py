"""The forward process: how an image becomes noise (Ho et al. 2020, "Denoising Diffusion Probabilistic Models")."""

import torch

STEPS = 1000
BETA_START, BETA_END = 0.00085, 0.012  # "scaled_linear": linear in the square root, as in Stable Diffusion


def alphas_cumprod():
    """[1000]: how much of the image's variance is left after each step of the Markov chain."""
    betas = torch.linspace(BETA_START**0.5, BETA_END**0.5, STEPS, dtype=torch.float32) ** 2
    return (1 - betas).cumprod(dim=0)


def add_noise(clean, noise, t, table):
    """q(x_t | x_0): all t steps of the chain at once, x_t = sqrt(a_t) x_0 + sqrt(1 - a_t) noise."""
    a = table[t].view(-1, 1, 1, 1)
    return a.sqrt() * clean + (1 - a).sqrt() * noise


SCHEDULER_CONFIG = {
    "_class_name": "DPMSolverMultistepScheduler",
    "num_train_timesteps": STEPS,
    "beta_start": BETA_START,
    "beta_end": BETA_END,
    "beta_schedule": "scaled_linear",
    "prediction_type": "epsilon",
    "timestep_spacing": "trailing",
    "algorithm_type": "dpmsolver++",
    "solver_order": 2,
    "solver_type": "midpoint",
    "lower_order_final": True,
    "clip_sample": False,
    "set_alpha_to_one": False,
    "steps_offset": 0,
}
