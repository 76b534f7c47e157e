"""Functions whose graphs are the same are compiled once, whatever variables and rows each of them works on.

TensorFlow and XLA keep what they compiled for the life of the process, and compiling takes seconds. So a process that
trains a hundred times, with other learning rates and rows, compiles once and does not grow.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

import tensorflow as tf
from tensorflow.core.framework import attr_value_pb2, function_pb2
from tensorflow.python.eager.polymorphic_function.atomic_function import AtomicFunction

KEPT_FUNCTIONS = 16
_NAMES = ("_user_specified_name", "_gradient_op_type")
"""Attributes that name something for people or for Python; nothing is computed from them."""

_kept: OrderedDict[str, AtomicFunction] = OrderedDict()
"""By fingerprint, the one that was used last at the end: functions as the runtime has them, which hold no tensor."""
_one_at_a_time = threading.Lock()


def reusing(function: Any) -> Callable:
    """A function of tensors that does what the tf.function `function` does, and compiles only what is new."""
    seen: set[tuple[tf.TensorShape | None, ...]] = set()

    def call(*arguments: object) -> object:
        shapes = tuple(getattr(argument, "shape", None) for argument in tf.nest.flatten(arguments))
        if shapes in seen:
            return function(*arguments)
        concrete = function.get_concrete_function(*arguments)
        fingerprint = _fingerprint(concrete.inference_fn, {})
        if known := _kept.get(fingerprint):
            # All that a call does with it is to call it with the arguments and the tensors that were captured.
            concrete._inference_function = known
        results = function(*arguments)
        _keep(fingerprint, concrete.inference_fn)  # not before: XLA remembers of a function that it failed
        seen.add(shapes)
        return results

    return call


def _keep(fingerprint: str, function: AtomicFunction) -> None:
    with _one_at_a_time:
        _kept.setdefault(fingerprint, _without_graph(function))
        _kept.move_to_end(fingerprint)
        if len(_kept) > KEPT_FUNCTIONS:
            _kept.popitem(last=False)


def _without_graph(function: AtomicFunction) -> AtomicFunction:
    """The function of the runtime without its graph, which would hold captured variables and rows."""
    children = [_without_graph(child) for child in function.children]
    context = function._bound_context
    return AtomicFunction(function.name, context, function.function_type, children, function.call_options)


def _fingerprint(function: AtomicFunction, known: dict[str, str]) -> str:
    """Of all that a function and those it calls compute. known: fingerprints by name; it is added to."""
    for child in function.children:
        name = child.name.decode()
        known[name] = known.get(name) or _fingerprint(child, known)
    return _digest(function.definition, known)


def _digest(definition: function_pb2.FunctionDef, functions: Mapping[str, str]) -> str:
    """Of all that a function computes: nodes, inputs and outputs go by numbers, other functions by their digests."""
    numbers: dict[str, str] = {}
    signature = definition.signature
    for kind, named in (("input", signature.input_arg), ("node", definition.node_def)):
        for number, one in enumerate(named):
            numbers[one.name] = one.name = f"{kind}{number}"
    for node in definition.node_def:
        node.ClearField("experimental_debug_info")
        node.input[:] = [_numbered(name, numbers) for name in node.input]
        _without_names(node.attr, functions)
    _without_names(definition.attr, functions)
    for attributes in definition.arg_attr.values():
        _without_names(attributes.attr, functions)
    returned = [_numbered(definition.ret.pop(output.name), numbers) for output in signature.output_arg]
    controls = [numbers[definition.control_ret.pop(name)] for name in signature.control_output]
    for number, output in enumerate(signature.output_arg):
        output.name = f"output{number}"
    signature.ClearField("name")
    signature.ClearField("control_output")
    whole = definition.SerializeToString(deterministic=True)
    return hashlib.sha256(repr((whole, returned, controls)).encode()).hexdigest()


def _numbered(name: str, numbers: Mapping[str, str]) -> str:
    """A reference to an output of a node, or with ^ to the node: "while:output:0" -> "node3:output:0"."""
    first, *rest = name.removeprefix("^").split(":")
    return ":".join(["^" * name.startswith("^") + numbers[first], *rest])


def _without_names(attributes: MutableMapping[str, attr_value_pb2.AttrValue], functions: Mapping[str, str]) -> None:
    for name in _NAMES:
        attributes.pop(name, None)
    for value in attributes.values():
        for one in [value.func] if value.HasField("func") else value.list.func:
            one.name = functions.get(one.name, one.name)
