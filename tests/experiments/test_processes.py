"""The processes of the benchmark: what they answer, what is said when they die, what foreign interpreters run."""

import ast
import signal
import sys
import threading
import time

import pytest
from scripts import ROOT

from experiments.peers import processes
from kerasapps.errors import TrainingError

FOREIGN = ("__init__", "cases", "handover", "worker", "fit", "keras_transformers")
FOREIGN += ("pytorch", "pytorch_models", "pytorch_optimizers", "pytorch_schedule", "pytorch_transformers")
STUB = """
import sys, time
from experiments.peers import worker

class Stub(worker.Side):
    def train(self, epochs):
        print("not an answer")
        time.sleep(epochs / 100)

print("hello", file=sys.stderr)
worker.serve(lambda folder, words: Stub())
"""


def stub() -> processes.Worker:
    """A side that sleeps instead of training."""
    return processes.Worker("the stub", [sys.executable, "-c", STUB, "folder"])


def test_a_worker_answers_and_what_it_prints_is_no_answer() -> None:
    with stub() as process:
        assert 0.01 <= process.ask("turn", epochs=1) < 10
        assert process.ask("memory") > 1 and process.ask("about") == {}


@pytest.mark.parametrize("busy", [False, True])
def test_a_killed_worker_is_an_error_that_names_it(busy: bool) -> None:
    started = time.monotonic()
    with stub() as process:
        kill = threading.Timer(0.3, process.process.send_signal, [signal.SIGKILL])
        kill.start()
        if not busy:
            kill.join()
        with pytest.raises(TrainingError, match="the stub was killed by SIGKILL(.|\n)*hello"):
            process.ask("turn", epochs=6000)
    assert time.monotonic() - started < 30


def test_a_worker_that_cannot_start_says_why() -> None:
    with pytest.raises(TrainingError, match="the stub ended with status 1(.|\n)*No module named 'nothing'"):
        processes.Worker("the stub", [sys.executable, "-c", "import nothing"])


def test_foreign_interpreters_need_no_kerasapps() -> None:
    """Their modules import of this repository only each other."""
    allowed = {f"experiments.peers.{name}" for name in FOREIGN} | {"experiments.peers"}
    for name in FOREIGN:
        tree = ast.parse((ROOT / "experiments" / "peers" / f"{name}.py").read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) else []
            assert not [n for n in names if n.split(".")[0] in ("kerasapps", "experiments") and n not in allowed]
