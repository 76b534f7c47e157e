"""Every kind has all that Kind names; a new kind and a new file format are one file each."""

import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from layouts import adapt

from kerasapps.data import kinds, readers
from kerasapps.data.kinds import Kind, kind_names, load_kind
from kerasapps.data.sources import open_source

MEMBERS = {*Kind.__annotations__, *(name for name in vars(Kind) if not name.startswith("_"))}
PERCENT = '''
"""Shares such as 5 pct, which become numbers from 0 to 1."""

import numpy as np

from kerasapps.data.spec import Column, Field


def wrong(column, values, is_target):
    return np.flatnonzero([not str(value).endswith(" pct") for value in values]), "a share such as 5 pct"


def field(column, form, fitted, tokens):
    return Field(column.name, form, (1,), (column.name,), (column.name,))


def convert(parts, inputs):
    import keras
    import tensorflow as tf

    def share(texts):
        return tf.strings.to_number(tf.strings.regex_replace(texts, " pct", ""))[:, None] / 100

    return [keras.layers.Lambda(share, output_shape=(1,))(texts) for texts in inputs]


def of_cells(cells):
    shares = all(text.endswith(" pct") for text in cells.texts)
    return (Column(cells.name, "percent"), np.array(cells.texts)) if shares else None
'''
PSV = '''
"""Tables with bars between their cells."""

SUFFIXES = (".psv",)


def read_table(path):
    return [(i, line.split("|")) for i, line in enumerate(path.read_text().splitlines(), start=1)]
'''


@pytest.fixture
def added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder in whose folders kinds and readers more of these are looked for."""
    for package, name in ((kinds, "kinds"), (readers, "readers")):
        (tmp_path / name).mkdir()
        monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path / name)])
    yield tmp_path
    for name in ("kinds.percent", "readers.psv"):
        sys.modules.pop(f"kerasapps.data.{name}", None)
    load_kind.cache_clear()
    readers._formats.cache_clear()


@pytest.mark.parametrize("name", kind_names())
def test_a_kind_has_what_kind_names(name: str) -> None:
    assert {member for member in MEMBERS if not hasattr(load_kind(name), member)} == set()


def test_unknown_kinds_are_named() -> None:
    with pytest.raises(ValueError, match="Unknown kind of column 'colour'. Expected one of: audio, boolean, category"):
        load_kind("colour")


def test_kinds_bring_no_tensorflow() -> None:
    code = "import sys; from kerasapps.data.kinds import *; [load_kind(n) for n in kind_names()]"
    code += "; print(sorted({'tensorflow', 'keras', 'PIL', 'pandas', 'scipy'} & {*sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_kind_is_one_file(added: Path) -> None:
    (added / "kinds" / "percent.py").write_text(PERCENT)
    importlib.invalidate_caches()
    (added / "table.csv").write_text("share,x,y\n5 pct,1,a\n50 pct,2,b\n")
    source = open_source(str(added / "table.csv"))
    assert [column.kind for column in source.spec.inputs] == ["percent", "number"]
    columns = source.read("train", np.arange(2))
    got = adapt(source.spec, "vector", columns).apply(columns)["features"]
    np.testing.assert_allclose(got, [[-1, 0.05], [1, 0.5]], rtol=1e-6)


def test_a_format_is_one_file(added: Path) -> None:
    (added / "readers" / "psv.py").write_text(PSV)
    importlib.invalidate_caches()
    readers._formats.cache_clear()
    (added / "table.psv").write_text("town|x|y\nBonn|1|a\nOslo|2|b\n")
    source = open_source(str(added / "table.psv"))
    assert source.name.endswith("table.psv")
    assert list(source.read("train", np.arange(2))["town"]) == ["Bonn", "Oslo"]
