"""Re-cutting: a window taken a few steps earlier or later from its recording, with the samples that are truly there.

The corpus holds windows, not recordings, but neighbours overlap or touch: what lies before a window is in the one
before it. Each window is kept with its true margins, and moves only

- over samples that exist and are valid: not across a gap, nor beyond the first and the last window of a recording;
- as long as every clip whose mean is its film stays wholly inside, so that the pair stays what phase one made it.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float32, Int64
from torch import Tensor

from .window_dataset import Corpus


@dataclass(frozen=True)
class WideWindows:
    """Windows with their margins, and how far each may move. Margins that do not exist are NaN."""

    imu: Float32[Tensor, "windows channels wide"]
    """`margin` steps before the window, the window, `margin` steps after it."""
    earlier: Int64[Tensor, "windows"]
    """Steps by which a window may begin earlier."""
    later: Int64[Tensor, "windows"]
    """Steps by which it may begin later."""

    margin: int
    """Steps of either margin."""

    def to(self, device: torch.device) -> "WideWindows":
        """The same on that device."""
        return WideWindows(self.imu.to(device), self.earlier.to(device), self.later.to(device), margin=self.margin)

    def draw_moves(self, rows: Int64[Tensor, "batch"], *, generator: torch.Generator) -> Int64[Tensor, "batch"]:
        """For each of these windows a move within its bounds, in steps, later being positive; all as likely."""
        earlier, later = self.earlier[rows], self.later[rows]
        chance = torch.rand(len(rows), generator=generator, device=rows.device, dtype=torch.float64)
        return (chance * (earlier + later + 1)).long() - earlier

    def cut(
        self, rows: Int64[Tensor, "batch"], *, moves: Int64[Tensor, "batch"]
    ) -> Float32[Tensor, "batch channels steps"]:
        """These windows, moved."""
        chosen = self.imu[rows]
        steps = chosen.shape[-1] - 2 * self.margin
        source = self.margin + moves[:, None] + torch.arange(steps, device=chosen.device)
        return chosen.gather(-1, source[:, None, :].expand(-1, chosen.shape[1], -1))


def with_margins(corpus: Corpus, *, most: int, window_seconds: float) -> WideWindows:
    """The corpus's windows with margins of up to `most` steps, found in the neighbours of the same recording."""
    if corpus.film_seconds is None:
        raise ValueError("re-cutting needs to know when the film was seen")
    steps = corpus.imu.shape[2]
    rate_hz = steps / window_seconds
    before, hop_before = _neighbours(corpus, rate_hz=rate_hz, step=-1)
    after, hop_after = _neighbours(corpus, rate_hz=rate_hz, step=1)
    place = torch.arange(most)
    wide = torch.cat(
        [
            _columns(corpus.imu[before], hop_before[:, None] - most + place, true=place >= most - hop_before[:, None]),
            corpus.imu,
            _columns(corpus.imu[after], steps - hop_after[:, None] + place, true=place < hop_after[:, None]),
        ],
        dim=2,
    )
    film_earlier, film_later = _room_of_film(corpus, window_seconds=window_seconds, rate_hz=rate_hz, most=most)
    return WideWindows(
        imu=wide,
        earlier=torch.minimum(hop_before, film_earlier),
        later=torch.minimum(hop_after, film_later),
        margin=most,
    )


def _neighbours(
    corpus: Corpus, *, rate_hz: float, step: int
) -> tuple[Int64[Tensor, "windows"], Int64[Tensor, "windows"]]:
    """The window before (step -1) or after each, and by how many steps; by 0 where none overlaps or touches it."""
    row = torch.arange(len(corpus))
    other = (row + step).clamp(0, len(corpus) - 1)
    numbers = {name: number for number, name in enumerate(dict.fromkeys(corpus.recording))}
    recording = torch.tensor([numbers[name] for name in corpus.recording])
    hop = ((corpus.start_seconds[other] - corpus.start_seconds) * rate_hz * step).round().long()
    near = (recording[other] == recording) & (hop > 0) & (hop <= corpus.imu.shape[2])
    return other, torch.where(near, hop, 0)


def _columns(
    imu: Float32[Tensor, "windows channels steps"], source: Int64[Tensor, "windows margin"], *, true: Tensor
) -> Float32[Tensor, "windows channels margin"]:
    """These columns of each window, NaN where they are not true."""
    index = source.clamp(0, imu.shape[2] - 1)[:, None, :].expand(-1, imu.shape[1], -1)
    return torch.where(true[:, None, :], imu.gather(2, index), torch.nan)


def _room_of_film(
    corpus: Corpus, *, window_seconds: float, rate_hz: float, most: int
) -> tuple[Int64[Tensor, "windows"], Int64[Tensor, "windows"]]:
    """Steps by which a window may move earlier, and later, with all its clips inside; `most` where it has none."""
    assert corpus.film_seconds is not None
    begins, ends = corpus.film_seconds.unbind(1)
    earlier = (corpus.start_seconds + window_seconds - ends) * rate_hz
    later = (begins - corpus.start_seconds) * rate_hz
    rooms = [torch.nan_to_num((room + 1e-3).floor(), nan=most).clamp(0, most).long() for room in (earlier, later)]
    return rooms[0], rooms[1]
