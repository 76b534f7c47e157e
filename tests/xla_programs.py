"""Frees what XLA compiled for functions that are gone: TensorFlow itself holds it for the life of the process."""

import struct

import tensorflow as tf
from tensorflow.core.framework import resource_handle_pb2, tensor_pb2

_COMPILER = "N10tensorflow14DeviceCompilerIN3xla15LocalExecutableENS1_11LocalClientEEE"
"""The C++ type of the resource in which a device has all of its programs."""
_WORD = (1 << 64) - 1


def free() -> None:
    """Let all CPUs forget their programs; a function that is still there is compiled again at its next call."""
    for device in tf.config.list_logical_devices("CPU"):
        with tf.device(device.name):
            compiler = _compiler_of(tf.zeros([]).device)
            tf.raw_ops.DestroyResourceOp(resource=compiler, ignore_lookup_error=True)


def _compiler_of(device: str) -> tf.Tensor:
    """The handle of a device's compiler, which TensorFlow gives to nobody."""
    handle = resource_handle_pb2.ResourceHandleProto(
        device=device,
        container="localhost",
        name="xla_device_compiler",
        hash_code=_hash64(_COMPILER.encode()),
        maybe_type_name=_COMPILER,
    )
    proto = tensor_pb2.TensorProto(dtype=tf.resource.as_datatype_enum, resource_handle_val=[handle])
    proto.tensor_shape.SetInParent()
    return tf.raw_ops.ParseTensor(serialized=proto.SerializeToString(), out_type=tf.resource)


def _hash64(data: bytes, seed: int = 0xDECAFCAFFE) -> int:
    """TensorFlow's hash of names of types: MurmurHash64A (Austin Appleby, public domain)."""
    multiplier, whole = 0xC6A4A7935BD1E995, len(data) - len(data) % 8
    code = seed ^ (len(data) * multiplier & _WORD)
    for (word,) in struct.iter_unpack("<Q", data[:whole]):
        word = word * multiplier & _WORD
        word = (word ^ word >> 47) * multiplier & _WORD
        code = (code ^ word) * multiplier & _WORD
    if data[whole:]:
        code = (code ^ int.from_bytes(data[whole:], "little")) * multiplier & _WORD
    code = (code ^ code >> 47) * multiplier & _WORD
    return code ^ code >> 47
