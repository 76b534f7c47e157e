"""Spoken words: the same bytes whenever they are made, by voices that are others in each split; and the cache."""

import itertools
import subprocess
import sys
from importlib import util
from pathlib import Path

import espeakng_loader
import numpy as np
import pytest

from kerasapps.data.check import check_columns
from kerasapps.data.sources import _cache, open_source, speech_words
from kerasapps.data.sources.speech_words import SIZES, VOICES, WORDS, Utterance, speak, utterances
from kerasapps.data.split import split_rows
from kerasapps.errors import DataError

FEW = {"train": 400, "validation": 80, "test": 100}


@pytest.fixture(scope="module", params=[FEW, pytest.param(SIZES, marks=pytest.mark.slow)], ids=["few", "all"])
def source(request: pytest.FixtureRequest) -> speech_words.SpeechWords:
    """Those of the source itself take ten seconds to make."""
    return speech_words.SpeechWords(request.param)


def test_sounds_are_one_second_of_each_word_in_turn(source: speech_words.SpeechWords) -> None:
    for split, size in source.sizes.items():
        columns = source.read(split, np.arange(size))
        check_columns(columns, source.spec, split)
        assert columns["audio"].shape == (size, 16_000) and columns["audio"].dtype == np.int16
        np.testing.assert_array_equal(np.bincount(columns["word"]), [size / 10] * 10)
    assert source.spec.inputs[0].rate == 16_000 and source.spec.target.classes == WORDS


def test_rows_are_read_by_number(source: speech_words.SpeechWords) -> None:
    last = source.sizes["test"] - 1
    everything = source.read("test", np.arange(last + 1))
    some = source.read("test", np.array([7, 3, last]))
    for name in ("audio", "word"):
        np.testing.assert_array_equal(some[name], everything[name][[7, 3, last]])
    assert not np.array_equal(source.read("train", np.array([0]))["audio"], everything["audio"][:1])
    assert {split: len(rows) for split, rows in split_rows(source, 0).items()} == source.sizes


def test_loudness_noise_and_place_differ(source: speech_words.SpeechWords) -> None:
    rows = min(1000, source.sizes["train"])
    sounds = source.read("train", np.arange(rows))["audio"] / 32768
    peaks = 20 * np.log10(np.abs(sounds).max(axis=1))
    assert -30.1 < peaks.min() < -28 and -8 < peaks.max() < -5.9
    energy = (sounds**2).reshape(rows, 100, 160).mean(axis=2)
    quietest, loudest = np.sort(energy, axis=1)[:, [2, -3]].T
    below = 10 * np.log10(loudest / quietest)
    assert 25 < np.quantile(below, 0.05) < 35 and 50 < np.quantile(below, 0.95) < 60
    middles = (energy * np.arange(100)).sum(axis=1) / energy.sum(axis=1)
    assert middles.std() > 8


def test_no_voice_is_in_two_splits() -> None:
    assert {split: len(names) for split, names in VOICES.items()} == {"train": 71, "validation": 9, "test": 22}
    assert len(set().union(*VOICES.values())) == 102
    for split, names in VOICES.items():
        asked = utterances(split, SIZES[split])
        assert {utterance.voice.partition("+")[2] for utterance in asked} == set(names)
        assert [utterance.text for utterance in asked[:10]] == list(WORDS)
        pitches, speeds = ({getattr(utterance, name) for utterance in asked} for name in ("pitch", "words_a_minute"))
        assert min(pitches) == 20 and max(pitches) == 80
        assert min(speeds) == 120 and max(speeds) == 230


def test_voices_of_different_splits_share_at_most_half_of_their_settings() -> None:
    folder = Path(espeakng_loader.get_data_path()) / "voices" / "!v"
    naming = ("name", "language", "gender", "variant")

    def settings(name: str) -> set[tuple[str, ...]]:
        lines = (folder / name).read_text(encoding="utf-8").splitlines()
        words = (tuple(line.partition("//")[0].split()) for line in lines)
        return {line for line in words if line and line[0] not in naming}

    parts = {split: [settings(name) for name in names] for split, names in VOICES.items()}
    pairs = [(one, other) for a, b in itertools.combinations(parts.values(), 2) for one in a for other in b]
    assert max(len(one & other) / max(len(one), len(other)) for one, other in pairs) <= 0.5
    for kin in (
        {"Mr serious", "Tweaky", "norbert"},
        {"max", "RicishayMax"},
        {"Hugo", "Henrique"},
        {"f1", "f2", "f3", "f4", "f5"},
    ):
        assert any(kin <= set(names) for names in VOICES.values())


def test_voices_sound_different_in_different_splits() -> None:
    """The same word at the same pitch and speed by every voice: no sound occurs in two splits."""
    asked = {split: [Utterance("right", f"en-us+{name}", 50, 175) for name in names] for split, names in VOICES.items()}
    spoken = {split: {sound.tobytes() for sound in speak(of)[1]} for split, of in asked.items()}
    assert not spoken["train"] & spoken["test"] and not spoken["train"] & spoken["validation"]
    assert not spoken["validation"] & spoken["test"]


