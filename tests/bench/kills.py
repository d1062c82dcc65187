"""Phase one under kill -9, in full: at random instants, on a disk and on S3, resumed until the cache is whole."""

import shutil
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from equigait.data.simulate import YardSpec, simulate_yard

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))  # the tests' own modules, as under pytest
from kills import Writers, kill_and_resume

from .measure import Found, Limit
from .scale import bucket

KILLS = 50


def kills_survived() -> Found:
    """How many kills the caches bore; the first that is not borne raises."""
    with tempfile.TemporaryDirectory(prefix="equigait-bench-") as folder, bucket() as on_s3, Writers() as writers:
        yard = Path(folder) / "yard"
        simulate_yard(yard, spec=YardSpec(horses=4, seconds=12.0, fps=15.0, frame_width=96, frame_height=64))
        shutil.rmtree(yard / "truth")
        orders = {
            "extract": ("extract-teacher", str(yard), "--config", "demo", "--cache", "CACHE"),
            "commit": ("commit", "CACHE", "6"),
        }
        facts = {}
        for what, order in orders.items():
            for place, caches in (("disk", folder), ("s3", on_s3)):
                tally = kill_and_resume(writers, *order, caches=f"{caches}/{what}", kills=KILLS)
                facts[f"{what} on {place}"] = asdict(tally)
                print(f"  {what} on {place}: {tally}", flush=True)
    return Found(sum(fact["kills"] for fact in facts.values()), held_to=4.0 * KILLS, facts=dict(facts))


BENCHES = {
    "kills": Limit(
        figure="kills at random instants that a cache bears: none lost, none doubled, none half-visible",
        unit="kills",
        value=kills_survived,
        at_least=True,
        note="`extract` is the whole command on four recordings, `commit` the writing of segments alone, so that more "
        "kills fall into it. `in_writing` counts kills that left objects no manifest names, `rounds` caches filled "
        "under kills. After each kill all that can be seen equals the undisturbed run's; at the end of a round "
        "everything does, once. The index of entries is in use from two on. EQUIGAIT_BENCH_S3 names a bucket; without "
        "it S3 is moto's server over HTTP.",
    ),
}
