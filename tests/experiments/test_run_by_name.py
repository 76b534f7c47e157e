"""Experiments by name: the list has all of them in full, and what does not exist is refused before anything trains."""

import io

import pytest
from scripts import script

from experiments.claims.known import EXPERIMENTS

runner = script("run")


def test_the_list_has_every_name_in_full_where_only_ascii_can_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(written, encoding="ascii"))
    runner.main([])
    runner.sys.stdout.flush()
    words = written.getvalue().decode("ascii").split()
    assert len(EXPERIMENTS) > 30
    assert {*EXPERIMENTS, *runner.scripts()} <= {*words}


def test_flags_are_values_of_settings() -> None:
    assert runner.overrides_of("mlp_wine", ["--epochs", "3", "--hidden", "4", "8"]) == {"epochs": 3, "hidden": (4, 8)}
    assert runner.overrides_of("gan_ring", ["--seed=7"]) == {"seed": 7}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["mlp_wien"], "Unknown experiment 'mlp_wien'. Did you mean 'mlp_wine'?"),
        (["mlp_wine", "--epoch", "3"], "Unknown argument of mlp '--epoch'. Did you mean '--epochs'?"),
        (["mlp_wine", "--epochs", "x"], "--epochs='x': expected int >= 1"),
        (["mlp_wine", "more"], "Unexpected 'more'"),
        (["gan_ring", "--latents", "3"], "Unknown argument of gan_ring '--latents'"),
    ],
)
def test_what_there_is_not_is_refused(given: list[str], words: str, capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(SystemExit) as ended:
        runner.main(given)
    assert ended.value.code == 2 and words in capsys.readouterr().err
