"""Recipes: named or from a file, strict about keys, saved so that they read back."""

import subprocess
import sys
from pathlib import Path

import pytest
from equigait.data.errors import BadInput
from equigait.data.importers import hugadb, utd_mhad
from equigait.pipeline.recipe import Recipe, differences, load_recipe, named_configs, save_recipe


def recipe_of(folder: Path, text: str) -> Recipe:
    path = folder / "mine.yaml"
    path.write_text(text)
    return load_recipe(path)


@pytest.mark.parametrize("name", named_configs())
def test_every_named_configuration_is_a_recipe_of_that_name(name: str) -> None:
    assert load_recipe(name).name == name


def test_configurations_of_public_sets_speak_the_importers_words() -> None:
    assert load_recipe("utd-mhad").windows.labels == utd_mhad.ACTIONS
    assert load_recipe("utd-mhad").grid.sites == (utd_mhad.SITE,)
    assert set(load_recipe("hugadb").windows.labels) == set(hugadb.LABELS)
    assert load_recipe("hugadb").grid.sites == tuple(site for site in hugadb.SITES if site != "left_foot")


def test_the_default_configuration_says_nothing_but_defaults_and_what_no_mount_may_harm() -> None:
    changed = ("student.mount_free: False against True", "augment.site_dropout: 0.0 against 0.2")
    assert differences(Recipe(), load_recipe("default")) == changed  # checkpoints of older versions name neither


def test_windows_without_gravity_read_channels_as_they_are_unless_another_is_asked_for(tmp_path: Path) -> None:
    without = "grid={sites: [phone], signals: linear_acceleration}"
    for recipe in (load_recipe("default", overrides=[without]), recipe_of(tmp_path, without.replace("=", ": ", 1))):
        assert not recipe.student.mount_free
        assert recipe.probe.features == ("axes-spectra",)
    assert load_recipe("default", overrides=[without, "probe.features=[]"]).probe.features == ()
    assert load_recipe("default").probe.features == Recipe().probe.features
    with pytest.raises(BadInput, match=r"student\.mount_free: found grid\.signals=linear_acceleration.*is up"):
        load_recipe("default", overrides=[without, "student.mount_free=true"])


def test_labels_that_name_a_side_are_refused_where_signals_cannot_tell_it() -> None:
    sided = ["windows.labels=[walk, canter_left, canter_right]", "probe.classes=[walk, canter_left]"]
    with pytest.raises(BadInput, match=r"student\.mount_free: found labels that distinguish left and right"):
        load_recipe("default", overrides=sided)
    assert load_recipe("default", overrides=[*sided, "student.mount_free=false"]).probe.classes[1] == "canter_left"


def test_a_file_changes_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    recipe = recipe_of(tmp_path, "name: mine\ntrain:\n  steps: 12\ngrid:\n  sites: [wrist, thigh]\n")
    assert differences(Recipe(), recipe) == (
        "name: default against mine",
        "grid.sites: trunk-5 against ['wrist', 'thigh']",
        "train.steps: 3000 against 12",
    )


def test_an_empty_file_is_the_default(tmp_path: Path) -> None:
    assert recipe_of(tmp_path, "# nothing yet\n") == Recipe()


def test_overrides_lie_over_the_file_in_order() -> None:
    recipe = load_recipe(
        "demo",
        overrides=[
            "train.steps=7",
            "train.steps=8",
            "train.learning_rate=1e-4",  # which YAML reads as text
            "split.test=[h01, h02]",
            "train.patience=null",
            "objective.bias_init=-10",
            "evaluate.few_shot.shots=[]",
        ],
    )
    assert recipe.train.steps == 8
    assert recipe.train.learning_rate == 1e-4
    assert recipe.split.test == ("h01", "h02")
    assert recipe.train.patience is None
    assert recipe.objective.bias_init == -10.0
    assert recipe.evaluate.few_shot.shots == ()


