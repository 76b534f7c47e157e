"""The live table of a search."""

import io
from types import SimpleNamespace

import pytest
from rich.console import Console

from kerasapps.cli import _live
from kerasapps.cli._live import Clock, watched
from kerasapps.tuning.outcomes import Outcome, ranked
from kerasapps.tuning.unit import Unit

OPTIONS = {"trials": 10, "tuner": "random"}
ENDED = {
    0: Outcome(0, {"hidden": "128"}, {}, 0.9, seconds=5),
    1: Outcome(1, {"hidden": "64-64", "rate": 0.25}, {}, 0.95, seconds=7),
    2: Outcome(2, {}, {}, None, "it failed"),
}


def search(outcomes: dict, busy: list[int], **options: object) -> SimpleNamespace:
    """How a search stands."""
    units = {trial: Unit(trial, {"hidden": f"{trial}-\x1b"}) for trial in busy}
    workers = SimpleNamespace(busy=busy)
    said, trainable = SimpleNamespace(**{**OPTIONS, **options}), SimpleNamespace(objective="val_accuracy")
    about = {"options": said, "trainable": trainable, "ranked": ranked(outcomes, "max")}
    return SimpleNamespace(**about, outcomes=outcomes, units=units, workers=workers)


def lines(shown: object) -> list[str]:
    """What stands on a terminal."""
    console = Console(file=io.StringIO(), width=80)
    console.print(shown)
    return [" ".join(line.split()) for line in console.file.getvalue().splitlines() if line.strip()]


def test_the_best_and_those_in_training_are_shown() -> None:
    clock = Clock(100.0)
    clock.shown(search({0: ENDED[0]}, [1, 2]), 101.0)
    head, _, *rows, summary = lines(clock.shown(search(ENDED, [3, 4]), 131.0))
    assert head == "trial val_accuracy seconds values"
    assert rows == [
        "1, the best 0.95 7 hidden 64-64, rate 0.25",
        r"3 training 0 hidden 3-\x1b",
        r"4 training 0 hidden 4-\x1b",
    ]
    # Two of ten ended in 31 s, one had before; seven are left.
    assert summary == "3 of 10 trials ended, 1 of them failed; 0:00:31, about 0:01:48 left"
    later = lines(clock.shown(search(ENDED, [4, 5]), 136.5))
    assert r"4 training 6 hidden 4-\x1b" in later and r"5 training 0 hidden 5-\x1b" in later


def test_on_a_narrow_terminal_the_values_alone_are_cut() -> None:
    values = {f"a_long_name_{i}": 0.25 for i in range(9)}
    shown = lines(Clock(0.0).shown(search({0: Outcome(0, values, {}, 0.123456, seconds=7)}, []), 1.0))
    assert shown[0] == "trial val_accuracy seconds values"
    assert shown[2].startswith("0, the best 0.123456 7 a_long_name_0 0.25") and shown[2].endswith("…")


@pytest.mark.parametrize(("outcomes", "tuner"), [({}, "random"), (ENDED, "hyperband")])
def test_where_nothing_is_known_of_the_rest_nothing_is_said(outcomes: dict, tuner: str) -> None:
    clock = Clock(0.0, before=0)
    assert "left" not in lines(clock.shown(search(outcomes, [3], tuner=tuner), 60.0))[-1]


def test_on_a_pipe_nothing_is_shown(capsys: pytest.CaptureFixture) -> None:
    with watched() as watch:
        watch(search(ENDED, [3]))
    assert capsys.readouterr() == ("", "")


def test_on_a_terminal_lines_stand_above_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(_live, "Console", lambda file: Console(file=terminal, force_terminal=True, width=80))
    with watched() as watch:
        watch(search(ENDED, [3]))
    text = terminal.getvalue()
    assert "1, the best" in text and text.index("3 of 10 trials ended") > text.index("training")
