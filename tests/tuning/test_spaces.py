"""Spaces that are written as texts, and in files."""

from pathlib import Path

import pytest

from kerasapps.app import App, load_app
from kerasapps.errors import ConfigError
from kerasapps.tuning.space import chosen_fields, default_values, parameters
from kerasapps.tuning.tuners import TUNERS, Seen
from kerasapps.tuning.written import read_space, space_of


@pytest.fixture(scope="module")
def mlp() -> App:
    return load_app("mlp")


def test_a_logarithmic_range_has_its_bounds_and_the_default(mlp: App) -> None:
    (rate,) = parameters(space_of(mlp, ["learning-rate=log:1e-4:1e-1"]), mlp.hparams(learning_rate=0.01)).space
    assert (rate.min_value, rate.max_value, rate.sampling, rate.default) == (1e-4, 1e-1, "log", 0.01)


def test_a_range_of_whole_numbers_has_a_step(mlp: App) -> None:
    (epochs,) = parameters(space_of(mlp, ["epochs=10:50:20"]), mlp.hparams(epochs=30)).space
    assert list(epochs.values) == [10, 30, 50]


def test_values_become_those_of_the_setting(mlp: App) -> None:
    space, hparams = space_of(mlp, ["hidden=64,64-32", "global_batch_size=32,none"]), mlp.hparams(hidden=(64,))
    hidden, size = parameters(space, hparams).space
    assert (list(hidden.values), list(size.values)) == (["64", "64-32"], ["32", "none"])
    assert chosen_fields(space, hparams, {"hidden": "64-32", "global_batch_size": "none"}) == {
        "hidden": [64, 32],
        "global_batch_size": None,
    }
    assert chosen_fields(space, hparams, {"hidden": "64", "global_batch_size": "32"}) == {}


@pytest.mark.parametrize(
    ("searched", "said"),
    [
        ("learning_rat=1:2", "Unknown hyperparameter of mlp 'learning_rat'. Did you mean 'learning_rate'?"),
        ("learning_rate", "expected NAME=RANGE, such as"),
        ("learning_rate=", "expected NAME=RANGE, such as"),
        ("learning_rate=1e-1:1e-4", "learning_rate=1e-1:1e-4 is no range"),
        ("learning_rate=log:0:1", "expected float > 0"),
        ("dropout=log:0:0.5", "dropout=log:0:0.5 is no range"),
        ("learning_rate=1:2", "learning_rate=1:2 leaves out 0.001, which is the default"),
        ("epochs=1:2:3:4", "epochs=1:2:3:4 is no range"),
        ("epochs=1:100:0", "expected int >= 1"),
        ("epochs=one,two", "expected int"),
        ("epochs=3,4", "epochs=3,4 leaves out 50, which is the default"),
        ("hidden=16:64", "hidden has no range"),
        ("activation=relu,rule", "Unknown value of search: activation 'rule'"),
    ],
)
def test_what_is_no_space_is_refused(mlp: App, searched: str, said: str) -> None:
    with pytest.raises(ConfigError) as raised:
        parameters(space_of(mlp, [searched]), mlp.hparams())
    assert said in str(raised.value)


CONDITIONAL = """
optimizer: [adam, sgd]
learning-rate:
  - {range: "log:1e-4:1e-2", when: {optimizer: adam}}
  - {range: "log:1e-1:1", when: {optimizer: sgd}}
hidden: [[128], [64, 32]]
"""


def space_of_file(app: App, tmp_path: Path, text: str, *searched: str) -> object:
    (tmp_path / "space.yaml").write_text(text)
    return space_of(app, searched, read_space(str(tmp_path / "space.yaml")))


def test_a_parameter_is_active_under_its_condition_alone(mlp: App, tmp_path: Path) -> None:
    """The rates of sgd leave out the default, which is adam's."""
    space, hparams = space_of_file(mlp, tmp_path, CONDITIONAL), mlp.hparams(learning_rate=1e-3)
    parameter = parameters(space, hparams)
    assert default_values(parameter) == {"optimizer": "adam", "learning_rate_adam": 1e-3, "hidden": "128"}
    values = {"optimizer": "sgd", "learning_rate_sgd": 0.5, "hidden": "64-32"}
    chosen = {"optimizer": "sgd", "learning_rate": 0.5, "hidden": [64, 32]}
    assert chosen_fields(space, hparams, values) == chosen


