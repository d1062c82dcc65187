"""The model card of a run: what the run knows and nothing else, with the scores of this very model or none."""

import re
import shutil
from pathlib import Path
from typing import Any

import equigait
import pytest
import yaml
from equigait.data.errors import BadInput
from equigait.pipeline.evaluate import evaluate
from equigait.pipeline.evaluation.scores import read_scores
from equigait.pipeline.export import has_truth, load_student
from equigait.pipeline.inference.card_file import MARK, write_card
from equigait.pipeline.inference.pretrained_student import PretrainedStudent
from equigait.pipeline.probe import probe
from equigait.pipeline.reporting.formatting import markdown_cell, with_interval
from equigait.pipeline.reporting.model_card import model_card
from equigait.pipeline.reporting.teacher_licences import LICENCES, hub_licence
from rides import probed_run, ride_cache, ride_run

LIGHT = (
    "evaluate.baselines=[spectral]",
    "evaluate.classifiers=[]",
    "evaluate.few_shot.shots=[]",
    "evaluate.resamples=100",
)


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = probed_run(tmp_path_factory.mktemp("card"))
    evaluate(ride_cache(), run=run, overrides=LIGHT)
    return run


@pytest.fixture
def run(evaluated: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(evaluated, tmp_path / "run"))


def front_matter(card: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(card.split("---\n")[1])
    return found


def rename_recipe(run: Path, *, name: str) -> None:
    path = run / "recipe.yaml"
    path.write_text(re.sub(r"(?m)^name: .*$", f"name: {name}", path.read_text()))


def code(card: str) -> str:
    return card.split("```python\n")[1].split("```")[0]


def test_the_hub_reads_library_licence_and_tags(run: Path) -> None:
    front = front_matter(model_card(run, form="student", file=""))
    assert (front["library_name"], front["license"]) == ("equigait", "other")  # recordings of one's own
    assert {"horse", "gait", "pytorch_model_hub_mixin"} <= set(front["tags"])
    assert "onnx" in front_matter(model_card(run, form="onnx", file="model.onnx"))["tags"]


def test_the_horses_are_counted_and_not_named(run: Path) -> None:
    card = model_card(run, form="student", file="")
    assert "| trained on | 4 horses |" in card
    assert "| chose the checkpoint | 1 horse |" in card
    assert "| kept for the scores | 2 horses |" in card
    assert not re.search(r"\bh[0-6]\b", card)


def test_scores_stand_with_intervals_beside_baselines_and_chance(run: Path) -> None:
    card, scores = model_card(run, form="student", file=""), read_scores(run)
    both = (scores, scores.baselines["spectral"])
    ours, spectral = (with_interval(each.macro_f1, each.intervals["macro_f1"]) for each in both)
    assert f"| Pretrained with film | {ours} |" in card
    assert f"| Spectral features | {spectral} |" in card
    assert f"| Chance (uniform) | {scores.chance['uniform']['macro_f1']:.3f} |" in card
    assert f"{scores.n_windows} windows of 2 horses that the model had not seen; gaits: walk, trot, canter." in card
    assert "Without the sensor at" in card


def test_scores_of_another_probe_are_not_shown(run: Path) -> None:
    probe(ride_cache(), run=run, overrides=["probe.classes=[walk, trot]"])
    card = model_card(run, form="student", file="")
    assert "Not evaluated in this state. The scores that lie there are of another checkpoint or probe." in card
    assert "Pretrained with film" not in card


def test_a_run_that_was_never_evaluated_says_so() -> None:
    assert "Not evaluated in this state. No scores lie there." in model_card(ride_run(), form="student", file="")


@pytest.mark.parametrize(
    ("teacher", "simulated", "licence"),
    [
        ("videomae-base", False, "cc-by-nc-4.0"),
        ("videomae-base", True, "cc-by-nc-4.0"),
        ("videomae-demo", True, "apache-2.0"),
        ("videomae-demo", False, "other"),
        ("videomae", True, "other"),
    ],
)
def test_the_hub_is_given_the_stricter_reading_of_the_licence(teacher: str, simulated: bool, licence: str) -> None:
    assert hub_licence(teacher, simulated=simulated) == licence


def test_the_licence_is_that_of_the_teacher_as_the_report_states_it(run: Path) -> None:
    assert LICENCES["videomae-demo"] in model_card(run, form="student", file="")


def test_simulated_horses_are_marked_by_the_recipe_or_by_who_knows(run: Path) -> None:
    assert "Simulated" not in model_card(run, form="student", file="")
    marked = model_card(run, form="student", file="", simulated=True)
    assert "**Simulated horses.**" in marked
    assert "simulated-data" in front_matter(marked)["tags"]
    rename_recipe(run, name="field")
    assert "**Simulated horses.**" in model_card(run, form="student", file="")


def test_a_name_is_no_markup(run: Path) -> None:
    rename_recipe(run, name="'a|b <script>alert(1)</script>'")
    card = model_card(run, form="student", file="")
    assert "<script" not in card
    assert r"a\|b &lt;script>" in card
    assert markdown_cell("a\n# b") == "a # b"


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"recipe\.yaml"):
        model_card(tmp_path, form="student", file="")


