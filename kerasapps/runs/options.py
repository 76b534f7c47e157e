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
        "where it runs: copies of the model share every batch, on several devices of this machine (mirrored), on those "
        "of all workers of TF_CONFIG (multi_worker), or on a TPU; auto = the last of these that is there",
    )
    devices: int | None = setting(
        None,
        "devices of this machine: GPUs, or logical CPUs where there is none; none = all GPUs",
        minimum=1,
        maximum=1024,
    )
    run_dir: str | None = setting(None, "run directory; none = runs/<app>/<UTC time>-<seed>")
    from_run: str | None = setting(
        None, "start from the weights of this run's parts of the same names, and its preprocessing (--from RUN)"
    )
    evaluate_test: bool = setting(True, "evaluate the weights that were kept on the test rows, too, in the end")
    scored_rows: int = setting(
        0,
        "validation rows that are scored after each epoch, as by BLEU of the texts that are made of them; 0 = none",
        minimum=0,
    )
    checkpoint_every_steps: int | None = setting(
        None, "checkpoint also every so many steps; none = at ends of epochs", minimum=1
    )
    checkpoint_every_seconds: float | None = setting(
        None, "checkpoint after so many seconds of training, and not at ends of epochs; none = at these", above=0
    )
    keep_checkpoints: int = setting(2, "the last so many checkpoints are kept; each has the best weights", minimum=1)
    stop_at_epoch: int | None = setting(None, "stop early, resumable, after this epoch; none = run all", minimum=1)
    tensorboard: bool = setting(False, "write tensorboard/ in the run directory: metrics, hyperparameters and plots")
    max_seconds: float | None = setting(
        None,
        "stop early, resumable, after so many seconds of training, without reading data and compiling; none = run all",
        above=0,
    )

    def __post_init__(self) -> None:
        check(self)
