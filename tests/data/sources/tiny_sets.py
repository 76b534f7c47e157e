"""Small TFDS sets of every kind that sources read, for tests to prepare on disk."""

import numpy as np
import tensorflow_datasets as tfds


def pictures(split: str) -> tuple[np.ndarray, np.ndarray]:
    """What TinyPictures holds, before TFDS shuffles it: images and labels."""
    generator = np.random.default_rng(len(split))
    count = {"train": 24, "test": 9}[split]
    return generator.integers(0, 256, (count, 28, 28, 1), dtype=np.uint8), np.arange(count) % 3


class TinyPictures(tfds.core.GeneratorBasedBuilder):
    """Images with one class each."""

    VERSION = tfds.core.Version("1.0.0")

    def _info(self) -> tfds.core.DatasetInfo:
        features = {"image": tfds.features.Image(shape=(28, 28, 1)), "label": tfds.features.ClassLabel(names="abc")}
        features["id"] = tfds.features.Text()
        return tfds.core.DatasetInfo(
            builder=self, features=tfds.features.FeaturesDict(features), supervised_keys=("image", "label")
        )

    def _split_generators(self, dl_manager) -> dict:
        return {split: self._generate_examples(split) for split in ("train", "test")}

    def _generate_examples(self, split: str):
        for row, (image, label) in enumerate(zip(*pictures(split), strict=True)):
            yield row, {"image": image, "label": int(label), "id": f"row {row}"}


class TinyTable(tfds.core.GeneratorBasedBuilder):
    """Numbers, a vector and a category, with a real number to predict; no supervised keys."""

    VERSION = tfds.core.Version("1.0.0")

    def _info(self) -> tfds.core.DatasetInfo:
        features = {
            "size": np.float32,
            "body": {"parts": tfds.features.Tensor(shape=(2,), dtype=np.int64)},
            "class": tfds.features.ClassLabel(names=["Bonn", "Oslo"]),
            "target": np.float32,
        }
        return tfds.core.DatasetInfo(builder=self, features=tfds.features.FeaturesDict(features))

    def _split_generators(self, dl_manager) -> dict:
        return {"everything": self._generate_examples()}

    def _generate_examples(self):
        for row in range(6):
            parts = np.array([row, 10 * row])
            town = -1 if row == 4 else row % 2
            yield row, {"size": row / 2, "body": {"parts": parts}, "class": town, "target": row + 0.25}


TEXTS = [f"Sentence {row} of the set, it's row {row}: café 东京" for row in range(20)]


class TinySentences(tfds.core.GeneratorBasedBuilder):
    """Texts with one class each, as imdb_reviews has them."""

    VERSION = tfds.core.Version("1.0.0")

    def _info(self) -> tfds.core.DatasetInfo:
        features = {"text": tfds.features.Text(), "label": tfds.features.ClassLabel(names=["neg", "pos"])}
        return tfds.core.DatasetInfo(
            builder=self, features=tfds.features.FeaturesDict(features), supervised_keys=("text", "label")
        )

    def _split_generators(self, dl_manager) -> dict:
        return {"train": self._generate_examples(TEXTS[:14]), "test": self._generate_examples(TEXTS[14:])}

    def _generate_examples(self, texts: list):
        for text in texts:
            yield text, {"text": text, "label": TEXTS.index(text) % 2}


class TornSentences(TinySentences):
    """The same, but one text is cut in the midst of a letter."""

    def _generate_examples(self, texts: list):
        for row, (key, example) in enumerate(super()._generate_examples(texts)):
            yield key, {**example, "text": example["text"].encode()[: -1 if row == 3 else None]}


SAID = {f"nombre {row}, s'il vous plaît": f"number {row}, please" for row in range(12)}


class TinyTranslations(tfds.core.GeneratorBasedBuilder):
    """French sentences and what they are in English, as ted_hrlr_translate has them."""

    VERSION = tfds.core.Version("1.0.0")

    def _info(self) -> tfds.core.DatasetInfo:
        features = tfds.features.Translation(languages=("fr", "en"))
        return tfds.core.DatasetInfo(builder=self, features=features, supervised_keys=("fr", "en"))

    def _split_generators(self, dl_manager) -> dict:
        pairs = list(SAID.items())
        return {"train": self._generate_examples(pairs[:8]), "test": self._generate_examples(pairs[8:])}

    def _generate_examples(self, pairs: list):
        for french, english in pairs:
            yield french, {"fr": french, "en": english}


class TinySounds(tfds.core.GeneratorBasedBuilder):
    """Sounds of different lengths, as speech_commands has them: int64 at 4,000 samples a second."""

    VERSION = tfds.core.Version("1.0.0")

    def _info(self) -> tfds.core.DatasetInfo:
        features = {"audio": tfds.features.Audio(file_format="wav", sample_rate=4000)}
        features["label"] = tfds.features.ClassLabel(names=["low", "high"])
        return tfds.core.DatasetInfo(
            builder=self, features=tfds.features.FeaturesDict(features), supervised_keys=("audio", "label")
        )

    def _split_generators(self, dl_manager) -> dict:
        return {split: self._generate_examples() for split in ("train", "validation", "test")}

    def _generate_examples(self):
        for row in range(30):
            yield row, {"audio": sound(row), "label": row % 2}


def sound(row: int) -> np.ndarray:
    """A tone of 200 or 1,000 Hz that begins with its row, of 3,000 to 5,000 samples."""
    samples = 3000 + 100 * (row % 21)
    tone = np.rint(20_000 * np.sin(2 * np.pi * (200, 1000)[row % 2] * np.arange(samples) / 4000)).astype(np.int64)
    tone[0] = row
    return tone
