"""The commands on a series in a CSV file: what follows a straight line is known."""

import json
import warnings

import numpy as np
import pytest

from kerasapps.__main__ import main

SLOPE, FIRST, STEPS = 0.5, 10.0, 60
SERIES = ("--target", "sold", "--history", "3", "--horizon", "2")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A file of a straight line, and a linear regression on its windows, made by the command itself."""
    path = tmp_path_factory.mktemp("series")
    write(path / "line.csv", FIRST + SLOPE * np.arange(STEPS))
    arguments = ["--data", str(path / "line.csv"), *SERIES, "--execution", "graph"]
    assert main(["train", "linear-regression", "--no-report", *arguments, "--run-dir", str(path / "run")]) == 0
    return path


def write(path, values):
    """Months from January 2001 on, and a column beside the series."""
    rows = (f"{2001 + i // 12}-{i % 12 + 1:02}-01,{i},{value}\n" for i, value in enumerate(values))
    path.write_text("month,price,sold\n" + "".join(rows), encoding="utf-8")
    return str(path)


def answer(capsys):
    (row,) = json.loads(capsys.readouterr().out.splitlines()[-1])
    return row


def test_predict_goes_on_after_the_last_step_of_a_file(folder, tmp_path, capsys):
    given = write(tmp_path / "other.csv", 20 + SLOPE * np.arange(7))
    assert main(["predict", str(folder / "run"), given, "--json"]) == 0
    row = answer(capsys)
    from_file = row["predictions"]
    assert row["dates"] == ["2001-08-01", "2001-09-01"]
    np.testing.assert_allclose(from_file, [20 + 7 * SLOPE, 20 + 8 * SLOPE], rtol=1e-2)
    assert main(["predict", str(folder / "run"), "22", "22.5", "23", "--json"]) == 0
    row = answer(capsys)
    assert row["predictions"] == from_file and "dates" not in row


@pytest.mark.parametrize(
    ("horizon", "keep", "rows"), [("5", "best", "1 row"), ("2", "best", "4 rows"), ("2", "last", ""), ("1", "best", "")]
)
def test_an_epoch_chosen_by_few_windows_is_warned_of(folder, tmp_path, horizon, keep, rows):
    """48 steps before those of the test, of which the last 5 are for validation."""
    arguments = ["--data", str(folder / "line.csv"), *SERIES[:-1], horizon, "--keep", keep]
    arguments += ["--epochs", "1", "--hidden", "2", "--execution", "eager", "--run-dir", str(tmp_path / "run")]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert main(["train", "mlp", "--no-report", *arguments]) == 0
    said = [str(warning.message) for warning in caught if "for validation" in str(warning.message)]
    assert [text.partition(" for ")[0] for text in said] == [f"{folder / 'line.csv'} has {rows}"] * bool(rows)


def test_predict_calls_the_steps_ahead_by_their_dates(folder, tmp_path, capsys):
    """In the table, and in a file; two series that end alike have them too."""
    given = [write(tmp_path / name, np.arange(14.0)) for name in ("a.csv", "b.csv")]
    assert main(["predict", str(folder / "run"), *given]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["date", "row", "0", "row", "1"] in rows
    assert [row[0] for row in rows if len(row) == 3] == ["2002-03-01", "2002-04-01"]
    assert main(["predict", str(folder / "run"), *given, "--output", str(tmp_path / "out.csv")]) == 0
    assert (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()[0] == "2002-03-01,2002-04-01"
    capsys.readouterr()
    assert main(["predict", str(folder / "run"), given[0], write(tmp_path / "c.csv", np.arange(9.0))]) == 0
    assert "sold_next[1]" in capsys.readouterr().out


def test_predict_calls_the_steps_ahead_by_their_names(folder, capsys):
    assert main(["predict", str(folder / "run"), "22", "22.5", "23"]) == 0
    out = capsys.readouterr().out
    assert "sold_next[1]" in out and "sold_next[2]" in out


def test_predict_refuses_a_wrong_number_of_steps(folder, tmp_path, capsys):
    assert main(["predict", str(folder / "run"), "22", "22.5"]) == 2
    assert "2 values given: 22 22.5. Expected the 3 last steps" in capsys.readouterr().err
    assert main(["predict", str(folder / "run"), write(tmp_path / "short.csv", [1, 2])]) == 3
    assert "short.csv has 2 steps. Expected at least 3" in capsys.readouterr().err


def test_train_refuses_half_a_window_and_a_series_that_is_none(folder, tmp_path, capsys):
    arguments = ["train", "linear-regression", "--data", str(folder / "line.csv"), "--run-dir", str(tmp_path / "run")]
    arguments += ["--target", "sold"]
    assert main([*arguments, "--history", "3"]) == 2
    assert "history=3, horizon=None" in capsys.readouterr().err
    assert main([*arguments, "--history", "58", "--horizon", "2"]) == 3
    assert "line.csv has 60 steps: too few" in capsys.readouterr().err
    arguments[3:] = ["iris", *arguments[4:-2]]
    assert main([*arguments, "--history", "3", "--horizon", "2"]) == 2
    assert "iris is no series" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_evaluate_tells_what_the_baselines_reach(folder, capsys):
    """Of a line, the last step again is wrong by one slope and by two: the root of the mean square is known."""
    assert main(["evaluate", str(folder / "run"), "--json"]) == 0
    scores = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert scores["persistence_rmse"] == pytest.approx(SLOPE * np.sqrt((1 + 4) / 2), rel=1e-5)
    assert scores["rmse"] < scores["persistence_rmse"]
