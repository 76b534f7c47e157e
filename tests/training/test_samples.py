"""What an application samples on its way is kept, and what has several models can be asked by signature."""

import dataclasses
import shutil
import warnings
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest

import kerasapps
from kerasapps.app import load_app
from kerasapps.apps.vae import Vae
from kerasapps.engine import loop, segments
from kerasapps.errors import ConfigError
from kerasapps.runs import checkpoint, directory
from kerasapps.runs.run import Run
from kerasapps.training.listeners.sampler import epochs_to_sample
from kerasapps.training.train import resume

SMALL = {"data": "iris", "rows": 40, "global_batch_size": 20, "execution": "eager", "epochs": 1}
SMALL |= {"ema_momentum": None, "schedule": "constant", "learning_rate": 0.01, "optimizer": "sgd"}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A decoder of flowers' measures, hardly trained."""
    path = tmp_path_factory.mktemp("samples") / "run"
    return kerasapps.train("vae", **{**load_app("vae").tiny, **SMALL, "epochs": 3}, run_dir=str(path))


def test_samples_are_those_of_the_weights_after_each_epoch(run) -> None:
    kept = directory.read_samples(run.directory)
    assert list(kept) == [1, 2, 3]
    own = run.task.samples()
    np.testing.assert_allclose(kept[3], own, atol=2e-3)  # half precision
    assert np.abs(kept[1] - kept[3]).max() > 1e-3


def test_of_many_epochs_ever_fewer_are_sampled_and_the_last_one() -> None:
    assert epochs_to_sample(1) == (1,)
    assert epochs_to_sample(27) == (*range(1, 12), 13, 15, 17, 19, 21, 24, 27)
    many = np.array(epochs_to_sample(2000))
    gaps = np.diff(many)[11:-1]
    assert many[-1] == 2000 and np.all(gaps >= 0.1 * many[11:-2]) and np.all(gaps < 0.1 * many[11:-2] + 1)


