"""Models of the caller's own: a keras_tuner.HyperModel or a function that builds them, and arguments of fit."""

import hashlib
import inspect
import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import keras
import keras_tuner
from keras_tuner.engine.metrics_tracking import infer_metric_direction

from kerasapps.app import Direction
from kerasapps.engine.options import EngineOptions
from kerasapps.errors import ConfigError, shown, unknown_name
from kerasapps.settings import check
from kerasapps.tuning.explored import explored, has_own_fit
from kerasapps.tuning.fit import rebuilt
from kerasapps.tuning.options import SearchOptions
from kerasapps.tuning.space import Values, default_values
from kerasapps.tuning.stored import Pickled, pickled

HyperModel: TypeAlias = keras_tuner.HyperModel | Callable[[keras_tuner.HyperParameters], keras.Model]


@dataclass(frozen=True)
class OwnModel:
    """What trials train: models that the caller's HyperModel builds.

    fit_arguments: what fit is called with. space: all parameters. objective: metric that is searched for, as fit
    reports it. pickled: the HyperModel and the arguments, for the processes of trials. code: sha256 of the function, or
    of the class of the HyperModel; "" where Python does not have its text.
    """

    hypermodel: keras_tuner.HyperModel
    fit_arguments: Mapping[str, Any]
    name: str
    space: keras_tuner.HyperParameters
    objective: str
    direction: Direction
    seed: int
    deterministic: bool
    pickled: Pickled
    code: str
    trainer: str = "hypermodel"

    @property
    def label(self) -> str:
        """Name of the directory of a search, where none is given."""
        return self.name

    @property
    def epochs(self) -> int:
        """Of a whole training."""
        return self.fit_arguments.get("epochs", 1)

    @property
    def given(self) -> dict[str, Any]:
        """What search.json says of it, and what a search that goes on must have again."""
        fit = {name: _told(value) for name, value in self.fit_arguments.items()}
        fit |= {f"{self.name}.{name}": _told(value) for name, value in vars(self.hypermodel).items()}
        own = {"seed": self.seed, "deterministic": self.deterministic, "arrays": self.pickled.digest, "code": self.code}
        return {**fit, **own}

    @property
    def ranges(self) -> list[str]:
        """The parameters, as KerasTuner describes them."""
        return [str(parameter.get_config()) for parameter in self.space.space]

    def fields(self, values: Values) -> dict[str, Any]:
        """The values that differ from the default ones."""
        defaults = default_values(self.space)
        return {name: value for name, value in values.items() if name not in defaults or value != defaults[name]}

    def arguments(self, values: Values, directory: Path) -> dict[str, Any]:
        """What kerasapps.tuning.fit is told of a trial."""
        return {
            "directory": str(directory),
            "arrays": self.pickled.order,
            "values": values,
            "objective": self.objective,
            "direction": self.direction,
            "seed": self.seed,
            "deterministic": self.deterministic,
        }

    def prepare(self, directory: Path) -> None:
        """Write what trials need."""
        self.pickled.store(directory)

    def load(self, run_dir: Path, values: Values) -> keras.Model:
        """The model of a trial as it was after its best epoch."""
        return rebuilt(self.hypermodel, values, run_dir)


def own_model(
    build: HyperModel, options: SearchOptions, objective: str | keras_tuner.Objective | None, given: Mapping[str, Any]
) -> OwnModel:
    """What trials train; given: arguments of fit, and seed and deterministic, as the engine has them.

    Raises ConfigError where the model of the default values cannot be built or is not compiled, where fit does not take
    an argument or does not report the objective, and for what cannot be sent to the processes of trials.
    """
    arguments = dict(given)
    seed, deterministic = _of_engine(arguments, options)
    epochs = arguments.get("epochs", 1)
    if not isinstance(epochs, int) or isinstance(epochs, bool) or epochs < 1:
        raise ConfigError(f"epochs={shown(epochs)}: expected int >= 1.")
    hypermodel, name = _hypermodel(build), _name(build)
    model = _default_model(hypermodel, name)
    if not has_own_fit(hypermodel):
        arguments = {"verbose": 2, **arguments}
        valid = set(inspect.signature(keras.Model.fit).parameters) - {"self", "initial_epoch"}
        for argument in arguments:
            if argument not in valid:
                raise unknown_name("argument of fit", argument, valid)
    reported = None if has_own_fit(hypermodel) else _reported(model, arguments, name)
    target, direction = _objective(objective or "val_loss", model, reported)
    space, content = explored(hypermodel, arguments), pickled((hypermodel, arguments), name)
    return OwnModel(hypermodel, arguments, name, space, target, direction, seed, deterministic, content, _code(build))