def test_a_saved_student_carries_its_card_which_its_code_can_be_run_from(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    equigait.load_student(run).save_pretrained(tmp_path / "student")
    card = (tmp_path / "student/README.md").read_text()
    assert card == model_card(run, form="student", file="")
    monkeypatch.chdir(tmp_path / "student")
    exec(code(card), {})
    assert "(11, 256)" in capsys.readouterr().out
    load_student(tmp_path / "student").save_pretrained(tmp_path / "again")
    assert (tmp_path / "again/README.md").read_text() == card


def test_a_push_to_the_hub_uploads_the_card(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    uploaded: dict[str, str] = {}

    class Api:
        def __init__(self, **_: Any) -> None: ...

        def create_repo(self, repo_id: str, **_: Any) -> Any:
            return type("Repo", (), {"repo_id": repo_id})

        def upload_folder(self, *, folder_path: Path, **_: Any) -> None:
            uploaded.update({path.name: path.read_text() for path in Path(folder_path).glob("*.md")})

    monkeypatch.setattr("huggingface_hub.hub_mixin.HfApi", Api)
    load_student(run).push_to_hub("owner/name")
    assert uploaded == {"README.md": model_card(run, form="student", file="")}


def test_an_earlier_card_is_replaced_and_a_text_of_ones_own_is_not(run: Path, tmp_path: Path) -> None:
    student, folder = load_student(run), tmp_path / "student"
    student.save_pretrained(folder)
    student.card = f"{MARK}\nnewer"
    student.save_pretrained(folder)
    assert (folder / "README.md").read_text() == f"{MARK}\nnewer"
    (folder / "README.md").write_text("mine")
    student.save_pretrained(folder)
    assert (folder / "README.md").read_text() == "mine"
    assert write_card("card", folder=folder, otherwise="other.md") == folder / "other.md"


def test_a_student_without_a_card_gets_the_short_one(run: Path, tmp_path: Path) -> None:
    PretrainedStudent.from_run(run).save_pretrained(tmp_path)
    assert front_matter((tmp_path / "README.md").read_text())["library_name"] == "equigait"


def test_the_card_of_an_exported_file_names_its_classes_and_the_file(run: Path) -> None:
    card = model_card(run, form="onnx", file="model.onnx", classes=("walk", "trot", "canter"))
    assert "`model.onnx` holds" in card
    assert "probabilities of walk, trot, canter" in card


def test_a_cache_is_simulated_where_the_truth_of_a_yard_lies_beside_it(tmp_path: Path) -> None:
    (tmp_path / "truth").mkdir()
    assert not has_truth(tmp_path / "cache")
    (tmp_path / "truth/h000-r00.json").write_text("{}")
    assert has_truth(tmp_path / "cache")
    assert not has_truth("s3://bucket/yard/cache")


def test_a_run_without_film_has_no_teacher(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from equigait.pipeline.reporting import model_card as module

    facts = module.read_facts(run / "checkpoint.safetensors")
    monkeypatch.setattr(module, "read_facts", lambda _: facts | {"teacher": {}})
    card = model_card(run, form="student", file="")
    assert "No teacher was used." in card
    assert "frozen video network" not in card
    assert front_matter(card)["license"] == "other"
