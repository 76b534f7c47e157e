"""Reviews: GENERATED reviews of films in one to three sentences, positive or negative, in which word order decides."""

from random import Random

import numpy as np

from kerasapps.data.sources._reviews_grammar import rules_of, write
from kerasapps.data.spec import Arrays, Column, Columns, Spec

CLASSES = ("negative", "positive")
SIZES = {"train": 4000, "validation": 500, "test": 1000}
SEED = 0


def load(data_dir: str) -> Arrays:
    """The column review, generated text that nobody wrote, and the target. Always the same, half of each class.

    What is denied ("nobody who saw it would call the acting clumsy"), conceded, reported and compared makes a review's
    label follow from its grammar, not from the words in it. No sentence is in two splits; validation and test each have
    templates and words of their own.
    """
    spec = Spec((Column("review", "text"),), Column("target", "category", classes=CLASSES))
    taken: dict[str, str] = {}
    return Arrays("reviews", spec, {split: _generate(split, rows, taken) for split, rows in SIZES.items()})


def _generate(split: str, rows: int, taken: dict[str, str]) -> Columns:
    """The columns of a split; `taken`: sentence -> the split that has it."""
    rules, random, reviews = rules_of(split), Random(f"{SEED} {split}"), {}
    while len(reviews) < rows:
        label = len(reviews) % 2
        review = write(rules, random, 2 * label - 1)
        sentences = review.split(". ")
        if all(taken.get(sentence.rstrip("."), split) == split for sentence in sentences):
            taken.update((sentence.rstrip("."), split) for sentence in sentences)
            reviews[review] = label
    return {"review": np.array(list(reviews), object), "target": np.array(list(reviews.values()), np.int32)}
