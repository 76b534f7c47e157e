"""The standard library as text: whole files in one split each, always the same on one Python."""

import hashlib
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import numpy as np
import pytest

from kerasapps.data.sources import open_source
from kerasapps.data.sources._passages import Passages
from kerasapps.data.sources._python import files
from kerasapps.data.sources.python_source import LEFT_OUT, MOST_CHARACTERS
from kerasapps.data.split import Rows

FOLDER = Path(sysconfig.get_paths()["stdlib"])
DIGEST = """
import hashlib
from kerasapps.data.sources import open_source
documents = open_source("python_source").documents
print(hashlib.sha256(repr(documents).encode()).hexdigest())
"""


@pytest.fixture(scope="module")
def source() -> Passages:
    return open_source("python_source")


def test_tests_tables_and_installed_packages_are_left_out() -> None:
    found = files(FOLDER, LEFT_OUT)
    assert found == sorted(found) and {"os.py", "json/decoder.py", "asyncio/tasks.py"} <= set(found)
    wrong = [path for path in found if {"test", "tests", "site-packages", "encodings"} & set(path.split("/"))]
    assert wrong == [] and not any("sysconfigdata" in path for path in found)


def test_each_file_is_whole_in_one_split(source: Passages) -> None:
    shares = {"test": range(0, 5), "validation": range(5, 10), "train": range(10, 100)}
    known = {}
    for path in files(FOLDER, LEFT_OUT):
        place = int(hashlib.sha256(path.encode()).hexdigest()[:12], 16) * 100 >> 48
        known[path] = next(split for split, places in shares.items() if place in places)
    for split, documents in source.documents.items():
        own = [(FOLDER / path).read_bytes() for path in known if known[path] == split]
        expected = [content.replace(b"\r\n", b"\n").decode("utf-8-sig", "replace") for content in own]
        assert set(documents) <= set(expected)
        assert split == "train" or len(documents) == len([text for text in expected if text])
    characters = sum(map(len, source.documents["train"]))
    assert 0.9 * MOST_CHARACTERS < characters <= MOST_CHARACTERS


def test_rows_are_passages_of_128_characters(source: Passages) -> None:
    for split, size in source.sizes.items():
        rows = Rows(source, split, np.arange(0, size, max(1, size // 500))).read()["text"]
        assert max(map(len, rows)) == 128 and all(text.strip() for text in rows)
    together = "".join(source.read("test", np.arange(50))["text"])
    assert together[:2000] in "".join(source.documents["test"])


def test_the_texts_are_always_the_same_and_read_at_once() -> None:
    runs = [subprocess.run([sys.executable, "-c", DIGEST], check=True, capture_output=True, text=True) for _ in "ab"]
    assert runs[0].stdout == runs[1].stdout and len(runs[0].stdout) == 65
    start = time.process_time()
    open_source("python_source")
    assert time.process_time() - start < 2
