"""The films that `videomae-demo` learns to tell motion from, small as it sees them, each beside the motion in it."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from equigait.data.simulate import YardSpec, make_ride
from equigait.data.simulate.film import write_film
from equigait.data.video.pixels import Picture
from equigait.pipeline.teachers.resize_center_crop import resize_center_crop
from jaxtyping import Float32, UInt8
from numpy import ndarray as Array
from tqdm import tqdm

from .random_people import film_of_person, person_motion, random_person
from .stick_horses import PER_FRAME, film_of_sticks, horse_motion
from .train_demo import PREPROCESSING, RATE_HZ

SMALL = {"frame_width": 128, "frame_height": 76}
"""Pixels of the field yard's films."""
YARD_SECONDS = 24.0
PERSON_FRAMES, STICK_FRAMES = 48, 144
SLOWEST, FASTEST = 0.55, 1.5
"""Tempo of stick figures, which tracks in slow motion have, too."""


@dataclass(frozen=True)
class FilmSet:
    """Films of one sort that are learned from."""

    name: str
    """A yard's difficulty, `sticks` (horses of a field yard as figures) or `people` (random figures)."""
    seed: int
    count: int
    share: float
    """Of the clips of a step."""


@dataclass(frozen=True)
class Films:
    """The films of a set, and the motion in them."""

    kind: str
    """`horse` or `person`: what its motion has columns for."""
    frames: UInt8[Array, "films frames channels 64 64"]
    motion: Float32[Array, "films samples 18"]
    """`PER_FRAME` samples a frame."""
    share: float
    """Of the clips of a step."""


def filmed_ride(
    difficulty: str, *, seed: int, number: int
) -> tuple[UInt8[Array, "frames 3 64 64"], Float32[Array, "samples 18"]]:
    """One horse of a yard, filmed at 7.5 fps and compressed as a yard's films are, and `horse_motion`."""
    size = SMALL if difficulty == "field" else {}
    spec = YardSpec(difficulty=difficulty, seed=seed, seconds=YARD_SECONDS, fps=RATE_HZ, **size)
    ride = make_ride(spec, horse=number)
    with tempfile.TemporaryDirectory() as folder:
        write_film(ride, path=Path(folder) / "film.mp4")
        with av.open(Path(folder) / "film.mp4") as film:
            images = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
    frames = [resize_center_crop(Picture.of_rgb(image), preprocessing=PREPROCESSING) for image in images]
    times = np.arange(len(frames) * PER_FRAME) / (RATE_HZ * PER_FRAME)
    return np.stack(frames), horse_motion(ride, times)


def stick_horse(seed: int, number: int) -> tuple[UInt8[Array, "144 1 64 64"], Float32[Array, "samples 18"]]:
    """One horse of a field yard as a figure of sticks or limbs, at a tempo of its own, and `horse_motion`."""
    spec = YardSpec(difficulty="field", seed=seed, seconds=STICK_FRAMES / RATE_HZ * FASTEST)
    rng = np.random.default_rng((seed, number, 1))
    ride = make_ride(spec, horse=number)
    tempo = float(np.exp(rng.uniform(np.log(SLOWEST), np.log(FASTEST))))
    times = np.arange(STICK_FRAMES * PER_FRAME) / (RATE_HZ * PER_FRAME) * tempo
    motion = horse_motion(ride, times)
    motion[:, 14] *= tempo  # speed as the film shows it
    motion[:, 17] *= tempo
    return film_of_sticks(ride, times[::PER_FRAME], rng=rng)[:, None], motion


def random_figure(seed: int, number: int) -> tuple[UInt8[Array, "48 1 64 64"], Float32[Array, "samples 18"]]:
    """A random figure that stands upright, and `person_motion`."""
    rng = np.random.default_rng((seed, number))
    figure = random_person(rng, samples=PERSON_FRAMES * PER_FRAME, per_frame=PER_FRAME)
    return film_of_person(figure, per_frame=PER_FRAME, rng=rng)[:, None], person_motion(figure)


def make_film(
    films: FilmSet, number: int
) -> tuple[UInt8[Array, "frames channels 64 64"], Float32[Array, "samples 18"]]:
    """Frames and motion of the film of a number: a function of the set's name and seed, and of the number."""
    if films.name == "people":
        return random_figure(films.seed, number)
    if films.name == "sticks":
        return stick_horse(films.seed, number)
    return filmed_ride(films.name, seed=films.seed, number=number)


def load_films(sets: tuple[FilmSet, ...], *, folder: Path) -> list[Films]:
    """All films; each set is kept in the folder and not made twice."""
    loaded = []
    for films in sets:
        path = folder / f"{films.name}.npz"
        if not path.exists():
            made = [make_film(films, number) for number in tqdm(range(films.count), desc=films.name, unit="film")]
            frames, motion = (np.stack(each) for each in zip(*made, strict=True))
            np.savez(folder / f"{films.name}.part.npz", frames=frames, motion=motion)
            (folder / f"{films.name}.part.npz").rename(path)
        with np.load(path) as kept:
            kind = "person" if films.name == "people" else "horse"
            loaded.append(Films(kind, kept["frames"], kept["motion"], films.share))
    return loaded
