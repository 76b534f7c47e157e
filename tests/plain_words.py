"""Which words texts have, in plain Python with its own tables of Unicode."""

import re
import unicodedata

SENTENCES = [
    "Don't you think it's GREAT?",
    "rock'n'roll, y'all'd've; ’tis the dogs' 'quoted'",
    "It’s fine<br /><br />but <b>not</b> <B>bold</B> I <3 you, 1 < 2 > 0",
    "Ärger im Straßenverkehr: ÉTÉ, ÇA VA? ΟΔΥΣΣΕΥΣ İstanbul",
    "Ёлка и МОСКВА; 東京 です; نَصّ; ไทยแลนด์; हिन्दी; 한국어",
    "3.14 and 1,000 or ½ ² Ⅷ １２ 0x1F well-known e-mail_address",
    "emoji \U0001f600 face, tab\tand\nline\r\nbreak\u00a0hard\u2028end\u3000wide",
    "zero\u200bwidth soft\u00adhyphen cafe\u0301",
    "\u0301mark ! \u0301x \u2764\ufe0f\u0301b 20 °C ★★ ♪ 3\ufe0f\u20e3 #\u20e3 می\u200cخواهم \u212b <\u0338b> x<b>",
    "!!!",
    "  ",
    "a",
]
UNSEEN = re.compile("[\u034f\u180b-\u180f\u200c\u200d\ufe00-\ufe0f\U000e0100-\U000e01ef]")
OTHER_SYMBOLS = "\u203c\u2049\u20e3\u2194\u25fb\u25fc\u25fd\u25fe\u2934\u2935\u3030"


def words_of(text: str) -> list[str]:
    """Lower case in NFC; tags and punctuation to blanks, apostrophes within words away, symbols are words."""
    text = re.sub("<[a-z/][^<>]*>", " ", unicodedata.normalize("NFC", UNSEEN.sub("", text.lower())))
    kinds = [_kind(sign) for sign in text]
    kept: list[str] = []
    base = " "
    for i, sign in enumerate(text):
        inside = 0 < i < len(text) - 1 and kinds[i - 1] == kinds[i + 1] == "L"
        if kinds[i] != "M":
            base = kinds[i]
        if kinds[i] == "S":
            kept.append(f" {sign} ")
        elif kinds[i] == "M" and base == "S":
            kept[-1] = f"{kept[-1][:-1]}{sign} "
        elif kinds[i] == "M":
            kept.append(sign if base in "LN" else " ")
        elif not (sign in "'’" and inside):
            kept.append(sign if kinds[i] in "LN" else " ")
    return "".join(kept).split()


def _kind(sign: str) -> str:
    """L of letters, N of digits, M of marks, S of symbols that are words, a blank of all else."""
    kind = unicodedata.category(sign)
    if kind == "So" or sign in OTHER_SYMBOLS or "\U0001f300" <= sign <= "\U0001faff":
        return "S"
    return kind[0] if kind[0] in "LNM" else " "
