"""Segments as Zarr: what goes in comes out, any Zarr reader opens it, and a flipped bit does not go unseen."""

from dataclasses import replace

import numpy as np
import pytest
import zarr
from beartype.roar import BeartypeCallHintViolation
from equigait.cache.arrays import decode_clips, decode_segment, encode_segment, is_clip_object
from equigait.data.windows import WindowSpec
from made_segments import assert_same_segment, made_segment


@pytest.mark.parametrize("film", [True, False])
def test_a_segment_comes_back_as_it_was(film):
    segment = made_segment("Ride 1/ü", film=film)
    assert_same_segment(decode_segment(encode_segment(segment)), segment)


def test_a_film_of_many_chunks_comes_back_as_it_was():
    clips = np.random.default_rng(0).normal(size=(1500, 768)).astype(np.float16)
    times = np.arange(1500.0)
    segment = replace(made_segment(), clips=clips, clip_start_s=times, clip_stop_s=times + 2.0)
    objects = encode_segment(segment)
    assert [path for path in objects if path.startswith("clips/c/")] == ["clips/c/0/0", "clips/c/1/0"]
    assert_same_segment(decode_segment(objects), segment)


def test_a_recording_of_sensors_alone_keeps_empty_arrays():
    segment = decode_segment(encode_segment(made_segment(film=False)))
    assert segment.clips.shape == (0, 0)
    assert segment.clips.dtype == np.float16


def test_equal_segments_have_equal_bytes():
    assert encode_segment(made_segment()) == encode_segment(made_segment())


def test_clips_are_read_without_the_sensors():
    segment = made_segment()
    needed = {path: data for path, data in encode_segment(segment).items() if is_clip_object(path)}
    assert not any(path.startswith("imu") for path in needed)
    clips = decode_clips(needed)
    np.testing.assert_array_equal(clips.clips, segment.clips)
    np.testing.assert_array_equal(clips.clip_start_s, segment.clip_start_s)
    np.testing.assert_array_equal(clips.clip_stop_s, segment.clip_stop_s)


def test_any_zarr_reader_opens_a_segment(tmp_path):
    segment = made_segment()
    for path, data in encode_segment(segment).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    group = zarr.open_group(tmp_path, mode="r")
    assert group.metadata.zarr_format == 3
    np.testing.assert_array_equal(group["imu"][:], segment.grid.imu)
    assert group.attrs["equigait_segment"]["version"] == 1


def test_a_flipped_bit_of_a_chunk_is_found_by_its_own_checksum_or_changes_nothing():
    segment = made_segment(seconds=6.0)
    objects, rng, found = encode_segment(segment), np.random.default_rng(0), 0
    for path in [path for path in objects if "/c/" in path]:
        for byte in rng.choice(len(objects[path]), size=4, replace=False):
            flipped = bytearray(objects[path])
            flipped[byte] ^= 1 << rng.integers(8)
            try:
                assert_same_segment(decode_segment(objects | {path: bytes(flipped)}), segment)
            except RuntimeError:
                found += 1
    assert found >= 36  # of 40; a frame's header has bits that no decoder reads


def test_a_missing_chunk_never_reads_as_something_plausible():
    objects = encode_segment(made_segment())
    without = {path: data for path, data in objects.items() if path != "imu/c/0/0"}
    assert np.isnan(decode_segment(without).grid.imu).all()


def test_a_segment_whose_parts_do_not_fit_together_cannot_be_made():
    segment = made_segment()
    with pytest.raises((ValueError, BeartypeCallHintViolation), match="clip_start_s"):  # whichever check comes first
        replace(segment, clip_start_s=segment.clip_start_s[1:])
    with pytest.raises(ValueError, match="a window starts at row"):
        replace(segment, window_steps=10_000)
    with pytest.raises(ValueError, match="clips beyond"):
        replace(segment, clips=segment.clips[:2], clip_start_s=np.zeros(2), clip_stop_s=np.zeros(2))


def test_windows_of_any_spec_come_back():
    segment = made_segment(spec=WindowSpec(steps=100, hop_steps=30, labels=("walk",)))
    assert_same_segment(decode_segment(encode_segment(segment)), segment)
