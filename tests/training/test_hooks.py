"""Early stopping and plateau on a written-down course of losses."""

import json

from kerasapps.hparams import Hparams
from kerasapps.training.hooks import Hooks, higher_is_better


def test_early_stopping_counts_epochs_without_improvement() -> None:
    hooks = Hooks(Hparams(early_stopping_patience=2))
    stopped = []
    for loss in (3.0, 2.0, 2.5, 2.0, 1.0):
        hooks.epoch_end({"val_loss": loss})
        stopped.append(hooks.stopped)
    assert stopped == [False, False, False, True, False]


def test_accuracy_is_maximised() -> None:
    hooks = Hooks(Hparams(early_stopping_patience=1, monitor="val_accuracy"))
    hooks.epoch_end({"val_accuracy": 0.5})
    hooks.epoch_end({"val_accuracy": 0.6})
    assert not hooks.stopped
    hooks.epoch_end({"val_accuracy": 0.6})
    assert hooks.stopped
    assert higher_is_better("val_auc") and not higher_is_better("val_mae")


def test_plateau_decays_and_waits_again() -> None:
    hooks = Hooks(Hparams(schedule="plateau", plateau_patience=2, decay_rate=0.1))
    factors = [hooks.epoch_end({"val_loss": 1.0}) for _ in range(6)]
    assert factors == [1.0, 1.0, 0.1, 1.0, 0.1, 1.0]


def test_their_state_survives_json() -> None:
    settings = Hparams(early_stopping_patience=3, schedule="plateau", plateau_patience=2)
    whole, parts = Hooks(settings), Hooks(settings)
    losses = [3.0, 2.0, 2.0, 2.1, 2.2, 2.3]
    expected = [(whole.epoch_end({"val_loss": loss}), whole.stopped) for loss in losses]
    got = []
    for loss in losses:
        resumed = Hooks(settings)
        resumed.restore(json.loads(json.dumps(parts.state())))
        got.append((resumed.epoch_end({"val_loss": loss}), resumed.stopped))
        parts = resumed
    assert got == expected
