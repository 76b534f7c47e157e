"""Tables as people have them: their headers, separators, ids and kinds, and what is said of them."""

import io
from pathlib import Path

import numpy as np
import pandas
import pytest

from kerasapps.data.readers import labels_of, names_of
from kerasapps.data.rows import open_rows
from kerasapps.data.sources import notes_of, open_source
from kerasapps.data.spec import is_argument
from kerasapps.errors import ConfigError, DataError
from kerasapps.runs.options import Options

MANY = range(30)


def table(folder: Path, text: str, name: str = "table.csv") -> str:
    """The path of a file with this text."""
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


def of_columns(folder: Path, **columns: list) -> str:
    """The path of a table with these columns."""
    pandas.DataFrame(columns).to_csv(folder / "table.csv", index=False)
    return str(folder / "table.csv")


HEADER = ["", "a", "a", "größe (cm)", "2019", "class", "self", "_x", "年", "B", "b", "Straße", "a.1", "y"]


def test_headers_are_called_as_pandas_calls_them() -> None:
    expected = list(pandas.read_csv(io.StringIO(",".join(HEADER) + "\n")).columns)
    assert labels_of(HEADER) == expected


def test_every_header_has_a_name_that_an_exported_model_takes(tmp_path: Path) -> None:
    names = names_of(labels_of(HEADER))
    assert names[1:] == [
        *("a", "a_2", "grosse__cm", "column_2019", "class_", "self_", "x", "column_9", "B", "b_1", "Strasse"),
        *("a_1", "y"),
    ]
    assert all(map(is_argument, names)) and len({name.lower() for name in names}) == len(names)
    rows = "".join(",".join(f"{(i * j) % 7}.5" for j in range(1, 15)) + "\n" for i in MANY)
    source = open_source(table(tmp_path, ",".join(HEADER) + "\n" + rows), features=["größe (cm)", "class", "a.1"])
    assert [(c.name, c.title) for c in source.spec.inputs] == [
        *(("grosse__cm", "größe (cm)"), ("class_", "class"), ("a_1", "a.1"))
    ]
    assert open_source(str(tmp_path / "table.csv"), target="grosse__cm").spec.required_target.title == "größe (cm)"


@pytest.mark.parametrize("sign", [";", "\t", "|", ","])
def test_the_separator_is_found(tmp_path: Path, sign: str) -> None:
    frame = pandas.DataFrame({"town": ["Bonn; a|b", "Oslo, c\td"] * 3, "x": [1.5, 2, 3, 4, 5, 6.5], "y": [*"ababab"]})
    frame.to_csv(tmp_path / "table.csv", sep=sign, index=False)
    columns = open_source(str(tmp_path / "table.csv")).read("train", np.arange(6))
    assert columns["x"].tolist() == frame["x"].tolist()
    assert [" ".join(text.split()) for text in columns["town"]] == [" ".join(text.split()) for text in frame["town"]]


@pytest.mark.parametrize(
    ("text", "is_table"),
    [
        ("town\tx\ty\nBonn\t1\ta\nOslo\t2\tb\n", True),
        ("said\ttarget\nyes\tja\n", True),
        ("a\tb\tc\td\nw\tx\ty\tz\n", True),
        ("Go.\tVa !\tCC-BY 1\nHi.\tSalut.\tCC-BY 2\n", False),
        ("2\tzwei\n3\tdrei\n", False),
    ],
)
def test_a_tsv_file_is_a_table_or_has_pairs(tmp_path: Path, text: str, is_table: bool) -> None:
    spec = open_source(table(tmp_path, text, "data.tsv")).spec
    assert ([column.name for column in spec.columns] == ["source", "target"]) != is_table
    source = open_source(str(tmp_path / "data.tsv"))
    assert ("read as pairs of sentences; --target COLUMN reads a table" in notes_of(source)) != is_table


