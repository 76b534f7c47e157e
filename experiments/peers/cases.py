"""What is measured: applications on data, with the ratios that they have to reach and the target they train to."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Target:
    """Training is timed until a metric of the validation rows, loss or accuracy, first gets there.

    Beyond its value a loss has to fall and an accuracy has to rise.
    """

    metric: str
    value: float

    def met(self, value: float) -> bool:
        """Whether `value` of the metric is good enough."""
        return value >= self.value if self.metric == "accuracy" else value <= self.value


@dataclass(frozen=True)
class Case:
    """What is trained.

    data: a source's name; random_HxWxC for images of noise, random_text_N for texts of N words of noise,
    random_characters_N for texts of N characters without labels. at_least: how
    many times faster than a side (fit, torch) it has to be. fields: hyperparameters that are not the application's
    defaults. options: fields of the run's Options. all_rows: test and validation rows are trained on too. target: None
    where none makes sense. sides: those for which it is written, where not for all.
    """

    name: str
    app: str
    data: str
    at_least: Mapping[str, float]
    target: Target | None = None
    fields: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    batch_size: int = 32
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    all_rows: bool = False
    sides: tuple[str, ...] = ()


CONVOLUTIONS = {"fit": 1.4, "torch": 1.5}
RECURRENT = {"fit": 1.5, "torch": 1.0}
ATTENTION = {"fit": 1.4, "torch": 1.5, "compiled_torch": 1.2}
CONSTANT = {"schedule": "constant", "warmup_epochs": 0.0}
OF_TENSORFLOW = ("ours", "fit", "bare_fit")

# XOR has no target: chance decides whether 4 hidden units solve it. Nor has noise, of which nothing can be learned that
# holds for other noise.
CASES = (
    Case("linear", "linear_regression", "line", {"fit": 300}, Target("loss", 0.05)),
    Case("logistic", "logistic_regression", "breast_cancer", {"fit": 300}, Target("loss", 0.11)),
    Case("xor", "mlp", "xor", {"fit": 300}, fields={"hidden": (4,), "activation": "tanh"}),
    Case("softmax 64-10", "softmax_regression", "digits", {"fit": 50}, Target("loss", 0.1), all_rows=True),
    Case("mlp 64-128-10", "mlp", "digits", {"fit": 30}, Target("loss", 0.05), all_rows=True),
    Case("cnn 32-64-64", "cnn", "mnist_5k", CONVOLUTIONS, Target("accuracy", 0.95)),
    Case("cnn 32-64-64, batch 128", "cnn", "mnist_5k", {}, Target("accuracy", 0.95), batch_size=128),
    Case(
        "cnn 32-64-64, batch 128, in bfloat16",
        "cnn",
        "mnist_5k",
        {},
        Target("accuracy", 0.95),
        batch_size=128,
        options={"precision": "mixed_bfloat16"},
    ),
    Case("cnn 32-64-64, 32x32x3 of noise", "cnn", "random_32x32x3", CONVOLUTIONS),
    Case("resnet 8", "resnet", "mnist_5k", {}, Target("accuracy", 0.95), batch_size=128),
    Case(
        "lstm 128 on 28x28 rows",
        "rnn",
        "mnist_5k",
        RECURRENT,
        Target("accuracy", 0.93),
        fields={"units": (128,), "dropout": 0.0},
    ),
    Case(
        "embedding 10000x128, lstm 64, 100 tokens",
        "rnn",
        "random_text_100",
        RECURRENT,
        fields={"units": (64,), "dropout": 0.0},
    ),
    Case(
        "simple rnn 128/64 on embeddings",
        "rnn",
        "random_text_100",
        {"fit": 2},
        fields={"cell": "simple", "units": (128, 64), "dropout": 0.0},
    ),
    Case(
        "encoder of 2 layers, 100 tokens",
        "transformer",
        "random_text_100",
        ATTENTION,
        fields={"width": 128, "feed_forward": 256, "dropout": 0.0, **CONSTANT},
    ),
    Case(
        "gpt of 4 layers, 64 tokens, batch 12",
        "language_model",
        "random_characters_64",
        ATTENTION,
        fields={"layers": 4, "width": 128, "feed_forward": 512, "activation": "gelu", **CONSTANT},
        batch_size=12,
        options={"tokenizer": "characters", "sequence_length": 64},
    ),
    Case(
        "autoencoder 784-128-32-128-784",
        "autoencoder",
        "mnist_5k",
        {"fit": 2},
        sides=OF_TENSORFLOW,
    ),
    Case(
        "vae 784-256-20-256-784",
        "vae",
        "mnist_5k",
        {"fit": 2},
        fields={"binarize": True},
        sides=OF_TENSORFLOW,
    ),
    Case("gan 100-128-784, batch 128", "gan", "mnist_5k", {"fit": 2}, batch_size=128, sides=OF_TENSORFLOW),
)

GENERATION = Case(
    "generation of 256 tokens",
    "language_model",
    "random_characters_256",
    {"uncached": 5, "PyTorch": 2, "Keras, graph mode": 2},
    fields={"layers": 4, "width": 128, "feed_forward": 512, "activation": "gelu", **CONSTANT},
    options={"tokenizer": "characters", "sequence_length": 256},
)
"""The model of experiments/generation.py, which sees as many tokens as it makes."""
