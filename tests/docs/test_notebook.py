"""The notebook runs from its first cell to its last one in a fresh kernel, within the time that it promises."""

import ast
import resource
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from pages import ROOT

PATH = ROOT / "docs" / "quickstart.ipynb"
PROMISED = 120
"""Seconds. Those of a processor are counted, so that it does not matter what else the machine does."""


def cells() -> list[nbformat.NotebookNode]:
    notebook = nbformat.read(PATH, as_version=4)
    nbformat.validate(notebook)
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_the_notebook_is_stored_without_outputs() -> None:
    assert len(cells()) > 8
    assert all(cell.outputs == [] and cell.execution_count is None for cell in cells())


def processor_seconds() -> float:
    """Those of all processes that have ended, which this one or its children started."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def value(cell: nbformat.NotebookNode) -> object:
    """What the last line of a cell is, of what Python writes as a literal."""
    results = (each for each in cell.outputs if each.output_type == "execute_result")
    return ast.literal_eval(next(results).data["text/plain"])


@pytest.mark.slow
def test_the_notebook_runs_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    notebook, began = nbformat.read(PATH, as_version=4), processor_seconds()
    NotebookClient(notebook, timeout=600, resources={"metadata": {"path": tmp_path}}).execute()
    assert 1 < processor_seconds() - began < PROMISED
    done = [cell for cell in notebook.cells if cell.cell_type == "code"]
    scores = next(value(cell) for cell in done if 'run.record["test"]' in cell.source)
    assert scores["accuracy"] > 0.93
    assert (tmp_path / "saved_models" / "digits" / "1" / "saved_model.pb").exists()
    searched = next(value(cell) for cell in done if "kerasapps.tune" in cell.source)
    assert len(searched) == 3
    pictures = [each.data for cell in done for each in cell.outputs if "image/png" in each.get("data", {})]
    assert len(pictures) == 2