@pytest.mark.parametrize("text", ["1e-4", "0.0001", "1.0e-4", '"1e-4"'])
def test_a_rate_reads_the_same_however_it_is_written(tmp_path: Path, text: str) -> None:
    assert recipe_of(tmp_path, f"train:\n  learning_rate: {text}\n").train.learning_rate == 1e-4


def test_a_saved_recipe_reads_back(tmp_path: Path) -> None:
    overrides = ["train.learning_rate=1e-5", "grid.sites=[a, b]", "split.test=[h1]", "train.steps=3"]
    recipe = load_recipe("demo", overrides=overrides)
    save_recipe(recipe, tmp_path / "recipe.yaml")
    assert load_recipe(tmp_path / "recipe.yaml") == recipe
    assert "purity: 0.8" in (tmp_path / "recipe.yaml").read_text()  # a default, spelled out


@pytest.mark.parametrize(
    ("override", "parts"),
    [
        ("train.lerning_rate=1", ["train.lerning_rate", "Did you mean learning_rate?"]),
        ("tran.steps=1", ["unknown key tran", "Did you mean train?"]),
        ("train.steps=many", ["train.steps", "many", "integer"]),
        ("train.steps=0", ["train.steps", "greater than or equal to 1"]),
        ("train=5", ["train"]),
        ("name.of=5", ["name", "a value"]),
        ("train.steps", ["no value", "section.key=value"]),
        ("train.steps=[1", ["train.steps=[1"]),
        ("student.patch_steps=7", ["windows.steps 250 is not a multiple of student.patch_steps 7"]),
        ("student.heads=7", ["width 256 is not a multiple of heads 7"]),
        ("probe.classes=[walk, gallop]", ["gallop", "windows.labels"]),
        ("objective.name=sigclip", ["objective.name", "siglip"]),
    ],
)
def test_a_bad_override_is_one_line_that_names_the_key(override: str, parts: list[str]) -> None:
    with pytest.raises(BadInput) as caught:
        load_recipe("default", overrides=[override])
    assert all(part in str(caught.value) for part in parts), str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("train:\n  steps: 5\n  steps: 6\n", ["steps"]),
        ("- a\n- list\n", ["a list", "sections"]),
        ("train: [", ["mine.yaml"]),
        ("windows:\n  hop: 3\n", ["windows.hop", "hop_steps"]),
    ],
)
def test_a_bad_file_is_one_line_that_names_the_file(tmp_path: Path, text: str, parts: list[str]) -> None:
    with pytest.raises(BadInput) as caught:
        recipe_of(tmp_path, text)
    assert all(part in str(caught.value) for part in ["mine.yaml", *parts]), str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_unknown_name_is_answered_with_the_names_there_are(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"demo.*or a YAML file"):
        load_recipe("demmo")
    with pytest.raises(BadInput, match="no such file"):
        load_recipe(tmp_path / "absent.yaml")


def test_reading_a_recipe_loads_no_heavy_library() -> None:
    """`--help` and a mistyped key must be answered at once."""
    heavy = ("torch", "transformers", "sklearn", "zarr", "av")
    code = f"import sys, equigait.pipeline.recipe; print([name for name in {heavy} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_a_window_lasts_its_steps_over_the_rate() -> None:
    assert Recipe().window_seconds == 5.0


def test_settings_that_do_not_fit_each_other_are_what_was_found() -> None:
    with pytest.raises(BadInput) as refusal:
        load_recipe("default", overrides=["windows.steps=255"])
    assert "255 is not a multiple" in refusal.value.found
    assert refusal.value.expected == "settings that hold together"


def test_a_class_is_named_once() -> None:
    with pytest.raises(BadInput) as refusal:
        load_recipe("default", overrides=["probe.classes=[walk, trot, walk]"])
    assert "walk" in refusal.value.found
    assert refusal.value.expected == "each class once, not walk twice"
