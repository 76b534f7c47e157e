"""Streaming gives, bit for bit, the batches gathered from resident rows."""

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from layouts import adapt

from kerasapps.data.pipeline import batch_at, materialise, order, stream
from kerasapps.data.prepared import prepare_data
from kerasapps.data.preprocess import Preprocess
from kerasapps.data.sources import open_source
from kerasapps.data.split import Rows, split_rows
from kerasapps.errors import DataError


def prepared(name: str, kind: str, limit: int | None = None) -> tuple[Rows, Preprocess]:
    """Training rows of a source and the preprocessing fitted on them."""
    rows = split_rows(open_source(name), seed=0, limit=limit)["train"]
    return rows, adapt(rows.source.spec, kind, rows.read())


def gathered(rows: Rows, preprocess: Preprocess, size: int, seed: int, epoch: int, first: int) -> list[dict]:
    """The batches of an epoch from number `first`, out of the resident form."""
    resident = tf.nest.map_structure(tf.constant, materialise(rows, preprocess))
    index = order(seed, epoch, len(rows))
    return [batch_at(resident, tf.constant(index[at : at + size])) for at in range(first * size, len(rows), size)]


CASES = [
    ("auto_mpg", "vector", 32, 0),
    ("auto_mpg", "vector", 283, 0),
    ("diabetes", "vector", 100, 2),
    ("digits", "image", 31, 7),
    ("digits", "sequence", 100, 3),
    ("xor", "vector", 4, 0),
    ("iris", "vector", 500, 0),
]


def test_streams_that_are_left_end_at_once() -> None:
    """Ten took half a second or more; they take some milliseconds."""
    rows, preprocess = prepared("iris", "vector")
    streams = [stream(rows, preprocess, order(0, epoch, len(rows)), 32) for epoch in range(10)]
    for batches in streams:
        for _ in range(3):
            next(batches)
    started = time.perf_counter()
    del streams, batches
    assert time.perf_counter() - started < 0.25


