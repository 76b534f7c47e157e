"""config.yaml as earlier versions wrote it, in today's words."""

from collections.abc import Mapping
from typing import Any

from kerasapps.errors import ConfigError, shown

FORMAT = 3
"""Number of the format that is written now."""
WARMUP_FROM_RATE = 3
"""First format of runs whose warm-up begins at learning_rate / steps; before, it began at 0."""
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
    if number != 1:
        return dict(config)
    empty = {name for name in _NONE_IN_1 & config.keys() if not config[name]}
    rows = config.get("global_batch_size")
    if isinstance(rows, int) and rows >= _FULL_BATCH:
        empty.add("global_batch_size")
    return {**config, **dict.fromkeys(empty)}
