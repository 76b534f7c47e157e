"""Functions that take settings tell each of them, with its default, to help()."""

import ast
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

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


def documented(docstring: str) -> list[str]:
    """The arguments that a docstring explains, in their order."""
    return re.findall(r"^    \*{0,2}(\w+): ", docstring.partition("\nArgs:\n")[2].partition("\n\n")[0], re.MULTILINE)


def explained() -> Iterator[tuple[str, list[str], list[str]]]:
    """Of all functions that explain their arguments: name, the arguments, and those explained."""
    for path in Path(kerasapps.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and "\nArgs:\n" in (found := ast.get_docstring(node) or ""):
                own = node.args
                every = [*own.posonlyargs, *own.args, own.vararg, *own.kwonlyargs, own.kwarg]
                taken = [each.arg for each in every if each and each.arg not in ("self", "cls")]
                yield node.name, taken, documented(found)


def test_the_arguments_explained_are_those_taken() -> None:
    found = list(explained())
    assert {"train", "resume", "load", "export", "tune", "predict", "evaluate"} <= {name for name, *_ in found}
    assert [(name, taken, told) for name, taken, told in found if taken != told] == []
    assert documented("F.\n\nArgs:\n    a: One\n        b: more.\n    **c: Three.\n\nReturns:\n    d: No.") == [
        "a",
        "c",
    ]


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
