"""A limit on the size of files stands for a full disk: the system refuses the write in the same way."""

import resource
from collections.abc import Callable


def on_a_full_disk(function: Callable) -> Callable:
    """`function`, while no file may grow over 100 bytes."""

    def limited(*arguments: object) -> object:
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
        try:
            return function(*arguments)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    return limited
