"""Numbers in English words to be translated to French: 0 to 999,999, as the package num2words writes them."""

from kerasapps.data.sources._numbers import number_pairs
from kerasapps.data.spec import Generated


def load() -> Generated:
    """20,000 pairs of English and French numbers, 1,000 for validation and 2,000 for test, none in two splits.

    Half of the numbers are drawn uniformly, the others below a random power of ten.
    """
    return number_pairs("numbers_en_fr", "fr", "french")
