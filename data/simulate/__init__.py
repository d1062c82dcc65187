"""A yard whose truth is known: horses of one pose function, filmed and measured at once.

`YardSpec.difficulty` says how hard it is to learn from: `easy`, `middle` or `field` (`level.LEVELS`).

simulate_yard(out: Path, *, spec: YardSpec) -> list[Path]
    Recordings on disk as people have them; the truth about them in `out/truth/<recording>.json`.
make_ride(spec: YardSpec, *, horse: int, recording: int = 0) -> Ride
    One recording without files (milliseconds). Horse k of a seed is always the same horse.
render_frames(ride, *, time_seconds: Float64[time], scene: Scene | None = None) -> UInt8[time height width 3]
    RGB frames at any film times in [0, spec.seconds], about 1.5 ms each; `scene = make_scene(ride)` (20 ms) is made
    anew when not given. For clips without mp4:
    `render_frames(ride, time_seconds=start + np.arange(16) / 7.5)`.
imu_streams(ride) -> tuple[ImuStream, ...]
    What the sensors record; `ideal_motion` gives the same without impacts and sensor faults.
pose(ride, *, time_seconds) -> Pose
    The horse itself. `ride.bouts` has the gaits (`bout.label`, `bout.style`), `hoof_contacts` the steps.
"""

from .impacts import hoof_contacts
from .imu import ideal_motion, imu_streams
from .pose import Pose, pose, stride_phase
from .render import render_frames
from .ride import Ride, make_ride
from .scene import Scene, make_scene
from .schedule import GaitBout
from .spec import YardSpec
from .yard import simulate_yard

__all__ = [
    "GaitBout",
    "Pose",
    "Ride",
    "Scene",
    "YardSpec",
    "hoof_contacts",
    "ideal_motion",
    "imu_streams",
    "make_ride",
    "make_scene",
    "pose",
    "render_frames",
    "simulate_yard",
    "stride_phase",
]
