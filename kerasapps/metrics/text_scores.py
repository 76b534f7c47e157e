"""How near texts are to those that were wanted."""

from collections.abc import Sequence


def text_scores(made: Sequence[str], wanted: Sequence[str]) -> dict[str, float]:
    """exact_match, the share of texts that are the wanted one; bleu and chrf, from 0 to 100, of all texts together.

    BLEU (Papineni et al. 2002) and chrF (Popovic 2015) are those of sacrebleu, with its usual settings.
    """
    from sacrebleu import corpus_bleu, corpus_chrf

    exact = sum(one == other for one, other in zip(made, wanted, strict=True)) / len(wanted)
    bleu, chrf = (measure(list(made), [list(wanted)]).score for measure in (corpus_bleu, corpus_chrf))
    return {"exact_match": exact, "bleu": float(bleu), "chrf": float(chrf)}
