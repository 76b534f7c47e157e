"""The generated reviews: always the same, nothing shared between splits, labels that only word order gives."""

import functools
import hashlib
import re
import statistics
import time
from random import Random

import numpy as np
import pytest

import kerasapps
from kerasapps.apps import rnn
from kerasapps.data.sources.reviews import HELD_OUT, RULES, load, rules_of, write

DIGEST = "4973f1c5daa85518b21e25ad4452db1df5ece3b6235b2ce9da725eed37130603"


@pytest.fixture(scope="module")
def splits() -> dict:
    return load().splits


def sentences(reviews: np.ndarray) -> set[str]:
    return {sentence.strip().rstrip(".").lower() for review in reviews for sentence in review.split(". ")}


def test_the_corpus_is_always_the_same_and_made_at_once(splits: dict) -> None:
    pairs = {split: zip(*rows.values(), strict=True) for split, rows in splits.items()}
    lines = [f"{split}\t{label}\t{text}" for split, rows in pairs.items() for text, label in rows]
    assert hashlib.sha256("\n".join(lines).encode()).hexdigest() == DIGEST
    start = time.process_time()
    again = load().splits
    assert time.process_time() - start < 3
    assert all(np.array_equal(again[s][name], rows[name]) for s, rows in splits.items() for name in rows)


def test_sizes_and_balance(splits: dict) -> None:
    assert {split: len(rows["review"]) for split, rows in splits.items()} == {
        "train": 4000,
        "validation": 500,
        "test": 1000,
    }
    for rows in splits.values():
        assert rows["target"].mean() == 0.5 and rows["target"].dtype == np.int32
        assert {text.count(". ") for text in rows["review"]} == {0, 1, 2}
        assert len(set(rows["review"])) == len(rows["review"])
        assert all(re.fullmatch(r"([A-Z][^.{}]*\.( (?=.)|$))+", text) for text in rows["review"])


def test_splits_share_no_sentence(splits: dict) -> None:
    train, validation, test = (sentences(rows["review"]) for rows in splits.values())
    assert not train & validation and not train & test and not validation & test


def test_words_held_out_are_only_in_their_split(splits: dict) -> None:
    words = {split: set(re.findall(r"\w+", " ".join(rows["review"]))) for split, rows in splits.items()}
    for split in ("validation", "test"):
        own = [word for found in HELD_OUT[split].values() for word in found if "{" not in word]
        new = {word for name in own for word in name.split()} - words["train"]
        assert len(new) >= 10 and new <= words[split]
        assert not HELD_OUT[split].keys() & {"quality+", "quality-", "mildly", "strongly"}
    known = words["train"]
    unknown = [any(word not in known for word in re.findall(r"\w+", text)) for text in splits["test"]["review"]]
    assert 0.5 < np.mean(unknown) < 0.9


def test_templates_held_out_are_only_in_their_split(splits: dict) -> None:
    texts = {split: " ".join(rows["review"]).lower() for split, rows in splits.items()}
    for pattern in ("nobody in the [a-z]+ would call", "at no point did i find", "i would not say that"):
        found = {split: len(re.findall(pattern, text)) for split, text in texts.items()}
        assert found["train"] == found["validation"] == 0 < 10 < found["test"]


