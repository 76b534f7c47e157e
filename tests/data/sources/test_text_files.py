"""Text files alone and in folders: which part of them is for what, and what is refused."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from kerasapps.__main__ import main
from kerasapps.data.readers.idx import FILES
from kerasapps.data.rows import open_rows
from kerasapps.data.sources import open_source
from kerasapps.data.sources._passages import Passages
from kerasapps.errors import ConfigError, DataError
from kerasapps.runs.options import Options

STORY = "".join(f"Sentence {i} of the story.\n" for i in range(100))


def opened(path: Path, data_dir: Path | None = None) -> Passages:
    source = open_source(str(path), str(data_dir or ""))
    assert isinstance(source, Passages)
    return source


def write(folder: Path, texts: dict[str, str]) -> Path:
    """A folder with these files."""
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode())
    return folder


@pytest.mark.parametrize("name", ["story.txt", "story.MD", "story.py"])
def test_a_file_is_cut_in_three_one_behind_the_other(tmp_path: Path, name: str) -> None:
    write(tmp_path, {name: STORY})
    parts = {split: "".join(texts) for split, texts in opened(tmp_path / name).documents.items()}
    assert list(parts) == ["train", "validation", "test"]
    assert "".join(parts.values()) == STORY
    sizes = [len(part) / len(STORY) for part in parts.values()]
    np.testing.assert_allclose(sizes, [0.9, 0.05, 0.05], atol=1 / len(STORY))
    assert opened(Path(name), tmp_path).name.endswith(name)


def test_ends_of_lines_become_one_sign(tmp_path: Path) -> None:
    write(tmp_path, {"a.txt": "\ufeff" + STORY.replace("\n", "\r\n"), "b.txt": STORY.replace("\n", "\r")})
    for name in ("a.txt", "b.txt"):
        assert "".join(text for (text,) in opened(tmp_path / name).documents.values()) == STORY


def test_a_line_may_have_any_length(tmp_path: Path) -> None:
    write(tmp_path, {"a.txt": "word " * 300_000})
    assert opened(tmp_path / "a.txt").sizes == {"train": 10547, "validation": 586, "test": 586}


def test_passages_have_the_length_that_is_asked_for(tmp_path: Path) -> None:
    path = str(write(tmp_path, {"a.txt": STORY}) / "a.txt")
    train = open_rows(Options(data=path, passage_length=10))["train"].read()["text"]
    assert {len(text) for text in train[:-1]} == {10} and STORY.startswith("".join(train))


def test_of_a_folder_each_file_is_whole_in_one_split(tmp_path: Path) -> None:
    texts = {f"{'abc'[i % 3]}/{i}.{('txt', 'py', 'md')[i % 3]}": f"Text {i}. " * 20 for i in range(40)}
    others = {"notes.rst": "no", ".git/a.txt": "no", "a/.hidden.txt": "no", "b/__init__.py": "", "c/blank.txt": " \n"}
    (tmp_path / "folder.txt").mkdir()
    documents = opened(write(tmp_path, {**texts, **others})).documents
    assert {split: len(each) for split, each in documents.items()} == {"train": 36, "validation": 2, "test": 2}
    assert sorted(text for each in documents.values() for text in each) == sorted(texts.values())
    again = opened(write(tmp_path / "copy", texts)).documents
    assert again == documents


def test_a_file_whose_name_is_not_utf8_is_read_as_others_are(tmp_path: Path) -> None:
    names = ["a\udcff.txt", "b.txt", "c.txt"]
    for name in names:
        try:
            (tmp_path / name).write_text(name[0] * 9)
        except OSError:
            pytest.skip("this file system has no such names")
    documents = opened(tmp_path).documents
    assert sorted(text for each in documents.values() for text in each) == ["a" * 9, "b" * 9, "c" * 9]


def test_three_files_are_one_for_each_split(tmp_path: Path) -> None:
    documents = opened(write(tmp_path, dict.fromkeys(("a.txt", "b.txt", "c.txt"), STORY))).documents
    assert documents == {"train": [STORY], "validation": [STORY], "test": [STORY]}


def test_fewer_files_are_each_cut_in_three(tmp_path: Path) -> None:
    other = STORY.upper()
    documents = opened(write(tmp_path, {"a.txt": STORY, "b.txt": other})).documents
    assert ["".join(parts) for parts in zip(*documents.values(), strict=True)] == [STORY, other]


def test_images_come_before_texts(tmp_path: Path) -> None:
    write(tmp_path, {"readme.txt": STORY})
    for name in FILES:
        dimensions = 3 if "images" in name else 1
        header = bytes([0, 0, 8, dimensions]) + np.array([4, 2, 2][:dimensions], ">i4").tobytes()
        content = bytes(range(16)) if dimensions == 3 else bytes([0, 1, 0, 1])
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress(header + content))
    source = open_source(str(tmp_path))
    assert [column.kind for column in source.spec.columns] == ["image", "category"] and source.sizes["train"] == 4


BAD = {
    "nothing": (b"", "is empty"),
    "blanks": (b" \r\n\t\n", "is empty"),
    "not UTF-8": ("a\r\nb\r\n\xe0".encode("latin-1"), "line 3: the byte 0xe0 is not UTF-8"),
    "a NUL byte": (b"a\nb\0", "line 2: a NUL byte"),
    "too short": (b"ab", "is too short: it has nothing but blanks for train"),
    "a blank end": (b"a" * 90 + b" " * 10, "is too short: it has nothing but blanks for validation"),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_files_are_refused(tmp_path: Path, kind: str) -> None:
    content, message = BAD[kind]
    (tmp_path / "a.txt").write_bytes(content)
    for path in (tmp_path / "a.txt", tmp_path):
        expected = (
            message if path.suffix or message != "is empty" else "has no text: its .txt and .md and .py files are empty"
        )
        with pytest.raises(DataError, match=expected) as caught:
            open_source(str(path))
        assert str(path) in str(caught.value)


def test_the_command_line_refuses_as_python_does(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    write(tmp_path, {"a.rst": STORY})
    assert main(["train", "rnn", "--data", str(tmp_path)]) == 3
    assert f"{tmp_path} has 1 .rst. Expected a folder for each class with its images" in capsys.readouterr().err
    assert main(["train", "rnn", "--data", str(tmp_path / "a.rst")]) == 3
    assert "a.rst is of no known kind. Expected a file of .csv, .npz, .tsv, .txt, .md, .py" in capsys.readouterr().err
    assert main(["train", "rnn", "--data", str(tmp_path / "absent.txt")]) == 3
    assert "absent.txt cannot be read" in capsys.readouterr().err
    assert main(["train", "rnn", "--data", "iris", "--passage-length", "5"]) == 2
    assert "passage_length=5: iris is not cut into passages" in capsys.readouterr().err
    with pytest.raises(ConfigError, match="target=x .* the data .*a.txt are none"):
        open_source(str(tmp_path / "a.txt"), target="x")


def test_a_file_of_python_is_read_and_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"script.py": "raise SystemExit('run')\n" + STORY})
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    assert opened(Path("script.py")).sizes["train"] > 1
