"""Every page of the documentation: its commands have only what there is, and a reader can follow it to its end.

What is followed is made small: lines that train get few rows and epochs. A page for contributors is followed in a copy
of this checkout, every other page in an empty folder.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pages import ROOT, Step, anchors_of, commands_of, links_of, pages, passed_over, steps_of

from kerasapps.app import load_app
from kerasapps.cli._arguments import ALIASES, flag
from kerasapps.names import APPS, COMMANDS, hparams_of, names_in
from kerasapps.runs.options import Options
from kerasapps.settings import settings, text_of
from kerasapps.tuning.options import SearchOptions

SMALL = {"rows": 64, "epochs": 2, "execution": "graph", "batch_size": 16}
PAGES = [pytest.param(page, id=str(page.relative_to(ROOT))) for page in pages()]
REFERENCE = (ROOT / "docs/reference/commands.md").read_text(encoding="utf-8")
FLAGS = {part.split()[0]: re.findall("--[a-z][a-z-]*", part) for part in REFERENCE.split("\n## kerasapps ")[1:]}
"""Command -> the flags that its section of the reference names."""
FOLLOW = Path(__file__).with_name("follow.py")
IN_A_CHECKOUT = "<!-- followed in a checkout -->"
OF_NO_CHECKOUT = shutil.ignore_patterns(".*", "__pycache__", "runs", "saved_models", "searches", "site")


def small(line: str, before: str = "") -> str:
    """A line of bash with small settings behind those it has, where it trains.

    before: commands that trained the runs that it starts from, whose sizes it takes over.
    """
    if not re.match(r"kerasapps (launch .*-- )?(train|tune) ", line) or "--help" in line:
        return line
    words = shlex.split(line, comments=True)
    if words[1] == "tune" and words[2] not in names_in(APPS):
        return shlex.join([*words, "--seeds", "1"]) if words[2] == "best" else line
    app = words[words.index("train" if "train" in words else "tune") + 1]
    searched = {"trials": 2, "jobs": 1} if words[1] == "tune" else _tiny(app)
    if "--from" in words:
        first = re.search(rf"train (\w+) .*--run-dir {words[words.index('--from') + 1]}\b", before)
        searched = {**searched, **{name: value for name, value in _tiny(first[1]).items() if name in searched}}
    given = {**searched, **SMALL}
    if {"--devices", "--workers"} & {*words}:
        given["execution"] = "auto"
    return " ".join([shlex.join(words), *(f"{flag(name)} {text_of(value)}" for name, value in given.items())])


def _tiny(app: str) -> dict[str, object]:
    """The smallest sizes of an application of ours; one of the reader's own is small as it is."""
    return load_app(app).tiny if app in names_in(APPS) else {}


def test_small_settings_are_added_to_what_trains_alone() -> None:
    assert small("kerasapps list") == "kerasapps list"
    assert small("kerasapps train cnn --help") == "kerasapps train cnn --help"
    assert small("kerasapps train rnn --data 'a b.csv'  # long").startswith("kerasapps train rnn --data 'a b.csv' --")
    assert "--execution auto" in small("kerasapps launch --workers 2 -- train cnn")
    assert small("kerasapps tune best searches/a") == "kerasapps tune best searches/a --seeds 1"
    first = "kerasapps train masked_language_model --run-dir runs/a"
    assert "--width 16" in small("kerasapps train transformer --from runs/a", first)


@pytest.mark.parametrize("page", PAGES)
def test_no_code_of_a_page_is_passed_over(page: Path) -> None:
    assert passed_over(page.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "code",
    [
        "```sh\na\n```",
        "```\na\n```",
        "``` { .bash }\na\n```",
        "    a",
        "!!! note\n\n    ```bash\n    a\n    ```",
        "!!! note\n    ```bash\n    a\n    ```",
        "<div markdown>\n```bash\na\n```\n</div>",
    ],
)
def test_code_that_is_passed_over_is_caught(code: str) -> None:
    assert passed_over(f"Text:\n\n{code}\n")


def test_steps_are_found_in_every_form_of_fence() -> None:
    nested, tildes = "- a\n\n  ```bash\n  b\n  ```\n\n", "~~~python\nc\n~~~\n\n"
    text = f"{nested}{tildes}<!-- not run: why -->\n```bash\nd\n```\n<!-- not run: -->\n```bash\ne\n```\n"
    found = {step.code.strip(): step.run for step in steps_of(text)}
    assert found == {"b": True, "c": True, "d": False, "e": True}
    assert passed_over(f"{text}\n```text\nf\n```\n") == []


@pytest.mark.parametrize("page", PAGES)
def test_code_of_a_page_is_valid(page: Path) -> None:
    assert [found for step in steps_of(page.read_text(encoding="utf-8")) if (found := fault_of(step))] == []


def fault_of(step: Step) -> str:
    """What Python or bash cannot read in a step; "" where it can read all."""
    if step.language == "bash":
        return subprocess.run(["bash", "-n"], input=step.code, text=True, capture_output=True).stderr
    if step.language == "python":
        try:
            compile(step.code, f"line {step.line}", "exec")
        except SyntaxError as error:
            return str(error)
    return ""


@pytest.mark.parametrize(("language", "code"), [("python", "x = (1"), ("bash", "for x in a; do echo $x")])
def test_code_that_is_not_valid_is_caught(language: str, code: str) -> None:
    assert fault_of(Step(language, code, "", 1)) and not fault_of(Step(language, "true", "", 1))


