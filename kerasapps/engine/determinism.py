"""The same bits in every run: what has to be switched on for it, and what is in force."""

import os
from typing import Any

import tensorflow as tf

_XLA_FLAG = "--xla_gpu_exclude_nondeterministic_ops=true"


def set_determinism(wanted: bool | None) -> dict[str, Any]:
    """Make TensorFlow deterministic where it is `wanted`, for this process; what then is in force, for the record.

    None: where it costs nothing, which is on CPUs: there runs have equal bits without any switch. On GPUs operations
    are made deterministic, XLA leaves out algorithms that are not, and matrices are multiplied without TF32; that has
    to come before XLA compiles anything, as it reads its flags then. The switches for GPUs were never tried on one.
    """
    gpus = bool(tf.config.list_physical_devices("GPU"))
    if not gpus:
        return {"deterministic": True, "tf32": False, "xla_flags": os.environ.get("XLA_FLAGS", "")}
    if wanted:
        flags = os.environ.get("XLA_FLAGS", "")
        os.environ["XLA_FLAGS"] = flags if _XLA_FLAG in flags else f"{flags} {_XLA_FLAG}".strip()
        tf.config.experimental.enable_op_determinism()
        tf.config.experimental.enable_tensor_float_32_execution(False)
    return {
        "deterministic": bool(wanted),
        "tf32": tf.config.experimental.tensor_float_32_execution_enabled(),
        "xla_flags": os.environ.get("XLA_FLAGS", ""),
    }
