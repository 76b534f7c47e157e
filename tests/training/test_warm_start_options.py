"""A run that starts from another has its options of rows and fields, unless others are given."""

import dataclasses
from pathlib import Path

import pytest

import kerasapps
from kerasapps.app import load_app
from kerasapps.data.options import FieldOptions
from kerasapps.errors import ConfigError
from kerasapps.runs.run import Run


def test_on_the_same_data_all_of_them_are_those_of_the_run(tmp_path: Path) -> None:
    """Also those that are added later: each field of FieldOptions that was not given."""
    table = tmp_path / "table.csv"
    table.write_text("\n".join(["x,y,z", *(f"{i}.5,{2 * i}.5,{i % 7}.5" for i in range(40))]))
    fields = {"data": str(table), "execution": "eager", "epochs": 1}
    own = {"target": "y", "features": ("z",)}
    start = kerasapps.train("linear_regression", run_dir=str(tmp_path / "1"), **fields, **own)
    fields["from_run"] = str(start.directory)
    second = kerasapps.train("linear_regression", run_dir=str(tmp_path / "2"), **fields)
    assert {field.name for field in dataclasses.fields(FieldOptions)} >= {*own, "passage_length", "history"}
    for field in dataclasses.fields(FieldOptions):
        assert getattr(second.options, field.name) == getattr(start.options, field.name), field.name
    assert second.preprocess == start.preprocess
    with pytest.raises(ConfigError, match="features=x was given, .* was trained with features=z. Give features=z"):
        kerasapps.train("linear_regression", run_dir=str(tmp_path / "3"), features=("x",), **fields)


def test_other_windows_of_a_series_are_refused(tmp_path: Path) -> None:
    """The run has those of sunspots, 22 and 5, without having been given them."""
    fields = {"data": "sunspots", "execution": "eager", "epochs": 1}
    start = kerasapps.train("linear_regression", run_dir=str(tmp_path / "start"), **fields)
    fields |= {"from_run": str(start.directory), "run_dir": str(tmp_path / "run")}
    for name, own in (("history", 22), ("horizon", 5)):
        with pytest.raises(ConfigError, match=f"{name}=4 was given.* Give {name}={own}, or"):
            kerasapps.train("linear_regression", **fields, **{name: 4})
    second = kerasapps.train("linear_regression", **fields, history=22, horizon=5)
    assert second.preprocess == start.preprocess


@pytest.fixture(scope="module")
def passages(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict, Run]:
    """A small language model of a text in passages of 16 characters."""
    folder = tmp_path_factory.mktemp("passages")
    (folder / "text.txt").write_text("".join(f"line {i} of a text\n" for i in range(200)))
    fields = {**load_app("language_model").tiny, "width": 8, "feed_forward": 8, "execution": "eager", "rows": 20}
    given = {"passage_length": 16, "sequence_length": 16, "run_dir": str(folder / "run")}
    return fields, kerasapps.train("language_model", data=str(folder / "text.txt"), **fields, **given)


def test_passages_are_as_long_as_those_of_the_run(passages: tuple[dict, Run], tmp_path: Path) -> None:
    """Also of another text."""
    fields, start = passages
    (tmp_path / "other.txt").write_text("".join(f"another line {i}\n" for i in range(200)))
    fields = {**fields, "data": str(tmp_path / "other.txt"), "from_run": str(start.directory)}
    second = kerasapps.train("language_model", run_dir=str(tmp_path / "2"), **fields)
    assert second.options.passage_length == 16 and len(second.read("train")["text"][0]) == 16


@pytest.mark.slow
def test_other_passages_of_another_text_may_be_given(passages: tuple[dict, Run], tmp_path: Path) -> None:
    fields, start = passages
    (tmp_path / "other.txt").write_text("".join(f"another line {i}\n" for i in range(200)))
    fields = {**fields, "data": str(tmp_path / "other.txt"), "from_run": str(start.directory)}
    third = kerasapps.train("language_model", run_dir=str(tmp_path / "3"), passage_length=12, **fields)
    assert third.options.passage_length == 12 and third.record["warm_start"]["preprocessing"] == "taken over"


def test_other_passages_of_the_same_text_are_refused(passages: tuple[dict, Run], tmp_path: Path) -> None:
    fields, start = passages
    fields = {**fields, "data": start.options.data, "from_run": str(start.directory), "run_dir": str(tmp_path / "run")}
    with pytest.raises(ConfigError, match="passage_length=12 was given, .* with passage_length=16. Give passage_leng"):
        kerasapps.train("language_model", passage_length=12, **fields)


def test_what_other_data_cannot_have_is_not_taken_over(passages: tuple[dict, Run], tmp_path: Path) -> None:
    """A table is not cut into passages: then all options are those given."""
    fields, start = passages
    table = tmp_path / "texts.csv"
    table.write_text("\n".join(["review,label", *(f"{('bad', 'good')[i % 2]} text {i},{i % 2}" for i in range(40))]))
    fields = {**fields, "data": str(table), "from_run": str(start.directory), "run_dir": str(tmp_path / "run")}
    run = kerasapps.train("language_model", sequence_length=20, **fields)
    assert (run.options.passage_length, run.layout.only.shape) == (None, (20,))
    assert run.record["warm_start"]["preprocessing"] == "fitted to the new data"
