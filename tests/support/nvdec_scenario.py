"""What phase one is shown of films by FFmpeg's own NVDEC decoder, over a driver without a GPU (`fake_nvdec.c`).

A process of its own loads that driver: `python nvdec_scenario.py FOLDER FILM...` prints what each case saw as JSON.
"""

import ctypes
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from equigait.data.recording import ClipGrid
from equigait.data.video.decoders import DecoderChoice, DecoderLost, fault_of
from equigait.data.video.probe import probe_film
from equigait.pipeline.extraction.video_embedding import shown_frames
from equigait.pipeline.runtime import device
from equigait.pipeline.teachers import square_of_planes
from equigait.pipeline.teachers.settings import TeacherSettings
from equigait.pipeline.teachers.table import teacher_identity
from torch import Tensor
from torch.utils.dlpack import from_dlpack

SOURCE = Path(__file__).with_name("fake_nvdec.c")
LIBRARIES = ("libcuda.so.1", "libnvcuvid.so.1")
EVERY, GPU = 4, 1
"""Which frames are needed, and which GPU's driver is asked for them."""
CASES = {"sound": "-1", "refused": "0", "failing": "9", "without context": "-1"}
"""The picture at which the driver refuses; 0 is the decoder itself."""
DEVICE_AT, ON_PROCESSOR = 8, 1
"""Where DLPack's header says on what device memory lies, and what it calls the processor."""


def build(compiler: str, folder: Path) -> None:
    """Compiles the driver into this folder: the same code under each name that FFmpeg asks for."""
    for name in LIBRARIES:
        flags = ["-shared", "-fPIC", "-O1", "-w", f"-Wl,-soname,{name}"]
        subprocess.run([compiler, *flags, str(SOURCE), "-o", str(folder / name)], check=True)


def main(folder: Path, films: list[Path]) -> dict[str, dict[str, Any]]:
    """What each case saw of each film, in a thread of its own, and what of the driver it called."""
    log, driver = folder / "calls", load(folder)
    os.environ["FAKE_NVDEC_LOG"] = str(log)
    context, found = ctypes.create_string_buffer(1), {str(film): dict[str, Any]() for film in films}
    square_of_planes.from_dlpack = as_of_the_processor
    for film in films:
        for case, os.environ["FAKE_NVDEC_AT"] in CASES.items():
            log.write_text("")
            held = case != "without context"
            device.hold_gpu = lambda _number, held=held: driver.hold_context(context) if held else None
            with ThreadPoolExecutor(1) as pool:
                seen = pool.submit(seen_of, film).result()
            found[str(film)][case] = seen | {"calls": log.read_text().splitlines()}
    return found


def seen_of(film: Path) -> dict[str, Any]:
    """Each needed frame's number with the least and the largest of its shown bytes; why the decoder was lost."""
    device.hold_gpu(GPU)
    choice, seen = DecoderChoice("cuda", gpu=GPU), dict[str, Any](lost=None, shown=[])
    seen["fault"] = fault_of(choice, film)
    video, nothing = probe_film(film), np.zeros(1)
    clips = ClipGrid(np.arange(0, len(video.frame_seconds), EVERY)[None], nothing, nothing)
    teacher: Any = SimpleNamespace(identity=teacher_identity(TeacherSettings(name="videomae-demo")))
    try:
        for number, shown in shown_frames(video, clips=clips, teacher=teacher, decoder=choice):
            seen["shown"].append([number, int(shown.min()), int(shown.max())])
    except DecoderLost as lost:
        seen["lost"] = str(lost)
    return seen


def load(folder: Path) -> ctypes.CDLL:
    """Loads the driver, so that FFmpeg finds it under its name; its first library."""
    first, _ = (ctypes.CDLL(str(folder / name), mode=ctypes.RTLD_GLOBAL) for name in LIBRARIES)
    return first


def as_of_the_processor(capsule: Any) -> Tensor:
    """The tensor of a capsule that says its memory is that GPU's: here it is the computer's own."""
    pointer_in = ctypes.pythonapi.PyCapsule_GetPointer
    pointer_in.restype, pointer_in.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    place = (ctypes.c_int32 * 2).from_address(pointer_in(capsule, b"dltensor") + DEVICE_AT)
    assert list(place) == [2, GPU]  # CUDA memory of the GPU that was asked for
    place[:] = [ON_PROCESSOR, 0]
    return from_dlpack(capsule)


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), list(map(Path, sys.argv[2:])))))
