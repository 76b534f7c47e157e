"""config.yaml as earlier versions wrote it, in today's words."""

from collections.abc import Mapping
from typing import Any, TypeVar

from kerasapps.errors import ConfigError, shown

_Values = TypeVar("_Values")

FORMAT = 5
"""Number of the format that is written now."""
WARMUP_FROM_RATE = 3
"""First format of runs whose warm-up begins at learning_rate / steps; before, it began at 0."""
SCORED_WHILE_TRAINING = 4
"""First format of runs that may score rows after each epoch, and that tell sequence_accuracy from exact_match."""
FILLS_MISSING = 5
"""First format of runs whose tables may have missing cells; those of earlier ones were read as `missing: refuse` is."""
KEEPS_EQUAL_INPUTS = 4
"""First format of which all runs have rows with equal inputs in one split, where the target is a text."""
_NAMES = ("exact_match", "sequence_accuracy")
"""What a metric of translations was called before that format, and is called now."""
_FULL_BATCH = 1 << 20
_NONE_IN_1 = {
    *("data_dir", "target", "features", "history", "horizon", "rows", "devices", "from_run", "checkpoint_every_steps"),
    *("ema_momentum", "early_stopping_patience", "scale", "discriminator_learning_rate", "recurrent_units", "normal"),
}


def migrated(config: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration of any format in today's; raises ConfigError for a format that is not known.

    Format 1, which bore no number, had 0, "" or [] for None in _NONE_IN_1, and a batch of 2^20 rows for a full one.
    """
    number = config.get("format", 1)
    if number not in range(1, FORMAT + 1):
        raise ConfigError(
            f"format: {shown(number)} given, expected 1 to {FORMAT}, or a later version of kerasapps, which reads it."
        )
    if number < SCORED_WHILE_TRAINING and config.get("app") == "translation" and isinstance(config.get("monitor"), str):
        config = {**config, "monitor": config["monitor"].replace(*_NAMES)}
    if number != 1:
        return dict(config)
    empty = {name for name in _NONE_IN_1 & config.keys() if not config[name]}
    rows = config.get("global_batch_size")
    if isinstance(rows, int) and rows >= _FULL_BATCH:
        empty.add("global_batch_size")
    return {**config, **dict.fromkeys(empty)}


def renamed(config: Mapping[str, Any], history: Mapping[str, _Values]) -> dict[str, _Values]:
    """The history of the run of `config`, with today's names of its metrics.

    Until format 3 exact_match was what translations call sequence_accuracy now.
    """
    old = config["app"] == "translation" and config.get("format", 1) < SCORED_WHILE_TRAINING
    return {name.replace(*_NAMES) if old else name: values for name, values in history.items()}
