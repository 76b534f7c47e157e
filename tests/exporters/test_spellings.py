"""One word in several spellings of Unicode: trained, asked in Python and by command, and exported to a stranger."""

import json
import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

import kerasapps
from kerasapps.__main__ import main
from kerasapps.runs.run import Run

FORMS = ("NFC", "NFD")
WORDS = ("Cinéma", "Ì", "Ậm", "H\u0331a", "한글", "Å", "İI", "क\u093cल")
STRANGER = """
import json, sys
import numpy as np, tensorflow as tf
answer = tf.saved_model.load(sys.argv[1]).signatures["serving_default"]
found = answer(said=tf.constant(json.load(sys.stdin)))["probabilities"].numpy()
print(json.dumps({"found": found.tolist(), "alone": "kerasapps" not in sys.modules}))
"""


def texts(form: str) -> list[str]:
    """Texts in one spelling; the last end with emoji."""
    ends = ("\U0001f600", "\u2639\ufe0f", "\u2639", "ILL!")
    return [unicodedata.normalize(form, f"{word} saw it {end}") for word in WORDS for end in ends]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Trained on two classes that differ by an emoji alone, and on words in both spellings."""
    home = tmp_path_factory.mktemp("spellings")
    rows = []
    for i in range(120):
        word = unicodedata.normalize(FORMS[i % 4 // 2], WORDS[i % len(WORDS)])
        end = ("\U0001f600!,good", "\u2639\ufe0f!,bad")[i % 2]
        rows.append(f"{word} saw film {i}{end}")
    (home / "said.csv").write_text("\n".join(["said,target", *rows]), encoding="utf-8")
    given = {"units": (8,), "embedding": 8, "epochs": 12, "sequence_length": 8, "learning_rate": 0.03}
    given |= {"global_batch_size": 32, "execution": "graph"}
    return kerasapps.train("rnn", data=str(home / "said.csv"), **given, run_dir=str(home / "run"))


@pytest.fixture(scope="module")
def exported(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run's SavedModel."""
    return kerasapps.export(run, tmp_path_factory.mktemp("exported"))


def probabilities(run: Run, asked: list[str]) -> np.ndarray:
    return run.predict(np.array(asked, object))["probabilities"]


@pytest.mark.slow
def test_classes_that_differ_by_an_emoji_alone_are_learned(run: Run) -> None:
    assert run.record["test"]["accuracy"] == 1
    names = run.layout.target.names
    answers = probabilities(run, ["I saw it \U0001f600", "\u2639\ufe0f I saw it"])
    assert [names[best] for best in answers.argmax(axis=1)] == ["good", "bad"]


def test_spellings_are_one_word(run: Run, capsys: pytest.CaptureFixture) -> None:
    vocabulary = run.preprocess.statistics["said"]
    assert {"cinéma", "ậm", "ẖa", "한글", "å", "i\u0307i", "\U0001f600", "\u2639"} < set(vocabulary)
    assert "\ufe0f" not in vocabulary and vocabulary == [unicodedata.normalize("NFC", word) for word in vocabulary]
    found = [run.preprocess.apply({"said": np.array(texts(form), object)})["said"] for form in FORMS]
    np.testing.assert_array_equal(*found)
    asked = [texts(form)[0] for form in FORMS]
    assert main(["predict", str(run.directory), *asked, "--json"]) == 0
    first, second = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert asked[0] != asked[1] and first["probabilities"] == second["probabilities"]


def test_an_exported_model_knows_spellings(run: Run, exported: Path) -> None:
    answer = tf.saved_model.load(str(exported)).signatures["serving_default"]
    asked = texts("NFC") + texts("NFD")
    found = answer(said=tf.constant(asked))["probabilities"].numpy()
    np.testing.assert_array_equal(*np.split(found, 2))
    np.testing.assert_allclose(found, probabilities(run, asked), rtol=1e-5, atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("locale", ["C.UTF-8", "tr_TR.UTF-8", "lt_LT.UTF-8"])
def test_a_stranger_with_tensorflow_alone_has_the_same_words_in_every_locale(
    run: Run, exported: Path, locale: str
) -> None:
    """Turkish has a small I without a dot, Lithuanian keeps the dot below accents."""
    asked = [*texts("NFC"), *texts("NFD"), "ILL \u00cc \u00cd \u0128 \u012e\u0303"]
    environment = {**os.environ, "LC_ALL": locale, "PYTHONPATH": ""}
    command = [sys.executable, "-c", STRANGER, str(exported)]
    kept = {"capture_output": True, "text": True, "check": True, "cwd": exported}
    done = subprocess.run(command, input=json.dumps(asked), env=environment, **kept)
    answer = json.loads(done.stdout.splitlines()[-1])
    assert answer["alone"]
    np.testing.assert_allclose(answer["found"], probabilities(run, asked), rtol=1e-5, atol=1e-6)
