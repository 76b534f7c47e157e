"""Run options: what a run is told besides its hyperparameters."""

from dataclasses import dataclass
from typing import Literal

from kerasapps.data.options import DataOptions
from kerasapps.engine.options import EngineOptions
from kerasapps.settings import check, setting


@dataclass(frozen=True)
class Options(EngineOptions, DataOptions):
    """How, where and on what to run; saved in config.yaml beside the hyperparameters."""

    builder: Literal["functional", "subclassed"] = setting("functional", "how the model is built")
    strategy: Literal["auto", "one_device", "mirrored", "multi_worker", "tpu"] = setting(
        "auto",
        "devices that share every batch: several of this machine (mirrored), all workers of TF_CONFIG (multi_worker), "
        "or a TPU; auto = the last of these that is available",
    )
    devices: int | None = setting(
        None,
        "number of devices of this machine: GPUs, or logical CPUs without a GPU; none = all GPUs",
        minimum=1,
        maximum=1024,
    )
    run_dir: str | None = setting(None, "run directory; none = runs/<app>/<UTC time>-<seed>")
    from_run: str | None = setting(
        None, "start from the weights of this run's parts of the same names, and its preprocessing (--from RUN)"
    )
    evaluate_test: bool = setting(True, "evaluate on the test rows too, after training")
    scored_rows: int = setting(
        0,
        "number of validation rows to score after each epoch, for example by BLEU of generated texts; 0 = none",
        minimum=0,
    )
    checkpoint_every_steps: int | None = setting(
        None, "steps between additional checkpoints; none = checkpoints only at ends of epochs", minimum=1
    )
    checkpoint_every_seconds: float | None = setting(
        None,
        "seconds of training between checkpoints, which replace those at ends of epochs; none = at ends of epochs",
        above=0,
    )
    keep_checkpoints: int = setting(
        2, "number of latest checkpoints to keep; each includes the best weights", minimum=1
    )
    stop_at_epoch: int | None = setting(
        None, "stop after this epoch; the run can be resumed; none = run all epochs", minimum=1
    )
    tensorboard: bool = setting(False, "write tensorboard/ in the run directory: metrics, hyperparameters and plots")
    max_seconds: float | None = setting(
        None,
        "stop after so many seconds of training, not counting reading and compiling; the run can "
        "be resumed; none = run all epochs",
        above=0,
    )

    def __post_init__(self) -> None:
        check(self)
