"""The names that `import equigait` offers: cheap to import, each usable and documented."""

import subprocess
import sys
from pathlib import Path

import equigait
import pytest
from rides import write_ride

FRESH = """
import sys, time
begun = time.perf_counter()
import equigait
seconds = time.perf_counter() - begun
print(seconds, *(name for name in ("torch", "numpy", "zarr", "transformers") if name in sys.modules))
"""


def test_importing_the_package_loads_no_heavy_library_and_takes_no_time():
    root = str(Path(equigait.__file__).parents[1])
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {root!r})\n{FRESH}"]
    seconds, *loaded = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    assert loaded == []
    assert float(seconds) < 0.5  # a few milliseconds on an idle machine


@pytest.mark.parametrize("name", equigait.__all__)
def test_every_public_name_is_there_and_says_what_it_is(name: str):
    assert getattr(equigait, name).__doc__
    assert name in dir(equigait)


def test_a_name_that_is_not_offered_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'pretrian'"):
        _ = equigait.pretrian


def test_a_recording_without_film_has_no_clock_to_find(tmp_path: Path):
    write_ride(tmp_path / "bella", horse="h0")
    for place in (str(tmp_path / "bella"), tmp_path / "bella/recording.yaml"):
        with pytest.raises(equigait.BadInput, match="no film"):
            equigait.synchronise(place)
