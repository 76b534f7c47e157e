"""The report writes the plots that fit the data, and shows labels in the units of the data."""

import re
import warnings
from types import SimpleNamespace

import numpy as np
import pytest
from layouts import adapt
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from kerasapps.apps import linear_regression
from kerasapps.data.spec import Arrays, Column, Spec, Target
from kerasapps.data.split import split_rows
from kerasapps.errors import ConfigError
from kerasapps.figures.canvas import new_figure
from kerasapps.figures.classes import confusion_matrix
from kerasapps.plots import answers, pictures, training
from kerasapps.report import draw, report
from kerasapps.report.view import view_of

REALS = Spec((Column("x", "number"),), Column("y", "number"))


def finished_run(directory, plots: dict) -> SimpleNamespace:
    """What the report needs of a run, whose model doubles x."""
    x = np.linspace(0, 9, 10, dtype=np.float32)
    rows = split_rows(Arrays("doubles", REALS, {"train": {"x": x, "y": 2 * x}}), 0)
    preprocess = adapt(REALS, "vector", rows["train"].read())
    return SimpleNamespace(
        directory=directory,
        app=SimpleNamespace(name="doubling", plots=plots),
        options=SimpleNamespace(source="/home/doubles.csv", seed=0),
        task=SimpleNamespace(augment=None),
        layout=preprocess.layout,
        preprocess=preprocess,
        record={"history": {"loss": [1.0, 0.5]}},
        rows=rows,
        read=lambda split, *limits: rows[split].read(),
        predict=lambda columns: {"predictions": 2 * columns["x"][:, None]},
    )


def test_plots_are_written_and_those_that_do_not_fit_left_out(tmp_path) -> None:
    plots = {"empty": lambda view: Figure(), "none": lambda view: None}
    written = [path for path, _ in draw(finished_run(tmp_path, plots))]
    assert written == [tmp_path / "plots" / "learning_curves.png", tmp_path / "plots" / "empty.png"]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in written)


def test_names_with_dollars_are_drawn_as_they_are(tmp_path) -> None:
    """Names that matplotlib refuses as formulas, in every kind of text; the user's own figures keep theirs."""
    name = r"$\nonsense{$"
    counts = np.zeros(3, int)

    def matrix(view: object) -> Figure:
        figure = confusion_matrix(counts, counts, (name, "b", "c"))
        figure.axes[0].set(title=name, xlabel=name)
        figure.axes[0].plot([0], [0], label=name)
        figure.axes[0].legend(title=name)
        figure.axes[0].text(1, 1, name)
        return figure

    drawn = [path for path, _ in draw(finished_run(tmp_path, {"matrix": matrix}))]
    assert (tmp_path / "plots" / "matrix.png") in drawn
    with pytest.raises(ValueError, match="nonsense"):
        matrix(None).canvas.draw()


def test_control_characters_are_drawn_by_their_codes(tmp_path) -> None:
    """In every kind of text; matplotlib would warn of each, and so write it to the terminal as it is."""
    name, counts, made = "\x1b[31mred\tone", np.zeros(3, int), []

    def matrix(view: object) -> Figure:
        figure = confusion_matrix(counts, counts, (name, "b", "c"))
        figure.axes[0].set(title=name)
        figure.axes[0].plot([0], [0], label=name)
        figure.axes[0].legend(title=name)
        made.append(figure)
        return figure

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        draw(finished_run(tmp_path, {"matrix": matrix}))
    texts = [text.get_text() for text in made[0].findobj(Text)]
    assert texts.count(r"\x1b[31mred\tone") >= 5, "of both axes, the title and the legend's title and line"
    assert not any("\x1b" in text for text in texts)


def test_a_directory_that_cannot_be_written_is_named(tmp_path) -> None:
    (tmp_path / "plots").write_text("")
    with pytest.raises(ConfigError, match=f"The report of {tmp_path} cannot be written.*File exists"):
        report(finished_run(tmp_path, {}))


def test_every_picture_says_what_it_is_of(tmp_path) -> None:
    """App, data and run; an animation says it in each frame, of which all are of one size."""
    made = [new_figure(2, 1)[0] for _ in range(4)]
    for epoch, figure in enumerate(made):
        figure.suptitle(f"epoch {epoch}")
    run = finished_run(tmp_path / "a_run", {"still": lambda view: made[0], "moving": lambda view: made[1:]})
    run.directory.mkdir()
    *_, still, moving = draw(run)
    assert (still.path.suffix, moving.path.suffix) == (".png", ".gif")
    assert [figure.get_supxlabel() for figure in made] == ["doubling on doubles.csv, a_run"] * 4
    with Image.open(moving.path) as opened:
        assert (opened.n_frames, opened.size) == (3, (200, 100))


