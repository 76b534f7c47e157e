"""TFDS sets of texts that the tests prepare on disk: translations, and which text is an input."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow_datasets as tfds
from layouts import adapt
from tiny_sets import SAID, TinyTranslations

from kerasapps.data.sources import open_source
from kerasapps.data.sources._features import fields
from kerasapps.data.split import Rows
from kerasapps.data.tokenizers import TextOptions
from kerasapps.errors import DataError


@pytest.mark.parametrize("file_format", ["array_record", "tfrecord"])
def test_a_translation_is_from_the_first_language_to_the_second(tmp_path: Path, file_format: str) -> None:
    offline = tfds.download.DownloadConfig(try_download_gcs=False)
    TinyTranslations(data_dir=tmp_path).download_and_prepare(download_config=offline, file_format=file_format)
    source = open_source("tfds:tiny_translations", str(tmp_path))
    assert [(column.name, column.kind) for column in source.spec.inputs] == [("fr", "text")]
    assert (source.spec.target.name, source.spec.target.kind) == ("en", "text")
    assert source.sizes == {"train": 8, "test": 4}
    columns = {split: Rows(source, split, np.arange(size)).read() for split, size in source.sizes.items()}
    found = [dict(zip(each["fr"], each["en"], strict=True)) for each in columns.values()]
    assert list(map(len, found)) == [8, 4] and {**found[0], **found[1]} == SAID
    preprocess = adapt(source.spec, "tokens", columns["train"], TextOptions(20, 6))
    labels = preprocess.answers(columns["train"])["labels"]
    words = preprocess.statistics["en"]
    shown = [" ".join(words[number - 2] for number in row if number) for row in labels]
    assert shown == [text.replace(",", "") for text in columns["train"]["en"]]


def info(features: object, keys: tuple | None) -> SimpleNamespace:
    return SimpleNamespace(features=features, supervised_keys=keys)


@pytest.mark.parametrize(
    ("languages", "keys", "expected"),
    [
        (("pt", "en"), ("pt", "en"), ["pt", "en"]),
        (("pt", "en"), ("en", "pt"), ["en", "pt"]),
        (("pt", "en"), None, ["en", "pt"]),
        (("zh-cn", "is"), ("is", "zh-cn"), ["feature_is", "zh_cn"]),
    ],
)
def test_supervised_keys_say_from_which_language(languages: tuple, keys: tuple | None, expected: list) -> None:
    found = fields(info(tfds.features.Translation(languages), keys), "tfds:spoken")
    assert [field.column.name for field in found] == expected
    assert [field.is_target for field in found] == [False, True]


def test_more_languages_are_refused() -> None:
    with pytest.raises(DataError, match=r"tfds:spoken has the features .*, of which none.*a Translation of two lang"):
        fields(info(tfds.features.Translation(("pt", "en", "fr")), None), "tfds:spoken")
