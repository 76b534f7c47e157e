"""The Session of a case: what `train` trains, on the case's rows."""

import dataclasses
import re
from typing import Any

import numpy as np

from experiments.peers.cases import Case
from kerasapps.app import App, load_app
from kerasapps.data.rows import open_rows
from kerasapps.data.spec import Arrays, Column, Spec
from kerasapps.data.split import Rows, split_rows
from kerasapps.engine.session import Session
from kerasapps.hparams import Hparams
from kerasapps.runs.options import Options
from kerasapps.training import prepare

NOISE_ROWS, NOISE_CLASSES, NOISE_WORDS = 5000, 10, 10_000


def noise(name: str, shape: tuple[int, ...]) -> Arrays:
    """Images whose pixels, like their classes, are drawn from seed 0: as many as mnist_5k has."""
    generator = np.random.default_rng(0)
    classes = tuple(map(str, range(NOISE_CLASSES)))
    images = generator.integers(0, 256, (NOISE_ROWS, *shape), np.uint8)
    labels = generator.integers(0, NOISE_CLASSES, NOISE_ROWS, np.int32)
    spec = Spec((Column("image", "image", shape),), Column("label", "category", classes=classes))
    return Arrays(name, spec, {"train": {"image": images, "label": labels}})


def noise_of_words(name: str, length: int) -> Arrays:
    """Texts of `length` words of 10,000, drawn like their two classes from seed 0: no shorter, so none is padded."""
    generator = np.random.default_rng(0)
    words = np.array([f"word{i}" for i in range(NOISE_WORDS)])
    texts = words[generator.integers(0, NOISE_WORDS, (NOISE_ROWS, length))]
    labels = generator.integers(0, 2, NOISE_ROWS, np.int32)
    spec = Spec((Column("text", "text"),), Column("label", "category", classes=("0", "1")))
    return Arrays(name, spec, {"train": {"text": np.array([" ".join(text) for text in texts]), "label": labels}})


def noise_of_characters(name: str, length: int) -> Arrays:
    """Texts of `length` printable characters of ASCII, drawn from seed 0, without a target: none is padded."""
    codes = np.random.default_rng(0).integers(33, 127, (NOISE_ROWS, length), np.uint32)
    texts = codes.view(f"<U{length}")[:, 0].astype(object)
    return Arrays(name, Spec((Column("text", "text"),), None), {"train": {"text": texts}})


def _noise(name: str) -> Arrays | None:
    """The source of noise of that name, if it is one."""
    if sizes := re.fullmatch(r"random_(\d+)x(\d+)x(\d+)", name):
        return noise(name, tuple(map(int, sizes.groups())))
    if length := re.fullmatch(r"random_text_(\d+)", name):
        return noise_of_words(name, int(length[1]))
    if length := re.fullmatch(r"random_characters_(\d+)", name):
        return noise_of_characters(name, int(length[1]))
    return None


def case_rows(case: Case, options: Options) -> dict[str, Rows]:
    """The rows of each split."""
    source = _noise(case.data)
    if source:
        return split_rows(source, options.split_seed, options.rows)
    splits = open_rows(options)
    if case.all_rows and options.rows is None:
        number = sum(map(len, splits.values()))
        splits["train"] = dataclasses.replace(splits["train"], rows=np.arange(number))
    return splits


def case_hparams(case: Case) -> tuple[App, Hparams]:
    """The application and the hyperparameters of a case."""
    app = load_app(case.app)
    return app, app.hparams(**{"global_batch_size": case.batch_size, **case.fields})


def open_session(case: Case, rows: int | None, **options: Any) -> Session:
    """The Session of a case, compiled, of at most `rows` rows, None = all; `options` go before those of the case."""
    app, hparams = case_hparams(case)
    chosen = Options(**{"data": case.data, "rows": rows, **case.options, **options})
    return prepare.open_session(app, chosen, hparams, case_rows(case, chosen))
