"""The page of a run: all of it in one file, read by another parser than what wrote it."""

import base64
import json
import re
import shlex
from html.parser import HTMLParser
from pathlib import Path

import pytest

import kerasapps
from kerasapps.__main__ import main
from kerasapps.report.page import page
from kerasapps.runs.run import Run
from kerasapps.settings import text_of


class Seen(HTMLParser):
    """Tags with their attributes, the cells of every row of a table, and all text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.rows: list[list[str]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list) -> None:
        self.tags.append((tag, dict(attributes)))
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.rows and self.tags[-1][0] in ("td", "th"):
            self.rows[-1][-1] += data.strip("\n")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with a hostile name of a class, trained by the command, which ends with the report."""
    path = tmp_path_factory.mktemp("report")
    rows = (f"{i % 7},{i % 5},{'<b>yes</b>' if i % 3 else 'no'}\n" for i in range(60))
    (path / "table.csv").write_text("a,b,label\n" + "".join(rows), encoding="utf-8")
    given = ["--data", str(path / "table.csv"), "--epochs", "2", "--execution", "eager", "--run-dir", str(path / "run")]
    assert main(["train", "logistic_regression", *given]) == 0
    return path


@pytest.fixture(scope="module")
def run(home: Path) -> Run:
    return kerasapps.load(home / "run")


@pytest.fixture(scope="module")
def seen(home: Path) -> Seen:
    return Seen((home / "run" / "report.html").read_text(encoding="utf-8"))


def test_the_page_needs_no_other_file(home: Path, seen: Seen) -> None:
    assert not [tag for tag, attributes in seen.tags if tag in ("script", "link", "iframe") or "href" in attributes]
    images = [attributes for tag, attributes in seen.tags if tag == "img"]
    contents = [base64.b64decode(each["src"].removeprefix("data:image/png;base64,")) for each in images]
    assert sorted(contents) == sorted(path.read_bytes() for path in (home / "run" / "plots").iterdir())
    names = {"coefficients", "confusion_matrix", "learning_curves", "permutation_importance", "sigmoid"}
    assert {path.stem for path in (home / "run" / "plots").iterdir()} == {*names, "roc_and_precision_recall"}
    texts = [each["alt"] for each in images]
    assert "Confusion matrix of the test rows." in texts and all(len(text) > 20 for text in texts)


def test_every_score_of_the_record_is_in_a_table(run: Run, seen: Seen) -> None:
    assert ["metric", "validation", "test"] in seen.rows
    for name, value in run.record["test"].items():
        assert [name, text_of(run.record["validation"][name]), text_of(value)] in seen.rows


def test_settings_and_environment_are_told(home: Path, run: Run, seen: Seen) -> None:
    assert ["epochs", "2"] in seen.rows and ["seed", "0"] in seen.rows and ["app", "logistic_regression"] in seen.rows
    assert ["parameters", "3"] in seen.rows and ["data", str(home / "table.csv")] in seen.rows
    environment = json.loads((run.directory / "environment.json").read_text())
    assert all([name, text_of(value)] in seen.rows for name, value in environment.items())
    assert "the weights of epoch" in seen.text and "completed after 2 epochs" in seen.text


def test_the_command_of_the_page_trains_the_same_again(home: Path, run: Run, seen: Seen, tmp_path: Path) -> None:
    (line,) = re.findall(r"^kerasapps train .*$", seen.text, flags=re.MULTILINE)
    command = shlex.split(line)[1:]
    assert main([*command, "--run-dir", str(tmp_path / "again"), "--no-report"]) == 0
    assert kerasapps.load(tmp_path / "again").record["history"] == run.record["history"]
    assert not (tmp_path / "again" / "plots").exists() and not (tmp_path / "again" / "report.html").exists()


def test_results_of_classes_are_shown_and_names_are_texts(run: Run) -> None:
    scored = {"<b>yes</b>": {"precision": 0.5, "rows": 8}, "no": {"precision": 0.25, "rows": 4}}
    run.record["classes"] = {"test": scored}
    text = page(run, [])
    found = Seen(text)
    assert "<b>" not in text and ["<b>yes</b>", "0.5", "8"] in found.rows and ["no", "0.25", "4"] in found.rows


def test_what_training_said_of_the_data_and_of_accuracy_is_on_the_page(run: Run) -> None:
    run.record["notes"] = ["left out: id (a number for each row)"]
    run.record["baselines"]["test"] = {"majority_accuracy": 0.95}
    run.record["test"]["balanced_accuracy"] = 0.625
    text = Seen(page(run, [])).text
    assert "left out: id (a number for each row)" in text
    assert "95.0% of the test rows are of one class, so that accuracy misleads." in text
    assert "balanced_accuracy, 0.625: guessing gets 0.5." in text


def test_a_report_that_cannot_be_written_leaves_the_run(home: Path, tmp_path: Path, capsys, monkeypatch) -> None:
    """A file lies where the folder of plots is to be; training, and its record, stand."""
    monkeypatch.setattr("kerasapps.report.draw", lambda run: (run.directory / "plots").write_text("") or _full())
    given = ["--data", str(home / "table.csv"), "--epochs", "1", "--execution", "eager"]
    assert main(["train", "logistic_regression", *given, "--json", "--run-dir", str(tmp_path / "run")]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out.splitlines()[-1])["status"] == "completed"
    assert "training is done, but its report is not: no space left" in captured.err


def _full() -> None:
    raise OSError("no space left")


def test_an_interrupted_run_has_no_report(home: Path, tmp_path: Path) -> None:
    given = ["--data", str(home / "table.csv"), "--epochs", "2", "--stop-at-epoch", "1", "--execution", "eager"]
    assert main(["train", "logistic_regression", *given, "--run-dir", str(tmp_path / "run")]) == 0
    assert not (tmp_path / "run" / "report.html").exists()
