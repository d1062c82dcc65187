"""The sets of the study: how their windows are made, what is unseen, and what is asked of them. Written before looking.

A set has parts: yards, or splits in which somebody is unseen. Nothing was ever chosen on the yards 301 to 305 and 311
to 315; on the derived horses, on UTD-MHAD's three people, on HuGaDB's and on the lunged horse settings were chosen
before. `field-film` came later: a yard of development had shown how retrieval grows with the horses that are filmed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from equigait.data.simulate import YardSpec
from equigait.data.simulate.level import BEHAVIOURS
from equigait.pipeline.datasets.window_dataset import WindowDataset

from .contenders import DEFAULT, IMU2CLIP, MINIROCKET, PREDECESSORS, RIVALS, SKETCH, SPECTRAL, TEACHER
from .recorded import derived_halves, imported, merged_leads, yard
from .streams import lunged_windows, phone_windows, pose_windows

LEADS = ("canter-left", "canter-right")
SCORED_WITH = (
    *("split.validation=[]", "evaluate.supervised={steps: 200, batch: 64, patience: null}"),
    "evaluate.few_shot.supervised={steps: 150, batch: 32}",
)
"""Nobody chooses a checkpoint, so that the last one counts on every side; trainings from scratch."""
SMALL = "student={width: 128, layers: 2, heads: 4, dropout: 0.2, mount_free: true, pool: mean}"
ALONE = ("objective.name=masked", SMALL, "train={steps: 200, batch: 64, warmup_steps: 20, learning_rate: 0.001}")
"""Sensors without film: masked patches."""


@dataclass(frozen=True)
class Task:
    """A comparison on one set."""

    shots: int | None
    """Labelled windows a class, dealt over the horses that teach, all there are where a class has fewer; None: all."""
    draws: int = 1
    """How often they are drawn."""
    classes: tuple[str, ...] = ()
    """Of these classes alone; none named: of the recipe's."""


TASKS = {"all": Task(None), "ten": Task(10, draws=2), "one": Task(1, draws=3), "lead": Task(10, draws=2, classes=LEADS)}
Load = Callable[[Path, str], WindowDataset]


@dataclass(frozen=True)
class StudySet:
    """Windows to learn from and to be scored on."""

    what: str
    """In a few words, for tables."""
    load: Load
    """Takes the root, where made recordings and caches are kept, and a part's name to all its windows."""
    config: str
    """The configuration that fits it."""
    parts: tuple[str, ...]
    """Yards, or who is unseen in turn."""
    tasks: tuple[str, ...]
    """Names of `TASKS`."""
    contenders: tuple[str, ...] = (DEFAULT, *RIVALS)
    """Names of `CONTENDERS`."""
    overrides: tuple[str, ...] = ()
    """Settings laid over the configuration, for every contender alike."""
    unseen: Callable[[WindowDataset, str], tuple[str, ...]] = lambda _, part: (part,)
    """Who is scored in a part; the others teach."""
    over: str = "yards"
    """What intervals are over: yards, or those who are unseen."""
    changed_mounts: bool = False
    """Whether the test is scored again with its sensors turned, mirrored, and on the other rein."""
    made_from: str = ""
    """What the recordings depend on beside the settings."""


FIELD_YARD = YardSpec(difficulty="field", horses=15, seconds=100.0, frame_width=128, frame_height=76, fps=7.5)
"""Films no larger and no faster than the teacher sees them."""
FILMED_YARD = FIELD_YARD.model_copy(update={"horses": 60})
MIDDLE_YARD = FIELD_YARD.model_copy(update={"difficulty": "middle", "horses": 12, "seconds": 60.0})
YARDS = ("301", "302", "303", "304", "305")
FILMED_YARDS = ("311", "312", "313", "314", "315")
GAITS = "[" + ", ".join(label for label in BEHAVIOURS if label not in LEADS) + ", canter]"
FREE = (
    *("student={width: 128, layers: 2, heads: 4, dropout: 0.2, spectrum: true, mount_free: true}",),
    *(f"windows.labels={GAITS}", f"probe.classes={GAITS}"),
)
PEOPLE = ("s1", "s3", "s5")
UTD = ("teacher.precision=float32", "train.steps=200")


