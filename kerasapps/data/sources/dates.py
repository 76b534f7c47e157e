"""Dates: days of 1900 to 2099 as six languages write them, to be written as in 2009-03-07.

The languages are English, French, German, Spanish, Italian and Portuguese. Formats are those of CLDR, in the package
Babel, from "Saturday, March 7, 2009" to "7 mar 2009" and, of German alone, "07.03.2009". Formats such as 3/7/09 are
left out, because they do not tell the day from the month, or the century.
"""

from kerasapps.data.sources._dates import dates_to_iso
from kerasapps.data.spec import Generated


def load() -> Generated:
    """20,000 days, 1,000 for validation and 2,000 for test; no day is in two splits.

    Language and format are drawn for each. Other versions of Babel may write some dates otherwise.
    """
    return dates_to_iso("dates")
