"""How texts fill their tokens: how much is padding, and how many texts were cut."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from kerasapps.data.preprocess import Preprocess
from kerasapps.data.spec import Layout
from kerasapps.data.split import Rows
from kerasapps.data.tokenizers import END, ExactTokenizer, Tokenizer

MOST_READ = 2000
"""Texts that fill their rows and are read again, to see whether they only just do."""


def lengths(
    rows: Rows, preprocess: Preprocess, data: Mapping[str, Any], buckets: np.ndarray | None = None
) -> dict[str, dict[str, Any]]:
    """Of the texts of `rows` by their column: the share of padding, and how many are cut; data: what is made of them.

    Where more than MOST_READ texts fill their rows, the number that is cut is estimated from so many of them.
    buckets: of the rows. With them there are also the lengths that batches are cut to, and the share of padding that
    batches of one bucket have.
    """
    layout, found = preprocess.layout, {}
    for field in layout.inputs:
        if field.tokenizer is not None:
            found[field.columns[0]] = _of(rows, field.columns[0], data["inputs"][field.name], field.tokenizer)
    if layout.target.tokenizer is not None:
        column = preprocess.spec.required_target.name
        found[column] = _of(rows, column, data["labels"], layout.target.tokenizer)
    if buckets is None:
        return found
    return {column: {**whole, **_in_buckets(whole, layout, buckets)} for column, whole in found.items()}


def _in_buckets(whole: Mapping[str, Any], layout: Layout, buckets: np.ndarray) -> dict[str, Any]:
    """Of texts of which it is known how they fill `whole` rows."""
    tokens = np.minimum(layout.lengths, whole["tokens"])[buckets].mean()
    padding = 1 - whole["tokens"] * (1 - whole["padding"]) / tokens
    return {"lengths": list(layout.lengths), "padding_in_buckets": float(padding)}


def _of(rows: Rows, column: str, tokens: np.ndarray, tokenizer: Tokenizer) -> dict[str, Any]:
    last = END if isinstance(tokenizer, ExactTokenizer) else 0
    full = np.flatnonzero(tokens[:, -1] > last)
    some = full[:: max(1, -(-len(full) // MOST_READ))]
    cut = 0.0
    if len(some):
        texts = rows.take(some).read()[column]
        cut = float(np.mean(tokenizer.encode(texts, tokens.shape[1] + 1)[:, -1] > last))
    return {"tokens": tokens.shape[1], "padding": float(np.mean(tokens == 0)), "cut": round(cut * len(full))}
