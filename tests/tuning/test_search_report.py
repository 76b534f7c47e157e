"""The files that say what a search has found, read by others than those that wrote them."""

import base64
import csv
import io
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
import searches
from PIL import Image
from tensorboard.backend.event_processing import data_provider, plugin_event_multiplexer
from tensorboard.context import RequestContext
from tensorboard.plugins import base_plugin
from tensorboard.plugins.hparams import api_pb2, backend_context, list_session_groups

from kerasapps.errors import ConfigError
from kerasapps.tuning.found import Found, read_found
from kerasapps.tuning.outcomes import Outcome, write_outcome
from kerasapps.tuning.report import report

HOSTILE = "<script>alert(1)</script>\x1b[31m is not finite in epoch 1"


def score(values: dict) -> float | str:
    """Fails with the greatest dropout; else the learning rate decides."""
    return HOSTILE if values["dropout"] > 0.35 else 1 - abs(values["zoom"] - 0.1)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Found:
    """A search of 40 trials and its report."""
    directory = searches.saved(tmp_path_factory.mktemp("search") / "a", searches.twelve_parameters(), 40, score)
    names = [str(path.relative_to(directory)) for path in report(directory)]
    plots = [f"plots/{name}.png" for name in ("history", "slices", "parallel_coordinates")]
    assert names == ["report.html", *plots, "trials.csv", "tensorboard"]
    return read_found(directory)


class Seen(HTMLParser):
    """Tags with their attributes, and all text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list) -> None:
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_needs_nothing_else(found: Found) -> None:
    seen = Seen((found.directory / "report.html").read_text())
    assert not [tag for tag, attributes in seen.tags if tag in ("script", "link", "iframe") or "href" in attributes]
    sources = [attributes["src"] for _, attributes in seen.tags if "src" in attributes]
    images = [base64.b64decode(source.removeprefix("data:image/png;base64,")) for source in sources]
    assert images == [path.read_bytes() for path in sorted_plots(found)]
    assert all(min(Image.open(io.BytesIO(image)).size) > 300 for image in images)


def sorted_plots(found: Found) -> list[Path]:
    return [found.directory / "plots" / f"{name}.png" for name in ("history", "slices", "parallel_coordinates")]


def test_the_page_says_what_was_found(found: Found) -> None:
    text = Seen((found.directory / "report.html").read_text()).text
    best, failed = found.ranked[0], found.failures[0]
    assert f"Trial {best.trial} has val_accuracy {best.score:.6g}" in text
    assert f"chosen from 40 trials by val_accuracy of the validation rows; {len(failed)} of them failed" in text
    assert "<script>alert(1)</script>\\x1b[31m is not finite" in text  # as text
    assert ", ".join(str(each.trial) for each in failed) in text
    shares = re.findall(r"([a-z_0-9]+) ([\d.]+\.\d)%", text)
    assert shares[0][0] == "zoom" and float(shares[0][1]) > 90
    assert "optimizer=sgd" in text and "0.001 to 0.1, log" in text and "digits" in text


def test_every_trial_is_in_the_table(found: Found) -> None:
    with (found.directory / "trials.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["trial"]) for row in rows] == list(range(40))
    for row, (_, outcome) in zip(rows, sorted(found.outcomes.items()), strict=True):
        own = {name: row[name] for name in outcome.values}
        assert own == {name: str(value) for name, value in outcome.values.items()}
        assert {row[each.name] for each in found.parameters if each.name not in outcome.values} <= {""}
        assert row["score"] == row["val_accuracy"] == ("" if outcome.score is None else str(outcome.score))
        assert row["reason"] == (outcome.reason and HOSTILE.replace("\x1b", "\\x1b"))


def test_the_plugin_of_hyperparameters_finds_every_trial(found: Found) -> None:
    """What TensorBoard's page would ask it for."""
    folder = str(found.directory / "tensorboard")
    events = plugin_event_multiplexer.EventMultiplexer().AddRunsFromDirectory(folder)
    events.Reload()
    provider = data_provider.MultiplexerDataProvider(events, folder)
    context = backend_context.Context(base_plugin.TBContext(data_provider=provider))
    request = api_pb2.ListSessionGroupsRequest(slice_size=100, allowed_statuses=api_pb2.Status.values())
    answer = list_session_groups.Handler(RequestContext(), context, "", request).run()
    groups = {int(group.name): group for group in answer.session_groups}
    assert sorted(groups) == list(range(40))
    for trial, group in groups.items():
        outcome = found.outcomes[trial]
        told = {name: getattr(value, value.WhichOneof("kind")) for name, value in group.hparams.items()}
        assert told == outcome.values
        metrics = {value.name.tag: value.value for value in group.metric_values}
        assert metrics == pytest.approx({f"val_{name}": value for name, value in outcome.metrics.items()}, rel=1e-6)
        (session,) = group.sessions
        assert session.status == (api_pb2.STATUS_FAILURE if outcome.reason else api_pb2.STATUS_SUCCESS)


def test_runs_of_a_trial_and_names_of_columns_are_told_apart(tmp_path: Path) -> None:
    """A parameter may be called epochs; a trial may have been stopped."""
    directory = searches.saved(tmp_path / "a", searches.two_parameters(), 1, lambda values: 0.5)
    scores = {"scores": [0.5, 0.25], "stopped": "It was worse than half."}
    write_outcome(directory, Outcome(1, {"epochs": 7}, {}, 0.375, epochs=3, **scores))
    report(directory)
    with (directory / "trials.csv").open(newline="") as file:
        last = list(csv.DictReader(file))[-1]
    assert [last[name] for name in ("epochs", "epochs_", "scores", "stopped")] == [
        "3",
        "7",
        "0.5 0.25",
        "It was worse than half.",
    ]
    assert "1 of them stopped early." in (directory / "report.html").read_text()


def test_two_parameters_of_few_trials_and_a_report_anew(tmp_path: Path) -> None:
    """No trial is there twice."""
    directory = searches.saved(tmp_path / "a", searches.two_parameters(), 3, lambda values: values["learning_rate"])
    for _ in range(2):
        assert len(report(directory)) == 6
        assert len(list((directory / "tensorboard").rglob("events*"))) == 3
    assert "scored trials: 3, which is too few to tell. 10 are needed." in (directory / "report.html").read_text()


def test_a_search_without_a_score_has_a_page_without_plots(tmp_path: Path) -> None:
    directory = searches.saved(tmp_path / "a", searches.two_parameters(), 2, lambda values: "it failed")
    assert [path.name for path in report(directory)] == ["report.html", "trials.csv", "tensorboard"]
    assert "No trial has a score yet." in (directory / "report.html").read_text()


@pytest.mark.parametrize("name", ["report.html", "plots", "tensorboard"])
def test_what_cannot_be_written_is_a_typed_error(name: str, tmp_path: Path) -> None:
    """Something else lies there."""
    directory = searches.saved(tmp_path / "a", searches.two_parameters(), 2, lambda values: 1.0)
    (directory / name).mkdir() if name.endswith("html") else (directory / name).write_text("")
    with pytest.raises(ConfigError, match="The report of .* cannot be written"):
        report(directory)
