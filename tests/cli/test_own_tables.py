"""A table as people have it, from the command line to an exported model: what is said, and asked by its own names."""

import json
from pathlib import Path

import numpy as np
import pandas
import pytest
import tensorflow as tf

import kerasapps
from kerasapps.__main__ import main
from kerasapps.errors import ConfigError
from kerasapps.runs.run import Run

HEADER = ["Kunde", "Größe (cm)", "class", "Kaufdatum", "Preis €"]
ASKED = pandas.DataFrame(
    {"Größe (cm)": [1.75, np.nan], "class": ["GOLD ", None], "Kaufdatum": ["7.6.2021", "31.12.2020"]}
)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A tiny run of linear regression on a file with semicolons, decimal commas, gaps and German dates."""
    home, random = tmp_path_factory.mktemp("kunden"), np.random.default_rng(0)
    lines = [";".join(HEADER)]
    for i in range(60):
        size, kind = f"{random.normal(1.7, 0.1):.2f}".replace(".", ","), ("gold", "Silber", "")[i % 3]
        lines.append(f"K{i:03};{size if i % 4 else ''};{kind};{i % 28 + 1}.3.2021;1.{i + 100},50 €")
    (home / "kunden.csv").write_text("\n".join(lines), encoding="utf-8")
    command = ["train", "linear_regression", "--data", str(home / "kunden.csv"), "--epochs", "2"]
    assert main([*command, "--execution", "eager", "--run-dir", str(home / "run")]) == 0
    return kerasapps.load(home / "run")


def test_what_was_mended_and_left_out_is_in_the_record(run: Run) -> None:
    notes = run.record["notes"]
    assert notes[:3] == [
        "target: the last column, Preis € (a number); --target names another",
        'Preis €: "1.100,50 €" is read as 1100.50',
        "left out: Kunde (60 classes in 60 rows); --kind COLUMN=KIND keeps one",
    ]
    assert 'Kaufdatum: "1.3.2021" is read as 2021-03-01' in notes
    assert notes[-1].startswith("filled 35 missing cells: Größe (cm) 15 (the median 1.")
    assert notes[-1].endswith("class 20 (the class missing)")
    assert run.layout.target.names == ("Preis €",)


def test_files_pairs_and_frames_are_asked_by_the_names_of_the_file(run: Run, tmp_path: Path, capsys) -> None:
    with pytest.warns(UserWarning, match=r"Größe \(cm\): 1 missing value, read as the median 1"):
        expected = run.predict(ASKED)["predictions"]
    (tmp_path / "new.csv").write_text(
        "Kaufdatum;class;Größe (cm)\n7.6.2021;GOLD;1,75\n31.12.2020;;\n", encoding="utf-8"
    )
    pairs = ["class=gold", "Größe (cm)=1,75", "Kaufdatum=2021-06-07"]
    for given, rows in (([tmp_path / "new.csv"], 2), (pairs, 1)):
        capsys.readouterr()
        assert main(["predict", str(run.directory), *map(str, given), "--json"]) == 0
        answer = json.loads(capsys.readouterr().out.splitlines()[-1])
        np.testing.assert_allclose([row["predictions"] for row in answer], expected[:rows], rtol=1e-5)
    with pytest.raises(ConfigError, match=r"the column Größe \(cm\) is missing. Expected Größe \(cm\), class, Kauf"):
        run.predict(ASKED[["class", "Kaufdatum"]])


def test_a_cell_that_cannot_be_is_named_by_its_line(run: Run, tmp_path: Path, capsys) -> None:
    path = tmp_path / "new.csv"
    path.write_text("Kaufdatum;class;Größe (cm)\n7.6.2021;GOLD;1,75\n31.2.2020;;\n", encoding="utf-8")
    assert main(["predict", str(run.directory), str(path)]) == 3
    assert f"{path}, line 3, column Kaufdatum: 31.2.2020. Expected a date" in capsys.readouterr().err


@pytest.mark.slow
def test_the_exported_model_answers_alike(run: Run, tmp_path: Path) -> None:
    path = kerasapps.export(run, tmp_path)
    about = json.loads((path / "assets.extra" / "kerasapps.json").read_text(encoding="utf-8"))
    assert about["columns"] == {"Grosse__cm": "Größe (cm)", "class_": "class", "Kaufdatum": "Kaufdatum"}
    ask = tf.saved_model.load(str(path)).signatures["serving_default"]
    answer = ask(
        Grosse__cm=tf.constant([1.75, np.nan]),
        class_=tf.constant(["gold", ""]),
        Kaufdatum=tf.constant(ASKED["Kaufdatum"].tolist()),
    )
    with pytest.warns(UserWarning):
        np.testing.assert_allclose(answer["predictions"], run.predict(ASKED)["predictions"], rtol=1e-5)
