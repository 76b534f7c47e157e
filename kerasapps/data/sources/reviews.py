"""Reviews: GENERATED reviews of films in one to three sentences, positive or negative, in which word order decides.

They come from a grammar, reviews_grammar.yaml: what is said, denied, conceded, reported or compared. A rule is a symbol
with its templates. A template is text with slots: {symbol} is written by one of that symbol's templates, {symbol+} with
the sentiment at hand, {symbol-} with the opposite one. A symbol that is in RULES with a sign behind it has other
templates for each sentiment. Nothing else makes a review, so its label follows from its grammar.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random

import numpy as np
import yaml

from kerasapps.data.spec import Arrays, Column, Columns, Spec

CLASSES = ("negative", "positive")
SIZES = {"train": 4000, "validation": 500, "test": 1000}
SEED = 0

Rules = Mapping[str, Sequence[str]]

_GRAMMAR = yaml.safe_load(Path(__file__).with_name("reviews_grammar.yaml").read_text(encoding="utf-8"))
RULES: Rules = _GRAMMAR["rules"]
HELD_OUT: Mapping[str, Rules] = _GRAMMAR["held_out"]
"""Templates and words that only one split has; none of the words decides a sentiment by itself."""

_SLOT = re.compile(r"\{(\w+)([+-]?)\}")


def load() -> Arrays:
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
    rules, random = rules_of(split), Random(f"{SEED} {split}")
    reviews: dict[str, int] = {}
    while len(reviews) < rows:
        label = len(reviews) % 2
        review = write(rules, random, 2 * label - 1)
        sentences = review.split(". ")
        if all(taken.get(sentence.rstrip("."), split) == split for sentence in sentences):
            taken.update((sentence.rstrip("."), split) for sentence in sentences)
            reviews[review] = label
    return {"review": np.array(list(reviews), object), "target": np.array(list(reviews.values()), np.int32)}


def rules_of(split: str) -> Rules:
    """The rules of a split: those of all, and what is held out for it."""
    own = HELD_OUT[split]
    return {symbol: (*templates, *own.get(symbol, ())) for symbol, templates in RULES.items()}


def write(rules: Rules, random: Random, sentiment: int) -> str:
    """One review, 1 positive or -1 negative; no word of a list occurs twice in it."""
    used: set[str] = set()

    def written(symbol: str, sentiment: int) -> str:
        templates = rules[symbol if symbol in rules else symbol + ("+" if sentiment > 0 else "-")]
        template = _chosen([t for t in templates if t not in used], random)
        if not _SLOT.search(template):
            used.add(template)
        return _SLOT.sub(lambda slot: written(slot[1], -sentiment if slot[2] == "-" else sentiment), template)

    return re.sub(r"(^|\. )(\w)", lambda start: start[1] + start[2].upper(), written("review", sentiment))


def _chosen(templates: list[str], random: Random) -> str:
    # Of Python's random numbers only those of random() are promised to stay the same in other versions.
    return templates[int(random.random() * len(templates))]
