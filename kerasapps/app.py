"""What an application is. Apps are the modules of kerasapps.apps, found by their names; nothing registers them."""

import dataclasses
import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

from kerasapps import startup
from kerasapps.arguments import Argument
from kerasapps.data.spec import Batch, ColumnKind, Columns, Form, Layout, Spec, Target
from kerasapps.errors import ConfigError
from kerasapps.hparams import Hparams
from kerasapps.names import app_module

if TYPE_CHECKING:
    import keras
    import keras_tuner
    import numpy as np
    import tensorflow as tf

    from kerasapps.data.calendar import Calendar
    from kerasapps.noise import Noise
    from kerasapps.tensors import Values

Parts = dict[str, "keras.Model"]
"""Named keras.Models that share no variables; where one alone answers, it is called "model"."""

Augment = Callable[[Batch, "Noise"], Batch]
"""(whole batch, noise) -> the batch that is trained on; pure but for the noise."""

Sums = dict[str, tuple["tf.Tensor", "tf.Tensor"]]
"""Metric name -> (weighted sum, sum of weights), both scalars."""

Direction = Literal["min", "max"]
"""Whether lower or higher values of a metric are better."""

SearchSpace = Callable[[Any, "keras_tuner.HyperParameters"], Any]
"""(hparams, keras_tuner.HyperParameters) -> hparams with some fields chosen by it."""


class Loss(NamedTuple):
    """The loss of a batch, not reduced: values and their weights, both [batch] or [batch, time]; and the outputs."""

    values: "tf.Tensor"
    weights: "tf.Tensor"
    outputs: "tf.Tensor"


@dataclass(frozen=True)
class Update:
    """One loss with the variables that it moves; each Update gets an optimizer of its own.

    It minimises sum(values * weights) / sum(weights) over the whole batch, plus the penalties.
    penalties(): scalar added to the mean loss (L1, L2).
    metrics(batch, loss): Sums that are shown during training.
    settings: hyperparameters that differ for this update, such as {"learning_rate": 2e-4}.
    """

    name: str
    variables: Sequence["keras.Variable"]
    loss: Callable[[Batch, "Noise"], Loss]
    penalties: Callable[[], "tf.Tensor"]
    metrics: Callable[[Batch, Loss], Sums] = lambda batch, loss: {}
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Answered:
    """A whole split as NumPy arrays, and the outputs of a model for it.

    inputs: {field name: [rows, ...]}. labels: as in a Batch, or None. outputs: of the task's `outputs`, [rows, ...].
    """

    inputs: Mapping[str, "np.ndarray"]
    labels: "np.ndarray | None"
    outputs: "np.ndarray"


@dataclass(frozen=True)
class Signature:
    """One function of a trained model, for `predict` and for exports.

    Attributes:
        function: Function of ({field name: tensor}, **arguments) that returns {output name: tensor}.
        columns: The columns of the data that it takes, all or none. Without columns there are no fields.
        arguments: Its further arguments by name.
    """

    function: Callable[..., dict[str, "tf.Tensor"]]
    columns: tuple[str, ...] = ()
    arguments: Mapping[str, Argument] = field(default_factory=dict)

    @property
    def examples(self) -> dict[str, "np.ndarray"]:
        """A value of each argument, as NumPy."""
        return {name: argument.default for name, argument in self.arguments.items()}


class Task(Protocol):
    """What an application does with its models: an object bound to (parts, hparams, layout), with these members.

    Properties may also be plain attributes of the object or of its class.
    """

    @property
    def parts(self) -> Parts:
        """The models that the task is bound to, by name."""

    @property
    def hparams(self) -> Hparams:
        """The hyperparameters, an instance of the application's own class."""

    @property
    def layout(self) -> Layout:
        """The inputs and the target of the parts."""

    @property
    def directions(self) -> Mapping[str, Direction]:
        """Metric name -> whether lower or higher is better, of every metric that the task computes."""

    @property
    def augment(self) -> Augment | None:
        """The augmentation of each training batch, or None. Evaluation never augments."""

    @property
    def plans(self) -> Mapping[str, tuple[str, ...]]:
        """Kind of device, "CPU" or "GPU" -> the plans of execution to use, probably fastest first; see
        kerasapps.tasks.plans."""

    @property
    def samples(self) -> Callable[[], "tf.Tensor"] | None:
        """() -> samples [rows, *shape] in the units of the model's inputs, saved during training; or None."""

    def updates(self) -> list[Update]:
        """The updates of one step, in order; an update that is done several times is the same object."""

    def weights(self, batch: Batch) -> "Values":
        """The weights of the loss, known without a forward pass."""

    def evaluate(self, batch: Batch) -> Sums:
        """Metrics of a batch, without noise that differs from call to call; the first is "loss"."""

    def outputs(self, inputs: Mapping[str, "Values"]) -> "tf.Tensor":
        """{field name: [rows, ...]} -> tensor [rows, ...], the outputs that `score` takes."""

    def score(self, answered: Answered) -> dict[str, float]:
        """Metrics that need all rows at once, NumPy, in the units of the data."""

    def signatures(self) -> dict[str, Signature]:
        """The signatures of the model, also of exports; `predict` calls serving_default."""


def signatures_of(task: Task) -> dict[str, Signature]:
    """The signatures of a task, which also accept zero rows.

    Raises ConfigError for a column and an argument of the same name.
    """
    made = task.signatures()
    for name, asked in made.items():
        for column in asked.columns:
            if column in asked.arguments:
                raise ConfigError(
                    f"The column {column} has the name of an argument of the signature {name}, which takes both by "
                    "name. Rename the column, or leave it out with features."
                )
    return {name: dataclasses.replace(asked, function=_of_no_rows_too(asked.function)) for name, asked in made.items()}


