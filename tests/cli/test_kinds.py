"""A table with a date and a boolean beside numbers and categories, from the command line to an exported model."""

import csv
import json
from datetime import date, timedelta

import numpy as np
import pytest
import tensorflow as tf

import kerasapps
from kerasapps.__main__ import main
from kerasapps.errors import DataError
from kerasapps.runs.run import Run

ROWS = {"sold": ["2004-02-29", "1999-12-31T06:00"], "new": ["Yes", "f"], "price": [3.5, 70.0], "town": ["Oslo", "Bonn"]}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A tiny run of linear regression, made by the command itself."""
    home, random = tmp_path_factory.mktemp("sales"), np.random.default_rng(0)
    with (home / "sales.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*ROWS, "paid"])
        for i in range(60):
            day = date(2000, 1, 1) + timedelta(days=int(random.integers(2000)))
            writer.writerow([day, ("yes", "no")[i % 2], random.normal(), ("Oslo", "Bonn")[i % 3 > 0], random.normal()])
    command = ["train", "linear_regression", "--no-report", "--data", str(home / "sales.csv"), "--epochs", "2"]
    assert main([*command, "--run-dir", str(home / "run")]) == 0
    return kerasapps.load(home / "run")


@pytest.fixture(scope="module")
def expected(run: Run) -> np.ndarray:
    """What Python answers."""
    return run.predict({name: np.array(values) for name, values in ROWS.items()})["predictions"]


def answers(capsys: pytest.CaptureFixture, *arguments: object) -> list:
    assert main(["predict", *map(str, arguments), "--json"]) == 0
    return [row["predictions"] for row in json.loads(capsys.readouterr().out.splitlines()[-1])]


def test_the_kinds_are_those_of_the_cells(run: Run) -> None:
    kinds = {column.name: column.kind for column in run.preprocess.spec.inputs}
    assert kinds == {"sold": "date", "new": "boolean", "price": "number", "town": "category"}
    assert run.layout.only.shape == (9,)


def test_values_pairs_and_tables_are_read_alike(run: Run, expected, tmp_path, capsys) -> None:
    assert np.ptp(expected) > 0
    rows = list(zip(*ROWS.values(), strict=True))
    np.testing.assert_allclose(answers(capsys, run.directory, *rows[0]), expected[:1], rtol=1e-5)
    blank = [f"\u00a0 {value}\u2003" for value in rows[0]]
    np.testing.assert_allclose(answers(capsys, run.directory, *blank), expected[:1], rtol=1e-5)
    pairs = [f"{name}={value}" for name, value in zip(ROWS, rows[1], strict=True)]
    np.testing.assert_allclose(answers(capsys, run.directory, *reversed(pairs)), expected[1:], rtol=1e-5)
    lines = [",".join(map(str, row)) for row in (tuple(ROWS), *rows)]
    (tmp_path / "new.csv").write_text("\n".join(lines))
    np.testing.assert_allclose(answers(capsys, run.directory, tmp_path / "new.csv"), expected, rtol=1e-5)


@pytest.mark.parametrize("name", ["sold", "new"])
def test_a_zero_behind_a_value_in_a_list_is_part_of_it(run: Run, name: str) -> None:
    """An exported file sees it as well; NumPy's arrays of strings do not have it."""
    given = {column: list(values) for column, values in ROWS.items()}
    given[name][1] += "\0"
    with pytest.raises(DataError, match=f"{name}.*x00"):
        run.predict(given)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ("sold=31.12.2001", "column sold: '31.12.2001'. Expected a date such as 2001-12-31"),
        ("new=so", "column new: 'so'"),
        ("sold=2001-\u00a012-31", "column sold"),
    ],
)
def test_what_is_neither_date_nor_boolean_is_refused(run: Run, changed: str, named: str, capsys) -> None:
    pairs = {name: f"{name}={values[0]}" for name, values in ROWS.items()}
    given = {**pairs, changed.partition("=")[0]: changed}.values()
    assert main(["predict", str(run.directory), *given]) == 3
    assert named in capsys.readouterr().err


@pytest.mark.parametrize("name", ["sold", "new"])
def test_blanks_that_the_graph_does_not_know_are_refused(run: Run, name: str) -> None:
    columns = {key: np.array(values) for key, values in ROWS.items()}
    changed = {**columns, name: np.char.add("\u2003", columns[name].astype(str))}
    with pytest.raises(DataError, match=f"row 0 .*column {name}"):
        run.predict(changed)
    run.predict({**columns, name: np.char.add(" \t", columns[name].astype(str))})


def test_the_exported_model_takes_raw_strings(run: Run, expected, tmp_path) -> None:
    model = tf.saved_model.load(str(kerasapps.export(run, tmp_path)))
    kinds = {"price": tf.float32}
    raw = {name: tf.constant(values, kinds.get(name, tf.string)) for name, values in ROWS.items()}
    answer = model.signatures["serving_default"](**raw)
    np.testing.assert_allclose(answer["predictions"], expected, rtol=1e-5, atol=1e-5)
    for name, wrong in (("sold", "2001-02-29"), ("new", "so")):
        with pytest.raises(tf.errors.InvalidArgumentError, match="expected (a date such as|true or false)"):
            model.signatures["serving_default"](**{**raw, name: tf.constant([wrong, ROWS[name][0]])})
