"""What XLA makes of a session's programs before it compiles them for a device, and what of it a TPU cannot run."""

import re
from collections.abc import Callable
from typing import Any, TypeAlias

import tensorflow as tf

from kerasapps.engine.assemble import make_work
from kerasapps.engine.batches import batch_from
from kerasapps.engine.compiler import Compiler
from kerasapps.engine.plan import Conditions
from kerasapps.engine.session import Session

Lowered: TypeAlias = Callable[..., Any]
"""Lowered(stage="hlo") -> the HLO as text; "hlo_serialized" -> as bytes of an HloModuleProto."""

_INSTRUCTION = re.compile(r"^\s*(?:ROOT )?%?(\S+) = (.*?) ([a-z][a-z0-9-]*)\(", re.MULTILINE)
_HOST = {"infeed", "outfeed", "send", "recv", "set-dimension-size", "dynamic-reshape"}
"""Instructions that talk to the host in the middle of a program, or have shapes that only the run knows."""


def lowered(session: Session) -> dict[str, Lowered]:
    """A step on a batch, and the end of an epoch with its validation, on one device and with all shapes static.

    Nothing is compiled. Raises ValueError, which names the operations, where XLA has none such.
    """
    held_out = tf.nest.map_structure(tf.constant, session.data.validation)
    work = make_work(session, Compiler("loop"), Conditions(), held_out)
    batch, number = batch_from(session.data.train or {}, 0, session.batch_size), tf.constant(0)

    def of(function: Callable, *arguments: Any) -> Lowered:
        return tf.function(function, jit_compile=True, autograph=False).experimental_get_compiler_ir(*arguments)

    return {"step": of(work.step, batch, number), "end of epoch": of(work.end_epoch, number, number)}


def not_for_tpu(hlo: str) -> list[str]:
    """What a TPU cannot run by itself, "name: why" each: programs of other devices, 128 bits, shapes not static."""
    found = []
    for name, shape, instruction in _INSTRUCTION.findall(hlo):
        if instruction == "custom-call":
            found.append(f"{name}: custom-call of a program that belongs to another device")
        elif instruction in _HOST:
            found.append(f"{name}: {instruction}")
        elif "<=" in shape:
            found.append(f"{name}: {instruction} of shape {shape}, which only the run knows")
        elif "c128[" in shape:
            found.append(f"{name}: {instruction} of complex128")
    return found
