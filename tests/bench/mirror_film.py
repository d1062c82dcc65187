"""What a teacher makes of a film's mirror image: how sound it is to pair mirrored sensors with the film as it is."""

import numpy as np
from equigait.data.simulate import YardSpec, make_ride, make_scene, render_frames
from equigait.data.video.pixels import Picture
from equigait.pipeline.teachers.settings import TeacherSettings
from equigait.pipeline.teachers.table import Teacher, load_teacher
from sklearn.linear_model import LogisticRegression

from .measure import Found, Limit

HORSES, SECONDS, EVERY_SECONDS, CLIP_SECONDS = 14, 60.0, 6.0, 16 / 7.5


def seen_both_ways(teacher: Teacher) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Features of clips and of their mirror images, `[clips, dim]` each, and horse and gait of each clip."""
    rows, spec = [], YardSpec(seconds=SECONDS, seed=7)
    for horse in range(HORSES):
        ride = make_ride(spec, horse=horse)
        scene = make_scene(ride)
        for start in np.arange(2.0, SECONDS - 2 * CLIP_SECONDS, EVERY_SECONDS):
            stop = start + CLIP_SECONDS
            shown = [bout.label for bout in ride.bouts if bout.start_seconds <= start and stop <= bout.stop_seconds]
            if shown:
                frames = render_frames(ride, time_seconds=start + np.arange(16) / 7.5, scene=scene)
                ways = (frames, np.ascontiguousarray(frames[:, :, ::-1]))
                clips = np.stack(
                    [np.stack([teacher.preprocess(Picture.of_rgb(frame)) for frame in way]) for way in ways]
                )
                rows.append((*teacher.embed(clips), horse, shown[0]))
    plain, mirrored, horses, gaits = zip(*rows, strict=True)
    return np.array(plain), np.array(mirrored), np.array(horses), np.array(gaits)


def share_of_distance() -> Found:
    """How far a mirrored clip's feature is from the clip's own, over how far any two clips' are."""
    plain, mirrored, horse, gait = seen_both_ways(load_teacher(TeacherSettings(name="videomae-demo")))
    mean, spread = plain.mean(0), plain.std(0) + 1e-6
    plain, mirrored = (plain - mean) / spread, (mirrored - mean) / spread
    apart = np.linalg.norm(plain[:, None] - plain[None], axis=2)
    alike = (horse[:, None] == horse) & (gait[:, None] == gait) & ~np.eye(len(plain), dtype=bool)
    typical = apart[~np.eye(len(plain), dtype=bool)].mean()
    right = np.array([told_right(plain, mirrored, gait, test=horse == each) for each in range(HORSES)]).sum(0)
    return Found(
        float(np.linalg.norm(plain - mirrored, axis=1).mean() / typical),
        held_to=1.0,
        facts={
            "clips": len(plain),
            "another clip of the same horse and gait": float(apart[alike].mean() / typical),
            "gaits told right on unseen horses": float(right[0] / len(plain)),
            "and in the mirror, by the same probe": float(right[1] / len(plain)),
        },
    )


def told_right(plain: np.ndarray, mirrored: np.ndarray, gait: np.ndarray, *, test: np.ndarray) -> tuple[int, int]:
    """Test clips whose gait a probe of the others tells, as they are and in the mirror."""
    probe = LogisticRegression(C=0.05, max_iter=500).fit(plain[~test], gait[~test])
    right = [int((probe.predict(way[test]) == gait[test]).sum()) if test.any() else 0 for way in (plain, mirrored)]
    return right[0], right[1]


BENCHES = {
    "mirror-film": Limit(
        figure="how far the mirror image of a film lies from the film, for videomae-demo",
        unit="of the distance between two clips",
        value=share_of_distance,
        note="Standardised features of simulated clips. Sensors that `augment.mirror` mirrors keep the film as it is: "
        "below 1 that pair is better than a random one; gaits should be told alike in the mirror.",
    ),
}
