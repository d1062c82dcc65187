"""Transfer: a run told on another data set, and every way in which the two may not fit."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from equigait.cache.schema import Segment
from equigait.cache.store import open_store
from equigait.cache.writer import commit
from equigait.data.errors import BadInput
from equigait.pipeline.evaluate import transfer
from equigait.pipeline.evaluation.protocols.transfer import narrow
from equigait.pipeline.probing.linear import LinearClassifier
from rides import probed_run, ride_segment


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return probed_run(tmp_path_factory.mktemp("transferred"))


def elsewhere(folder: Path, *segments: Segment) -> Path:
    store = open_store(folder / "other")
    for segment in segments:
        commit(store, segment)
    return folder / "other"


def renamed(segment: Segment, *, labels: Sequence[str]) -> Segment:
    """The same recording under another vocabulary: what that does not hold is left without a label."""
    number = [labels.index(name) if name in labels else -1 for name in segment.labels]
    label = [number[each] if each >= 0 else each for each in segment.windows.label]
    index = replace(segment.windows, label=np.array(label, segment.windows.label.dtype))
    return replace(segment, labels=tuple(labels), windows=index)


def seen_by_another(segment: Segment) -> Segment:
    """The same recording whose film another teacher saw, with features of another length."""
    fingerprint = replace(segment.fingerprint, teacher={"name": "stranger", "weights_sha256": "cd" * 32, "dim": 8})
    return replace(segment, clips=segment.clips[:, :8], fingerprint=fingerprint)


def test_all_labelled_windows_of_the_other_set_are_scored_whoever_saw_its_films(run: Path, tmp_path: Path) -> None:
    other = elsewhere(tmp_path, ride_segment("h5"), seen_by_another(ride_segment("h6")))
    found = transfer(other, run=run, out=tmp_path / "found.json")
    assert found.horses == ("h5", "h6")
    assert found.n_windows == 42
    assert found.classes == ("walk", "trot", "canter")
    assert found.outcome.macro_f1 > 0.9
    assert json.loads((tmp_path / "found.json").read_text())["outcome"]["macro_f1"] == found.outcome.macro_f1
    assert f"{found.outcome.macro_f1:.3f}" in str(found)
    assert "42 windows of 2" in str(found)


def test_only_labels_that_both_know_are_told_apart(run: Path, tmp_path: Path) -> None:
    other = elsewhere(tmp_path, renamed(ride_segment("h5"), labels=("canter", "graze", "walk")))
    found = transfer(other, run=run)
    assert found.classes == ("walk", "canter")
    assert [sum(row) for row in found.outcome.confusion] == [7, 7]
    assert found.outcome.accuracy > 0.9


def test_a_narrowed_probe_gives_the_conditional_probabilities() -> None:
    """p(walk | walk or canter) = p(walk) / (p(walk) + p(canter))."""
    rng = np.random.default_rng(0)
    weight, bias = rng.normal(size=(3, 4)).astype(np.float32), rng.normal(size=3).astype(np.float32)
    whole = LinearClassifier(("walk", "trot", "canter"), weight, bias, 1.0, 1.0, ("h0",))
    features = rng.normal(size=(6, 4)).astype(np.float32)
    some = whole.probabilities(features)[:, [2, 0]]
    expected = some / some.sum(axis=1, keepdims=True)
    assert narrow(whole, classes=("canter", "walk")).probabilities(features) == pytest.approx(expected)


def test_horses_that_the_run_has_learned_from_are_refused_unless_they_are_namesakes(run: Path, tmp_path: Path) -> None:
    other = elsewhere(tmp_path, ride_segment("h0"), ride_segment("h6"))
    with pytest.raises(BadInput, match="1 horse under a name that the run has learned from: h0;"):
        transfer(other, run=run)
    assert transfer(other, run=run, namesakes=True).horses == ("h0", "h6")


def test_other_sites_rates_windows_and_labels_are_refused_with_both_named(run: Path, tmp_path: Path) -> None:
    ride = ride_segment("h6")
    turned = replace(ride.grid, sites=("sacrum", "withers"))
    faults = {
        "sites: sacrum, withers; expected withers, sacrum": replace(ride, grid=turned),
        r"rate in Hz: 40\.0; expected 50\.0": replace(ride, grid=replace(ride.grid, rate_hz=40.0)),
        "steps of a window: 200; expected 250": replace(ride, window_steps=200),
        "labels graze, trot; expected two or more": renamed(ride, labels=("graze", "trot")),
    }
    for number, (message, segment) in enumerate(faults.items()):
        with pytest.raises(BadInput, match=message):
            transfer(elsewhere(tmp_path / str(number), segment), run=run)


def test_a_set_of_two_vocabularies_or_without_labels_or_empty_is_refused(run: Path, tmp_path: Path) -> None:
    ride = ride_segment("h6")
    mixed = elsewhere(tmp_path / "mixed", ride_segment("h5"), renamed(ride, labels=("walk", "trot")))
    with pytest.raises(BadInput, match="labels: walk, trot; expected stand"):
        transfer(mixed, run=run)
    bare = replace(ride, windows=replace(ride.windows, label=np.full_like(ride.windows.label, -1)))
    with pytest.raises(BadInput, match="no labelled window"):
        transfer(elsewhere(tmp_path / "bare", bare), run=run)
    with pytest.raises(BadInput, match="no committed recording"):
        transfer(tmp_path / "nothing", run=run)
