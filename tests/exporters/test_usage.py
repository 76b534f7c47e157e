"""The lines that show how an exported file is asked, run as they are pasted."""

import ast
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

import kerasapps
from kerasapps.__main__ import main
from kerasapps.exporters.usage import _arguments, others, usage

OLD = Path(__file__).parents[1] / "old_runs"
RUNS = ("linear_auto_mpg", "mlp_wine", "rnn_reviews", "rnn_sunspots", "gan_digits", "cnn_digits")
QUICK = "linear_auto_mpg"


@pytest.mark.parametrize("name", [pytest.param(name, marks=[pytest.mark.slow] * (name != QUICK)) for name in RUNS])
def test_pasted_lines_ask_the_file_what_the_run_answers(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    """The inputs of the lines, read from their syntax tree, are asked of the run itself."""
    assert main(["export", str(OLD / name), "--directory", str(tmp_path)]) == 0
    printed = capsys.readouterr()
    run, path = kerasapps.load(OLD / name), Path(printed.out.strip())
    lines = usage(run, path)
    assert lines in printed.err and str(path) in lines
    found: dict = {}
    exec(lines, found)
    (call,) = (
        each for each in ast.walk(ast.parse(lines)) if isinstance(each, ast.Call) and ast.unparse(each.func) == "ask"
    )
    asked = {each.arg: eval(ast.unparse(each.value), {"tf": tf}).numpy() for each in call.keywords}
    texts = {key: np.array([value.decode() for value in x], object) for key, x in asked.items() if x.dtype == object}
    expected = run.predict({**asked, **texts})
    assert expected.keys() == found["answer"].keys()
    for output, values in found["answer"].items():
        if values.dtype == tf.string:
            assert values.numpy().astype(str).tolist() == expected[output].tolist()
        else:
            np.testing.assert_allclose(values, expected[output], atol=1e-4)


def test_names_that_python_has_no_keywords_for_are_pasted_as_a_mapping() -> None:
    assert _arguments({"a": "1", "class": "2"}) == "**{'a': 1, 'class': 2}"
    assert _arguments({"a": "1", "b": "2"}) == "a=1, b=2"
    assert eval(f"dict({_arguments({f'c{i} x': str(i) for i in range(40)})})") == {f"c{i} x": i for i in range(40)}


def test_further_signatures_are_shown_with_all_of_their_inputs() -> None:
    run, asked = kerasapps.load(OLD / "vae_iris"), {}
    signatures = {name: partial(lambda _name, **given: asked.update({_name: given}), name) for name in run.signatures}
    exec(others(run), {"tf": tf, "model": SimpleNamespace(signatures=signatures)})
    assert asked.keys() == run.signatures.keys() - {"serving_default"}
    for name, given in asked.items():
        assert given.keys() == {*run.signatures[name].columns, *run.signatures[name].arguments}
        assert run.ask(name, {key: value.numpy() for key, value in given.items()})
