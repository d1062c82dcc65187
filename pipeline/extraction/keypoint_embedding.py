"""What the teacher of joints makes of a recording: the file of joints beside the film, no frame is decoded."""

from pathlib import Path

import numpy as np
from jaxtyping import Float16
from numpy import ndarray as Array

from ...data.errors import BadInput
from ...data.keypoints.read import read_keypoints
from ...data.recording import ClipGrid, Recording
from ..teachers.keypoints import KeypointTeacher

MOST_FRAMES_OFF = 0.02
"""Share of the film's frames by which a file of joints may count more or fewer: programs differ on a film's ends."""


def keypoints_of(recording: Recording) -> Path:
    """The recording's file of joints; refuses one without."""
    if recording.keypoints is None:
        remedy = "Name the file of joints there, or leave the film out."
        raise BadInput(recording.manifest, found="a film and no `keypoints:`", expected="both", remedy=remedy)
    return recording.keypoints


def embed_keypoints(recording: Recording, *, clips: ClipGrid, teacher: KeypointTeacher) -> Float16[Array, "clips dim"]:
    """One feature a clip. Refuses a file that has another number of frames than the film."""
    path, video = keypoints_of(recording), recording.video
    tracks = read_keypoints(path)
    frames = 0 if video is None else len(video.frame_seconds)
    if abs(len(tracks.position) - frames) > MOST_FRAMES_OFF * frames + 1:
        found, remedy = f"joints of {len(tracks.position)} frames", "Name the joints of this very film."
        raise BadInput(path, found=found, expected=f"{frames}, as the film has", remedy=remedy)
    with np.errstate(over="ignore"):
        return teacher.embed_tracks(tracks, frame_index=clips.frame_index).astype(np.float16)
