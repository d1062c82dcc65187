"""The training loop of both stages of `videomae-demo`: killed, it goes on from its last save when called again."""

import io
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from equigait.data.files import write_atomically
from torch import Tensor, nn
from tqdm import tqdm


@dataclass(frozen=True)
class Schedule:
    """How long and how fast a network learns."""

    steps: int = 3000
    learning_rate: float = 1.5e-3
    warm_up: float = 0.05
    """Share of the steps in which the learning rate rises."""
    second_beta: float = 0.95
    """Of AdamW."""
    weight_decay: float = 0.05
    """Of matrices; vectors have none."""
    save_every: int = 200


def rate_at(step: int, *, schedule: Schedule) -> float:
    """Learning rate: linear warm-up, then a cosine down to 2 %."""
    share = step / schedule.steps
    return schedule.learning_rate * min(1.0, share / schedule.warm_up) * (0.51 + 0.49 * math.cos(math.pi * share))


def optimise(
    network: nn.Module,
    loss_of: Callable[[int], tuple[Tensor, dict[str, Tensor]]],
    *,
    schedule: Schedule,
    folder: Path,
) -> None:
    """Trains the network in place; state and log lie in the folder.

    `loss_of` gives the loss of a step and its parts, which the log keeps; it must be a function of the step.
    """
    optimiser = _optimiser(network, schedule)
    state, start = folder / "state.pt", 0
    if state.exists():
        saved = torch.load(state, weights_only=True)
        network.load_state_dict(saved["network"])
        optimiser.load_state_dict(saved["optimiser"])
        start = saved["step"]
    for step in tqdm(range(start, schedule.steps), initial=start, total=schedule.steps, unit="step"):
        for group in optimiser.param_groups:
            group["lr"] = rate_at(step, schedule=schedule)
        loss, parts = loss_of(step)
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        if (step + 1) % schedule.save_every == 0 or step + 1 == schedule.steps:
            row = {"step": step + 1} | {name: float(part.detach()) for name, part in parts.items()}
            with (folder / "train.jsonl").open("a") as log:
                log.write(json.dumps(row) + "\n")
            kept = io.BytesIO()
            torch.save({"network": network.state_dict(), "optimiser": optimiser.state_dict(), "step": step + 1}, kept)
            write_atomically(state, kept.getvalue())


def _optimiser(network: nn.Module, schedule: Schedule) -> torch.optim.AdamW:
    matrices = [weight for weight in network.parameters() if weight.ndim > 1]
    others = [weight for weight in network.parameters() if weight.ndim <= 1]
    groups = [{"params": matrices, "weight_decay": schedule.weight_decay}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=schedule.learning_rate, betas=(0.9, schedule.second_beta), fused=True)
