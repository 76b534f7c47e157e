"""Run by a Python with jax and libtpu: compiles an HloModuleProto for a TPU v5e, and says in JSON what came of it."""

import importlib.metadata
import json
import os
import re
import sys
import time
from pathlib import Path

os.environ.update(TPU_SKIP_MDS_QUERY="1", TPU_ACCELERATOR_TYPE="v5litepod-4", TPU_WORKER_HOSTNAMES="localhost")
os.environ["JAX_PLATFORMS"] = "cpu"

TOPOLOGY = "v5e:2x2"
COPY = re.compile(r"mhlo\.copy (%\S+)(?: \{[^}]*\})? : (tensor<[^>]*>)")
"""An instruction that HLO has and StableHLO has not; a reshape to the same shape is the same."""


def compiled(proto: bytes) -> dict[str, object]:
    """Seconds, bytes and operations of the compiled program, or what the compiler refuses."""
    import jax
    from jax._src import compiler
    from jax._src.interpreters import mlir
    from jax._src.lib import _jax
    from jax.experimental import topologies
    from jaxlib.mlir import ir

    devices = topologies.get_topology_desc(platform="tpu", topology_name=TOPOLOGY).devices[:1]
    said = {"topology": TOPOLOGY, "libtpu": importlib.metadata.version("libtpu")}
    with mlir.make_ir_context():
        text = str(ir.Module.parse(_jax.mlir.hlo_to_stablehlo(proto)))
        module = ir.Module.parse(COPY.sub(r"stablehlo.reshape \1 : (\2) -> \2", text))
    started, options = time.perf_counter(), compiler.get_compile_options(1, 1)
    try:
        program = devices[0].client.compile(module, _jax.DeviceList(tuple(devices)), options)
    except jax.errors.JaxRuntimeError as error:
        return {**said, "error": str(error)[:500]}
    memory = program.get_compiled_memory_stats()
    return {
        **said,
        "seconds": round(time.perf_counter() - started, 1),
        "code_bytes": memory.generated_code_size_in_bytes,
        "memory_bytes": memory.temp_size_in_bytes + memory.argument_size_in_bytes,
        "operations": program.cost_analysis()["flops"],
    }


if __name__ == "__main__":
    print(json.dumps(compiled(Path(sys.argv[1]).read_bytes())))