def _of_no_rows_too(function: Callable[..., dict[str, "tf.Tensor"]]) -> Callable[..., dict[str, "tf.Tensor"]]:
    """A function that calls `function` with a row of zeros when there are no rows, and drops its answer.

    Some layers and kernels fail without rows. For zero rows, a convolution that oneDNN fuses with its activation has
    outputs in the shape of its input (TensorFlow 2.21 on an AMD processor with AVX-512).
    """

    def answered(fields: Mapping[str, "Values"], **arguments: "Values") -> dict[str, "tf.Tensor"]:
        import tensorflow as tf

        def at_least_one(values: "Values") -> tf.Tensor:
            values = tf.convert_to_tensor(values)
            missing = tf.cast(tf.shape(values)[0] == 0, tf.int32)
            return tf.concat([values, tf.zeros([missing, *values.shape[1:]], values.dtype)], 0)

        by_row = [values for values in (*fields.values(), *arguments.values()) if len(values.shape)]
        if not by_row:
            return function(fields, **arguments)
        fields = {name: at_least_one(values) for name, values in fields.items()}
        own = {name: at_least_one(values) if len(values.shape) else values for name, values in arguments.items()}
        number = tf.shape(by_row[0])[0]
        return {name: answer[:number] for name, answer in function(fields, **own).items()}

    return answered


@dataclass(frozen=True)
class Goal:
    """A bound for a metric of the test rows of a source, with the default hyperparameters."""

    metric: str
    at_least: float | None = None
    at_most: float | None = None


@dataclass(frozen=True)
class View:
    """What a plot can look at: a finished run, by split ("train", "validation", "test").

    history: metric -> value per epoch. columns: split -> raw columns. labels: split -> class numbers [rows] int32, or
    numbers [rows, H] in the units of the data, or None. predict: raw columns -> what serving_default answers, as NumPy
    arrays. apply: raw columns -> what the model is called with. samples: epoch, from 1 -> what the task's `samples`
    gave. augment: raw columns -> the varied Batch, as NumPy arrays, or None. kept_epoch: the epoch of the weights, from
    1, or None. calendar: the dates of a series, or None.
    """

    history: Mapping[str, Sequence[float]]
    spec: Spec
    layout: Layout
    task: Any
    columns: Mapping[str, Columns]
    labels: Mapping[str, Any]
    predict: Callable[[Columns], Mapping[str, Any]]
    apply: Callable[[Columns], Any]
    samples: Mapping[int, Any]
    augment: Callable[[Columns], Batch] | None = None
    kept_epoch: int | None = None
    calendar: "Calendar | None" = None


@dataclass(frozen=True, eq=False)
class App:
    """One application.

    Attributes:
        accepts: The form of the only field, or a tuple of the forms of all fields -> kinds of targets, in order of
            preference: "classes", "binary" (exactly two classes), "reals" (numbers), "tokens", or "any", also none.
        default_data: The source that is used when none is named.
        hparams: Its Hparams class.
        tiny: Hyperparameters that make it small and quick for tests.
        task: Function of (parts, hparams, layout) that returns its Task, or raises ConfigError.
        builders: Name -> function of (hparams, layout) that returns the Parts, with their variables made.
        space: The search space.
        goals: Source -> its Goal.
        plots: Name -> function of a View that returns a matplotlib Figure, or a list of Figures of one size for an
            animated GIF, or None where there is nothing to draw. The first line of its docstring is the caption.
        suited: Kind of an input -> hyperparameters that suit data with such inputs better than the defaults.
        tuned: Source -> hyperparameters and run options that suit it better; they win over `suited`.
        options: Run options with another default than usual.
        exempt: Law -> the reason why it cannot hold for this application.
    """

    name: str
    accepts: Mapping[Form | tuple[Form, ...], tuple[str, ...]]
    default_data: str
    hparams: type[Hparams]
    tiny: Mapping[str, Any]
    task: Callable[[Parts, Any, Layout], Task]
    builders: Mapping[str, Callable[[Any, Layout], Parts]]
    space: SearchSpace
    goals: Mapping[str, Goal]
    plots: Mapping[str, Callable] = field(default_factory=dict)
    suited: Mapping[ColumnKind, Mapping[str, Any]] = field(default_factory=dict)
    tuned: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    exempt: Mapping[str, str] = field(default_factory=dict)


def accepted_forms(app: App) -> dict[tuple[Form, ...], tuple[str, ...]]:
    """What the app accepts, each layout as the forms of its fields."""
    return {(forms,) if isinstance(forms, str) else forms: targets for forms, targets in app.accepts.items()}


def accepts(app: App, forms: tuple[Form, ...], target: Target) -> bool:
    """Whether `app` takes inputs laid out in these forms with this target."""
    kinds = accepted_forms(app).get(forms, ())
    if target.kind in kinds or "any" in kinds:
        return True
    return "binary" in kinds and target.kind == "classes" and target.size == 2


def load_app(name: str) -> App:
    """The App of the module kerasapps.apps.<name>, or of a module elsewhere, such as my_package.my_app.

    Raises ConfigError for an unknown name, one that the App does not bear, and a module that cannot be imported or has
    no App.
    """
    module_name = app_module(name)
    startup.import_tensorflow()
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        raise ConfigError(f"{module_name} cannot be imported: {error}. Expected a module with an APP.") from error
    if not isinstance(getattr(module, "APP", None), App):
        raise ConfigError(f"{module.__file__} has no application. Expected APP = App(...).")
    expected = module_name.removeprefix("kerasapps.apps.")
    if module.APP.name != expected:
        raise ConfigError(
            f"{module.__file__} has APP.name = {module.APP.name!r}. Expected {expected!r}, the module's name."
        )
    return module.APP
