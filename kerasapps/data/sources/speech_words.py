"""Spoken words: ten English words, spoken by espeak-ng in many voices, with noise."""

import importlib.util
import json
import subprocess
import sys
import zlib
from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import numpy as np
import yaml

from kerasapps.data.sound import FULL_SCALE, fit_length, resample, to_int16
from kerasapps.data.sources._cache import cached_array
from kerasapps.data.spec import Column, Columns, Spec
from kerasapps.errors import DataError

WORDS = ("yes", "no", "up", "down", "left", "right", "on", "off", "stop", "go")
RATE = SAMPLES = 16_000
SIZES = {"train": 4000, "validation": 800, "test": 1000}
SPEC = Spec(
    (Column("audio", "audio", (SAMPLES,), rate=RATE),),
    Column("word", "category", classes=WORDS),
)

_GENERATOR_VERSION = 2
"""Goes up with every change of this file that changes the sounds."""
_SEED = 26
_ACCENTS = ("en-us", "en", "en-gb-scotland", "en-gb-x-rp", "en-gb-x-gbclan", "en-gb-x-gbcwmd", "en-us-nyc", "en-029")
VOICES: Mapping[str, Sequence[str]] = yaml.safe_load(Path(__file__).with_name("speech_voices.yaml").read_text("utf-8"))
"""The voice variants of each split."""
_PITCH = (20, 80)
_WORDS_A_MINUTE = (120, 230)
_DECIBELS = (-30.0, -6.0)
_NOISE_DECIBELS = (-50.0, -25.0)
_NOISE_COLOUR = (0.0, 0.95)
_SILENT = 0.01
_AT_ONCE = 100


def load() -> "SpeechWords":
    """One second each, 16,000 samples, by voices that are others in each split; made at first use, in about 10 s.

    Raises DataError without the package espeakng-loader.
    """
    if importlib.util.find_spec("espeakng_loader") is None:
        raise DataError(
            "speech_words needs the package espeakng-loader, which speaks the words, and it is not installed. "
            "Expected the extra 'speech': pip install -e '.[speech]' in a checkout, or pip install espeakng-loader."
        )
    return SpeechWords()


class SpeechWords:
    """The words with what varies; the same bytes whenever they are made. Pitch, speed, loudness, place and noise differ
    from row to row, each uniform within the limits above; the words of a split are equally many.
    """

    name, spec = "speech_words", SPEC

    def __init__(self, sizes: Mapping[str, int] = SIZES) -> None:
        """sizes: rows of each split, multiples of ten; those of other sizes are other sounds."""
        self.sizes = sizes

    @cached_property
    def _sounds(self) -> np.ndarray:
        version = metadata.version("espeakng-loader")
        others = "" if self.sizes == SIZES else "-" + "-".join(map(str, self.sizes.values()))
        name = f"speech_words-{_GENERATOR_VERSION}-espeakng_loader-{version}{others}"
        return cached_array(name, lambda: make(self.sizes))

    def read(self, split: str, rows: np.ndarray) -> Columns:
        """The sounds int16 [rows, 16000] and their words; raises DataError where espeak-ng fails."""
        rows, splits = np.asarray(rows), list(self.sizes)
        first = sum(self.sizes[before] for before in splits[: splits.index(split)])
        return {"audio": np.asarray(self._sounds[first + rows]), "word": _words(rows)}


def _words(rows: np.ndarray) -> np.ndarray:
    """Class numbers: each word in its turn."""
    return (rows % len(WORDS)).astype(np.int32)


class Utterance(NamedTuple):
    """What espeak-ng is asked to say: pitch 0 to 100, speed in words a minute."""

    text: str
    voice: str
    pitch: int
    words_a_minute: int


def utterances(split: str, size: int) -> list[Utterance]:
    """What is said in each of `size` rows of a split: all words by one voice after the other."""
    random, rows, speakers = _generator(f"{split} utterances"), np.arange(size), VOICES[split]
    accents = random.choice(_ACCENTS, len(rows) // len(WORDS))
    pitches = random.integers(*_PITCH, len(rows), endpoint=True)
    speeds = random.integers(*_WORDS_A_MINUTE, len(rows), endpoint=True)
    texts = [WORDS[word] for word in _words(rows)]
    chosen = [f"{accents[turn]}+{speakers[turn % len(speakers)]}" for turn in (rows // len(WORDS)).tolist()]
    return list(map(Utterance, texts, chosen, pitches.tolist(), speeds.tolist()))


def make(sizes: Mapping[str, int]) -> np.ndarray:
    """The sounds of all splits, int16 [rows, 16000]; raises DataError where espeak-ng fails."""
    rate, spoken = speak([utterance for split, size in sizes.items() for utterance in utterances(split, size)])
    random, recorded = _generator("recordings"), []
    for first in range(0, len(spoken), _AT_ONCE):
        part = spoken[first : first + _AT_ONCE]
        longest = max(map(len, part))
        together = np.stack([fit_length(sound, longest) for sound in part]) / FULL_SCALE
        recorded += [_recorded(sound, random) for sound in resample(together, rate, RATE)]
    return np.stack(recorded)


def speak(asked: list[Utterance]) -> tuple[int, list[np.ndarray]]:
    """Samples a second, and the sounds int16, of different lengths; raises DataError where espeak-ng fails."""
    program = [sys.executable, "-P", str(Path(__file__).with_name("_espeak.py"))]
    done = subprocess.run(program, input=json.dumps(asked).encode(), capture_output=True)
    if done.returncode:
        reason = done.stderr.decode(errors="replace").strip().rpartition("\n")[2] or f"exit status {done.returncode}"
        raise DataError(
            f"speech_words: espeak-ng has failed: {reason}. Expected it to speak; install the package "
            "espeakng-loader again."
        )
    rate, *lengths = np.frombuffer(done.stdout, "<i4", 1 + len(asked)).tolist()
    samples = np.frombuffer(done.stdout, "<i2", offset=4 * (1 + len(asked)))
    return rate, np.split(samples, np.cumsum(lengths)[:-1])


def _recorded(sound: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """int16 [16000]: the sound without silence round it, anywhere within the second, as loud as may be, in noise."""
    loud = np.flatnonzero(np.abs(sound) > _SILENT * np.abs(sound).max())
    sound = sound[loud[0] : loud[-1] + 1][:SAMPLES]
    placed = np.roll(fit_length(sound, SAMPLES), random.integers(SAMPLES - len(sound), endpoint=True))
    level, below, colour = (random.uniform(*limits) for limits in (_DECIBELS, _NOISE_DECIBELS, _NOISE_COLOUR))
    speech = placed / np.sqrt(np.mean(sound**2))
    noise = _noise(colour, random)
    mixed = speech + 10 ** (below / 20) * noise
    return to_int16(10 ** (level / 20) * mixed / np.abs(mixed).max())


def _noise(colour: float, random: np.random.Generator) -> np.ndarray:
    """Normal noise [16000] of mean square 1, each sample `colour` times the one before and something new."""
    from scipy.signal import lfilter

    return lfilter([(1 - colour**2) ** 0.5], [1, -colour], random.standard_normal(SAMPLES))


def _generator(purpose: str) -> np.random.Generator:
    """Noise of its own for each purpose."""
    return np.random.Generator(np.random.Philox(key=[_SEED, zlib.crc32(purpose.encode())]))
