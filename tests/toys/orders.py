"""Orders: a text, a number and a colour; they are urgent where the text says so and the number is high."""

import numpy as np

from kerasapps.data.spec import Arrays, Column, Spec

ROWS = 200
COLOURS = ("blue", "green", "red")


def load(data_dir: str) -> Arrays:
    """The columns note (a text), amount (a number) and colour, and the class urgent."""
    random = np.random.default_rng(1)
    said, amounts = random.integers(2, size=ROWS), random.normal(size=ROWS).astype(np.float32)
    endings = np.array(["whenever", "quickly"])[said]
    filler = [" ".join(random.permutation(["please", "send", "it", "on", "monday"])[:3]) for _ in range(ROWS)]
    columns = {
        "note": np.array([f"{text} {ending}" for text, ending in zip(filler, endings, strict=True)], object),
        "amount": amounts,
        "colour": np.array(COLOURS)[random.integers(len(COLOURS), size=ROWS)],
        "urgent": ((said == 1) & (amounts > 0)).astype(np.int32),
    }
    inputs = (Column("note", "text"), Column("amount", "number"), Column("colour", "category", classes=COLOURS))
    return Arrays("toys.orders", Spec(inputs, Column("urgent", "category", classes=("no", "yes"))), {"train": columns})
