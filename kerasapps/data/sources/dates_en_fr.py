"""English dates to be translated to French: March 7, 2009 is 7 mars 2009; days of 1900 to 2099."""

from kerasapps.data.sources._dates import long_dates
from kerasapps.data.spec import Generated


def load() -> Generated:
    """20,000 days, 1,000 for validation and 2,000 for test, the same as those of the source dates.

    Both are in the long format of CLDR, in the package Babel.
    """
    return long_dates("dates_en_fr", {"english": "en", "french": "fr"})
