"""Numbers in English words to be translated to French: 0 to 999,999, as the package num2words writes them."""

from kerasapps.data.sources._numbers import number_pairs
from kerasapps.data.spec import Generated


def load() -> Generated:
    """20,000 pairs, 1,000 for validation and 2,000 for test; no number is in two splits.

    Half of the numbers that are drawn are uniform, the others as often short as long.
    """
    return number_pairs("numbers_en_fr", "fr", "french")
