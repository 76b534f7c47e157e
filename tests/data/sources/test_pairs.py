"""Pairs of sentences in .tsv files: what is read of them, and what is refused."""

from pathlib import Path

import numpy as np
import pytest

from kerasapps.__main__ import main
from kerasapps.app import load_app
from kerasapps.data.rows import open_rows
from kerasapps.data.sources import open_source
from kerasapps.errors import ConfigError, DataError
from kerasapps.runs.options import Options
from kerasapps.training.layout import choose_layout

ANKI = (
    "Go.\tVa !\tCC-BY 2.0 (France) Attribution: tatoeba.org #2877272\n"
    'He said "no.\tIl a dit « non ».\tCC-BY\n'
    " I'm 5,5 \t J'ai 5;5 ans \t\n"
)


def pairs(folder: Path, content: str | bytes) -> str:
    """The path of a file with this content."""
    path = folder / "pairs.tsv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


def read(path: str) -> list[tuple[str, str]]:
    source = open_source(path)
    columns = source.read("train", np.arange(source.sizes["train"]))
    return list(zip(columns["source"], columns["target"], strict=True))


def test_the_first_two_columns_are_read_as_they_are(tmp_path: Path) -> None:
    path = pairs(tmp_path, ANKI)
    assert read(path) == [("Go.", "Va !"), ('He said "no.', "Il a dit « non »."), ("I'm 5,5", "J'ai 5;5 ans")]
    spec = open_source(path).spec
    assert [(column.name, column.kind) for column in spec.columns] == [("source", "text"), ("target", "text")]
    assert spec.target is not None and len(spec.inputs) == 1


@pytest.mark.parametrize("content", ["a b\tc\nd\te f", "a b\tc\r\nd\te f\r\n", "\ufeffa b\tc\nd\te f\n\n"])
def test_ends_of_lines_and_files_may_differ(tmp_path: Path, content: str) -> None:
    assert read(pairs(tmp_path, content)) == [("a b", "c"), ("d", "e f")]


def test_rows_are_split_as_those_of_tables(tmp_path: Path) -> None:
    path = pairs(tmp_path, "".join(f"number {i}\tnombre {i}\n" for i in range(100)))
    rows = open_rows(Options(data=path))
    assert {split: len(part) for split, part in rows.items()} == {"train": 72, "validation": 8, "test": 20}
    for part in rows.values():
        columns = part.read()
        assert [text.split()[1] for text in columns["source"]] == [text.split()[1] for text in columns["target"]]


def test_translations_of_one_sentence_lie_in_one_split(tmp_path: Path) -> None:
    """Of 100 sentences a fifth is for test and a tenth of the rest for validation, with all of their translations."""
    lines = [(f"number {i}", f"nombre {i} {j}") for i in range(100) for j in range(1 + i % 4)]
    order = np.random.default_rng(0).permutation(len(lines))
    path = pairs(tmp_path, "".join("\t".join(lines[i]) + "\n" for i in order))
    found = [open_rows(Options(data=path, split_seed=seed)) for seed in (3, 3, 4)]
    for rows in found:
        columns = {split: part.read() for split, part in rows.items()}
        sources = {split: set(read["source"]) for split, read in columns.items()}
        assert [len(sources[split]) for split in ("train", "validation", "test")] == [72, 8, 20]
        assert len(set.union(*sources.values())) == 100
        together = [pair for read in columns.values() for pair in zip(read["source"], read["target"], strict=True)]
        assert sorted(together) == sorted(lines)
    tests = [rows["test"].rows.tolist() for rows in found]
    assert tests[0] == tests[1] != tests[2]


def test_the_sentences_are_counted_and_not_their_translations(tmp_path: Path) -> None:
    path = pairs(tmp_path, "a b\tc\n" * 50 + "d e\tf\n" * 50)
    with pytest.raises(DataError, match=r"'train': 100} rows \(different inputs: 2\): too few .* for valid"):
        open_rows(Options(data=path))


def test_one_pair_is_too_few(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"'train': 1} rows: too few .* for test"):
        open_rows(Options(data=pairs(tmp_path, "a b\tc\n")))


BAD = {
    "nothing": (b"", "is empty. Expected two sentences on each line, with a tab between them"),
    "an empty line alone": (b"\n", "is empty"),
    "one column": (b"a\tb\nc d\n", "line 2 has no tab in it"),
    "an empty line": (b"a\tb\n\nc\td\n", "line 2 is empty"),
    "two empty lines at the end": (b"a\tb\n\n\n", "line 2 is empty"),
    "no first sentence": (b"a\tb\n \tc\n", "line 2: the first sentence is blank"),
    "no second sentence": (b"a\tb\nc\t\tCC-BY\n", "line 2: the second sentence is blank"),
    "not UTF-8": ("a\tb\nà\tc\n".encode("latin-1"), "line 2: the byte 0xe0 is not UTF-8"),
    "a NUL byte": (b"a\tb\nc\0\td\n", "line 2: a NUL byte"),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_files_are_refused(tmp_path: Path, kind: str) -> None:
    content, message = BAD[kind]
    with pytest.raises(DataError, match=message) as caught:
        open_source(pairs(tmp_path, content))
    assert "pairs.tsv" in str(caught.value)


def test_the_command_line_refuses_as_python_does(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    path = pairs(tmp_path, "a\tb\nc d\n")
    assert main(["train", "rnn", "--data", path]) == 3
    assert f"{path}, line 2 has no tab in it" in capsys.readouterr().err
    assert main(["train", "rnn", "--data", str(tmp_path / "absent.tsv")]) == 3
    assert "absent.tsv cannot be read" in capsys.readouterr().err
    with pytest.raises(ConfigError, match="Unknown target 'source'. Expected one of: a, b"):
        open_source(path, target="source")


def test_an_app_that_takes_other_things_says_so(tmp_path: Path) -> None:
    path = pairs(tmp_path, "".join(f"number {i}\tnombre {i}\n" for i in range(9)))
    source = open_source(path)
    columns = source.read("train", np.arange(9))
    for name in ("mlp", "rnn"):
        with pytest.raises(ConfigError, match=rf"{name} cannot learn .*pairs.tsv: it takes .* -> .* offers .* \d+ tok"):
            choose_layout(load_app(name), source.spec, path, columns)
