"""What a run says before and after training, and that its commands work when they are pasted."""

import dataclasses
import json
import shlex
from pathlib import Path

import numpy as np
import pytest

import kerasapps
from kerasapps.__main__ import main
from kerasapps.data.kinds import kind_of
from kerasapps.data.spec import Column
from kerasapps.runs.run import Run
from kerasapps.training.example import _written
from kerasapps.training.summary import after

RANDOM = np.random.default_rng(5)
NAMES = [f"a_rather_long_name_{i}" for i in range(4)]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, str]:
    """A run on a table of 4 numbers and a word, with 1 of 50 rows in one class; and what it said on stderr."""
    folder = tmp_path_factory.mktemp("summary")
    rows = [
        ",".join([*(f"{x:.3f}" for x in RANDOM.normal(size=4)), "red" if i % 3 else "blue", "no" if i % 50 else "yes"])
        for i in range(300)
    ]
    (folder / "rare.csv").write_text("\n".join([",".join([*NAMES, "colour", "label"]), *rows]), encoding="utf-8")
    given = {"hidden": (2,), "epochs": 2, "execution": "eager", "global_batch_size": None, "learning_rate": 1e-30}
    with (folder / "stderr").open("w") as stream, pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stderr", stream)
        run = kerasapps.train("mlp", data=str(folder / "rare.csv"), run_dir=str(folder / "run"), **given)
    return run, (folder / "stderr").read_text(encoding="utf-8")


def test_six_lines_say_what_is_trained(trained: tuple[Run, str]) -> None:
    run, said = trained
    lines = said[: said.index("epoch 1/2")].splitlines()
    text, starts = " ".join(" ".join(lines).split()), [line.split()[0] for line in lines if line[0] != " "]
    assert starts == ["training", "rows", "target", "inputs", "model", "device"]
    assert all(len(line) <= 80 for line in lines if run.options.data not in line)
    parameters = 5 * 2 + 2 + 2 * 2 + 2
    for part in (
        f"mlp on {run.options.data}, 2 epochs",
        "rows 216 for training, 24 for validation, 60 for the test",
        "target label, one of 2 classes: no, yes",
        f"inputs number (4): {NAMES[0]}, {NAMES[1]} and 2 more; category (1): colour",
        f"model {parameters} parameters; batches of 216 rows, 1 an epoch",
        "device 1 CPU (one_device); plan eager, not compiled by XLA; float32",
    ):
        assert part in text, (part, text)


def test_after_training_it_says_what_was_kept_what_to_beat_and_what_misleads(trained: tuple[Run, str]) -> None:
    run, said = trained
    lines = after(run)
    assert said.endswith("\n".join([*lines, ""])) and said.count("run directory:") == 1
    text = " ".join(" ".join(lines).split())
    best, loss = run.record["best_epoch"], min(run.record["history"]["val_loss"])
    assert f"kept epoch {best} of 2: it has the lowest val_loss, {loss:.4g}" in text
    majority, accuracy = run.record["baselines"]["test"]["majority_accuracy"], run.record["test"]["accuracy"]
    assert majority == pytest.approx(59 / 60, abs=0.02)
    assert f"test accuracy {accuracy:.4g}; always saying the most frequent class gets {majority:.4g}" in text
    balanced = run.record["test"]["balanced_accuracy"]
    assert f"accuracy misleads. Look at balanced_accuracy, {balanced:.4g}: guessing gets 0.5" in text
    paths = ("result", " " * 12, "next", "run directory")
    assert all(len(line) <= 80 for line in lines if not line.startswith(paths))


def test_where_classes_are_as_frequent_nothing_misleads(trained: tuple[Run, str]) -> None:
    run, _ = trained
    baselines = {"test": {"majority_accuracy": 0.5}}
    assert "misleads" not in "".join(after(dataclasses.replace(run, record={**run.record, "baselines": baselines})))


def test_the_next_commands_work_when_they_are_pasted(
    trained: tuple[Run, str], capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within the run's folder, from where its path is short."""
    run, _ = trained
    monkeypatch.chdir(run.directory.parent)
    words = [shlex.split(line) for line in after(run)[-3:]]
    commands = [each[each.index("kerasapps") + 1 :] for each in words]
    assert commands == [["report", "run"], ["predict", "run", "run/example.csv"], ["export", "run"]]
    assert main([*commands[1], "--json"]) == 0
    answer = json.loads(capsys.readouterr().out.splitlines()[-1])
    row = {name: values[:1] for name, values in run.rows_of("test").read().items()}
    np.testing.assert_allclose(answer[0]["logits"], run.predict(row)["logits"][0], rtol=1e-5)
    assert main(commands[0]) == main(commands[2]) == 0


def test_what_makes_something_new_is_among_the_next_commands(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    given = {"widths": (4,), "latents": 2, "epochs": 1, "execution": "eager", "run_dir": str(tmp_path / "run")}
    (line,) = [line for line in after(kerasapps.train("vae", data="iris", **given)) if "--signature" in line]
    words = shlex.split(line)
    assert words[-2:] == ["--signature", "sample"]
    assert main(words[words.index("kerasapps") + 1 :]) == 0 and "petal" in capsys.readouterr().out


def test_few_values_are_typed_and_texts_that_look_like_something_else_are_not(tmp_path: Path) -> None:
    number, word, text = Column("x", "number"), Column("colour", "category", classes=("red",)), Column("said", "text")
    assert _written(tmp_path / "example", {number: np.float32(0.1), word: "red"}) == ["x=0.1", "colour=red"]
    assert _written(tmp_path / "example", {number: np.float64(1998), word: "2.0"}) == ["x=1998", "colour=2.0"]
    assert _written(tmp_path / "example", {text: "it was good"}) == ["it was good"]
    assert _written(tmp_path / "example", {text: "said=so"}) == ["example.csv"]
    assert _written(tmp_path / "example", {text: "see notes.txt"}) == ["example.csv"]
    assert (tmp_path / "example.csv").read_text(encoding="utf-8").splitlines() == ["said", "see notes.txt"]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (Column("image", "image", (3, 4, 1)), RANDOM.integers(0, 256, (3, 4, 1), np.uint8)),
        (Column("image", "image", (3, 4, 3)), RANDOM.integers(0, 256, (3, 4, 3), np.uint8)),
        (Column("sound", "audio", (2000,), rate=8000), RANDOM.integers(-9999, 9999, 2000, np.int16)),
        (Column("sold", "series", (5,)), RANDOM.normal(size=5).astype(np.float32)),
    ],
)
def test_what_is_saved_of_a_row_is_read_again(column: Column, value: np.ndarray, tmp_path: Path) -> None:
    (name,) = _written(tmp_path / "example", {column: value})
    np.testing.assert_array_equal(kind_of(column).read(column, [str(tmp_path / name)], []), value[None])