def test_the_model_is_asked_once_for_the_rows_of_a_split(tmp_path) -> None:
    run, asked = finished_run(tmp_path, {}), []
    answer = run.predict
    run.predict = lambda columns: asked.append(len(columns["x"])) or answer(columns)
    view = view_of(run)
    for _ in range(2):
        view.predict(view.columns["test"])
        view.predict({"x": np.ones(3, np.float32)})
    assert asked == [2, 3, 3]


def test_the_loss_of_reals_is_labelled_as_standardised(tmp_path) -> None:
    panel = training.learning_curves(view_of(finished_run(tmp_path, {}))).axes[0]
    assert panel.get_ylabel() == "loss (standardised units)"


def test_the_fit_is_titled_with_its_score_on_test(tmp_path) -> None:
    """The model doubles x, as the data do: no error."""
    view = view_of(finished_run(tmp_path, {}))
    title = linear_regression.plot_fit(view).axes[0].get_title()
    assert re.fullmatch(r"Fit; on test: r2 1\.000, rmse \d\.\d+e-0[78]", title)


def test_a_view_has_labels_in_the_units_of_the_data(tmp_path) -> None:
    view = view_of(finished_run(tmp_path, {}))
    for split in ("train", "validation", "test"):
        assert view.labels[split] == pytest.approx(2 * view.columns[split]["x"][:, None], abs=1e-5)
        assert view.predict(view.columns[split])["predictions"] == pytest.approx(view.labels[split], abs=1e-5)


def text_view(classes: list[int], sure: list[float], labels: list[int]) -> SimpleNamespace:
    """What the plots need of a model that answers `classes` with probabilities `sure`."""
    probabilities = np.where(np.eye(2)[classes] > 0, np.array(sure)[:, None], 1 - np.array(sure)[:, None])
    return SimpleNamespace(
        spec=Spec((Column("x", "text"),), Column("y", "category", classes=("bad", "good"))),
        layout=SimpleNamespace(target=Target("classes", 2, ("bad", "good"))),
        columns={"test": {"x": np.array([f"text {i}" for i in range(len(labels))], object)}},
        labels={"test": np.array(labels)},
        predict=lambda columns: {"classes": np.array(classes), "probabilities": probabilities},
    )


def lines_of(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts if text.get_text()]


def test_examples_are_the_surest_of_the_wrong_and_the_least_sure() -> None:
    view = text_view([1, 0, 1, 0], [0.7, 0.9, 0.6, 0.95], [0, 1, 1, 0])
    wrong = ["bad 0.900, true good", "text 1", "good 0.700, true bad", "text 0"]
    unsure = ["good 0.600, right", "text 2", "good 0.700, true bad", "text 0", "bad 0.900, true good", "text 1"]
    assert lines_of(answers.examples(view)) == [
        "Wrong answers on test, surest first",
        *wrong,
        "Least sure answers on test",
        *unsure,
        *("bad 0.950, right", "text 3"),
    ]
    right = lines_of(answers.examples(text_view([1, 0], [0.7, 0.9], [1, 0])))
    assert right[0] == "Least sure answers on test" and len(right) == 5


def test_examples_are_of_texts_and_calibration_of_classes() -> None:
    view = text_view([1], [0.7], [1])
    view.spec = Spec((Column("x", "number"),), view.spec.target)
    assert answers.examples(view) is None
    title = answers.calibration(view).axes[0].get_title()
    assert title == "expected calibration error 0.3000 of 1 test rows"
    view.layout.target = Target("reals", 1)
    assert answers.calibration(view) is None


def test_wrong_images_are_the_surest_and_say_their_probability() -> None:
    view = text_view([1, 0, 1, 0], [0.7, 0.9, 0.6, 0.95], [0, 1, 1, 0])
    view.spec = Spec((Column("x", "image", (2, 2, 1)),), view.spec.target)
    view.columns = {"test": {"x": np.arange(16, dtype=np.uint8).reshape(4, 2, 2, 1)}}
    shown = [axes for axes in pictures.wrong_images(view).axes if axes.images]
    assert [axes.get_title() for axes in shown] == ["bad (90.0%), true good", "good (70.0%), true bad"]
    np.testing.assert_array_equal(shown[0].images[0].get_array(), [[4, 5], [6, 7]])
