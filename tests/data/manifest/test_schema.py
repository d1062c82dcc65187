"""What a manifest names."""

from equigait.data.manifest.schema import Manifest

SENSORS = [{"site": "sacrum", "path": "a.csv", "high_g": "a-high.csv"}, {"site": "withers", "path": "b.csv"}]


def test_files_are_film_sensors_their_second_files_and_labels() -> None:
    manifest = Manifest.model_validate(
        {"horse": "bella", "film": "film.mp4", "sensors": SENSORS, "labels": {"path": "labels.csv", "time": "film"}}
    )
    assert manifest.files() == ("film.mp4", "a.csv", "a-high.csv", "b.csv", "labels.csv")


def test_files_are_every_chapter_and_nothing_that_is_not_named() -> None:
    manifest = Manifest.model_validate(
        {"horse": "bella", "chapters": [{"path": "1.mp4"}, {"path": "2.mp4"}], "sensors": [SENSORS[1]]}
    )
    assert manifest.files() == ("1.mp4", "2.mp4", "b.csv")
