"""Ranks and recalls against cases that can be counted by hand."""

import pytest
import torch
from equigait.pipeline.training.retrieval import partner_ranks, retrieval_chance, retrieval_scores, retrieve


def test_ranks_are_counted_among_the_whole_gallery() -> None:
    gallery = torch.eye(4)
    queries = torch.tensor([[1.0, 0, 0, 0], [0.9, 0.8, 0.7, 0], [0.1, 0.2, 0.3, 0.4], [0.4, 0.3, 0.2, 0.1]])
    assert partner_ranks(queries, gallery).tolist() == [1, 2, 2, 4]


def test_scores_are_shares_and_mean_reciprocal_rank() -> None:
    scores = retrieval_scores(torch.tensor([1, 2, 6, 11]))
    assert scores == pytest.approx({"R@1": 0.25, "R@5": 0.5, "R@10": 0.75, "MRR": (1 + 1 / 2 + 1 / 6 + 1 / 11) / 4})


def test_blocks_of_rows_change_nothing() -> None:
    queries, gallery = torch.randn(1500, 8), torch.randn(1500, 8)
    whole = torch.nn.functional.normalize(queries, dim=1) @ torch.nn.functional.normalize(gallery, dim=1).T
    expected = (whole >= whole.diagonal()[:, None]).sum(1)
    assert torch.equal(partner_ranks(queries, gallery), expected)


def test_the_length_of_vectors_does_not_matter() -> None:
    queries, gallery = torch.randn(50, 8), torch.randn(50, 8)
    assert torch.equal(partner_ranks(queries, gallery), partner_ranks(queries * 3, gallery * 0.2))


def test_a_collapsed_gallery_finds_nothing() -> None:
    collapsed = torch.ones(40, 8)
    assert retrieval_scores(partner_ranks(collapsed, collapsed))["R@10"] == 0.0


def test_chance_is_what_random_embeddings_reach() -> None:
    generator = torch.Generator().manual_seed(0)
    draws = [torch.randn(2, 100, 16, generator=generator) for _ in range(60)]
    mean = sum(retrieval_scores(partner_ranks(a, b))["R@10"] for a, b in draws) / len(draws)
    reciprocal = sum(retrieval_scores(partner_ranks(a, b))["MRR"] for a, b in draws) / len(draws)
    assert mean == pytest.approx(retrieval_chance(100)["R@10"], abs=0.01)
    assert reciprocal == pytest.approx(retrieval_chance(100)["MRR"], abs=0.006)


def test_chance_of_a_gallery_smaller_than_the_cut_is_certainty() -> None:
    assert retrieval_chance(4)["R@5"] == 1.0


def test_both_directions_are_told_apart() -> None:
    imu = torch.tensor([[1.0, 0.0], [0.98, 0.2], [0.95, 0.31]])
    film = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]])
    scores = retrieve(imu, film)
    assert scores["imu_to_film"] == retrieval_scores(partner_ranks(imu, film))
    assert scores["film_to_imu"] == retrieval_scores(partner_ranks(film, imu))
    assert scores["imu_to_film"] != scores["film_to_imu"]


def test_broken_embeddings_are_refused() -> None:
    broken = torch.full((3, 4), torch.nan)
    with pytest.raises(ValueError, match="finite"):
        partner_ranks(broken, torch.randn(3, 4))
