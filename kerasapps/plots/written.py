"""Texts that models make: translations, samples over training, and how well each place of a text is told."""

import numpy as np
import tensorflow as tf

from kerasapps.app import View
from kerasapps.figures import lines, texts
from kerasapps.figures.canvas import Figure
from kerasapps.losses.cross_entropy import cross_entropy

EXAMPLES = 8
"""Texts in each half of the table of translations."""
_ROWS = 512
"""Test rows of the line of losses, at most."""


def translations(view: View) -> Figure | None:
    """Test texts: translations that are not the wanted one, the surest first, and the surest of those that are."""
    column, target = view.spec.inputs[0].name, view.spec.required_target.name
    source, wanted = (view.columns["test"][name] for name in (column, target))
    answer = view.predict({column: source})
    made, right = answer["text"], np.asarray(answer["text"] == wanted, bool)
    surest = np.argsort(-answer["score"], kind="stable")

    def rows(chosen: np.ndarray, color: str) -> list[tuple[str, str, str]]:
        found = []
        for i in chosen[:EXAMPLES]:
            also = "" if right[i] else f" (wanted: {wanted[i]})"
            found.append((f"score {answer['score'][i]:.3f}", f"{source[i]} → {made[i] or '(nothing)'}{also}", color))
        return found

    halves = {
        f"Other than wanted, surest first ({(~right).sum():,} of {len(right):,} test texts)": rows(
            surest[~right[surest]], "C3"
        ),
        "As wanted, surest first": rows(surest[right[surest]], "C2"),
    }
    return texts.text_table({head: some for head, some in halves.items() if some}) if len(right) else None


def loss_by_position(view: View) -> Figure | None:
    """Nats of the token at each place of the test texts."""
    tokens = np.asarray(view.apply({name: values[:_ROWS] for name, values in view.columns["test"].items()}))
    logits = view.task.model(tokens, training=False)
    present = tokens != 0
    counts = present.sum(axis=0)
    nats = np.where(present, cross_entropy(tokens, logits), 0).sum(axis=0)[counts > 0] / counts[counts > 0]
    return lines.by_position({"nats of a token": nats}, "place in the text", "Loss by position on test")


def generated(view: View) -> Figure | None:
    """What the model wrote with the same random numbers after some of its epochs."""
    if not view.samples:
        return None
    sections = {}
    for epoch, tokens in _spread(sorted(view.samples.items())):
        written = view.task.tokenizer.decode(tf.cast(tokens, tf.int32)).numpy()
        sections[f"After epoch {epoch}"] = [("", repr(text.decode())[1:-1], "black") for text in written]
    return texts.text_table(sections)


def _spread(items: list) -> list:
    """At most six of them, the first and the last among these."""
    chosen = np.unique(np.linspace(0, len(items) - 1, 6).round().astype(int))
    return [items[i] for i in chosen]