def sentiments(text: str, rules: dict, symbol: str = "review") -> set[int]:
    """The sentiments with which the rules derive `text`, found by parsing it; letters of either case are the same."""
    text = text.lower()

    @functools.cache
    def ends(symbol: str, sentiment: int, start: int) -> frozenset[int]:
        """Where what `symbol` derives from `start` on may end."""
        found: set[int] = set()
        for template in rules.get(symbol) or rules[symbol + "-+"[sentiment > 0]]:
            places = {start}
            literal, *slots = re.split(r"\{(\w+)([+-]?)\}", template.lower())
            places = {p + len(literal) for p in places if text.startswith(literal, p)}
            for inner, sign, literal in zip(slots[::3], slots[1::3], slots[2::3], strict=True):
                inner_sentiment = -sentiment if sign == "-" else sentiment
                places = {end for p in places for end in ends(inner, inner_sentiment, p)}
                places = {p + len(literal) for p in places if text.startswith(literal, p)}
            found |= places
        return frozenset(found)

    return {sentiment for sentiment in (-1, 1) if len(text) in ends(symbol, sentiment, 0)}


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_every_label_follows_from_the_grammar_and_no_review_can_be_read_both_ways(splits: dict, split: str) -> None:
    rules = rules_of(split)
    texts, labels = (values[:: len(values) // 250] for values in splits[split].values())
    assert [sentiments(text, rules) for text in texts] == [{2 * label - 1} for label in labels]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Nobody who saw it would call the acting gripping.", -1),
        ("Nobody who saw it would call the acting dull.", 1),
        ("Nobody can deny that the plot is dull.", -1),
        ("Although the plot is dull, the acting is superb.", 1),
        ("The acting is superb, although the plot is dull.", 1),
        ("The acting is superb, but the plot is dull.", -1),
        ("That the plot is clever matters less than that the cast is not, in my view, superb.", -1),
        ("This one is less dull than Berg's last one.", 1),
        ("Berg's last one is more touching than this one.", -1),
        ("I would rather see this one twice than Ito's last one once.", 1),
        ("I expected something dull and got something fresh.", 1),
        ("I got something dull where I had expected something fresh.", -1),
        ("The plot is slightly dull and the music very touching.", 1),
        ("Anna is wrong to say that the plot is dull.", 1),
        ("I wish that the plot were clever.", -1),
        ("It is not true that the music is awful.", 1),
        ("The plot is flat. Still, hardly anyone in the hall found the music stale.", 1),
        ("The plot is clever. Granted, the music is stale.", 1),
        ("To call the story fresh would be a lie.", -1),
        ("The story never stops being fresh.", 1),
        ("The story never gets fresh.", -1),
    ],
)
def test_the_grammar_reads_as_people_do(text: str, label: int) -> None:
    assert sentiments(text, RULES) == {label}


def bag_accuracy(splits: dict, longest: int) -> float:
    """Test accuracy of logistic regression on counts of up to `longest` neighbouring words, C chosen on validation."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression

    counter = CountVectorizer(ngram_range=(1, longest), min_df=2, token_pattern=r"\w+").fit(splits["train"]["review"])
    inputs = {split: counter.transform(rows["review"]) for split, rows in splits.items()}
    scores = []
    for c in (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0):
        model = LogisticRegression(C=c, solver="liblinear", dual=True, max_iter=3000)
        model.fit(inputs["train"], splits["train"]["target"])
        scores.append([model.score(inputs[split], splits[split]["target"]) for split in ("validation", "test")])
    return max(scores)[1]


@pytest.mark.parametrize("longest", [2, *(pytest.param(n, marks=pytest.mark.slow) for n in (1, 3))])
def test_bags_of_neighbouring_words_do_not_suffice(splits: dict, longest: int) -> None:
    """Measured: 0.496, 0.572 and 0.562 for words, pairs and triples."""
    assert bag_accuracy(splits, longest) < 0.85


def test_the_bag_is_no_straw_man() -> None:
    """Of reviews in which nothing is denied, conceded or compared, it knows all."""
    rules = {**RULES, "review": ("{plain+}.",)}
    random, splits = Random(0), {}
    for split, rows in (("train", 1000), ("validation", 100), ("test", 100)):
        labels = np.arange(rows) % 2
        splits[split] = {"review": [write(rules, random, 2 * label - 1) for label in labels], "target": labels}
    assert bag_accuracy(splits, 1) > 0.98


@pytest.mark.slow
def test_an_lstm_reads_them(tmp_path) -> None:
    runs = [kerasapps.train("rnn", data="reviews", seed=s, run_dir=str(tmp_path / str(s))) for s in range(5)]
    assert all(run.hparams.cell == "lstm" for run in runs)
    assert statistics.median(run.record["test"]["accuracy"] for run in runs) >= rnn.APP.goals["reviews"].at_least
