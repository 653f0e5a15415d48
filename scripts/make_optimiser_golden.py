#!/usr/bin/env python3
"""Makes the golden values that the tests of the optimisers compare with.

    pip install torch==2.9.1
    python scripts/make_optimiser_golden.py

Moves three parameters by PyTorch's own optimisers along given gradients, clipped to a global norm by
`clip_grad_norm_`, and writes down where they end. Parameters and gradients are float32 numbers; the
arithmetic is float64, so that a golden value is right to float32's last digit.

Written to crates/trainer/fixtures/optimisers.json.
"""

import json
from pathlib import Path

import torch

SEED = 20
FIXTURE = Path(__file__).resolve().parent.parent / "crates" / "trainer" / "fixtures" / "optimisers.json"
SHAPES = {"0.bias": [5], "0.weight": [3, 5], "1.weight": [7, 1]}
STEPS = 6
# Gradients have a norm of about 5: with the first every step is clipped, with the second none is.
CLIP_NORMS = [1.0, 0.0]
RATE = 0.05

CASES = {
    "adam": (torch.optim.Adam, {"kind": "adam"}, {}),
    "adam, other settings": (
        torch.optim.Adam,
        {"kind": "adam", "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-3},
        {"betas": (0.8, 0.95), "eps": 1e-3},
    ),
    "adamw": (torch.optim.AdamW, {"kind": "adamw"}, {}),
    "adamw, strong decay": (torch.optim.AdamW, {"kind": "adamw", "weight_decay": 0.3}, {"weight_decay": 0.3}),
    "sgd": (torch.optim.SGD, {"kind": "sgd"}, {}),
    "sgd, momentum and decay": (
        torch.optim.SGD,
        {"kind": "sgd", "momentum": 0.9, "weight_decay": 0.1},
        {"momentum": 0.9, "weight_decay": 0.1},
    ),
}


def numbers(shape):
    return torch.randn(shape, dtype=torch.float32, generator=GENERATOR).mul(1000).round().div(1000)


def listed(tensors):
    return {name: tensor.flatten().tolist() for name, tensor in tensors.items()}


def end(kind, settings, clip_norm, start, gradients):
    parameters = {name: torch.nn.Parameter(value.double()) for name, value in start.items()}
    optimiser = kind(parameters.values(), lr=RATE, **settings)
    for step in gradients:
        for name, parameter in parameters.items():
            parameter.grad = step[name].double()
        if clip_norm > 0:
            torch.nn.utils.clip_grad_norm_(parameters.values(), clip_norm)
        optimiser.step()
    return {name: parameter.detach() for name, parameter in parameters.items()}


def main():
    start = {name: numbers(shape) for name, shape in SHAPES.items()}
    gradients = [{name: numbers(shape) for name, shape in SHAPES.items()} for _ in range(STEPS)]
    cases = [
        {
            "name": f"{name}, clipped to {clip_norm}",
            "config": config,
            "clip_norm": clip_norm,
            "end": listed(end(kind, settings, clip_norm, start, gradients)),
        }
        for name, (kind, config, settings) in CASES.items()
        for clip_norm in CLIP_NORMS
    ]
    fixture = {
        "rate": RATE,
        "shapes": SHAPES,
        # As decimals that read back as the same float32 numbers.
        "start": {name: [round(x, 3) for x in values] for name, values in listed(start).items()},
        "gradients": [
            {name: [round(x, 3) for x in values] for name, values in listed(step).items()} for step in gradients
        ],
        "cases": cases,
    }
    FIXTURE.parent.mkdir(exist_ok=True)
    FIXTURE.write_text(json.dumps(fixture) + "\n")


if __name__ == "__main__":
    GENERATOR = torch.Generator().manual_seed(SEED)
    main()
