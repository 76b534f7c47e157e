"""Run options: what a run is told besides its hyperparameters."""

from dataclasses import dataclass

from kerasapps.hparams import check, setting

MAX_SEED = 2**32 - 1


@dataclass(frozen=True)
class Options:
    """How, where and on what to run; saved in config.yaml beside the hyperparameters."""

    data: str = setting("", "source: a built-in name, tfds:NAME, or a path; empty = the app's default")
    data_dir: str = setting("", "directory in which the source's files lie")
    target: str = setting("", "column of a .csv file to predict; empty = the one called target or label, else the last")
    features: tuple = setting((), "input columns to use; empty = all")
    max_tokens: int = setting(10_000, "words of a text's vocabulary: the most frequent of the training rows", minimum=1)
    sequence_length: int = setting(100, "words that a text is cut or padded to", minimum=1, maximum=100_000)
    history: int = setting(0, "steps of a series to forecast from; 0 = the source's own", minimum=0)
    horizon: int = setting(0, "steps of a series to forecast; 0 = the source's own", minimum=0)
    rows: int = setting(0, "use at most so many training rows; 0 = all", minimum=0)
    split_seed: int = setting(0, "seed of the train/validation/test split", minimum=0, maximum=MAX_SEED)
    seed: int = setting(0, "seed of weights, row order and noise", minimum=0, maximum=MAX_SEED)
    builder: str = setting("functional", "how the model is built", choices=("functional", "subclassed"))
    strategy: str = setting(
        "auto",
        "where it runs: mirrored = copies of the model on several devices of this machine share every batch",
        choices=("auto", "one_device", "mirrored"),
    )
    devices: int = setting(
        0, "devices of mirrored: GPUs, or logical CPUs where there is none; 0 = all GPUs", minimum=0, maximum=1024
    )
    execution: str = setting("auto", "plan of execution", choices=("auto", "loop", "step", "halves", "graph", "eager"))
    require_xla: bool = setting(False, "fail where XLA would be off")
    precision: str = setting(
        "float32",
        "what layers compute in; their weights, the last layer and the loss stay float32",
        choices=("float32", "mixed_bfloat16", "mixed_float16"),
    )
    pipeline: str = setting("auto", "rows in memory or streamed", choices=("auto", "resident", "streaming"))
    run_dir: str = setting("", "run directory; empty = runs/<app>/<UTC time>-<seed>")
    from_run: str = setting("", "start from the weights and the preprocessing of this run (--from RUN)")
    checkpoint_every_steps: int = setting(0, "checkpoint also every so many steps; 0 = at ends of epochs", minimum=0)
    stop_at_epoch: int = setting(0, "stop early, resumable, after this epoch; 0 = run all", minimum=0)

    def __post_init__(self) -> None:
        check(self)
