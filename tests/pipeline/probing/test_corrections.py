"""Corrected labels in the place of a cache's: which windows change, and that no corrected horse is scored."""

from pathlib import Path

import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.recording import TRANSITION, UNLABELLED, Bout
from equigait.pipeline.probing.corrections import correct, read_corrections
from equigait.pipeline.probing.inputs import ProbeInputs, probe_inputs, scored_without
from equigait.pipeline.recipe import Recipe, load_run_recipe
from rides import ride_cache, ride_run, write_ride

HEADER = "start,end,label,recording\n"


@pytest.fixture(scope="module")
def inputs() -> ProbeInputs[Recipe]:
    return probe_inputs(ride_cache(), run=ride_run(), settings=load_run_recipe(ride_run()))


def test_windows_are_labelled_as_if_the_recording_had_been_labelled_so_before(inputs: ProbeInputs[Recipe]) -> None:
    bouts = (Bout(0.0, 11.0, "trot"), Bout(11.0, 20.0, "walk"))
    corrected = correct(inputs, corrections={"h5-ride": bouts})
    windows = corrected.inputs.windows
    of_ride = np.array(windows.recording) == "h5-ride"
    start, label = windows.start_seconds.numpy()[of_ride], windows.label[of_ride]
    stand, walk, trot, canter = range(4)
    by_hand = []
    for at in start:
        covered = {trot: min(at + 5, 11.0) - at if at < 11 else 0.0, walk: max(min(at + 5, 20.0) - max(at, 11.0), 0.0)}
        best = max(covered, key=lambda name: covered[name])
        together = sum(covered.values())
        by_hand.append(best if covered[best] >= 4 else TRANSITION if together >= 4 else UNLABELLED)
    assert label.tolist() == by_hand
    assert {stand, canter}.isdisjoint(by_hand)
    assert np.array_equal(windows.label[~of_ride], inputs.windows.label[~of_ride])
    assert corrected.changed == int((label != inputs.windows.label[of_ride]).sum())
    assert corrected.recordings == ("h5-ride",)


def test_a_corrected_horse_is_learned_from_and_neither_chooses_nor_is_scored(inputs: ProbeInputs[Recipe]) -> None:
    bout = (Bout(0.0, 20.0, "walk"),)
    corrected = correct(inputs, corrections={"h5-ride": bout, "h4-ride": bout, "h0-ride": bout})
    assert corrected.horses == ("h0", "h4", "h5")
    assert corrected.inputs.split.train == ("h0", "h1", "h2", "h3", "h4", "h5")
    assert (corrected.inputs.split.validation, corrected.inputs.split.test) == ((), ("h6",))
    assert corrected.inputs.parts.test.horses == ("h6",)
    assert {"h4", "h5"} <= set(corrected.inputs.parts.train.horses)
    assert (inputs.split.validation, inputs.split.test) == (("h4",), ("h5", "h6"))


def test_recordings_and_labels_that_the_cache_does_not_have_are_refused(inputs: ProbeInputs[Recipe]) -> None:
    with pytest.raises(BadInput, match=r"no window of h9-ride; expected recordings of the cache: h0-ride"):
        correct(inputs, corrections={"h9-ride": ()})
    with pytest.raises(BadInput, match="bouts labelled tölt"):
        correct(inputs, corrections={"h5-ride": (Bout(0.0, 20.0, "tölt"),)})


def test_a_file_names_its_recording_or_lies_beside_its_manifest(tmp_path: Path) -> None:
    (tmp_path / "down (1).csv").write_text(HEADER + '1.000,2.500,walk,"a ""mare"""\n')
    ride = write_ride(tmp_path / "gelding", horse="h5")
    (ride / "labels-reviewed.csv").write_text("start,end,label,tier\n3,4,trot,\n")
    found = read_corrections([tmp_path / "down (1).csv", ride / "labels-reviewed.csv"])
    assert found == {'a "mare"': (Bout(1.0, 2.5, "walk"),), "gelding": (Bout(3.0, 4.0, "trot"),)}


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (("start,end,label\n1,2,walk\n",), "no column `recording`, and no recording.yaml here"),
        ((HEADER + "1,2,walk,a\n2,3,trot,b\n",), "labels of 2 recordings"),
        ((HEADER + "1,2,walk,a\n", HEADER + "5,6,walk,a\n"), "corrections of a again"),
        ((HEADER + "1,3,walk,a\n2,4,trot,a\n",), "walk to 3 s"),
    ],
)
def test_files_that_leave_a_doubt_are_refused(texts: tuple[str, ...], found: str, tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.csv" for number in range(len(texts))]
    for file, text in zip(files, texts, strict=True):
        file.write_text(text)
    with pytest.raises(BadInput, match=found):
        read_corrections(files)


def test_horses_that_a_probe_has_learned_from_leave_the_scores(inputs: ProbeInputs[Recipe]) -> None:
    fewer = scored_without(inputs, horses=("h5", "h0"))
    assert (fewer.split.test, fewer.parts.test.horses) == (("h6",), ("h6",))
    assert fewer.split.train == inputs.split.train
