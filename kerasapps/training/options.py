"""Run options: what a run is told besides its hyperparameters."""

from dataclasses import dataclass
from typing import Literal

from kerasapps.settings import check, setting

MAX_SEED = 2**32 - 1


@dataclass(frozen=True)
class Options:
    """How, where and on what to run; saved in config.yaml beside the hyperparameters."""

    data: str | None = setting(None, "source: a built-in name, tfds:NAME, or a path; none = the app's default")
    data_dir: str | None = setting(None, "directory in which the source's files lie")
    target: str | None = setting(
        None, "column of a .csv file to predict; none = the one called target or label, else the last"
    )
    features: tuple[str, ...] | None = setting(None, "input columns to use; none = all")
    max_tokens: int = setting(10_000, "words of a text's vocabulary: the most frequent of the training rows", minimum=1)
    sequence_length: int = setting(100, "words that a text is cut or padded to", minimum=1, maximum=100_000)
    history: int | None = setting(None, "steps of a series to forecast from; none = the source's own", minimum=1)
    horizon: int | None = setting(None, "steps of a series to forecast; none = the source's own", minimum=1)
    rows: int | None = setting(None, "use at most so many training rows; none = all", minimum=1)
    split_seed: int = setting(0, "seed of the train/validation/test split", minimum=0, maximum=MAX_SEED)
    seed: int = setting(0, "seed of weights, row order and noise", minimum=0, maximum=MAX_SEED)
    builder: Literal["functional", "subclassed"] = setting("functional", "how the model is built")
    strategy: Literal["auto", "one_device", "mirrored"] = setting(
        "auto", "where it runs: mirrored = copies of the model on several devices of this machine share every batch"
    )
    devices: int | None = setting(
        None, "devices of mirrored: GPUs, or logical CPUs where there is none; none = all GPUs", minimum=1, maximum=1024
    )
    execution: Literal["auto", "loop", "step", "halves", "graph", "eager"] = setting("auto", "plan of execution")
    require_xla: bool = setting(False, "fail where XLA would be off")
    precision: Literal["float32", "mixed_bfloat16", "mixed_float16"] = setting(
        "float32", "what layers compute in; their weights, the last layer and the loss stay float32"
    )
    pipeline: Literal["auto", "resident", "streaming"] = setting("auto", "rows in memory or streamed")
    run_dir: str | None = setting(None, "run directory; none = runs/<app>/<UTC time>-<seed>")
    from_run: str | None = setting(
        None, "start from the weights of this run's parts of the same names, and its preprocessing (--from RUN)"
    )
    checkpoint_every_steps: int | None = setting(
        None, "checkpoint also every so many steps; none = at ends of epochs", minimum=1
    )
    stop_at_epoch: int | None = setting(None, "stop early, resumable, after this epoch; none = run all", minimum=1)

    def __post_init__(self) -> None:
        check(self)
