"""The block of commands in README: each line names what there is and what lines before it made, and runs."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from kerasapps.app import load_app
from kerasapps.cli._arguments import flag
from kerasapps.names import APPS, COMMANDS, hparams_of, names_in
from kerasapps.runs.options import Options
from kerasapps.settings import settings, text_of

README = Path(__file__).parents[2] / "README.md"
BLOCK = README.read_text(encoding="utf-8").partition("<!-- commands -->\n```bash\n")[2].partition("```")[0]
LINES = BLOCK.splitlines()
SMALL = {"rows": 64, "epochs": 2, "execution": "graph", "batch_size": 16}


def words_of(line: str) -> list[str]:
    return shlex.split(line, comments=True)


def small(line: str) -> str:
    """The line with small settings behind its own."""
    words = words_of(line)
    if "--help" in words or not {"train", "tune"} & {*words} or words[1:3] in (["tune", "show"], ["tune", "report"]):
        return line
    if words[1:3] == ["tune", "best"]:
        return shlex.join([*words, "--seeds", "1"])
    app = words[words.index("train" if "train" in words else "tune") + 1]
    searched = {"trials": 2, "jobs": 1} if words[1] == "tune" else load_app(app).tiny
    given = {**searched, **SMALL}
    if {"--devices", "--workers"} & {*words}:
        given["execution"] = "auto"
    return " ".join([shlex.join(words), *(f"{flag(name)} {text_of(value)}" for name, value in given.items())])


def test_the_block_is_valid_shell() -> None:
    assert len(LINES) > 30
    subprocess.run(["bash", "-n"], input=BLOCK, text=True, check=True)


@pytest.mark.parametrize("line", [line for line in LINES if line.startswith("kerasapps")])
def test_a_line_names_what_there_is_and_what_was_made_before(line: str) -> None:
    """Runs and files are those of --run-dir, --output or > of lines above; flags of train are settings."""
    before, words = "\n".join(LINES[: LINES.index(line)]), words_of(line)
    assert words[1] in names_in(COMMANDS)
    made = {*re.findall(r"(?:--run-dir |> |save\(')([^\s']+)", before), "searches/mlp-digits"}
    used = [word for word in words if re.fullmatch(r"(runs|searches)/\S+|\S+\.(png|csv|yaml)", word)]
    named = {words[i + 1] for i, word in enumerate(words) if word in ("--run-dir", "--output")}
    new = set() if "--resume" in words else named
    assert {*used} - new <= made
    if "train" in words:
        app = words[words.index("train") + 1]
        assert app in names_in(APPS)
        known = {*(hparams_of(f"kerasapps.apps.{app}") or ()), *settings(Options), "config", "resume", "json", "help"}
        given = [word[2:].replace("-", "_") for word in words[words.index("train") :] if word.startswith("--")]
        assert {*given} <= known | {"from", "batch_size"}


def run_lines(lines: list[str], folder: Path) -> subprocess.CompletedProcess:
    """Paste them into bash, where kerasapps is this checkout's; it ends at the first that fails."""
    home = folder / "bin"
    home.mkdir()
    for name, module in {"kerasapps": "-m kerasapps", "python": ""}.items():
        (home / name).write_text(f'#!/bin/bash\nexec {sys.executable} {module} "$@"\n')
        (home / name).chmod(0o755)
    environment = {**os.environ, "PATH": f"{home}:{os.environ['PATH']}", "PYTHONPATH": str(README.parent)}
    work = folder / "work"
    work.mkdir()
    script = "\n".join(["set -ex", *lines])
    return subprocess.run(["bash", "-c", script], cwd=work, env=environment, capture_output=True, text=True)


@pytest.mark.slow
def test_all_lines_run_in_their_order_with_small_settings(tmp_path: Path) -> None:
    done = run_lines([small(line) for line in LINES], tmp_path)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
