"""A grammar of reviews in which the order of words decides: what is said, denied, conceded, reported or compared.

A rule is a symbol with its templates. A template is text with slots: {symbol} is written by one of that symbol's
templates, {symbol+} with the sentiment at hand, {symbol-} with the opposite one. A symbol that is in RULES with a sign
behind it has other templates for each sentiment. Nothing else makes a review, so its label follows from its grammar.
The rules are in reviews_grammar.yaml.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random

import yaml

Rules = Mapping[str, Sequence[str]]

_GRAMMAR = yaml.safe_load(Path(__file__).with_name("reviews_grammar.yaml").read_text(encoding="utf-8"))
RULES: Rules = _GRAMMAR["rules"]
HELD_OUT: Mapping[str, Rules] = _GRAMMAR["held_out"]
"""Templates and words that only one split has; none of the words decides a sentiment by itself."""

_SLOT = re.compile(r"\{(\w+)([+-]?)\}")


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
