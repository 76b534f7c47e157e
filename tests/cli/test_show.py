"""Tables and JSON on stdout."""

import csv
import json
from pathlib import Path

import numpy as np

from kerasapps.cli._show import number, print_json, print_note, print_paths, print_table, write_table
from kerasapps.errors import DataError


def test_json_is_one_line_of_standard_json(capsys):
    value = {
        "a": np.float32(0.5),
        "b": np.arange(2),
        "c": float("nan"),
        "d": [np.inf, None, True],
        "e": Path("x"),
        1: (),
    }
    print_json(value)
    text = capsys.readouterr().out
    assert text.count("\n") == 1
    assert json.loads(text) == {"a": 0.5, "b": [0, 1], "c": None, "d": [None, None, True], "e": "x", "1": []}


def test_a_table_in_a_pipe_is_not_wrapped_and_shows_brackets(capsys):
    print_table("title", ("name", "text"), [("long", "x" * 300), ("[bold]", 3)], wrapped=False)
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["title"] in lines and ["name", "text"] in lines
    assert ["long", "x" * 300] in lines and ["[bold]", "3"] in lines


def test_a_table_to_be_read_fits_100_columns_without_a_terminal(capsys):
    """No column is wider than its cells, and names stay whole."""
    print_table("title " * 30, ("name", "text"), [("a_long_name_of_a_column", "word " * 80), ("short", "x" * 150)])
    title, *lines = capsys.readouterr().out.splitlines()
    assert title.strip() == ("title " * 30).strip() and max(map(len, lines)) == 100
    assert "a_long_name_of_a_column" in "".join(lines) and "".join(lines).count("word") == 80
    print_table("", ("", ""), [("a", "b")])
    assert max(map(len, capsys.readouterr().out.splitlines())) < 12


def test_numbers_have_six_digits():
    assert [number(x) for x in (0.1234567, 1234567.0, 2.0, float("nan"))] == ["0.123457", "1.23457e+06", "2", "nan"]


HOSTILE = "\x1b[31mred\x9b\r\u202e\n"
ESCAPED = r"\x1b[31mred\x9b\r\u202e"


def test_control_characters_are_shown_by_their_codes(capsys):
    """The head, the cells, the title and what stands beside them."""
    print_table(HOSTILE, ("row", HOSTILE), [("0", HOSTILE)], wrapped=False)
    print_note(HOSTILE)
    print_paths([Path(HOSTILE)])
    print(DataError(HOSTILE))
    shown = "".join(capsys.readouterr())
    assert shown.count(ESCAPED) == 6 and shown.count(ESCAPED + r"\n") == 3
    assert not any(sign in shown for sign in HOSTILE if not sign.isascii() or sign in "\x1b\r")


def test_a_file_has_no_formulas_and_numbers_stay_numbers(tmp_path):
    names = ["=cmd|' /C calc'!A0", "-1.5", "+1e3", "@sum", "-x", "\x1b[31m", "a=b"]
    shares = np.full((7, 7), -0.5, np.float32)
    answer = {"probabilities": shares, "classes": np.arange(7), "class": np.array(names)}
    with write_table(tmp_path / "a.csv", answer, names).open(newline="", encoding="utf-8") as file:
        heads, *rows = csv.reader(file)
    inert = ["'=cmd|' /C calc'!A0", "-1.5", "+1e3", "'@sum", "'-x", r"\x1b[31m", "a=b"]
    assert heads == ["class", "probability", *inert]
    assert rows == [[name, *["-0.5"] * 8] for name in inert]
