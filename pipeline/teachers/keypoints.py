"""Joints in film as a teacher: a clip's feature is the movement of its joints, with no network and no pixels.

Normalisation of a clip: positions of joints less sure than `least_likelihood` are dropped; what is missing of a joint
is interpolated over the frames of the clip (its ends repeat the nearest one), unless it was found in too few of them:
then it is masked, 0 throughout. In each frame the middle of the trunk is the origin; the clip's median length of the
trunk is the unit of length; a horse that faces left is mirrored to face right. x is forward, y up.
"""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64
from numpy import ndarray as Array

from ...data.errors import BadInput
from ...data.keypoints.tracks import JointTracks
from .settings import KeypointSettings, TeacherSettings

NAME = "keypoints"
CODE_VERSION = 1
"""Raise it when a change of this file changes features."""


@dataclass(frozen=True)
class KeypointIdentity:
    """What has to be equal for two features of joints to lie in one space."""

    name: str
    """`keypoints`."""
    dim: int
    """Length of a clip's feature: x and y of each joint in each frame, and each joint's share of frames found."""
    clip_frames: int
    """Frames of a clip."""
    settings: dict[str, Any] = field(hash=False)
    """Joints, trunk, and what counts as found."""
    code_version: int = CODE_VERSION
    """The version of this file's code."""

    def to_json(self) -> dict[str, Any]:
        """The identity as plain values, equal to what JSON gives back."""
        plain: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return plain


def identify_keypoints(settings: TeacherSettings) -> KeypointIdentity:
    """Who the teacher of these settings is."""
    own = settings.keypoints
    dim = len(own.joints) * (2 * own.steps + 1)
    return KeypointIdentity(NAME, dim=dim, clip_frames=own.steps, settings=own.model_dump(mode="json"))


class KeypointTeacher:
    """Turns tracks of joints into one feature a clip."""

    def __init__(self, settings: TeacherSettings, *, identity: KeypointIdentity) -> None:
        self.identity, self._settings = identity, settings.keypoints

    def __str__(self) -> str:
        return f"{len(self._settings.joints)} joints, no network"

    def embed_tracks(
        self, tracks: JointTracks, *, frame_index: Int64[Array, "clips frames"]
    ) -> Float32[Array, "clips dim"]:
        """One feature a clip of these frames: positions `[frames, joints, 2]`, flattened, then the shares found."""
        missing = [name for name in (*self._settings.joints, *self._settings.trunk) if name not in tracks.joints]
        if missing:
            found = f"no joint {', '.join(dict.fromkeys(missing))} among {', '.join(tracks.joints)}"
            remedy = "Set teacher.keypoints.joints and teacher.keypoints.trunk to names of the file."
            raise BadInput("keypoints", found=found, expected="the joints of the recipe", remedy=remedy)
        features = np.zeros((len(frame_index), self.identity.dim), np.float32)
        for number, members in enumerate(frame_index):
            features[number] = clip_feature(tracks, members=members, settings=self._settings)
        return features


def clip_feature(
    tracks: JointTracks, *, members: Int64[Array, "frames"], settings: KeypointSettings
) -> Float32[Array, "dim"]:
    """The feature of one clip, normalised as this file says; zeros where the trunk is not seen in the clip."""
    position, found = _of_clip(tracks, members=members, names=settings.joints, settings=settings)
    ends, ends_found = _of_clip(tracks, members=members, names=settings.trunk, settings=settings)
    shares = found.mean(axis=0)
    if (ends_found.mean(axis=0) < settings.least_share).any():
        return np.zeros(position.size + len(shares), np.float32)
    front, rear = (_filled(ends[:, which], found=ends_found[:, which]) for which in (0, 1))
    unit = float(np.median(np.linalg.norm(front - rear, axis=1)))
    facing = -1.0 if np.median(front[:, 0] - rear[:, 0]) < 0 else 1.0
    normalised = np.zeros(position.shape)
    for joint in np.flatnonzero((shares >= settings.least_share) & (unit > 0)):
        track = _filled(position[:, joint], found=found[:, joint])
        normalised[:, joint] = (track - (front + rear) / 2) / unit * (facing, -1.0)
    return np.concatenate([normalised.ravel(), shares]).astype(np.float32)


def _of_clip(
    tracks: JointTracks, *, members: Int64[Array, "frames"], names: tuple[str, ...], settings: KeypointSettings
) -> tuple[Float64[Array, "frames joints 2"], Bool[Array, "frames joints"]]:
    """Positions of these joints in the clip's frames, and whether they were found there."""
    columns = [tracks.joints.index(name) for name in names]
    inside = members < len(tracks.position)
    rows = np.where(inside, members, 0)
    found = inside[:, None] & (tracks.likelihood[np.ix_(rows, columns)] >= settings.least_likelihood)
    position = tracks.position[np.ix_(rows, columns)]
    return position, found & np.isfinite(position).all(axis=2)


def _filled(track: Float64[Array, "frames 2"], *, found: Bool[Array, "frames"]) -> Float64[Array, "frames 2"]:
    """What is missing of one joint, interpolated over frames."""
    steps = np.arange(len(track))
    return np.stack([np.interp(steps, steps[found], track[found, axis]) for axis in (0, 1)], axis=1)
