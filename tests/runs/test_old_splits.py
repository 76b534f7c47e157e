"""Runs on pairs with repeated sentences, which earlier versions divided between the splits."""

import json
from pathlib import Path

import numpy as np
import pytest

from kerasapps.data.fingerprint import Fingerprint
from kerasapps.data.rows import open_rows
from kerasapps.runs import checkpoint
from kerasapps.runs.options import Options
from kerasapps.runs.run import rows_of_run


def pairs(path: Path, sentences: list[str]) -> Options:
    """Options of a file with a translation of its own for each of the sentences."""
    path.write_text("".join(f"{text}\tsatz {i}\n" for i, text in enumerate(sentences)), encoding="utf-8")
    return Options(data=str(path))


def run_of(path: Path, number: int, test: dict) -> Path:
    """The files of a run of format `number` whose test split was `test`."""
    path.mkdir()
    (path / "config.yaml").write_text(f"app: translation\nformat: {number}\n")
    (path / "data.json").write_text(json.dumps({"test": test}))
    checkpoint.write_sums(path)
    return path


@pytest.mark.parametrize(("number", "as_then"), [(3, True), (4, False)])
def test_a_run_of_an_earlier_version_has_its_own_rows(tmp_path: Path, number: int, as_then: bool) -> None:
    """Each sentence stands twice. Rows whose sentences all differ are divided as all rows were then."""
    options = pairs(tmp_path / "pairs.tsv", [f"sentence {i // 2}" for i in range(40)])
    differing = open_rows(pairs(tmp_path / "differing.tsv", [f"sentence {i}" for i in range(40)]))
    now, then = open_rows(options), differing["test"].rows
    assert len(then) == len(now["test"].rows) == 8 and np.any(then != now["test"].rows)
    fingerprint = Fingerprint()
    fingerprint.add(now["test"].source.read("train", then))
    found = rows_of_run(run_of(tmp_path / "run", number, fingerprint.summary()), options, now["test"].source.spec)
    for split, part in (differing if as_then else now).items():
        np.testing.assert_array_equal(found[split].rows, part.rows)


def test_a_run_of_the_same_format_that_kept_sentences_together_has_the_rows_of_today(tmp_path: Path) -> None:
    options = pairs(tmp_path / "pairs.tsv", [f"sentence {i // 2}" for i in range(40)])
    now = open_rows(options)
    fingerprint = Fingerprint()
    fingerprint.add(now["test"].read())
    found = rows_of_run(run_of(tmp_path / "run", 3, fingerprint.summary()), options, now["test"].source.spec)
    np.testing.assert_array_equal(found["test"].rows, now["test"].rows)
