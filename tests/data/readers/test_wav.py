"""WAV files as the standard library and scipy write them, damaged ones, and headers that lie."""

import struct
import tracemalloc
import wave
from pathlib import Path

import numpy as np
import pytest
from scipy.io import wavfile

from kerasapps.data.readers.wav import read_wav
from kerasapps.errors import DataError

RATE = 16_000
RANDOM = np.random.default_rng(0)
NOISE = RANDOM.integers(-20_000, 20_000, RATE).astype(np.int16)


def write(path: Path, data: bytes, width: int = 2, channels: int = 1, rate: int = RATE) -> Path:
    """A file by the standard library."""
    with wave.open(str(path), "wb") as file:
        file.setparams((channels, width, rate, 0, "NONE", ""))
        file.writeframes(data)
    return path


def riff(*chunks: bytes) -> bytes:
    body = b"WAVE" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def chunk(name: bytes, content: bytes, size: int | None = None) -> bytes:
    return name + struct.pack("<I", len(content) if size is None else size) + content + b"\0" * (len(content) % 2)


def form(channels: int = 1, rate: int = RATE, bits: int = 16, tag: int = 1, block: int | None = None) -> bytes:
    block = channels * bits // 8 if block is None else block
    return chunk(b"fmt ", struct.pack("<HHIIHH", tag, channels, rate, rate * block % 2**32, block, bits))


SOUND = chunk(b"data", NOISE.tobytes())


def test_sixteen_bits_are_read_exactly(tmp_path: Path) -> None:
    sound = read_wav(write(tmp_path / "a.wav", NOISE.tobytes()), RATE, RATE)
    assert sound.dtype == np.int16
    np.testing.assert_array_equal(sound, NOISE)