def _told(value: object) -> object:
    """A value as JSON holds it, or the name of its type."""
    try:
        return json.loads(json.dumps(value))
    except (TypeError, ValueError, RecursionError):
        return type(value).__name__


def _of_engine(arguments: dict[str, Any], options: SearchOptions) -> tuple[int, bool]:
    """Seed and deterministic, taken out of `arguments`; raises ConfigError for options that applications alone have."""
    for option in ("search", "space", "folds"):
        if getattr(options, option):
            raise ConfigError(
                f"{option} is for applications. A model of your own has the space that build declares, and the data "
                "that fit gets."
            )
    engine = EngineOptions(**{name: arguments.pop(name) for name in ("seed", "deterministic") if name in arguments})
    check(engine)
    return engine.seed, engine.deterministic is not False


def _hypermodel(build: HyperModel) -> keras_tuner.HyperModel:
    if isinstance(build, keras_tuner.HyperModel):
        return build
    hypermodel = keras_tuner.HyperModel()
    hypermodel.build = build
    return hypermodel


def _code(build: HyperModel) -> str:
    with suppress(OSError, TypeError):
        text = inspect.getsource(build if inspect.isfunction(build) else type(build))
        return hashlib.sha256(text.encode()).hexdigest()
    return ""


def _name(build: HyperModel) -> str:
    """That of a function or a class, without what a path cannot have."""
    named = getattr(build, "name", None) or getattr(build, "__name__", type(build).__name__)
    return re.sub(r"\W+", "_", str(named)).strip("_") or "model"


def _default_model(hypermodel: keras_tuner.HyperModel, name: str) -> keras.Model:
    try:
        with keras.device("cpu:0"):  # the processes of trials need the memory of GPUs
            model = hypermodel.build(keras_tuner.HyperParameters())
    except Exception as error:  # whatever the caller's function raises
        raise ConfigError(f"{name} fails with the default values of its parameters: {error!r}") from error
    if not isinstance(model, keras.Model):
        raise ConfigError(f"{name} returned {shown(model)}. Expected a keras.Model.")
    if not model.compiled and not has_own_fit(hypermodel):
        raise ConfigError(f"{name} returned a model that is not compiled. Call model.compile before it is returned.")
    return model


def _reported(model: keras.Model, fit_arguments: Mapping[str, Any], name: str) -> set[str]:
    """The metrics that fit will report: those of one row, evaluated, and of the validation rows."""
    rows = {key: fit_arguments[key] for key in ("x", "y") if fit_arguments.get(key) is not None}
    with suppress(Exception):  # what is no array gives one batch
        rows = keras.tree.map_structure(lambda array: array[:1], rows)
    try:
        with keras.device("cpu:0"):
            names = set(model.evaluate(**rows, steps=1, verbose=0, return_dict=True))
    except Exception as error:  # of Keras, TensorFlow or the caller's layers
        raise ConfigError(f"The model of {name} cannot be evaluated on the data: {error}") from error
    if fit_arguments.get("validation_data") is None and not fit_arguments.get("validation_split"):
        return names
    return names | {f"val_{name}" for name in names}


def _objective(
    wanted: str | keras_tuner.Objective, model: keras.Model, reported: set[str] | None
) -> tuple[str, Direction]:
    """Name and direction; reported: by fit, None = that is not known before it is called."""
    name = wanted if isinstance(wanted, str) else wanted.name
    if reported is not None and name not in reported:
        raise unknown_name("objective that fit reports", name, reported)
    if not isinstance(wanted, str):
        if wanted.direction not in ("min", "max"):
            raise ConfigError(f"objective={name}: direction={shown(wanted.direction)}, expected 'min' or 'max'.")
        return name, wanted.direction
    own = {metric.name: metric for each in model.metrics for metric in (each, *getattr(each, "metrics", ()))}
    direction = infer_metric_direction(own.get(name.removeprefix("val_"), name))
    direction = direction or infer_metric_direction(name)
    if direction is None:
        raise ConfigError(
            f"objective={name}: whether higher or lower is better is not known. Give "
            f"keras_tuner.Objective({name!r}, 'max'), or 'min'."
        )
    return name, direction
