"""Every augmentation has its picture, in the README and in the folder."""

from pathlib import Path
from xml.etree import ElementTree

from artifacts import pictures
from equigait.pipeline.augmentation.settings import AugmentSettings

HOME = Path(__file__).parents[2] / "pipeline" / "augmentation"


def test_each_kind_is_drawn_and_shown(tmp_path: Path) -> None:
    page = (HOME / "README.md").read_text()
    drawn = pictures.draw_pictures(tmp_path)
    assert {path.name for path in drawn} == {path.name for path in HOME.glob("*.svg")}
    for path in drawn:
        assert f"({path.name})" in page
        root = ElementTree.fromstring(path.read_text())
        curves = [element.attrib["d"] for element in root.iter("{http://www.w3.org/2000/svg}path")]
        assert len(curves) == len(set(curves)) == 4, f"{path.name} shows no difference"


def test_every_setting_stands_in_the_page() -> None:
    page = (HOME / "README.md").read_text()
    assert all(f"`{name}`" in page for name in AugmentSettings.model_fields)