@pytest.mark.slow
def test_what_varies_is_heard() -> None:
    rate, (slow, fast, high) = speak([Utterance("down", "en-us", *rest) for rest in ((50, 120), (50, 230), (80, 120))])
    assert len(slow) > 1.2 * len(fast)
    assert rate == 22_050
    assert pitch_of(high, rate) > 1.2 * pitch_of(slow, rate)


def pitch_of(sound: np.ndarray, rate: int) -> float:
    """Hz by the strongest autocorrelation between 60 and 400 Hz."""
    correlation = np.correlate(sound.astype(np.float64), sound, "full")[len(sound) - 1 :]
    shortest = rate // 400
    return rate / (shortest + correlation[shortest : rate // 60].argmax())


def test_the_same_bytes_in_each_making() -> None:
    """By every voice, some of which have breath made of noise; in processes of their own."""
    first = utterances("train", SIZES["train"])[::8]
    for one, other in zip(speak(first)[1], speak(first)[1], strict=True):
        np.testing.assert_array_equal(one, other)
        assert np.abs(one).max() > 1000


def test_the_same_sounds_in_each_making(source: speech_words.SpeechWords) -> None:
    made = speech_words.make(source.sizes)
    read = [source.read(split, np.arange(size))["audio"] for split, size in source.sizes.items()]
    np.testing.assert_array_equal(np.concatenate(read), made)


def test_the_source_has_all_of_them() -> None:
    assert open_source("speech_words").sizes == SIZES == {"train": 4000, "validation": 800, "test": 1000}


def test_without_the_package_the_command_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    find = util.find_spec
    monkeypatch.setattr(util, "find_spec", lambda name: None if name == "espeakng_loader" else find(name))
    with pytest.raises(DataError, match=r"espeakng-loader.*pip install -e '\.\[speech\]'"):
        open_source("speech_words")


def test_what_espeak_cannot_say_is_a_data_error() -> None:
    with pytest.raises(DataError, match="espeak-ng cannot say 'yes' with the voice 'xx-none'"):
        speak([Utterance("yes", "xx-none", 50, 175)])


def test_a_crash_of_the_library_ends_no_more_than_its_own_process(monkeypatch, tmp_path: Path) -> None:
    (tmp_path / "_espeak.py").write_text("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    monkeypatch.setattr(speech_words, "__file__", str(tmp_path / "speech_words.py"))
    with pytest.raises(DataError, match="espeak-ng has failed: exit status -11"):
        speak([Utterance("yes", "en-us", 50, 175)])


def test_opening_the_source_makes_nothing() -> None:
    code = (
        "from kerasapps.data.sources import open_source, speech_words\n"
        "speech_words.speak = None\n"
        "print(open_source('speech_words').sizes['train'])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=600)
    assert done.stdout == f"{SIZES['train']}\n"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KERASAPPS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "data"


class Maker:
    """Makes an array, and counts how often."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> np.ndarray:
        self.times += 1
        return np.arange(1000, dtype=np.int16).reshape(10, 100)


def test_an_array_is_made_once_and_then_mapped(cache: Path) -> None:
    make = Maker()
    for _ in range(3):
        array = _cache.cached_array("numbers-1", make)
        np.testing.assert_array_equal(array, make())
        make.times -= 1
    assert make.times == 1 and isinstance(array, np.memmap) and not array.flags.writeable
    assert len(list(cache.iterdir())) == 1
    _cache.cached_array("numbers-2", make)
    assert make.times == 2


@pytest.mark.parametrize("damage", [lambda content: content[:-7], lambda content: content[:200] + b"!" + content[201:]])
def test_a_damaged_file_is_made_again(cache: Path, damage) -> None:
    make = Maker()
    whole = _cache.cached_array("numbers", make)
    (path,) = cache.iterdir()
    content = path.read_bytes()
    path.write_bytes(damage(content))
    np.testing.assert_array_equal(_cache.cached_array("numbers", make), whole)
    assert make.times == 2 and path.read_bytes() == content
    assert isinstance(_cache.cached_array("numbers", make), np.memmap) and make.times == 2


def test_a_cache_that_cannot_be_written_costs_only_time(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make = Maker()
    cache.parent.write_text("a file where the folder would be")
    for times in (1, 2):
        np.testing.assert_array_equal(_cache.cached_array("numbers", make), np.arange(1000).reshape(10, 100))
        assert make.times == times
    cache.parent.unlink()
    monkeypatch.setattr(np, "save", full_disk)
    _cache.cached_array("numbers", make)
    assert make.times == 3 and not list(cache.iterdir())


def full_disk(file, array) -> None:
    file.write(b"some")
    raise OSError(28, "No space left on device")


def test_a_write_that_is_broken_off_leaves_no_file_that_is_read(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(file, array) -> None:
        file.write(b"some")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(np, "save", interrupted)
        with pytest.raises(KeyboardInterrupt):
            _cache.cached_array("numbers", Maker())
    assert not list(cache.iterdir())