@pytest.mark.parametrize(("name", "kind", "size", "first"), CASES)
def test_streamed_batches_are_the_gathered_ones(name: str, kind: str, size: int, first: int) -> None:
    rows, preprocess = prepared(name, kind, limit=300)
    expected = gathered(rows, preprocess, size, seed=5, epoch=3, first=first)
    streamed = list(stream(rows, preprocess, order(5, 3, len(rows))[first * size :], size))
    assert len(streamed) == len(expected) == -(-len(rows) // size) - first
    for got, wanted in zip(streamed, expected, strict=True):
        assert set(got) == {"inputs", "labels", "weights"}
        tf.nest.assert_same_structure(got, wanted)
        for own, other in zip(tf.nest.flatten(got), tf.nest.flatten(wanted), strict=True):
            assert own.dtype == other.dtype
            np.testing.assert_array_equal(own, other)


def test_a_batch_holds_the_rows_it_names() -> None:
    rows, preprocess = prepared("digits", "vector", limit=50)
    index = np.int32([7, 0, 7])
    batch = batch_at(materialise(rows, preprocess), tf.constant(index))
    columns = rows.source.read("train", rows.rows[index])
    np.testing.assert_array_equal(batch["inputs"]["image"], columns["image"].reshape(3, 64) / np.float32(255))
    np.testing.assert_array_equal(batch["labels"], columns["label"])
    np.testing.assert_array_equal(batch["weights"], np.ones(3, np.float32))


@pytest.mark.parametrize("chunk", [7, 25, 1000])
def test_materialising_in_pieces_changes_nothing(chunk: int) -> None:
    rows, preprocess = prepared("auto_mpg", "vector", limit=50)
    whole, pieces = materialise(rows, preprocess), materialise(rows, preprocess, chunk)
    np.testing.assert_array_equal(whole["inputs"]["features"], pieces["inputs"]["features"])
    np.testing.assert_array_equal(whole["labels"], pieces["labels"])


def test_words_beyond_ascii_are_streamed(tmp_path: Path) -> None:
    (tmp_path / "towns.csv").write_text("town,y\n" + "\n".join(["Köln,1.5", "Århus,2.5", "Ulm,3.5"] * 4), "utf-8")
    rows, preprocess = prepared(str(tmp_path / "towns.csv"), "vector")
    assert preprocess.spec.inputs[0].kind == "category"
    streamed = stream(rows, preprocess, order(0, 0, len(rows)), 4)
    for own, other in zip(streamed, gathered(rows, preprocess, 4, 0, 0, 0), strict=True):
        np.testing.assert_array_equal(own["inputs"]["features"], other["inputs"]["features"])


def test_without_target_there_are_no_labels() -> None:
    rows, preprocess = prepared("iris", "vector")
    preprocess = replace(preprocess, spec=replace(preprocess.spec, target=None))
    assert set(materialise(rows, preprocess)) == {"inputs"}
    assert set(next(iter(stream(rows, preprocess, np.arange(8), 8)))) == {"inputs", "weights"}


def test_batches_compile_under_xla() -> None:
    rows, preprocess = prepared("iris", "vector")
    resident = tf.nest.map_structure(tf.constant, materialise(rows, preprocess))
    gather = tf.function(lambda index: batch_at(resident, index), jit_compile=True)
    index = tf.constant([3, 1], tf.int32)
    got, expected = (batch["inputs"]["features"] for batch in (gather(index), batch_at(resident, index)))
    np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize("rows", [1, 2, 100, 4001])
def test_order_is_a_permutation_of_seed_and_epoch(rows: int) -> None:
    permutation = order(3, 8, rows)
    assert permutation.dtype == np.int32
    np.testing.assert_array_equal(np.sort(permutation), np.arange(rows))
    np.testing.assert_array_equal(permutation, order(3, 8, rows))
    if rows >= 100:
        for other in (order(3, 9, rows), order(4, 8, rows), order(8, 3, rows), np.arange(rows)):
            assert not np.array_equal(permutation, other)


def test_order_is_even() -> None:
    places = np.bincount([order(0, epoch, 10)[0] for epoch in range(2000)], minlength=10)
    # Chi-squared with 9 degrees of freedom: above 33.7 once in 10,000.
    assert np.sum((places - 200) ** 2 / 200) < 33.7


def test_bad_rows_stop_the_stream_with_their_place() -> None:
    rows, preprocess = prepared("iris", "vector")
    row = rows.rows[0]
    rows.source.splits["train"]["sepal_width"][row] = np.inf
    with pytest.raises(DataError) as caught:
        list(stream(rows, preprocess, order(0, 0, len(rows)), 16))
    assert str(caught.value) == (
        f"iris, train, row {row} (from 0), column sepal_width: inf. Expected a finite number, at most 1e+30 in size. "
        "Correct or remove the row."
    )
    assert caught.value.__suppress_context__


def test_of_two_bad_batches_the_first_is_named() -> None:
    rows, preprocess = prepared("iris", "vector")
    index = order(0, 0, len(rows))
    first, second = rows.rows[index[[40, 50]]]
    rows.source.splits["train"]["sepal_width"][[first, second]] = np.inf
    batches = stream(rows, preprocess, index, 16)
    assert len([next(batches), next(batches)]) == 2
    with pytest.raises(DataError, match=rf"row {first} "):
        next(batches)


@pytest.mark.parametrize("place", [slice(0, 3), slice(3, 6), slice(6, 7), slice(7, 7)])
def test_the_rows_of_others_are_not_read(place: slice, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two batches, of 7 rows and of 5: the worker's own rows are as they are, and one more is read at most."""
    rows = split_rows(open_source("iris"), seed=0, limit=12)
    data = prepare_data(rows, prepared("iris", "vector")[1], "streaming")
    whole = list(data.stream(7, 3, 0, 0))
    taken, take = [], Rows.take
    monkeypatch.setattr(Rows, "take", lambda self, index: taken.append(len(index)) or take(self, index))
    parts = list(data.stream(7, 3, 0, 0, lambda rows: slice(min(place.start, rows), min(place.stop, rows))))
    for expected, got in zip(whole, parts, strict=True):
        for one, other in zip(tf.nest.flatten(expected), tf.nest.flatten(got), strict=True):
            assert one.shape == other.shape
            np.testing.assert_array_equal(one[place], other[place])
    assert len(taken) == len(whole) == 2 and max(taken) <= place.stop - place.start + 1