@pytest.mark.parametrize("page", PAGES)
def test_commands_of_a_page_name_what_there_is(page: Path) -> None:
    for step in steps_of(page.read_text(encoding="utf-8")):
        for words in commands_of(step.code) if step.language == "bash" else ():
            assert words[1] in {*names_in(COMMANDS), "--version", "--help"}, f"{page}:{step.line}: {words}"
            assert unknown_flags(words) == [], f"{page}:{step.line}: {words}"


def unknown_flags(words: list[str]) -> list[str]:
    """Flags that a command has not, or the application that it trains; one of the reader's own may have any."""
    known = {"--help", *FLAGS[words[1]]}
    if words[1] in ("train", "tune", "launch"):
        app = next((word for word in words if word in names_in(APPS)), "")
        if not app:
            return []
        fields = [*(hparams_of(f"kerasapps.apps.{app}") or ()), *settings(Options), *settings(SearchOptions), *ALIASES]
        known |= {*FLAGS["train"], *map(flag, fields)}
    given = [word.partition("=")[0].replace("_", "-") for word in words if word.startswith("--") and word != "--"]
    return [name for name in given if name not in known]


@pytest.mark.parametrize(
    "line",
    [
        "kerasapps train cnn --filters 8 --{}ilters 8",
        "time kerasapps tune mlp --tuner tpe --{}ilters=3 2>&1 | tail",
        "true && kerasapps predict runs/a 'a | b' --{}ilters > a.txt",
        "  kerasapps launch --workers 2 -- train cnn --{}ilters 8",
    ],
)
def test_a_flag_that_there_is_not_is_caught(line: str) -> None:
    (words,) = commands_of(line.format("F"))
    assert unknown_flags(words) == ["--Filters"]


def broken(page: Path, link: str) -> bool:
    """Whether a link of a page leads to no file, or to no heading of it."""
    name, _, anchor = link.partition("#")
    target = page.parent / name if name else page
    if not anchor or target.suffix != ".md" or not target.exists():
        return not target.exists()
    return anchor not in anchors_of(target.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", PAGES)
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    links = [link for link in links_of(page.read_text(encoding="utf-8")) if not re.match("https?:|mailto:", link)]
    assert [link for link in links if broken(page, link)] == []


def test_a_broken_link_is_caught(tmp_path: Path) -> None:
    page, other = tmp_path / "a.md", tmp_path / "b.md"
    page.write_text("# One `run.py`, two\n")
    other.write_text("[x](a.md#one-runpy-two)")
    assert [broken(other, link) for link in ("a.md", "a.md#one-runpy-two")] == [False, False]
    assert [broken(other, link) for link in ("a.md#two", "#one", "c.md")] == [True, True, True]


def test_every_picture_is_shown() -> None:
    shown = {(page.parent / link).resolve() for page in pages() for link in links_of(page.read_text(encoding="utf-8"))}
    pictures = [path for path in (ROOT / "docs").rglob("*") if path.suffix in (".png", ".svg")]
    assert len(pictures) > 20
    assert [path.name for path in pictures if path not in shown] == []


def test_links_of_code_do_not_count() -> None:
    assert links_of("[a](b.md#c) ![d](e.png)\n\n```\n[x](y)\n```\n") == ["b.md#c", "e.png"]


def follow(steps: list[dict[str, str]], folder: Path, checkout: bool = False) -> subprocess.CompletedProcess:
    """Do the steps in an empty folder, where kerasapps and python are those of this checkout, or in a copy of it."""
    home, work = folder / "bin", folder / "work"
    home.mkdir()
    if checkout:
        shutil.copytree(ROOT, work, ignore=OF_NO_CHECKOUT)
    else:
        work.mkdir()
    for name, module in {"kerasapps": "-m kerasapps", "python": ""}.items():
        (home / name).write_text(f'#!/bin/bash\nexec {sys.executable} {module} "$@"\n')
        (home / name).chmod(0o755)
    environment = {**os.environ, "PATH": f"{home}:{os.environ['PATH']}", "MPLBACKEND": "agg"}
    environment["PYTHONPATH"] = str(work if checkout else ROOT)
    (folder / "steps.json").write_text(json.dumps(steps))
    command = [sys.executable, str(FOLLOW), str(folder / "steps.json")]
    return subprocess.run(command, cwd=work, env=environment, capture_output=True, text=True)


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_a_page_can_be_followed(page: Path, tmp_path: Path) -> None:
    text = page.read_text(encoding="utf-8")
    steps = [vars(step) for step in steps_of(text) if step.run]
    whole = text.replace("\\\n", " ")
    for step in steps:
        if step["language"] == "bash":
            step["code"] = "\n".join(small(line, whole) for line in step["code"].replace("\\\n", " ").splitlines())
    done = follow(steps, tmp_path, checkout=IN_A_CHECKOUT in text)
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-5000:]}"


@pytest.mark.parametrize(
    ("language", "code"), [("bash", "true\nfalse\ntrue"), ("python", "x = 1\nassert x == 2"), ("bash", "nosuchcommand")]
)
def test_a_step_that_fails_is_caught(language: str, code: str, tmp_path: Path) -> None:
    steps = [
        {"language": "yaml", "code": "a: 1\n", "title": "kept/a.yaml", "line": 1},
        {"language": "bash", "code": "test -f kept/a.yaml", "title": "", "line": 2},
        {"language": "python", "code": "y = 3", "title": "", "line": 3},
        {"language": "python", "code": "assert y == 3", "title": "", "line": 4},
    ]
    assert follow(steps, tmp_path).returncode == 0
    bad = tmp_path / "bad"
    bad.mkdir()
    assert follow([*steps, {"language": language, "code": code, "title": "", "line": 7}], bad).returncode != 0
