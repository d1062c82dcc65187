"""What every importer promises."""

from pathlib import Path

import pytest
from equigait.data.errors import BadInput
from equigait.data.importers import IMPORTERS, Importer, import_dataset


@pytest.mark.parametrize("kind", IMPORTERS)
def test_every_importer_refuses_a_missing_an_empty_and_a_foreign_folder(tmp_path: Path, kind: str) -> None:
    assert isinstance(IMPORTERS[kind], Importer)
    (tmp_path / "empty").mkdir()
    (tmp_path / "foreign").mkdir()
    for name in ("a.txt", "b.csv", "c.mat", "d.json"):
        (tmp_path / "foreign" / name).write_text("nothing of that kind\n")
    (tmp_path / "foreign" / "e.csv").touch()
    for source in ("missing", "empty", "foreign"):
        with pytest.raises(BadInput, match=source):
            import_dataset(tmp_path / source, kind=kind, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_unknown_data_set_is_refused_with_those_known(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="found ego4d; expected one of horsing-around, hugadb, movingreality, utd-mhad"):
        import_dataset(tmp_path, kind="ego4d", out=tmp_path / "out")
