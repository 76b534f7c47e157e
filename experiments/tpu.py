"""Compiles every application's programs for a TPU, which need not be there: with the compiler that runs on one.

    python -m venv tpu && tpu/bin/pip install "jax[tpu]"
    python experiments/tpu.py --tpu-python tpu/bin/python --json docs/tpu.json

Each application has its defaults on its default data. A step, and the end of an epoch with all validation rows, are
lowered here and compiled by the other Python, whose libtpu knows a TPU v5e. Nothing is run. Measured: ten minutes.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

# This checkout's own package, whatever else is installed.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

COMPILER = Path(__file__).parent / "peers" / "tpu_compiler.py"


def lower(name: str, folder: Path) -> list[str]:
    """Write the programs of an application to folder/NAME.PROGRAM.pb; returns their names."""
    from kerasapps.app import load_app

    app = load_app(name)  # imports TensorFlow, quietly
    from kerasapps.data.rows import open_rows
    from kerasapps.engine.lowered import lowered
    from kerasapps.runs.config import resolve
    from kerasapps.training.prepare import open_session

    options, hparams = resolve(app, {"execution": "eager"})
    programs = lowered(open_session(app, options, hparams, open_rows(options)))
    for program, hlo in programs.items():
        (folder / f"{name}.{program}.pb").write_bytes(hlo(stage="hlo_serialized"))
    return list(programs)


def compile_all(python: str, names: Sequence[str]) -> Iterator[dict[str, Any]]:
    """What the compiler says of each program: seconds, bytes of code and of memory, operations; or why not."""
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            programs = lower(name, Path(folder))
            for program in programs:
                command = [python, str(COMPILER), str(Path(folder) / f"{name}.{program}.pb")]
                done = subprocess.run(command, capture_output=True, text=True)
                if done.returncode:
                    raise SystemExit(f"{python} cannot compile for a TPU: {done.stderr[-2000:]}")
                yield {"app": name, "program": program, **json.loads(done.stdout.splitlines()[-1])}


def main(argv: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Compile, print and write; returns the rows."""
    from kerasapps.names import APPS, names_in

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--tpu-python", required=True, help="a Python that has jax and libtpu")
    parser.add_argument("--json", type=Path, help="file to write the figures to")
    parser.add_argument("--only", nargs="+", choices=names_in(APPS), default=names_in(APPS), help="applications")
    given = parser.parse_args(argv)
    rows = []
    for row in compile_all(given.tpu_python, given.only):
        rows.append(row)
        print(json.dumps(row), flush=True)
    if given.json:
        given.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return rows


if __name__ == "__main__":
    main()
