"""Tables and JSON on stdout."""

import csv
import io
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from kerasapps.cli._show import number, print_json, print_note, print_paths, print_table, write_table
from kerasapps.errors import DataError


class Terminal(io.StringIO):
    """stdout of a terminal."""

    def isatty(self) -> bool:
        """A terminal."""
        return True

    @property
    def text(self) -> str:
        """What is seen of it."""
        return re.sub(r"\x1b\[[0-9;]*m", "", self.getvalue())


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


def printed(capsys: pytest.CaptureFixture, *table: object) -> list[str]:
    """The lines of a table without its title."""
    print_table("title", *table)
    title, *lines = capsys.readouterr().out.splitlines()
    assert title == "title"
    return [line for line in lines if line.strip()]


def test_a_word_wider_than_the_page_stays_whole_and_brackets_are_shown(capsys):
    lines = [line.split() for line in printed(capsys, ("name", "text"), [("long", "x" * 300), ("[bold]", 3)])]
    assert ["name", "text"] in lines and ["long", "x" * 300] in lines and ["[bold]", "3"] in lines


def test_a_table_fits_120_columns_without_a_terminal(capsys):
    """No column is wider than its cells, and names stay whole."""
    lines = printed(capsys, ("name", "text"), [("a_long_name_of_a_column", "word " * 80), ("two words", "y" * 90)])
    assert max(map(len, lines)) <= 120
    assert any(line.startswith(" two words ") and "y" * 90 in line for line in lines)
    assert "a_long_name_of_a_column" in "".join(lines) and "".join(lines).count("word") == 80 + 1
    assert max(map(len, printed(capsys, ("", ""), [("a", "b")]))) < 12


@pytest.mark.parametrize("width", [60, 80])
def test_on_a_terminal_no_number_is_broken_and_columns_that_do_not_fit_stand_below(width, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setattr("sys.stdout", Terminal())
    numbers = [[f"{i}.{j:06d}" for j in range(12)] for i in range(3)]
    print_table("title", ("row", *(f"class {j}" for j in range(12))), [(f"row {i}", *numbers[i]) for i in range(3)])
    text = sys.stdout.text
    assert max(map(len, text.splitlines())) <= width
    assert all(text.split().count(number) == 1 for row in numbers for number in row)
    assert text.count("row 2") > 1


def test_numbers_beside_a_long_text_stay_whole_on_a_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setattr("sys.stdout", Terminal())
    print_table("title", ("trial", "val_accuracy", "changes"), [(7, 0.987654321, "a word " * 20)])
    lines = sys.stdout.text.splitlines()
    assert max(map(len, lines)) <= 60 and any(line.split()[:2] == ["7", "0.987654321"] for line in lines)
    assert any("trial" in line and "val_accuracy" in line and "changes" in line for line in lines)


def test_numbers_have_six_digits():
    assert [number(x) for x in (0.1234567, 1234567.0, 2.0, float("nan"))] == ["0.123457", "1.23457e+06", "2", "nan"]


HOSTILE = "\x1b[31mred\x9b\r\u202e\n"
ESCAPED = r"\x1b[31mred\x9b\r\u202e"


def test_control_characters_are_shown_by_their_codes(capsys):
    """The head, the cells, the title and what stands beside them."""
    print_table(HOSTILE, ("row", HOSTILE), [("0", HOSTILE)])
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
