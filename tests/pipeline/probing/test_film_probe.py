"""What films show: a classifier of the teacher's features that has never learned from the horse that it speaks of."""

import numpy as np
import pytest
from equigait.pipeline.inference.film_timeline import film_timeline
from equigait.pipeline.probing.film_probe import FilmProbes, fit_film_probe
from equigait.pipeline.probing.inputs import ProbeInputs, probe_inputs
from equigait.pipeline.recipe import Recipe, load_run_recipe
from rides import ride_cache, ride_run


@pytest.fixture(scope="module")
def inputs() -> ProbeInputs[Recipe]:
    return probe_inputs(ride_cache(), run=ride_run(), settings=load_run_recipe(ride_run()))


def test_the_horse_itself_is_not_learned_from(inputs: ProbeInputs[Recipe]) -> None:
    of_all, without = fit_film_probe(inputs, without=()), fit_film_probe(inputs, without=("h1",))
    assert of_all is not None
    assert without is not None
    assert (of_all.horses, without.horses) == (("h0", "h1", "h2", "h3"), ("h0", "h2", "h3"))
    assert fit_film_probe(inputs, without=("h0", "h1", "h2", "h3")) is None


def test_a_ride_whose_film_knows_the_gait_is_classified_window_by_window(inputs: ProbeInputs[Recipe]) -> None:
    found = film_timeline(FilmProbes(inputs), recording="h5-ride", window_seconds=5.0)
    assert found is not None
    assert (found.horse, len(found.valid), found.stop_seconds[0] - found.start_seconds[0]) == ("h5", 23, 5.0)
    middle = (found.start_seconds + found.stop_seconds) / 2
    clear = np.abs((middle + 10) % 20 - 10) > 2.5  # windows of one gait: 20 s each of walk, trot, canter
    truth = np.array(["walk", "trot", "canter"])[(middle // 20).astype(int)]
    assert np.mean(np.array(found.label)[clear] == truth[clear]) == 1.0


def test_a_recording_that_is_not_in_the_cache_has_no_timeline(inputs: ProbeInputs[Recipe]) -> None:
    assert film_timeline(FilmProbes(inputs), recording="h9-ride", window_seconds=5.0) is None