def test_ids_are_left_out_and_said(tmp_path: Path) -> None:
    frame = pandas.DataFrame(
        {
            "id": [f"u{i}" for i in MANY],
            "name": [f"Ann {i} Lee" for i in MANY],
            "step": [*MANY],
            "year": [2000 + i for i in reversed(MANY)],
            "order_no": [i * i + 3 for i in MANY],
            "weight": [i * i + 3 for i in MANY],
            "zip code": [f"0123{i % 4}" for i in MANY],
            "price": [f"{i % 3}.5" for i in MANY],
            "y": [*"ab"] * 15,
        }
    )
    frame.to_csv(tmp_path / "table.csv")
    source = open_source(str(tmp_path / "table.csv"))
    assert [column.name for column in source.spec.inputs] == ["weight", "zip_code", "price"]
    assert source.notes == (
        "target: the last column, y (2 classes); --target names another",
        "left out: Unnamed: 0 (numbers the rows); id (30 classes in 30 rows); name (30 different texts in 30 rows); "
        "step (counts the rows); year (counts the rows); order_no (ascending ids); --kind COLUMN=KIND keeps one",
        "zip code: a category, as numbers begin with 0; --kind 'zip code=number' reads numbers",
    )
    kinds = ["id=category", "step=number", "year=ignore", "zip code=number"]
    kept = open_source(str(tmp_path / "table.csv"), kind=kinds)
    assert [(c.name, c.kind) for c in kept.spec.inputs] == [
        *(("id", "category"), ("step", "number"), ("weight", "number"), ("zip_code", "number"), ("price", "number"))
    ]
    assert kept.read("train", np.arange(4))["zip_code"].tolist() == [1230, 1231, 1232, 1233]
    assert [c.name for c in open_source(str(tmp_path / "table.csv"), features=["name"]).spec.inputs] == ["name"]


@pytest.mark.parametrize(
    "values",
    [[f"2001-01-{i % 28 + 1:02d} 10:{i}:00+02:00" for i in MANY], [f"{i % 28 + 1}.{i % 12 + 1}.01" for i in MANY]],
)
def test_dates_that_are_not_read_are_named(tmp_path: Path, values: list[str]) -> None:
    source = open_source(of_columns(tmp_path, x=[f"{i}.5" for i in MANY], when=values, y=[*"ab"] * 15))
    assert "when (dates with offsets or years of two digits, which are not read" in source.notes[1]


def test_the_line_by_which_excel_knows_the_separator(tmp_path: Path) -> None:
    path = table(tmp_path, "sep=;\nx;town;y\n1,5;a,b;c\n2,5;a,c;d\nold;b;c\n3,5;b;c\n")
    with pytest.raises(DataError, match="line 5, column x: old"):
        open_source(path)
    path = table(tmp_path, "sep=;\nx;town;y\n1,5;a,b;c\n2,5;a,c;d\n")
    frame = pandas.read_csv(path, sep=";", skiprows=1, decimal=",")
    columns = open_source(path).read("train", np.arange(2))
    assert columns["x"].tolist() == frame["x"].tolist() and columns["town"].tolist() == frame["town"].tolist()


def test_columns_without_names_are_an_index_or_empty(tmp_path: Path) -> None:
    source = open_source(table(tmp_path, ",x,y,\n7,1.5,a,\n3,2.5,b,\n9,3.5,a,\n"))
    assert [column.name for column in source.spec.columns] == ["x", "y"]
    assert source.notes[1].startswith("left out: Unnamed: 0 (numbers the rows); Unnamed: 3 (empty)")


def test_nothing_of_more_than_50_classes_is_a_category_unless_it_is_said(tmp_path: Path) -> None:
    town, x = [f"t{i % 51}" for i in range(204)], [f"{i % 5}.5" for i in range(204)]
    path = of_columns(tmp_path, town=town, x=x, y=[*"ab"] * 102)
    assert "town (51 classes in 204 rows)" in open_source(path).notes[1]
    rows = open_rows(Options(data=path, kind=("town=category",)))["train"]
    assert len(rows.source.spec.inputs[0].classes) == 51