def test_eight_bits_are_unsigned(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", bytes([0, 64, 128, 255]), width=1)
    np.testing.assert_array_equal(read_wav(path, 4, RATE), [-32768, -16384, 0, 32512])


def test_twenty_four_and_thirty_two_bits_are_rounded(tmp_path: Path) -> None:
    values = [-(2**23), -256, 255, 127, 2**23 - 1, 0x123456]
    packed = b"".join(value.to_bytes(3, "little", signed=True) for value in values)
    expected = [-32768, -1, 1, 0, 32767, 0x1234]
    np.testing.assert_array_equal(read_wav(write(tmp_path / "a.wav", packed, width=3), 6, RATE), expected)
    wide = (np.array(values, np.int64) * 256).astype(np.int32).tobytes()
    np.testing.assert_array_equal(read_wav(write(tmp_path / "b.wav", wide, width=4), 6, RATE), expected)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_real_numbers_are_rounded_and_clipped(tmp_path: Path, dtype: type) -> None:
    wavfile.write(tmp_path / "a.wav", RATE, np.array([0, 0.5, -1, 1, 1.2, 1.4 / 32768], dtype))
    np.testing.assert_array_equal(read_wav(tmp_path / "a.wav", 6, RATE), [0, 16384, -32768, 32767, 32767, 1])


@pytest.mark.parametrize("size", [2**32 - 1, 2**31, 0x7FFFF000])
def test_a_sound_from_a_pipe_is_as_long_as_what_follows(tmp_path: Path, size: int) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(riff(form(), chunk(b"data", NOISE.tobytes(), size)))
    np.testing.assert_array_equal(read_wav(path, RATE, RATE), NOISE)


def test_an_extensible_header_says_the_same(tmp_path: Path) -> None:
    """What most programs write for 24 bits."""
    guid = struct.pack("<I", 1) + bytes.fromhex("000010008000 00aa00389b71")
    plain = struct.pack("<HHIIHH", 0xFFFE, 1, RATE, 3 * RATE, 3, 24)
    header = chunk(b"fmt ", plain + struct.pack("<HHI", 22, 24, 4) + guid)
    (tmp_path / "a.wav").write_bytes(riff(header, chunk(b"data", bytes([0, 0, 0x40, 0, 0, 0xC0]))))
    np.testing.assert_array_equal(read_wav(tmp_path / "a.wav", 2, RATE), [16384, -16384])


def test_channels_are_averaged(tmp_path: Path) -> None:
    pairs = np.array([[1000, 3000], [-5, -7], [32767, 32767]], np.int16)
    path = write(tmp_path / "a.wav", pairs.tobytes(), channels=2)
    np.testing.assert_array_equal(read_wav(path, 3, RATE), [2000, -6, 32767])


@pytest.mark.parametrize("rate", [8000, 11_025, 22_050, 44_100, 48_000])
def test_another_rate_is_resampled(tmp_path: Path, rate: int) -> None:
    """A tone stays that tone, but for the ends."""
    tone = [10_000 * np.sin(2 * np.pi * 440 * np.arange(r) / r) for r in (rate, RATE)]
    path = tmp_path / "a.wav"
    wavfile.write(path, rate, tone[0].astype(np.int16))
    np.testing.assert_allclose(read_wav(path, RATE, RATE)[500:-500], tone[1][500:-500], atol=60)


def test_what_the_lower_rate_cannot_hold_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    wavfile.write(path, 48_000, (10_000 * np.sin(2 * np.pi * 15_000 * np.arange(48_000) / 48_000)).astype(np.int16))
    assert np.abs(read_wav(path, RATE, RATE)[500:-500]).max() < 100


def test_resampling_a_beginning_is_the_beginning_of_resampling(tmp_path: Path) -> None:
    """What lies beyond the end that is wanted is looked at, too."""
    long = RANDOM.integers(-9000, 9000, 3 * 44_100).astype(np.int16)
    wavfile.write(tmp_path / "a.wav", 44_100, long)
    whole = read_wav(tmp_path / "a.wav", 3 * RATE, RATE)
    np.testing.assert_array_equal(read_wav(tmp_path / "a.wav", RATE, RATE), whole[:RATE])


@pytest.mark.parametrize("samples", [100, RATE - 1, RATE, RATE + 700])
def test_sounds_are_padded_behind_or_cut(tmp_path: Path, samples: int) -> None:
    path = write(tmp_path / "a.wav", NOISE[:samples].tobytes())
    expected = np.zeros(samples, np.int16)
    expected[: len(NOISE[:samples])] = NOISE[:samples]
    np.testing.assert_array_equal(read_wav(path, samples, RATE), expected)
    np.testing.assert_array_equal(read_wav(path, 50, RATE), NOISE[:50])


def test_other_chunks_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(riff(chunk(b"LIST", b"odd"), form(), chunk(b"cue ", b"1234"), SOUND, chunk(b"id3 ", b"x")))
    np.testing.assert_array_equal(read_wav(path, RATE, RATE), NOISE)


@pytest.mark.parametrize("header", [form(bits=12, block=2), form(block=7)])
def test_a_header_need_not_say_what_follows_from_the_rest(tmp_path: Path, header: bytes) -> None:
    """Twelve bits lie in sixteen, and the bytes of a frame are those of its samples."""
    path = tmp_path / "a.wav"
    path.write_bytes(riff(header, SOUND))
    np.testing.assert_array_equal(read_wav(path, RATE, RATE), NOISE)


BAD = {
    "empty": (b"", "Format not recognised"),
    "text": (b"not a sound at all, but some text", "Format not recognised"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(50), "Format not recognised"),
    "other_riff": (b"RIFF\x04\0\0\0AVI ", "Format not recognised"),
    "another_format": (b".snd" + struct.pack(">IIIII", 24, 2000, 3, RATE, 1) + NOISE[:1000].tobytes(), "are AU PCM_16"),
    "head_only": (riff(), "No 'data' chunk"),
    "no_format": (riff(SOUND), "No 'data' chunk"),
    "no_data": (riff(form()), "No 'data' chunk"),
    "no_samples": (riff(form(), chunk(b"data", b"")), "no samples"),
    "half_a_sample": (riff(form(), chunk(b"data", b"1")), "no samples"),
    "data_beyond_the_end": (riff(form(), chunk(b"data", b"12", 4)), "4 bytes of sound, but only 2 follow"),
    "two_gigabytes": (
        riff(form(), chunk(b"data", b"1234", 2**31 - 2)),
        "2,147,483,646 bytes of sound, but only 4 follow",
    ),
    "cut_off": (riff(form(), SOUND)[:-10], "but only 31,990 follow"),
    "zero_rate": (riff(form(rate=0), SOUND), "SF_INFO struct incomplete"),
    "low_rate": (riff(form(rate=999), SOUND), "999 samples a second"),
    "high_rate": (riff(form(rate=400_000), SOUND), "400000 samples a second"),
    "mad_rate": (riff(form(rate=2**32 - 1), SOUND), "SF_INFO struct incomplete"),
    "zero_channels": (riff(form(channels=0), SOUND), "Channel count is zero"),
    "many_channels": (riff(form(channels=33), SOUND), "33 channels"),
    "too_many_channels": (riff(form(channels=65_535, block=2), SOUND), "Too many channels"),
    "compressed": (riff(form(tag=0x55), SOUND), "Malformed 'fmt ' chunk"),
    "logarithms": (riff(form(bits=8, tag=6), SOUND), "are WAV ALAW"),
    "no_number": (riff(form(bits=32, tag=3), chunk(b"data", np.float32([0, np.nan]).tobytes())), "no numbers, or far"),
    "infinite": (riff(form(bits=64, tag=3), chunk(b"data", np.array([0, np.inf]).tobytes())), "no numbers, or far"),
    "another_scale": (riff(form(bits=32, tag=3), chunk(b"data", np.float32([0, 32767]).tobytes())), "far beyond 1"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_usable_file_is_named(tmp_path: Path, name: str) -> None:
    content, reason = BAD[name]
    path = tmp_path / f"{name}.wav"
    path.write_bytes(content)
    with pytest.raises(DataError, match=rf"{path}.*({reason}).* Expected a WAV file"):
        read_wav(path, RATE, RATE)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"absent\.wav cannot be read: No such file"):
        read_wav(tmp_path / "absent.wav", RATE, RATE)
    with pytest.raises(DataError, match="cannot be read: Is a directory"):
        read_wav(tmp_path, RATE, RATE)


def test_of_a_long_file_little_is_read(tmp_path: Path) -> None:
    """Two gigabytes of silence, which the file system need not keep."""
    path = tmp_path / "long.wav"
    size = 2**31
    path.write_bytes(b"RIFF" + struct.pack("<I", size + 36) + b"WAVE" + form() + b"data" + struct.pack("<I", size))
    with path.open("r+b") as file:
        file.truncate(size + 44)
    tracemalloc.start()
    try:
        assert not read_wav(path, RATE, RATE).any()
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()
