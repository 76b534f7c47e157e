"""The commands that tell what there is: describe and doctor, against the applications, sources and packages."""

import configparser
import functools
import json
import re
from importlib import metadata
from pathlib import Path

import pytest
import tensorflow as tf

import kerasapps
from kerasapps.__main__ import main
from kerasapps.app import load_app
from kerasapps.cli import describe as describe_command
from kerasapps.data import sources
from kerasapps.errors import DataError

OPENED_ONCE = functools.cache(sources.open_source)
"""Some sources make their rows when they are opened, and several commands open all of them."""


@pytest.fixture(scope="module", autouse=True)
def _sources_are_opened_once(few_words):
    with pytest.MonkeyPatch.context() as patch:
        for module in (describe_command, sources):
            patch.setattr(module, "open_source", OPENED_ONCE)
        yield


def last_json(capsys):
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_describe_tells_what_an_app_takes(capsys):
    assert main(["describe", "softmax-regression", "--json"]) == 0
    about, app = last_json(capsys), load_app("softmax_regression")
    assert "iris" in about["sources"] and "line" not in about["sources"]
    assert about["builders"] == ["functional", "subclassed"]
    assert set(about["hparams"]) > {"epochs", "learning_rate", "l2"} and about["goals"].keys() == app.goals.keys()
    assert about["hparams"]["epochs"]["type"] == "int" and about["search_space"]
    assert main(["describe", "softmax-regression"]) == 0
    text = capsys.readouterr().out
    assert all(name in text for name in [*about["hparams"], *about["sources"], *about["search_space"]])


def test_an_app_of_another_package_is_described_and_helped_by_its_docstring(capsys):
    first = "Tagger: a token for each token of a text, which numbers and categories help to choose. An application of"
    for arguments in (["describe", "toys.tagger"], ["train", "toys.tagger", "--help"]):
        assert main(arguments) == 0
        assert f"toys.tagger: {first}" in " ".join(capsys.readouterr().out.split())


def test_describe_does_not_pass_off_what_it_cannot_open_as_fitting(capsys, monkeypatch):
    """Images cannot be told from reals without their files; a batch of all rows is called so."""

    def nothing_there(name):
        if name == "fashion_mnist":
            raise DataError("no files")
        return OPENED_ONCE(name)

    monkeypatch.setattr(describe_command, "open_source", nothing_there)
    assert main(["describe", "linear-regression", "--json"]) == 0
    about = last_json(capsys)
    known = ["auto_mpg", "co2", "diabetes", "elnino", "line", "sunspots"]
    assert (about["sources"], about["sources_not_found"]) == (known, ["fashion_mnist"])
    assert main(["describe", "linear-regression"]) == 0
    text = capsys.readouterr().out
    assert f"data sources: {', '.join(known)}\nnot found here, so nothing is known of: fashion_mnist\n" in text
    assert "full batch" in text and "1048576" not in text
    assert max(map(len, text.splitlines())) <= 120


def required_packages():
    """Names of what setup.cfg has installed with kerasapps, and for speech."""
    setup = configparser.ConfigParser()
    setup.read(Path(kerasapps.__file__).parents[1] / "setup.cfg")
    lines = f"{setup['options']['install_requires']}\n{setup['options.extras_require']['speech']}"
    return re.findall(r"^[\w-]+", lines, re.MULTILINE)


def test_doctor_finds_the_machine(capsys):
    assert main(["doctor", "--json"]) == 0
    found = last_json(capsys)
    assert found["versions"]["tensorflow"] == tf.__version__
    assert found["versions"]["pandas"] == metadata.version("pandas")
    assert set(required_packages()) <= set(found["versions"])
    assert any("CPU" in name for name in found["devices"]) and found["processor"]["cores"] >= 1
    assert found["data"]["iris"] == "train 150"
    assert main(["doctor"]) == 0
    text = capsys.readouterr().out
    assert tf.__version__ in text and max(map(len, text.splitlines())) <= 120
