"""Training that ends when the model is sure of all that tests ask of it, on any CPU: not after so and so many steps."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xproj_fast.export.checkpoint import quiet

SEED = int(os.environ.get("XPROJ_TOY_SEED", "0"))  # other weights and examples: no test may depend on which
ROUNDS, STEPS = 30, 50  # how long it is gone on with, at most, where the model is not sure yet
RATE, LATE = 5e-3, 0.02  # of learning; and the part of it that is left in later rounds
EXAMPLES = 500  # that are looked at together


@dataclass(frozen=True)
class Lesson:
    """What a model is taught.

    Attributes:
        name: of the model, for the error.
        draw: makes a new example.
        known: the examples that tests use.
        loss: of a batch of examples.
        margin: how sure the model is of each of some examples, from its worst decision.
        enough: the margin that it must have on all of ``known``: so large that no rounding turns a decision.
        batch: examples a step.
    """

    name: str
    draw: Callable[[random.Random], Any]
    known: list[Any]
    loss: Callable[[list[Any]], Any]
    margin: Callable[[list[Any]], Any]
    enough: float
    batch: int

    def doubtful(self) -> list[Any]:
        """Return the known examples that the model is not sure of."""
        import torch

        with torch.no_grad():
            parts = [self.known[i : i + EXAMPLES] for i in range(0, len(self.known), EXAMPLES)]
            margins = torch.cat([self.margin(part) for part in parts]).tolist()
        return [example for example, found in zip(self.known, margins, strict=True) if not found >= self.enough]


def train(model: Any, lesson: Lesson, steps: int) -> None:
    """Train for some steps on new examples, and on: until the model is sure of every known one.

    Raises:
        AssertionError: where it never is.
    """
    import torch

    draw = random.Random(SEED)
    optimizer = torch.optim.AdamW(model.train().parameters(), lr=RATE, betas=(0.9, 0.98), weight_decay=0.0, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps, pct_start=0.15)

    def step(examples: list[Any]) -> None:
        optimizer.zero_grad()
        lesson.loss(examples).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()

    for _ in range(steps):
        step([lesson.draw(draw) for _ in range(lesson.batch)])
        schedule.step()
    for _ in range(ROUNDS):
        doubtful = lesson.doubtful()
        if not doubtful:
            model.eval()
            return
        for k in range(STEPS):  # three quarters of a batch are new, so that nothing is unlearnt
            optimizer.param_groups[0]["lr"] = LATE * RATE * (1 - k / STEPS)
            again = [draw.choice(doubtful) for _ in range(lesson.batch // 4)]
            step([lesson.draw(draw) for _ in range(lesson.batch - len(again))] + again)
    raise AssertionError(
        f"{lesson.name}: expected a model that is sure of all {len(lesson.known)} examples that tests use after "
        f"{steps} + {ROUNDS * STEPS} steps, got one that is not of {len(doubtful)}, such as {doubtful[0]}"
    )


def save(model: Any, words: Any, folder: Path) -> Path:
    """Write a checkpoint."""
    with quiet():
        model.save_pretrained(folder)
        words.save_pretrained(folder)
    return folder
