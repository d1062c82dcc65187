"""Memory that does not suffice: batches are halved until they fit, and every clip is embedded once, in order."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from equigait.data.errors import BadInput
from equigait.pipeline.teachers.oom_safe_batcher import OomSafeBatcher


class Small:
    """A network with room for `room` clips, whose feature of a clip is its first byte."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.passes: list[int] = []

    def __call__(self, clips: np.ndarray) -> np.ndarray:
        self.passes.append(len(clips))
        if len(clips) > self.room:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return clips[:, 0, 0, 0, :1].astype(np.float32)


def numbered(count: int) -> np.ndarray:
    return np.broadcast_to(np.arange(count, dtype=np.uint8)[:, None, None, None, None], (count, 2, 3, 4, 4)).copy()


@pytest.mark.parametrize("room", [1, 3, 4, 100])
def test_every_clip_is_embedded_whatever_fits(room: int) -> None:
    network = Small(room)
    fitting = OomSafeBatcher(network, most=16)
    np.testing.assert_array_equal(fitting.embed(numbered(21))[:, 0], np.arange(21))
    assert fitting.most <= max(room, 1)


def test_the_batch_stays_small_and_the_log_says_so_once(capsys: pytest.CaptureFixture[str]) -> None:
    network = Small(4)
    fitting = OomSafeBatcher(network, most=16)
    fitting.embed(numbered(16))
    assert network.passes == [16, 8, 4, 4, 4, 4]
    fitting.embed(numbered(16))
    assert network.passes[6:] == [4, 4, 4, 4]
    told = capsys.readouterr().err
    assert "batches of 8 clips" in told
    assert told.count("batches of 4 clips") == 1


@pytest.mark.parametrize("always_full", [False, True])
def test_no_room_for_one_clip_is_refused(always_full: bool) -> None:
    with pytest.raises(BadInput, match=r"no memory for one clip.*teacher\.device=cpu"):
        OomSafeBatcher(Small(0), most=4, always_full=always_full).embed(numbered(3))


def test_a_compiled_network_sees_one_size_and_what_fills_it_up_is_left_out() -> None:
    network = Small(8)
    features = OomSafeBatcher(network, most=8, always_full=True).embed(numbered(11))
    assert network.passes == [8, 8]
    np.testing.assert_array_equal(features[:, 0], np.arange(11))


def test_other_errors_are_not_taken_for_lack_of_memory() -> None:
    def broken(_clips: np.ndarray) -> np.ndarray:
        raise RuntimeError("shapes")

    with pytest.raises(RuntimeError, match="shapes"):
        OomSafeBatcher(broken, most=4).embed(numbered(4))


def test_where_two_threads_have_room_for_one_clip_only_they_take_turns() -> None:
    both_are_in, inside, lock = threading.Barrier(2), [0], threading.Lock()
    first = [True, True]

    def crowded(clips: np.ndarray) -> np.ndarray:
        if first:
            first.pop()
            both_are_in.wait()  # the first passes run side by side, and neither fits
            raise torch.OutOfMemoryError("CUDA out of memory")
        with lock:
            inside[0] += len(clips)
        time.sleep(0.005)
        fits = inside[0] == 1
        with lock:
            inside[0] -= len(clips)
        if not fits:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return clips[:, 0, 0, 0, :1].astype(np.float32)

    fitting = OomSafeBatcher(crowded, most=1)
    with ThreadPoolExecutor(2) as pool:
        for found in pool.map(fitting.embed, [numbered(5), numbered(5)]):
            np.testing.assert_array_equal(found[:, 0], np.arange(5))
