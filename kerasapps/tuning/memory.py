"""How much memory processes have."""

import resource
from pathlib import Path


def resident_bytes(process: int) -> int:
    """What of a process lies in memory; 0 where the system does not say, or the process has ended."""
    try:
        pages = Path(f"/proc/{process}/statm").read_text(encoding="utf-8").split()[1]
    except OSError:
        return 0
    return int(pages) * resource.getpagesize()
