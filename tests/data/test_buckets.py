"""Lengths against all choices there are, the order of rows by hand, and cutting that leaves out padding alone."""

import dataclasses
import itertools

import numpy as np
import pytest
import tensorflow as tf
from layouts import adapt

from kerasapps.data import pipeline
from kerasapps.data.buckets import bucket_of, cut, fit_lengths, in_batches, least_padding, row_lengths
from kerasapps.data.prepared import PreparedData, prepare_data
from kerasapps.data.preprocess import Preprocess
from kerasapps.data.sources import open_source
from kerasapps.data.spec import Arrays, Column, Spec
from kerasapps.data.split import Rows
from kerasapps.data.tokenizers import TextOptions
from kerasapps.errors import ConfigError

SPEC = Spec((Column("said", "text"), Column("loud", "number")), Column("reply", "text"))
SIZES = np.random.default_rng(0).integers(1, 8, size=(2, 23))
"""Words that the texts of each row have."""
TALK = {
    "said": np.array([" ".join("abcdefg"[:size]) for size in SIZES[0]], object),
    "loud": np.arange(23, dtype=np.float32),
    "reply": np.array([" ".join("tuvwxyz"[:size]) for size in SIZES[1]], object),
}
LENGTHS = SIZES.max(axis=0)


def prepared(number: int, kind: str = "resident") -> PreparedData:
    """The rows of TALK as 10 tokens, with so many lengths."""
    rows = {split: Rows(Arrays("talk", SPEC, {split: TALK}), split, np.arange(23)) for split in ("train", "test")}
    rows["validation"] = rows["test"]
    preprocess = adapt(SPEC, ("tokens", "vector"), TALK, TextOptions(20, 10))
    return prepare_data(rows, fit_lengths(preprocess, rows["train"], number), kind)


def padding(lengths: np.ndarray, chosen: tuple[int, ...]) -> int:
    return sum(min(one for one in chosen if one >= length) - length for length in lengths)


@pytest.mark.parametrize("number", [1, 2, 3, 5, 16])
@pytest.mark.parametrize("seed", range(4))
def test_no_other_lengths_leave_less_padding(seed: int, number: int) -> None:
    lengths = np.random.default_rng(seed).geometric(0.2, size=40)
    chosen, different = least_padding(lengths, number), sorted({*lengths})
    assert list(chosen) == sorted({*chosen}) and len(chosen) <= number and chosen[-1] == lengths.max()
    others = itertools.combinations(different[:-1], min(number, len(different)) - 1)
    assert padding(lengths, chosen) == min(padding(lengths, (*other, different[-1])) for other in others)


def test_a_row_without_tokens_has_room_for_one() -> None:
    assert least_padding(np.array([0, 0, 3]), 2) == (1, 3)


def test_the_longest_text_of_a_row_counts() -> None:
    data = prepared(3)
    np.testing.assert_array_equal(row_lengths(data.preprocess.layout, data.train), LENGTHS)
    assert data.preprocess.lengths == data.preprocess.layout.lengths == least_padding(LENGTHS, 3)


