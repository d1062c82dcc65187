"""A sum of objectives is the sum of their weighted losses, and lets each learn, remember and report its own."""

import pytest
import torch
from objective_parts import forward_of, objective_of, unit

TERMS = [{"name": "siglip"}, {"name": "infonce", "weight": 0.5}, {"name": "queue", "size": 4, "weight": 2.0}]


def test_the_loss_is_the_weighted_sum_and_each_share_is_logged() -> None:
    both = objective_of({"name": "sum", "weight": 3.0, "terms": TERMS})
    both.terms[2].fill(unit(4))
    parts = [objective_of({**term, "weight": 1.0}) for term in TERMS]
    parts[2].fill(unit(4))
    losses = [float(part.loss(forward_of()).detach()) for part in parts]
    expected = 3 * (losses[0] + 0.5 * losses[1] + 2 * losses[2])
    assert float(both.loss(forward_of()).detach()) == pytest.approx(expected, rel=1e-5)
    said = {key: float(value) for key, value in both.state().items()}
    assert said == pytest.approx(
        {
            "siglip": losses[0],
            "infonce": 0.5 * losses[1],
            "queue": 2 * losses[2],
            "siglip.scale": 10.0,
            "siglip.bias": -torch.log(torch.tensor(5.0)).item(),
            "infonce.temperature": 0.07,
        },
        rel=1e-5,
    )


def test_gradients_add_up() -> None:
    both, parts = objective_of({"name": "sum", "terms": TERMS[:2]}), [objective_of(term) for term in TERMS[:2]]
    gradients = []
    for judged in ([both], parts):
        forward = forward_of()
        for each in judged:
            each.loss(forward).backward(retain_graph=True)
        gradients.append(forward.encoders.student.project.weight.grad)
    torch.testing.assert_close(*gradients, rtol=1e-4, atol=2e-6)


def test_each_term_keeps_what_it_keeps_of_a_batch() -> None:
    both, forward = objective_of({"name": "sum", "terms": TERMS}), forward_of()
    both.terms[2].fill(unit(4))
    torch.nn.init.constant_(both.terms[1].log_scale, 9.0)
    both.after_step(forward)
    assert float(both.terms[1].state()["temperature"]) == pytest.approx(0.01)
    assert torch.equal(both.terms[2].queue, forward.film.detach()[-4:])


def test_it_needs_film_when_a_term_does() -> None:
    from objective_parts import OBJECTIVE

    alone = OBJECTIVE.validate_python({"name": "sum", "terms": [{"name": "masked"}]})
    beside = OBJECTIVE.validate_python({"name": "sum", "terms": [{"name": "masked"}, {"name": "siglip"}]})
    assert not alone.needs_film
    assert beside.needs_film
