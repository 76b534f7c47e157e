"""Phrases of two to six words, a number and a colour; the answer has each word, or its opposite below zero."""

import numpy as np

from kerasapps.data.spec import Arrays, Column, Spec

OPPOSITES = {"up": "down", "left": "right", "on": "off", "hot": "cold", "fast": "slow", "early": "late"}
COLOURS = ("blue", "green", "red")
ROWS = 200


def load(data_dir: str) -> Arrays:
    """The columns phrase (a text), sign (a number) and colour, and the text answer to be learnt."""
    random, words = np.random.default_rng(0), [*OPPOSITES, *OPPOSITES.values()]
    other = {**OPPOSITES, **{second: first for first, second in OPPOSITES.items()}}
    phrases = [[words[i] for i in random.integers(len(words), size=random.integers(2, 7))] for _ in range(ROWS)]
    signs = random.normal(size=ROWS).astype(np.float32)
    answers = [
        [other[word] if sign < 0 else word for word in phrase] for phrase, sign in zip(phrases, signs, strict=True)
    ]
    columns = {
        "phrase": np.array([" ".join(phrase) for phrase in phrases], object),
        "sign": signs,
        "colour": np.array(COLOURS)[random.integers(len(COLOURS), size=ROWS)],
        "answer": np.array([" ".join(answer) for answer in answers], object),
    }
    inputs = (Column("phrase", "text"), Column("sign", "number"), Column("colour", "category", classes=COLOURS))
    return Arrays("toys.phrases", Spec(inputs, Column("answer", "text")), {"train": columns})
