"""Which words texts have: what is one word, in lower case, and what parts words."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from kerasapps.data.unicode import nfc

if TYPE_CHECKING:
    import tensorflow as tf

    Standardize = Callable[[tf.Tensor], tf.Tensor]
    """Strings [batch] -> strings [batch] of words between blanks."""

NormalForm = Literal["NFC", "none"]
"""Of texts before words are counted; none in runs that knew of none, to which emoji were punctuation."""
NORMAL_FORM: NormalForm = "NFC"
"""Of runs that are trained now."""

# Signs that choose how others are drawn: joiners and variation selectors.
_UNSEEN = r"[\x{34F}\x{180B}-\x{180F}\x{200C}\x{200D}\x{FE00}-\x{FE0F}\x{E0100}-\x{E01EF}]"
# Capitals that Turkish or Lithuanian locales have other small letters for, as TensorFlow asks the locale; ASCII's I is
# small before that. Behind a zero TensorFlow leaves out all else.
_BEFORE_LOWER = {
    "\u0130": "i\u0307",
    "\u00cc": "\u00ec",
    "\u00cd": "\u00ed",
    "\u0128": "\u0129",
    "\u012e": "\u012f",
    r"\x00": " ",
}
# Symbols but those of mathematics and currencies, and all emoji: of other classes, of later versions, and keys.
_SYMBOL = r"\p{So}\x{203C}\x{2049}\x{20E3}\x{2194}\x{25FB}-\x{25FE}\x{2934}\x{2935}\x{3030}\x{303D}\x{1F300}-\x{1FAFF}"
_MARK = r"[^\PM\x{20E3}]"
_SYMBOLS = rf"([\x{{1F1E6}}-\x{{1F1FF}}]{{2}}|[{_SYMBOL}]{_MARK}*)"  # two letters for flags are one symbol
_NO_WORDS = rf"^{_MARK}+|[^\pL\pN\pM{_SYMBOL}]+{_MARK}*"
_PUNCTUATION = r"[^\pL\pN\pM]+"


def standardize(texts: "tf.Tensor") -> "tf.Tensor":
    """Strings [batch] of UTF-8 -> strings [batch] of words between blanks, the same for canonically equal texts.

    Lower case of every alphabet; tags such as <br /> and all punctuation become blanks, but an apostrophe within a
    word goes without one: "Don't!" -> "dont". A mark belongs to the sign before it. A symbol is a word of its own,
    such as an emoji. A skin tone is one, too, and so is each emoji of those that are joined to one picture: the parts
    are known where the whole is rare.
    """
    import tensorflow as tf

    lower = tf.strings.lower(texts)
    is_ascii = tf.strings.length(texts) == tf.strings.length(texts, "UTF8_CHAR")
    return tf.cond(
        tf.reduce_all(is_ascii),
        lambda: tf.strings.regex_replace(_without_tags(lower), _PUNCTUATION, " "),
        lambda: _with_symbols(_without_tags(_normalised(lower))),
    )


def _with_symbols(texts: "tf.Tensor") -> "tf.Tensor":
    """Blanks round every symbol, and in the place of all other signs that are no words."""
    import tensorflow as tf

    apart = tf.strings.regex_replace(texts, _SYMBOLS, r" \1 ")
    return tf.strings.regex_replace(apart, _NO_WORDS, " ")


def _normalised(texts: "tf.Tensor") -> "tf.Tensor":
    """Lower case, then NFC, because some small letters have composites where their capitals have none."""
    import tensorflow as tf

    for sign, small in _BEFORE_LOWER.items():
        texts = tf.strings.regex_replace(texts, sign, small)
    lower = tf.strings.lower(texts, encoding="utf-8")
    return nfc(tf.strings.regex_replace(lower, _UNSEEN, ""))


def _without_tags(texts: "tf.Tensor") -> "tf.Tensor":
    """Without tags, and without apostrophes between letters."""
    import tensorflow as tf

    joined = tf.strings.regex_replace(texts, r"<[a-z/][^<>]*>", " ")
    for _ in range(2):  # the letter behind one apostrophe may stand before the next: rock'n'roll
        joined = tf.strings.regex_replace(joined, r"(\pL)['’](\pL)", r"\1\2")
    return joined


def _standardize_as_given(texts: "tf.Tensor") -> "tf.Tensor":
    """As earlier versions did: signs that are neither letters, digits nor marks are punctuation."""
    import tensorflow as tf

    lower = tf.strings.lower(texts, encoding="utf-8")
    return tf.strings.regex_replace(_without_tags(lower), _PUNCTUATION, " ")


STANDARDIZE: "dict[NormalForm, Standardize]" = {"NFC": standardize, "none": _standardize_as_given}