def test_tuners_keep_to_the_conditions(mlp: App, tmp_path: Path) -> None:
    space, hparams = space_of_file(mlp, tmp_path, CONDITIONAL), mlp.hparams(learning_rate=1e-3)
    known, bounds = [default_values(parameters(space, hparams))], {"adam": (1e-4, 1e-2), "sgd": (1e-1, 1)}
    for name in sorted(TUNERS):
        values = list(known)
        while len(values) < 12:
            scores = {number: float(number) for number in range(len(values))}
            proposed = TUNERS[name].propose(parameters(space, hparams), 3, Seen(values, scores, "max"))
            assert proposed is not None
            values.append(proposed)
        assert {each["optimizer"] for each in values} == ({"adam"} if name == "grid" else {"adam", "sgd"}), name
        for each in values:
            assert each.keys() == {"optimizer", f"learning_rate_{each['optimizer']}", "hidden"}
            chosen = {"learning_rate": hparams.learning_rate, "optimizer": "adam"} | chosen_fields(space, hparams, each)
            lowest, highest = bounds[chosen["optimizer"]]
            assert lowest <= chosen["learning_rate"] <= highest


def test_what_is_searched_wins_over_the_file(mlp: App, tmp_path: Path) -> None:
    space = space_of_file(mlp, tmp_path, "l2: 0,1e-3\nepochs: 50", "epochs=10:50")
    l2, epochs = parameters(space, mlp.hparams(l2=0.0)).space
    assert (l2.name, list(l2.values)) == ("l2", ["0", "1e-3"])
    assert (epochs.min_value, epochs.max_value) == (10, 50)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "expected a range of each hyperparameter"),
        ("- l2", "expected a range of each hyperparameter"),
        ("l2: [", "while parsing"),
        ("l3: 0,1", "Unknown hyperparameter of mlp 'l3'. Did you mean 'l2'?"),
        ("l2: []", "l2=[] is no range"),
        ("l2: {rang: 1}", "expected range, and when such as"),
        ("l2: {range: '0,1', when: sgd}", "expected range, and when such as"),
        ("l2: {range: '0,1', when: {optimizer: sgd}}", "Unknown parameter with values before l2, in its condition,"),
        ("optimizer: adam,sgd\nl2: {range: '0,1', when: {optimizer: sgdd}}", "Did you mean 'sgd'?"),
        ("optimizer: adam,sgd\nl2: {range: '0,1', when: {1: adam}}", "expected such as"),
        ("optimizer: adam,sgd\nl2: {range: '0,1', when: {optimizer: []}}", "expected such as"),
        ("hidden: [[[128]], 64]", "is no value"),
        (
            "optimizer: adam\nl2: [{range: '0,1', when: {optimizer: adam}}, {range: '0,2', when: {optimizer: adam}}]",
            "l2_adam has two ranges under the same condition",
        ),
        ("optimizer: adam,sgd\nl2: {range: '1,2', when: {optimizer: adam}}", "l2=1,2 leaves out 0.0, which is the"),
    ],
)
def test_what_is_no_file_of_a_space_is_refused(mlp: App, tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as raised:
        parameters(space_of_file(mlp, tmp_path, text), mlp.hparams())
    assert said in str(raised.value)


def test_a_file_that_is_not_there_is_refused() -> None:
    with pytest.raises(ConfigError, match="space='none.yaml' cannot be read"):
        read_space("none.yaml")


def test_a_hyperparameter_that_is_searched_twice_is_refused(mlp: App) -> None:
    with pytest.raises(ConfigError, match="l2 is given twice"):
        space_of(mlp, ["l2=0,1e-3", "l2=0,1e-2"])


def commands_of_the_guide() -> list[list[str]]:
    """The words of the commands that search an application's own hyperparameters."""
    text = (Path(__file__).parents[2] / "docs" / "tuning.md").read_text(encoding="utf-8")
    lines = text.replace("\\\n", " ").splitlines()
    return [line.split() for line in lines if line.startswith("kerasapps tune ") and " --search " in line]


@pytest.mark.parametrize("words", commands_of_the_guide(), ids=" ".join)
def test_the_commands_of_the_guide_have_spaces(words: list[str]) -> None:
    app = load_app(words[2])
    searched, flag = [], ""
    for word in words[3:]:
        flag, is_flag = (word, True) if word.startswith("--") else (flag, False)
        searched += [word] * (flag == "--search" and not is_flag)
    assert len(parameters(space_of(app, searched), app.hparams()).space) == len(searched) > 1
