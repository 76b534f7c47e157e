"""Write the reference of commands and settings in docs/reference from what the package declares.

    python experiments/reference.py

Measured: at once.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from experiments.shown import commands, declarations

ROOT = Path(__file__).resolve().parents[1]
PAGES = {"docs/reference/commands.md": commands.page, "docs/reference/settings.md": declarations.page}


def written() -> dict[str, str]:
    """Page -> its text."""
    return {path: f"{made()}\n" for path, made in PAGES.items()}


def main() -> None:
    """Rewrite the pages."""
    for path, text in written().items():
        (ROOT / path).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
