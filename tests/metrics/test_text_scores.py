"""Scores of texts, by hand where that can be done."""

import pytest

from kerasapps.metrics.text_scores import text_scores


def test_equal_texts_have_the_best_scores() -> None:
    texts = ["the cat sat on the mat", "it is a dog that I saw"]
    assert text_scores(texts, texts) == pytest.approx({"exact_match": 1.0, "bleu": 100.0, "chrf": 100.0})


def test_bleu_is_the_geometric_mean_of_precisions_times_the_brevity_penalty() -> None:
    """Of "a b c d e f" against "a b c d x f": 5 of 6 words, 3 of 5 pairs, 2 of 4 triples, 1 of 3 of four words."""
    scores = text_scores(["a b c d e f", "other"], ["a b c d x f", "text"])
    precisions = (5 / 7) * (3 / 5) * (2 / 4) * (1 / 3)
    assert scores["bleu"] == pytest.approx(100 * precisions**0.25, rel=1e-6)
    assert scores["exact_match"] == 0.0
