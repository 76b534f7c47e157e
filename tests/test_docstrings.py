"""Functions that take settings tell each of them, with its default, to help()."""

import inspect
import subprocess
import sys

import pytest

import kerasapps
from kerasapps.docstrings import takes
from kerasapps.hparams import Hparams
from kerasapps.runs.options import Options
from kerasapps.settings import settings
from kerasapps.tuning.options import SearchOptions


@pytest.mark.parametrize(
    ("name", "own", "kinds"),
    [
        ("train", "data", (Options, Hparams)),
        ("resume", "run_dir", (Options, Hparams)),
        ("tune", "app", (SearchOptions, Options, Hparams)),
    ],
)
def test_help_begins_with_a_short_signature_and_lists_every_setting(name: str, own: str, kinds: tuple) -> None:
    function = getattr(kerasapps, name)
    assert len(inspect.signature(function).parameters) < 6 and own in inspect.signature(function).parameters
    told = {name: one for kind in kinds for name, one in settings(kind).items() if name != own}
    words = {name: f"\n  {name} ({one.type_name.partition(' ')[0]}" for name, one in told.items()}
    assert not [name for name, expected in words.items() if expected not in function.__doc__]


def test_what_a_function_has_itself_is_told_by_itself() -> None:
    @takes(Hparams)
    def fit(rows: int, epochs: int = 3, **more: object) -> None:
        """Fit."""

    assert list(inspect.signature(fit).parameters) == ["rows", "epochs", "more"]
    assert fit.__doc__.startswith("Fit.\n\nSettings, of which an app")
    assert "\n  epochs (" not in fit.__doc__
    assert "defaults:\n  global_batch_size (int >= 1, or none; default 32): rows of a step, over all" in fit.__doc__


def test_completion_offers_what_users_need_without_tensorflow() -> None:
    code = "import kerasapps, sys; print(*dir(kerasapps), 'tensorflow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=1800)
    assert done.stdout.split() == [*sorted([*kerasapps.__all__, "__version__"]), "False"]
