"""CI, `make lint` and the hooks before a commit run the same linters; the change log knows the version."""

import re
from pathlib import Path

import yaml

from kerasapps import __version__

ROOT = Path(__file__).parents[1]
LINTERS = ["ruff check .", "ruff format --check .", "lint-imports", "mypy"]


def test_ci_runs_the_linters() -> None:
    lines = (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()
    found = [line.removeprefix(".venv/bin/") for line in lines if line.startswith(".venv/bin/")]
    assert [line for line in found if line.split()[0] in {each.split()[0] for each in LINTERS}] == LINTERS


def test_make_lint_runs_the_linters() -> None:
    rule = (ROOT / "Makefile").read_text(encoding="utf-8").partition("\nlint:\n")[2].partition("\n\n")[0]
    assert [line.strip() for line in rule.splitlines()] == LINTERS


def test_the_hooks_are_the_linters_and_download_nothing() -> None:
    (repository,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    assert repository["repo"] == "local"
    assert [hook["entry"] for hook in repository["hooks"]] == LINTERS
    assert {hook["language"] for hook in repository["hooks"]} == {"system"}


def test_the_change_log_has_the_version_and_what_is_not_released_yet() -> None:
    versions = re.findall(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert versions[0] == "Unreleased"
    assert versions[1] == __version__
