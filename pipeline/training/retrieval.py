"""Retrieval: the rank of an embedding's partner among all embeddings of the other side."""

import torch
from jaxtyping import Float32, Int64
from torch import Tensor

CUTS = (1, 5, 10)


def partner_ranks(
    queries: Float32[Tensor, "windows shared"], gallery: Float32[Tensor, "windows shared"]
) -> Int64[Tensor, "windows"]:
    """Rank from 1 of each query's partner (the row of the same number) by cosine similarity, among the whole gallery.

    Ties count against the query: identical embeddings have the worst rank, not the best.
    """
    if not (bool(torch.isfinite(queries).all()) and bool(torch.isfinite(gallery).all())):
        raise ValueError("retrieval needs finite embeddings")
    left, right = torch.nn.functional.normalize(queries, dim=1), torch.nn.functional.normalize(gallery, dim=1)
    ranks = []
    for start in range(0, len(left), 1024):  # blocks of rows keep memory in bounds
        similarity = left[start : start + 1024] @ right.T
        own = similarity.diagonal(start)[:, None]
        ranks.append((similarity >= own).sum(1))
    return torch.cat(ranks) if ranks else torch.zeros(0, dtype=torch.int64)


def ranks_both_ways(
    imu: Float32[Tensor, "windows shared"], film: Float32[Tensor, "windows shared"]
) -> dict[str, Int64[Tensor, "windows"]]:
    """Partners' ranks by way: `imu_to_film` and `film_to_imu`."""
    return {"imu_to_film": partner_ranks(imu, film), "film_to_imu": partner_ranks(film, imu)}


def retrieval_scores(ranks: Int64[Tensor, "windows"]) -> dict[str, float]:
    """`R@1`, `R@5`, `R@10`: shares of queries whose partner ranks that high; `MRR`: the mean of 1 / rank."""
    recalls = {f"R@{cut}": float((ranks <= cut).double().mean()) for cut in CUTS}
    return recalls | {"MRR": float((1.0 / ranks.double()).mean())}


def retrieval_chance(windows: int) -> dict[str, float]:
    """The same figures for a random order of the gallery: R@k = k / n, MRR = (1 + 1/2 + ... + 1/n) / n."""
    recalls = {f"R@{cut}": min(cut / windows, 1.0) for cut in CUTS}
    return recalls | {"MRR": sum(1 / rank for rank in range(1, windows + 1)) / windows}


def retrieve(
    imu: Float32[Tensor, "windows shared"], film: Float32[Tensor, "windows shared"]
) -> dict[str, dict[str, float]]:
    """Retrieval scores both ways: `imu_to_film` and `film_to_imu`."""
    return {way: retrieval_scores(ranks) for way, ranks in ranks_both_ways(imu, film).items()}