@pytest.mark.parametrize(("rows", "size", "number"), [(100, 8, 3), (96, 8, 4), (9, 8, 2), (50, 50, 3), (31, 1, 5)])
def test_every_row_comes_once_and_batches_are_of_one_bucket(rows: int, size: int, number: int) -> None:
    random = np.random.default_rng(rows)
    shuffled, buckets = random.permutation(rows).astype(np.int32), random.integers(number, size=rows)
    order = in_batches(shuffled, buckets, size)
    assert order.dtype == np.int32
    np.testing.assert_array_equal(np.sort(order), np.arange(rows))
    batches = order[: rows // size * size].reshape(-1, size)
    alike = [len({*buckets[batch]}) == 1 for batch in batches]
    assert sum(alike) >= sum(np.bincount(buckets) // size)
    places = np.argsort(shuffled)  # of each row
    last = [places[batch].max() for batch in batches]
    assert last == sorted(last)
    for bucket in range(number):  # within a bucket the rows of whole batches keep their order
        own = np.concatenate([batch for batch, one in zip(batches, alike, strict=True) if one] or [order[:0]])
        own = own[buckets[own] == bucket]
        count = np.sum(buckets == bucket) // size * size
        np.testing.assert_array_equal(own[:count], shuffled[buckets[shuffled] == bucket][:count])


def test_the_order_by_hand() -> None:
    """Rows 0 to 8 as they come, in batches of two; 6, 5 and 8 are left of the buckets."""
    buckets = np.array([1, 0, 2, 1, 0, 1, 0, 2, 2])
    expected = [[0, 3], [1, 4], [6, 5], [2, 7], [8]]
    assert in_batches(np.arange(9), buckets, 2).tolist() == [row for batch in expected for row in batch]


def test_one_bucket_changes_no_order() -> None:
    shuffled = pipeline.order(1, 2, 45)
    np.testing.assert_array_equal(in_batches(shuffled, np.zeros(45, int), 7), shuffled)
    np.testing.assert_array_equal(prepared(1).order(7, 1, 2), pipeline.order(1, 2, 23))


def test_the_order_is_a_function_of_seed_and_epoch() -> None:
    first, second = prepared(3), prepared(3, "streaming")
    for seed, epoch in ((0, 0), (0, 1), (1, 0)):
        order = first.order(4, seed, epoch)
        np.testing.assert_array_equal(order, second.order(4, seed, epoch))
        np.testing.assert_array_equal(order, in_batches(pipeline.order(seed, epoch, 23), first.buckets, 4))
    assert not np.array_equal(first.order(4, 0, 0), first.order(4, 0, 1))


def test_streamed_batches_are_the_resident_ones() -> None:
    data, streamed = prepared(3), prepared(3, "streaming")
    resident, index = tf.nest.map_structure(tf.constant, data.train), data.order(4, 2, 5)
    batches = list(streamed.stream(4, 2, 5, first=1))
    assert streamed.train is None and len(batches) == 5
    for number, batch in enumerate(batches, start=1):
        expected = pipeline.batch_at(resident, index[4 * number : 4 * number + 4])
        tf.nest.map_structure(np.testing.assert_array_equal, dict(batch), expected)


@pytest.mark.parametrize("rows", [[0], [5, 9], range(23)])
def test_only_padding_is_cut(rows: list[int]) -> None:
    data = prepared(4)
    layout, batch = data.preprocess.layout, pipeline.batch_at(data.train, tf.constant(rows))
    bucket = int(bucket_of(layout, batch))
    length = layout.lengths[bucket]
    assert ((0, *layout.lengths)[bucket]) < LENGTHS[rows].max() <= length
    shorter = cut(layout, batch, length)
    np.testing.assert_array_equal(shorter["inputs"]["features"], batch["inputs"]["features"])
    np.testing.assert_array_equal(shorter["weights"], batch["weights"])
    for whole, left in (
        (batch["inputs"]["said"], shorter["inputs"]["said"]),
        (batch["labels"], shorter["labels"]),
    ):
        np.testing.assert_array_equal(left, whole[:, :length])
        assert not np.any(whole[:, length:])


def test_rows_of_classes_keep_labels_and_weights() -> None:
    layout = dataclasses.replace(prepared(2).preprocess.layout, target=open_layout("iris").layout.target)
    batch = {"inputs": {"said": tf.ones([2, 10], tf.int32), "features": tf.ones([2, 1])}, "labels": tf.zeros([2])}
    assert {name: each.shape for name, each in cut(layout, batch, 3)["inputs"].items()}["said"] == (2, 3)
    assert cut(layout, batch, 3)["labels"] is batch["labels"]


def open_layout(name: str) -> Preprocess:
    source = open_source(name)
    return adapt(source.spec, "vector", source.read("train", np.arange(9)))


def test_lengths_are_part_of_the_saved_preprocessing() -> None:
    saved = prepared(3).preprocess
    assert Preprocess.from_json(saved.to_json()) == saved and len(saved.lengths) == 3
    earlier = saved.to_json().replace('"lengths"', '"unknown"')
    assert Preprocess.from_json(earlier).lengths == ()
    again = fit_lengths(saved, prepared(1).rows["train"], 2)
    assert again.lengths == least_padding(LENGTHS, 2) and again.statistics is saved.statistics


def test_what_has_no_tokens_has_no_lengths() -> None:
    iris = open_source("iris")
    rows = Rows(iris, "train", np.arange(9))
    assert fit_lengths(open_layout("iris"), rows, 1).lengths == ()
    with pytest.raises(ConfigError, match="length_buckets=2, but no input or target of iris becomes tokens here"):
        fit_lengths(open_layout("iris"), rows, 2)
