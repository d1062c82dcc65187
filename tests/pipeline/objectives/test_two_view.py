"""Two views against the formula by hand: which windows are candidates, what is augmented anew, and film's absence."""

import math

import pytest
import torch
from equigait.pipeline.training.trainer import Trainer
from objective_parts import forward_of, objective_of, unit
from synthetic_corpus import small_recipe, synthetic_corpus
from torch import Tensor


def by_hand(one: Tensor, other: Tensor, temperature: float, apart: set[tuple[int, int]]) -> float:
    """NT-Xent in Python floats; window pairs in `apart` are no candidates for each other."""
    views, batch = torch.cat([one, other]).double(), len(one)
    total = 0.0
    for i in range(2 * batch):
        candidates = [k for k in range(2 * batch) if k != i and (i % batch, k % batch) not in apart]
        scores = {k: float(views[i] @ views[k]) / temperature for k in candidates}
        total += math.log(sum(math.exp(score) for score in scores.values())) - scores[(i + batch) % (2 * batch)]
    return total / (2 * batch)


@pytest.mark.parametrize("temperature", [0.1, 0.5])
@pytest.mark.parametrize("apart", [set(), {(0, 3), (3, 0)}])
def test_the_loss_is_the_formula_over_both_views(temperature: float, apart: set[tuple[int, int]]) -> None:
    one, other, ignore = unit(5), unit(5, seed=1), torch.zeros(5, 5, dtype=torch.bool)
    for pair in apart:
        ignore[pair] = True
    objective = objective_of({"name": "two-view", "temperature": temperature})
    expected = by_hand(one, other, temperature, apart)
    assert float(objective(one, other, ignore=ignore)) == pytest.approx(expected, rel=1e-5)


def test_it_compares_the_batch_with_its_windows_augmented_anew() -> None:
    forward, objective = forward_of(), objective_of({"name": "two-view"})
    other = forward.encode(forward.batch.other_view)
    assert torch.equal(objective.compute_loss(forward), objective(forward.imu, other))


def test_the_second_view_is_another_augmentation_of_the_same_windows_drawn_only_where_it_is_compared() -> None:
    corpus = synthetic_corpus(horses=3, windows=6)
    transforms = ("noise_m_s2", "noise_rad_s", "scale", "rotation_degrees", "shift_steps", "site_dropout")
    plain = [f"augment.{name}=0" for name in transforms]

    def batch_of(*overrides: str):
        recipe = small_recipe(*overrides)
        trainer = Trainer(recipe, train=corpus, validation=corpus, device=torch.device("cpu"))
        return trainer.forward_pass(0).batch

    two_views = "objective={name: sum, terms: [{name: siglip}, {name: two-view}]}"
    assert batch_of().other_view is None
    changed, same = batch_of(two_views), batch_of(two_views, *plain)
    assert not torch.equal(changed.imu, changed.other_view)
    assert torch.equal(same.imu, same.other_view)
    assert torch.equal(changed.imu, batch_of().imu)  # the first view is that of other objectives
