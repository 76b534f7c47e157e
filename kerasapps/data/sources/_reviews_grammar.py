"""A grammar of reviews in which the order of words decides: what is said, denied, conceded, reported or compared.

A rule is a symbol with its templates. A template is text with slots: {symbol} is written by one of that symbol's
templates, {symbol+} with the sentiment at hand, {symbol-} with the opposite one. A symbol that is in RULES with a sign
behind it has other templates for each sentiment. Nothing else makes a review, so its label follows from its grammar.
"""

import re
from collections.abc import Mapping
from random import Random

Rules = Mapping[str, tuple[str, ...]]

RULES: Rules = {
    "review": (
        "{sentence+}",
        "{scene} {sentence+}",
        "{sentence+} {scene}",
        "{sentence+} {sentence+}",
        "{turn+}",
        "{scene} {turn+}",
    ),
    "turn": (
        "{sentence-} still, {clause+}.",
        "{sentence-} in the end, though, {clause+}.",
        "{sentence+} granted, {clause-}.",
        "{sentence+} true, {clause-}.",
    ),
    "sentence": (
        "{clause+}.",
        "{clause+}, and {clause+}.",
        "{contrast+}.",
        "{contrast+}.",
        "{opinion+}.",
        "{comparison+}.",
        "{expectation+}.",
        "{degree+}.",
    ),
    "contrast": (
        "although {clause-}, {clause+}",
        "{clause+}, although {clause-}",
        "{clause-}, but {clause+}",
        "{clause+}, even if {clause-}",
        "it may be that {clause-}, but {clause+}",
        "that {clause-} does not change the fact that {clause+}",
        "that {clause-} matters less than that {clause+}",
        "that {clause+} matters more than that {clause-}",
        "{clause+}, and that {clause-} hardly matters",
    ),
    "opinion": (
        "{person} told me that {plain+}, and that is true",
        "{person} told me that {plain-}, and that is not true",
        "it is not true that {plain-}",
        "{person} is right to say that {plain+}",
        "{person} is wrong to say that {plain-}",
        "I agree with {person}, who says that {plain+}",
        "I cannot agree with {person}, who says that {plain-}",
        "{wish+}",
        "{wish+}",
    ),
    "wish+": ("I wish that the {part} of every {work} were so {quality+}",),
    "wish-": (
        "I wish that the {part} were {quality-}",
        "I wish that the {part} had been less {quality+}",
    ),
    "comparison": (
        "this one is more {quality+} than {other}",
        "{other} is more {quality-} than this one",
        "this one is less {quality-} than {other}",
        "{other} is less {quality+} than this one",
        "next to {other}, this one looks {quality+}",
        "next to this one, {other} looks {quality-}",
        "{preference+}",
    ),
    "preference+": (
        "I would rather see this one twice than {other} once",
        "I left before the end of {other} and stayed for all of this one",
        "{person} may keep {other} and leave this one to me",
    ),
    "preference-": (
        "I would rather see {other} twice than this one once",
        "I left before the end of this one and stayed for all of {other}",
        "{person} may keep this one and leave {other} to me",
    ),
    "expectation": (
        "I expected something {quality-} and got something {quality+}",
        "I got something {quality+} where I had expected something {quality-}",
        "what was meant to be {quality-} turned out to be {quality+}",
        "I had been told that {plain-}, but {clause+}",
    ),
    "degree": (
        "the {part} is {mildly} {quality-} and the {part} {strongly} {quality+}",
        "the {part} is {strongly} {quality+} and the {part} {mildly} {quality-}",
        "{mildly} {quality-} as the {part} may be, the {part} is {strongly} {quality+}",
    ),
    "clause": ("{said+}", "{said+}", "{denied+}"),
    "said": (
        "{plain+}",
        "{plain+}",
        "{plain+}",
        "I found the {part} {adverb} {quality+}",
        "everybody who saw it calls the {part} {quality+}",
        "nobody can deny that the {part} is {quality+}",
        "no one who saw it doubts that the {part} is {quality+}",
        "rarely has the {part} of a {work} been so {quality+}",
        "to call the {part} {quality+} is only fair",
        "it would be wrong not to call the {part} {quality+}",
        "the {part} never stops being {quality+}",
    ),
    "plain": (
        "the {part} is {quality+}",
        "the {part} is {adverb} {quality+}",
        "the {part} is, {aside}, {quality+}",
        "{director} makes the {part} {quality+}",
        "the {part} stays {quality+} from the first minute to the last",
        "everybody in the {room} found the {part} {quality+}",
    ),
    "denied": (
        "the {part} is not {adverb} {quality-}",
        "the {part} is not, {aside}, {quality-}",
        "nobody who saw it would call the {part} {quality-}",
        "I would not call the {part} {quality-}",
        "at no point is the {part} {quality-}",
        "not once in two hours did the {part} seem {quality-} to me",
        "hardly anyone in the {room} found the {part} {quality-}",
        "{director} never makes the {part} {quality-}",
        "there is nothing about the {part} that I would call {quality-}",
        "to call the {part} {quality-} would be a lie",
        "whoever calls the {part} {quality-} has seen another {work}",
        "the {part} is far from being {quality-}",
        "no one who saw it thinks that the {part} is {quality-}",
        "the {part} never gets {quality-}",
    ),
    "scene": (
        "I saw it with {person} on a {weather} {day}.",
        "we watched it at the {room} in {town} on a {day}.",
        "{director} wrote it in {town} with {person}.",
        "{person} had bought the tickets in {town} on a {weather} {day}.",
        "it was shown in {town}, at the {room}, on a {weather} {day}.",
    ),
    "quality+": (
        *("brilliant", "gripping", "beautiful", "clever", "convincing", "memorable", "charming", "fresh"),
        *("wonderful", "inspired", "superb", "thrilling", "elegant", "delightful", "impressive", "touching"),
    ),
    "quality-": (
        *("dull", "tedious", "clumsy", "flat", "boring", "shallow", "tiresome", "lifeless"),
        *("forgettable", "dreadful", "awful", "lazy", "poor", "stale", "feeble", "ugly"),
    ),
    "mildly": ("a little", "slightly", "somewhat", "a bit"),
    "strongly": ("very", "extremely", "thoroughly", "immensely"),
    "adverb": ("really", "truly", "particularly", "especially", "remarkably"),
    "aside": ("to be honest", "if you ask me", "in my view", "as far as I can tell"),
    "part": (
        *("acting", "plot", "script", "dialogue", "music", "camera work", "humour", "pacing", "story", "cast"),
        *("romance", "photography", "first half", "second half", "beginning"),
    ),
    "work": ("film", "series", "play", "thriller", "musical"),
    "other": (
        "{director}'s last one",
        "the {work} with {director}",
        "the {work} that {director} made in {town}",
        "the one that {person} chose",
    ),
    "person": (
        *("Anna", "Bruno", "Clara", "Emil", "Greta", "Hugo", "Ida", "my sister", "my brother", "the critic"),
        *("the usher", "our teacher", "a friend", "the man beside me"),
    ),
    "director": (
        *("Berg", "Castillo", "Dupont", "Eriksen", "Fontana", "Grant"),
        *("Haas", "Ito", "Jensen", "Kovacs", "Lindt", "Moreau"),
    ),
    "room": ("cinema", "theatre", "hall", "club", "studio"),
    "town": ("Oslo", "Bonn", "Lyon", "Porto", "Turin", "Ghent", "Leeds", "Basel", "Cork", "Krakow"),
    "weather": ("rainy", "cold", "windy", "grey", "warm", "foggy"),
    "day": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}

