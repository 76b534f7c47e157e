"""Docstrings and help texts are plain to read: each stands alone, and is short."""

import ast
import re
import statistics
from collections import Counter
from pathlib import Path

import pytest

import kerasapps
from kerasapps.cli.train import Switches
from kerasapps.hparams import Hparams
from kerasapps.runs.options import Options
from kerasapps.settings import settings
from kerasapps.tuning.options import SearchOptions

MEDIAN, LONGEST = 14, 30
PACKAGE = Path(kerasapps.__file__).parent
FOLDERS = sorted({path.parent for path in PACKAGE.rglob("*.py")})


def docstrings(text: str) -> list[str]:
    """The docstrings of the public functions and classes of a module."""
    kinds = (ast.FunctionDef, ast.ClassDef)
    public = [node for node in ast.parse(text).body if isinstance(node, kinds) and not node.name.startswith("_")]
    return [found for node in public if (found := ast.get_docstring(node))]


def refers_back(docstring: str) -> bool:
    """Whether a docstring says only that it is like what stands before it."""
    return bool(re.match(r"The same([.,:]| (as|of|in|into|for|and|with|shape)\b)", docstring))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_docstrings_stand_alone(folder: Path) -> None:
    texts = [path.read_text(encoding="utf-8") for path in folder.glob("*.py")]
    counted = Counter(found for text in texts for found in docstrings(text))
    assert [found for found, times in counted.items() if times > 1] == []
    nodes = [node for text in texts for node in ast.walk(ast.parse(text))]
    every = [ast.get_docstring(node) for node in nodes if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
    assert [found for found in every if found and refers_back(found)] == []


def test_a_docstring_that_refers_back_is_caught() -> None:
    assert docstrings('def a():\n    "One."\nclass B:\n    "One."\ndef _c():\n    "One."\n') == ["One.", "One."]
    assert refers_back("The same as a class.") and not refers_back("The same bits in every run.")


def test_help_texts_are_short() -> None:
    texts = [one.help for kind in (Options, Hparams, SearchOptions, Switches) for one in settings(kind).values()]
    lengths = [len(text.split()) for text in texts]
    assert len(texts) > 70 and statistics.median(lengths) <= MEDIAN
    assert [text for text in texts if len(text.split()) > LONGEST] == []
