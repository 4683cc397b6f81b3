"""Runs diffusers' own scheduler classes on configurations that its tests do not publish, and writes every step down.

    python schedulers.py --out ../../test/fixtures/schedulers-derived.json

The loop is that of diffusers' tests/schedulers: a sample that counts from 0 to 1, and a network that answers
x * t / (t + 1). test/schedulers.trace.test.ts reads the file.
"""

import argparse
import json

import diffusers
import torch

SHAPE = (4, 3, 8, 8)
SIZE = 4 * 3 * 8 * 8
HEAD = 4
LATENT = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
ZERO_SNR = {**LATENT, "rescale_betas_zero_snr": True, "prediction_type": "v_prediction", "timestep_spacing": "trailing"}
THRESHOLD = {**LATENT, "thresholding": True, "sample_max_value": 1.5}
CURVES = ("use_karras_sigmas", "use_exponential_sigmas", "use_beta_sigmas")

# name, class, configuration, steps, and what the loop does otherwise than most
CASES = [
    *[
        (f"dpm_sde.{curve}", "DPMSolverSDEScheduler", {**LATENT, curve: True, "noise_sampler_seed": 5}, 8, {})
        for curve in CURVES
    ],
    ("dpm_sde.leading_v", "DPMSolverSDEScheduler", {**LATENT, "timestep_spacing": "leading", "steps_offset": 1,
     "prediction_type": "v_prediction", "noise_sampler_seed": 4294967295}, 12, {}),
    ("dpm_sde.noise", "DPMSolverSDEScheduler", {**LATENT, "noise_sampler_seed": 3}, 10, {"t_start": 4}),
    ("dpm2_a.use_beta_sigmas", "KDPM2AncestralDiscreteScheduler", {**LATENT, "use_beta_sigmas": True}, 8, {"seed": 1}),
    ("euler_a.zero_snr", "EulerAncestralDiscreteScheduler", ZERO_SNR, 8, {"seed": 2}),
    ("ddpm.zero_snr", "DDPMScheduler", ZERO_SNR, 10, {"seed": 2}),
    ("tcd.zero_snr", "TCDScheduler", {"rescale_betas_zero_snr": True, "prediction_type": "v_prediction"}, 6, {"seed": 2, "eta": 0.3}),
    ("lcm.thresholding", "LCMScheduler", {"thresholding": True, "sample_max_value": 1.5}, 6, {"seed": 2}),
    ("dpm_sde_2m.thresholding", "DPMSolverMultistepScheduler", {**THRESHOLD, "algorithm_type": "sde-dpmsolver++"}, 10, {"seed": 2}),
    ("ddpm.learned", "DDPMScheduler", {**LATENT, "variance_type": "learned"}, 10, {"seed": 2, "learned": True}),
    ("ddpm.learned_range_v", "DDPMScheduler", {**LATENT, "variance_type": "learned_range", "prediction_type": "v_prediction"}, 10, {"seed": 2, "learned": True}),
    ("dpm.lu_leading", "DPMSolverMultistepScheduler", {**LATENT, "use_lu_lambdas": True, "timestep_spacing": "leading", "steps_offset": 1}, 12, {}),
    ("dpm.lu_order3", "DPMSolverMultistepScheduler", {**LATENT, "use_lu_lambdas": True, "solver_order": 3}, 20, {}),
    *[
        (f"{name}.flow_shift_3", scheduler, {"use_flow_sigmas": True, "flow_shift": 3.0, "prediction_type": "flow_prediction", **more}, 10, {"seed": 2})
        for name, scheduler, more in [
            ("dpm_sde_2m", "DPMSolverMultistepScheduler", {"algorithm_type": "sde-dpmsolver++"}),
            ("unipc", "UniPCMultistepScheduler", {}),
        ]
    ],
]


def ramp() -> torch.Tensor:
    """Counts with the batch as the fastest axis."""
    batch, *rest = SHAPE
    return (torch.arange(SIZE) / SIZE).reshape(*rest, batch).permute(3, 0, 1, 2).contiguous()


def run(scheduler, steps: int, loop: dict) -> list[dict]:
    scheduler.set_timesteps(steps)
    generator = torch.Generator("cpu").manual_seed(loop.get("seed", 0))
    noise = (ramp().flip(0, 1, 2, 3)).contiguous()
    takes = scheduler.step.__code__.co_varnames
    more = {"generator": generator} if "generator" in takes else {}
    if "eta" in loop:
        more["eta"] = loop["eta"]
    x = ramp() * scheduler.init_noise_sigma
    timesteps = scheduler.timesteps
    if "t_start" in loop:
        timesteps = timesteps[loop["t_start"] * scheduler.order :]
        x = scheduler.add_noise(x, noise, timesteps[:1])
    trace = []
    for i, t in enumerate(timesteps):
        scaled = scheduler.scale_model_input(x, t)
        output = scaled * t / (t + 1)
        if loop.get("learned"):
            spread = 2 * noise - 1 if scheduler.config.variance_type == "learned_range" else noise
            output = torch.cat([output, spread], dim=1)
        x = scheduler.step(output, t, x, **more).prev_sample
        trace.append({"i": i, "t": float(t), "abs_sum": float(x.abs().sum()), "head": x.flatten()[:HEAD].tolist()})
    return trace


def case(name: str, class_name: str, config: dict, steps: int, loop: dict) -> dict:
    scheduler = getattr(diffusers, class_name)(**config)
    trace = run(scheduler, steps, loop)
    total = trace[-1]["abs_sum"]
    return {
        "id": f"derived.{name}",
        "origin": "derived",
        "scheduler": class_name,
        "config": config,
        "set_timesteps": {"args": [steps]},
        "shape": SHAPE,
        "loop": {
            "init": "S*init_noise_sigma",
            "scale_model_input": "separate",
            "generator_seed": loop.get("seed"),
            "add_noise": {"t_start": loop["t_start"]} if "t_start" in loop else None,
            "eta": loop.get("eta"),
            "learned": loop.get("learned"),
        },
        "computed_sum": total,
        "computed_mean": total / SIZE,
        "n_steps": len(trace),
        "init_noise_sigma": float(scheduler.init_noise_sigma),
        "timesteps": [float(t) for t in scheduler.timesteps],
        "trace": trace,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", required=True)
    out = parser.parse_args().out
    meta = {"source": f"diffusers {diffusers.__version__} on torch {torch.__version__}, CPU, by training/parity/schedulers.py"}
    cases = ",\n".join(json.dumps(case(*each)) for each in CASES)
    with open(out, "w", encoding="utf-8") as file:
        file.write(f'{{"meta": {json.dumps(meta)},\n"cases": [\n{cases}\n]}}\n')


main()