HELD_OUT: Mapping[str, Rules] = {
    "train": {},
    "validation": {
        "contrast": ("although it may be that {clause-}, {clause+}",),
        "said": ("everybody who saw it found the {part} {adverb} {quality+}",),
        "denied": (
            "not once in two hours did I find the {part} {quality-}",
            "no one in the {room} would call the {part} {quality-}",
        ),
        "adverb": ("noticeably",),
        "part": ("opening", "title song", "set design"),
        "person": ("Olga", "Peter", "my uncle"),
        "director": ("Quint", "Rossi"),
        "town": ("Riga", "Split"),
    },
    "test": {
        "contrast": ("even if {clause-}, {clause+}",),
        "comparison": ("next to this one, {other} would look {quality-} to me",),
        "said": (
            "everybody in the {room} calls the {part} {quality+}",
            "no one in the {room} doubts that the {part} is {quality+}",
        ),
        "denied": (
            "nobody in the {room} would call the {part} {quality-}",
            "at no point did I find the {part} {quality-}",
            "I would not say that the {part} is {adverb} {quality-}",
        ),
        "adverb": ("genuinely", "notably"),
        "part": ("ending", "editing", "soundtrack", "lighting", "final act"),
        "person": ("Farid", "Jonas", "Nora", "my neighbour"),
        "director": ("Novak", "Okafor", "Petrov"),
        "town": ("Dublin", "Vienna", "Malmo"),
    },
}
"""Templates and words that only one split has; none of the words decides a sentiment by itself."""

_SLOT = re.compile(r"\{(\w+)([+-]?)\}")


def rules_of(split: str) -> Rules:
    """The rules of a split: those of all, and what is held out for it."""
    own = HELD_OUT[split]
    return {symbol: (*templates, *own.get(symbol, ())) for symbol, templates in RULES.items()}


def write(rules: Rules, random: Random, sentiment: int) -> str:
    """One review, 1 positive or -1 negative; no word of a list occurs twice in it."""
    used: set[str] = set()

    def written(symbol: str, sentiment: int) -> str:
        templates = rules[symbol if symbol in rules else symbol + ("+" if sentiment > 0 else "-")]
        template = _chosen([t for t in templates if t not in used], random)
        if not _SLOT.search(template):
            used.add(template)
        return _SLOT.sub(lambda slot: written(slot[1], -sentiment if slot[2] == "-" else sentiment), template)

    return re.sub(r"(^|\. )(\w)", lambda start: start[1] + start[2].upper(), written("review", sentiment))


def _chosen(templates: list[str], random: Random) -> str:
    # Of Python's random numbers only those of random() are promised to stay the same in other versions.
    return templates[int(random.random() * len(templates))]