@pytest.mark.slow
@pytest.mark.parametrize(("call_seconds", "calls", "saves"), [(1e-9, 27, 28), (1e9, 19, 3)])
def test_the_speed_of_the_machine_and_a_stop_do_not_decide_which(
    call_seconds: float, calls: int, saves: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call is a step, or as many epochs as may be; then checkpoints are as rare as the processes' ends."""
    monkeypatch.setattr(segments, "CALL_SECONDS", call_seconds)
    counted = {}
    for module, name in ((loop, "next_segment"), (checkpoint, "save")):
        counted[name] = Mock(side_effect=getattr(module, name))
        monkeypatch.setattr(module, name, counted[name])
    given = {**load_app("vae").tiny, **SMALL, "rows": 10, "epochs": 27, "run_dir": str(tmp_path / "run")}
    kerasapps.train("vae", **{**given, "execution": "graph"}, stop_at_epoch=14)
    assert list(directory.read_samples(tmp_path / "run")) == [*range(1, 12), 13]
    resume(tmp_path / "run")
    assert list(directory.read_samples(tmp_path / "run")) == [*range(1, 12), 13, 15, 17, 19, 21, 24, 27]
    assert (counted["next_segment"].call_count, counted["save"].call_count) == (calls, saves)


def test_a_resumed_run_keeps_the_same_samples(run, tmp_path: Path) -> None:
    given = {**load_app("vae").tiny, **SMALL, "epochs": 3, "run_dir": str(tmp_path / "run")}
    kerasapps.train("vae", **given, stop_at_epoch=2)
    resume(tmp_path / "run")
    resumed = directory.read_samples(tmp_path / "run")
    assert list(resumed) == [1, 2, 3]
    for epoch, samples in directory.read_samples(run.directory).items():
        np.testing.assert_array_equal(resumed[epoch], samples)


@pytest.mark.slow
def test_calls_that_end_within_an_epoch_change_no_samples(tmp_path: Path) -> None:
    given = {**load_app("vae").tiny, **SMALL, "global_batch_size": 8, "epochs": 3}  # 5 steps an epoch
    often, seldom = (
        kerasapps.train("vae", **given, checkpoint_every_steps=steps, run_dir=str(tmp_path / f"{steps}"))
        for steps in (3, None)
    )
    kept = directory.read_samples(seldom.directory)
    assert list(kept) == [1, 2, 3]
    for epoch, samples in directory.read_samples(often.directory).items():
        np.testing.assert_array_equal(samples, kept[epoch])


def test_a_kill_between_a_checkpoint_and_its_samples_loses_none(run, tmp_path: Path) -> None:
    copied = Path(shutil.copytree(run.directory, tmp_path / "run"))
    (copied / "samples" / "000003.npy").unlink()
    (copied / "record.json").unlink()
    resume(copied)
    np.testing.assert_array_equal(directory.read_samples(copied)[3], directory.read_samples(run.directory)[3])


def test_a_kill_between_a_checkpoint_and_its_metrics_loses_none(run, tmp_path: Path) -> None:
    copied = Path(shutil.copytree(run.directory, tmp_path / "run"))
    whole = (copied / "metrics.csv").read_bytes()
    assert len(whole.splitlines()) == 4
    (copied / "metrics.csv").write_bytes(b"".join(whole.splitlines(keepends=True)[:3]))
    (copied / "record.json").unlink()
    resume(copied)
    assert (copied / "metrics.csv").read_bytes() == whole


def test_a_damaged_file_of_samples_is_passed_over(run, tmp_path: Path) -> None:
    copied = Path(shutil.copytree(run.directory, tmp_path / "run"))
    (copied / "samples" / "000002.npy").write_bytes(b"")
    (copied / "samples" / "notes.npy").write_bytes(b"")
    with pytest.warns(UserWarning, match="000002.npy is damaged"):
        assert list(directory.read_samples(copied)) == [1, 3]


def test_samples_of_the_last_epoch_before_an_early_stop_are_kept(tmp_path: Path) -> None:
    """With a learning rate at which nothing ever gets better than in the first epoch."""
    given = {**load_app("vae").tiny, **SMALL, "rows": 10, "epochs": 40, "run_dir": str(tmp_path / "run")}
    stopped = kerasapps.train("vae", **{**given, "learning_rate": 1e-30}, early_stopping_patience=13)
    assert stopped.record["epochs"] == 14 and 14 not in epochs_to_sample(40)
    assert list(directory.read_samples(stopped.directory)) == [*range(1, 12), 13, 14]


def test_averages_that_are_the_first_weights_are_warned_of(tmp_path: Path) -> None:
    given = {**load_app("vae").tiny, **SMALL, "epochs": 2}
    with pytest.warns(UserWarning, match=r"ema_momentum=0.9 over 4 steps: .* first weights by 66%"):
        kerasapps.train("vae", **{**given, "ema_momentum": 0.9}, run_dir=str(tmp_path / "few"))


@pytest.mark.slow
def test_averages_over_enough_steps_are_not_warned_of(tmp_path: Path) -> None:
    given = {**load_app("vae").tiny, **SMALL, "epochs": 2, "ema_momentum": 0.5}
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        kerasapps.train("vae", **given, run_dir=str(tmp_path / "enough"))


def test_averages_are_what_is_sampled(tmp_path: Path) -> None:
    """With averages that keep the first step's weights, whatever comes after."""
    given = {**load_app("vae").tiny, **SMALL, "ema_momentum": 0.999999, "learning_rate": 0.05}
    averaged = kerasapps.train("vae", **given, run_dir=str(tmp_path / "averaged"), keep="last")
    kept = directory.read_samples(averaged.directory)[1]
    np.testing.assert_allclose(kept, averaged.task.samples(), atol=2e-2)
    plain = kerasapps.train("vae", **{**given, "ema_momentum": None}, run_dir=str(tmp_path / "plain"))
    assert np.abs(kept - directory.read_samples(plain.directory)[1]).max() > 0.05


@pytest.fixture(scope="module")
def gan(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of several models, one of which is asked without rows."""
    given = {**load_app("gan").tiny, **SMALL, "data": "ring", "run_dir": str(tmp_path_factory.mktemp("gan") / "run")}
    return kerasapps.train("gan", **given)


def test_a_signature_answers_its_own_arguments(gan: Run) -> None:
    first, again, other = (gan.ask("serving_default", {"seed": seed, "number": 5})["rows"] for seed in (1, 1, 2))
    assert first.shape == (5, 2)
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 0
    np.testing.assert_allclose(gan.predict({"seed": 1, "number": 3})["rows"], first[:3], rtol=1e-5, atol=1e-6)


def test_a_signature_of_raw_columns_answers_them(gan: Run) -> None:
    columns = gan.read("test")
    inputs = gan.preprocess.apply(columns)
    expected = gan.signatures["discriminate"].function(inputs)["score"]
    np.testing.assert_allclose(gan.ask("discriminate", columns)["score"], expected, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("discriminates", {}, "Did you mean 'discriminate'"),
        ("serving_default", {"seed": 1, "numbers": 2}, "got seed, numbers. Expected seed, number by name"),
        ("serving_default", np.zeros(3), "got an array. Expected seed, number"),
        ("discriminate", {"x": np.zeros(3)}, "column y is missing"),
    ],
)
def test_what_is_asked_wrongly_is_refused(gan: Run, name: str, given: dict, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        gan.ask(name, given)


def test_several_models_are_no_single_one(gan: Run) -> None:
    with pytest.raises(ConfigError, match=r"run.parts has generator, discriminator"):
        _ = gan.model


def test_without_samples_nothing_is_written(tmp_path: Path) -> None:
    class Silent(Vae):
        samples = None

    app = dataclasses.replace(load_app("vae"), task=Silent)
    kerasapps.train(app, **{**app.tiny, **SMALL}, run_dir=str(tmp_path / "run"))
    assert not (tmp_path / "run" / "samples").exists()