def test_a_table_whose_every_column_is_an_id_keeps_them(tmp_path: Path) -> None:
    assert open_source(of_columns(tmp_path, x=[*MANY], y=[*"ab"] * 15)).spec.inputs[0].kind == "number"
    path = of_columns(tmp_path, x=[f"u{i}" for i in MANY], y=[*"ab"] * 15)
    with pytest.raises(DataError, match="30 different values in 30 rows.*say --kind x=category"):
        open_rows(Options(data=path))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["tonw=text"], "Unknown column 'tonw'. Did you mean 'town'"),
        (["town=txt"], "Unknown kind of town 'txt'. Did you mean 'text'"),
        (["town"], "kind=town: expected COLUMN=KIND, such as town=category"),
        (["y=date"], "y is the target"),
    ],
)
def test_a_kind_that_cannot_be_is_refused(tmp_path: Path, given: list[str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        open_source(table(tmp_path, "town,y\nBonn,a\nOslo,b\n"), kind=given)


@pytest.mark.parametrize("kind", ["number", "date", "boolean"])
def test_a_cell_that_does_not_fit_a_kind_is_named_by_its_line(tmp_path: Path, kind: str) -> None:
    good = {"number": "5", "date": "2001-02-03", "boolean": "yes"}[kind]
    path = table(tmp_path, f"x,y\n{good},a\n\n,b\noak,b\nelm,a\nash,a\n")
    with pytest.raises(DataError, match="table.csv, line 5, column x: oak. Expected"):
        open_source(path, kind=[f"x={kind}"])


def test_few_cells_that_do_not_fit_are_errors_and_many_make_a_category(tmp_path: Path) -> None:
    few, many = ["1", "2", "3", "old"], ["1", "2", "3", "4", "old", "new"]
    with pytest.raises(DataError, match=r"line 5, column x: old. Expected a number, as .*--kind"):
        open_source(of_columns(tmp_path, x=few, y=[*"abab"]))
    assert open_source(of_columns(tmp_path, x=many, y=[*"ababab"])).spec.inputs[0].kind == "category"


def test_columns_that_are_not_used_are_not_checked(tmp_path: Path) -> None:
    path = table(tmp_path, "x,bad,y\n1,1,a\n2,2,b\n3,3,a\n4,old,a\n")
    for given in ({"features": ["x"]}, {"kind": ["bad=ignore"]}):
        assert [c.name for c in open_source(path, **given).spec.inputs] == ["x"]


def test_infinite_cells_are_refused_by_their_line(tmp_path: Path) -> None:
    path = table(tmp_path, "x,y\n1.5,a\n,b\ninf,a\n" + 20 * "2,a\n3,b\n")
    with pytest.raises(DataError, match="table.csv, line 4, column x: inf. Expected a finite number"):
        for rows in open_rows(Options(data=path)).values():
            rows.read()


def test_rows_without_a_target_are_left_out_and_counted(tmp_path: Path) -> None:
    source = open_source(table(tmp_path, "x,y\n1.5,2.5\n2,\n\n3,NA\n4,5.5\n"))
    assert source.sizes == {"train": 2} and source.lines.tolist() == [2, 6]
    assert source.read("train", np.arange(2))["y"].tolist() == [2.5, 5.5]
    assert "left out: 2 rows without a target" in source.notes
    with pytest.raises(DataError, match="no row has a target, column y"):
        open_source(table(tmp_path, "x,y\n1,\n2,\n"))


@pytest.mark.parametrize(
    ("different", "task", "kind", "said"),
    [
        (12, None, "category", "are taken as classes; --task regression"),
        (12, "regression", "number", ""),
        (26, None, "number", "are taken as numbers; --task classification"),
        (26, "classification", "category", ""),
        (2, None, "category", ""),
    ],
)
def test_the_task_of_whole_numbers(tmp_path: Path, different: int, task: str, kind: str, said: str) -> None:
    path = of_columns(tmp_path, x=[f"{i}.5" for i in range(130)], y=[i % different for i in range(130)])
    source = open_rows(Options(data=path, task=task, target="y"))["train"].source
    assert source.spec.required_target.kind == kind
    assert len(source.spec.required_target.classes) == (different if kind == "category" else 0)
    assert said in " ".join(source.notes) and bool(said) == bool(source.notes)
    np.testing.assert_array_equal(source.read("train", np.arange(130))["y"], np.arange(130) % different)


def test_words_cannot_be_numbers(tmp_path: Path) -> None:
    path = table(tmp_path, "x,y\n1,3\n2,old\n")
    with pytest.raises(DataError, match="line 3, column y: old. Expected a number"):
        open_source(path, task="regression")
    with pytest.raises(ConfigError, match="task=regression .* the data iris are none"):
        open_source("iris", task="regression")


def test_classes_that_differ_only_in_case_or_blanks_are_one(tmp_path: Path) -> None:
    town, y = ["Öl", "öl", "Öl ", "new  York", "New York", "new york"], ["Yes", "yes", "no", "YES", "yes", "No"]
    source = open_source(of_columns(tmp_path, town=town, y=y))
    assert source.spec.inputs[0].classes == ("New York", "Öl")
    assert source.spec.required_target.classes == ("No", "yes")
    columns = source.read("train", np.arange(6))
    assert columns["town"].tolist() == ["Öl"] * 3 + ["New York"] * 3 and columns["y"].tolist() == [1, 1, 0, 1, 1, 0]
    assert 'town: "öl" is read as Öl' in source.notes