def last_third(windows: WindowDataset, _: str) -> tuple[str, ...]:
    """The horses of the highest numbers; every horse of a yard is drawn alike."""
    return windows.horses[-(len(windows.horses) // 3) :]


SETS = {
    "field": StudySet(
        "field yards, 15 rides of 100 s, 13 behaviours; ten horses teach, five are unseen",
        load=lambda root, part: yard(root, FIELD_YARD, seed=int(part), config="field"),
        config="field",
        parts=YARDS,
        tasks=("ten", "one", "lead", "all"),
        contenders=(DEFAULT, *RIVALS, MINIROCKET, TEACHER, *PREDECESSORS),
        overrides=("train.steps=300",),
        unseen=last_third,
        made_from=FIELD_YARD.model_dump_json(),
    ),
    "field-film": StudySet(
        "field yards, 60 rides of 100 s; fifty-five filmed horses teach without labels, five are unseen",
        load=lambda root, part: yard(root, FILMED_YARD, seed=int(part), config="field"),
        config="field",
        parts=FILMED_YARDS,
        tasks=(),
        contenders=(DEFAULT,),
        overrides=("train.steps=600",),
        unseen=lambda windows, _: windows.horses[-5:],
        made_from=FILMED_YARD.model_dump_json(),
    ),
    "mounts": StudySet(
        "the same yards, both canters one class, mount-free student",
        load=lambda root, part: merged_leads(yard(root, FIELD_YARD, seed=int(part), config="field")),
        config="field",
        parts=YARDS,
        tasks=("all",),
        contenders=(DEFAULT, SPECTRAL),
        overrides=("train.steps=300", *FREE),
        unseen=last_third,
        changed_mounts=True,
        made_from=FIELD_YARD.model_dump_json(),
    ),
    "lunged": StudySet(
        "one lunged horse, one unit, no film; the first part of each gait teaches, the last is scored",
        load=lambda _, __: lunged_windows(),
        config="default",
        parts=("later",),
        tasks=("all",),
        contenders=(DEFAULT, SPECTRAL),
        overrides=("grid.sites=[withers]", "windows={hop_steps: 50, labels: [walk, trot, canter]}", *ALONE),
        over="bouts",
        changed_mounts=True,
    ),
    "utd-mhad": StudySet(
        "UTD-MHAD, people, 27 actions, one unit, depth film by videomae-demo; each of three people unseen in turn",
        load=lambda root, _: imported(root, "utd-mhad", teacher="videomae-demo"),
        config="utd-mhad",
        parts=PEOPLE,
        tasks=("one", "all"),
        contenders=(DEFAULT, *RIVALS, TEACHER, *PREDECESSORS),
        overrides=("teacher.name=videomae-demo", *UTD),
        over="people",
    ),
    "utd-mhad-efficientnet": StudySet(
        "the same, film by efficientnet-lite0",
        load=lambda root, _: imported(root, "utd-mhad", teacher="efficientnet-lite0"),
        config="utd-mhad",
        parts=PEOPLE,
        tasks=("one", "all"),
        contenders=(DEFAULT, TEACHER),
        overrides=("teacher.name=efficientnet-lite0", *UTD),
        over="people",
    ),
    "hugadb": StudySet(
        "HuGaDB, people, {walk, run, up}, five leg units, no film; each of three people unseen in turn",
        load=lambda root, _: imported(root, "hugadb", teacher=""),
        config="hugadb",
        parts=("s02", "s09", "s14"),
        tasks=("all", "ten"),
        overrides=("augment.site_dropout=0.2", *ALONE),
        over="people",
    ),
    "phone": StudySet(
        "a ridden horse's phone, three axes without gravity, no film; files in two folds, the lone walk by halves",
        load=lambda _, __: phone_windows(),
        config="default",
        parts=("0", "1"),
        tasks=("all", "ten"),
        overrides=(
            *("grid={sites: [phone], signals: linear_acceleration}", "windows.labels=[walk, trot, canter]"),
            *ALONE,
            "student.mount_free=false",
        ),
        unseen=lambda windows, part: windows.horses[int(part) :: 2],
        over="files",
    ),
    "derived": StudySet(
        "derived horses, 22 clips of keypoint tracks; half of each gait's clips are unseen, five partitions",
        load=lambda root, _: imported(root, "derived-horses", teacher="videomae-demo"),
        config="derived-horses",
        parts=("0", "1", "2", "3", "4"),
        tasks=("all", "ten"),
        contenders=(DEFAULT, *RIVALS, TEACHER, IMU2CLIP, SKETCH),  # COMODO's queue is longer than half of the clips
        overrides=("teacher.name=videomae-demo",),
        unseen=derived_halves,
        over="clips",
    ),
    "middle": StudySet(
        "middle yard, 12 rides of 60 s, four gaits; eight horses teach, four are unseen",
        load=lambda root, part: yard(root, MIDDLE_YARD, seed=int(part), config="middle"),
        config="middle",
        parts=("306",),
        tasks=("one", "all"),
        overrides=("train.steps=300",),
        unseen=last_third,
        over="horses",
        made_from=MIDDLE_YARD.model_dump_json(),
    ),
    "imu-pose": StudySet(
        "one person, five units, joint angles of pose estimation instead of film; trial 1 teaches, 4 is unseen",
        load=lambda _, __: pose_windows(),
        config="default",
        parts=("trial_4",),
        tasks=(),
        contenders=(DEFAULT,),
        overrides=(
            "grid.sites=[chest, right_leg, left_leg, right_arm, left_arm]",
            *("student={width: 128, layers: 2, heads: 4, dropout: 0.2, mount_free: true, envelopes: true}",),
            *("windows.hop_steps=50", "train={steps: 300, batch: 64, warmup_steps: 20, learning_rate: 0.003}"),
        ),
        over="trials",
        made_from="how fast angles turn",
    ),
}
