"""The shape of the package: functions that fit a screen, a session of few modules, pages that name all there is.

The number of a function's parameters is the linter's to count.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from kerasapps.names import APPS, SOURCES, names_in

ROOT = Path(__file__).parents[1]
LINES = 40
APART = {"conformance", "docs", "experiments", "histories", "old_runs", "toys"}
"""Folders of tests that are no packages of kerasapps."""


def functions(text: str) -> Iterator[tuple[str, int]]:
    """Name and number of lines of every function, docstring included."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.end_lineno - node.lineno + 1


def test_no_function_is_longer_than_a_screen() -> None:
    paths = [path for folder in ("kerasapps", "experiments") for path in (ROOT / folder).rglob("*.py")]
    found = [(path.name, *each) for path in paths for each in functions(path.read_text(encoding="utf-8"))]
    assert len(found) > 1000
    assert not [each for each in found if each[-1] > LINES]


def test_a_long_function_is_caught() -> None:
    body = "    pass\n" * LINES
    assert dict(functions(f"class A:\n  def long(self):\n{body}\ndef short():\n    pass\n")) == {"long": 41, "short": 2}


def test_folders_of_tests_are_those_of_the_package() -> None:
    folders = {path.parent.relative_to(ROOT / "tests") for path in (ROOT / "tests").rglob("test_*.py")}
    mirrored = [folder for folder in folders if folder.parts and folder.parts[0] not in APART]
    assert Path("data/sources") in mirrored
    assert [folder for folder in mirrored if not (ROOT / "kerasapps" / folder / "__init__.py").is_file()] == []


def test_a_session_imports_ten_modules_at_most() -> None:
    tree = ast.parse((ROOT / "kerasapps/engine/session.py").read_text(encoding="utf-8"))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert "kerasapps.engine.state" in imported
    assert len([name for name in imported if name.startswith("kerasapps.")]) <= 10


def unnamed(package: str, page: str, where: str) -> list[str]:
    """Names of a package's modules that a page does not have as `where` says it."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return [name for name in names_in(package) if not re.search(where.format(name), text, re.MULTILINE)]


def test_the_readme_is_read_in_minutes() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 120


def test_the_readme_names_every_application() -> None:
    assert unnamed(APPS, "README.md", r"\b{}\b") == []


@pytest.mark.parametrize("package", ["data", "tuning"])
def test_the_map_has_every_module(package: str) -> None:
    text = (ROOT / "docs/design.md").read_text(encoding="utf-8")
    section = text.partition(f"### kerasapps/{package}/\n")[2].partition("\n#")[0]
    named = {*re.findall(r"`(\w+)\.py`", section)}
    assert named == {path.stem for path in (ROOT / "kerasapps" / package).glob("*.py")} - {"__init__"}


def test_a_table_on_data_has_every_source() -> None:
    assert unnamed(SOURCES, "docs/data.md", r"^\| `{}` \| ") == []
