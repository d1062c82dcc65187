"""What a recording's film shows, window by window, in the form of what its sensors predict."""

import numpy as np

from ..probing.film_probe import FilmProbes
from .timeline import Timeline


def film_timeline(films: FilmProbes, *, recording: str, window_seconds: float) -> Timeline | None:
    """Class probabilities of a recording's filmed windows by film alone; None where that cannot be known.

    Film knows no novelty: nothing is unknown by it.
    """
    found = films.of(recording)
    if found is None:
        return None
    windows, classifier, probability = found
    start = windows.start_seconds.numpy()
    return Timeline(
        recording=recording,
        horse=windows.horse[0],
        classes=classifier.classes,
        start_seconds=start,
        stop_seconds=start + window_seconds,
        valid=np.ones(len(start), dtype=bool),
        probability=probability,
        novelty=np.zeros(len(start)),
    )
