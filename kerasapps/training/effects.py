"""Options that were given for data that do not read them."""

from collections.abc import Mapping
from typing import Any

from kerasapps.app import App
from kerasapps.data.kinds import options_of_kinds
from kerasapps.data.preprocess import Preprocess
from kerasapps.data.sources import check_data_dir
from kerasapps.errors import ConfigError, shown
from kerasapps.runs.config import resolve
from kerasapps.runs.options import Options


def check_effects(app: App, given: Mapping[str, Any], options: Options, preprocess: Preprocess) -> None:
    """Raise ConfigError for an option among `given` that has no effect on the data.

    What the app has for these data anyway may be given: config.yaml of a run names all options.
    """
    usual, _ = resolve(app, {"data": options.data})
    other = [name for name in given if getattr(options, name, None) != getattr(usual, name, None)]
    if "data_dir" in other and options.data_dir:
        check_data_dir(options.source, options.data_dir)
    for name in other:
        if name in options_of_kinds() - preprocess.options:
            raise ConfigError(
                f"{name}={shown(given[name])} has no effect: of {options.source}, {app.name} gets "
                f"{' + '.join(preprocess.forms)}, and no column of them reads it. Leave {name} out."
            )
