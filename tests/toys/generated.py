"""Images that are made when they are read: nothing of them lies in memory."""

from dataclasses import dataclass

import numpy as np

from kerasapps.data.spec import Column, Columns, Spec


@dataclass(frozen=True)
class Generated:
    """So many rows for training, and images of so many pixels a side; brighter ones are of class 1."""

    rows: int
    side: int
    name: str = "generated"

    @property
    def spec(self) -> Spec:
        """An image, and whether it is bright."""
        image = Column("image", "image", (self.side, self.side, 3))
        return Spec((image,), Column("label", "category", classes=("dark", "bright")))

    @property
    def sizes(self) -> dict[str, int]:
        """Rows of each split."""
        return {"train": self.rows, "validation": 64, "test": 64}

    def read(self, split: str, rows: np.ndarray) -> Columns:
        """All pixels of a row are the same."""
        labels = (rows // 5 % 2).astype(np.int32)
        images = np.empty((len(rows), self.side, self.side, 3), np.uint8)
        images[:] = (60 + 120 * labels + rows % 50)[:, None, None, None]
        return {"image": images, "label": labels}
