"""Text tables: inference, places of faults, round trips."""

from __future__ import annotations

import csv
import math
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data import guess_delimiter, guess_header, prepare, read
from engine.data.csv_file import MISSING
from engine.data.table import Table
from engine.errors import DataError
from graph.model.dataset import Csv


def write(folder: Path, text: str | bytes, name: str = "t.csv") -> Csv:
    data = text if isinstance(text, bytes) else text.encode()
    (folder / name).write_bytes(data)
    return Csv(path=name)


def used(dataset: Csv, *features: str) -> Csv:
    return Csv(path=dataset.path, features=features)


def test_types_are_inferred(tmp_path: Path) -> None:
    table = read(write(tmp_path, 'size,colour\n1.5,red\n-2e3,"blue"\n7,red\n'), tmp_path)
    assert table.columns["size"].values[:, 0].tolist() == [1.5, -2000, 7]
    assert table.columns["colour"].categories == ("blue", "red")
    assert table.columns["colour"].values.tolist() == [[0, 1], [1, 0], [0, 1]]


def test_text_in_a_number_column_is_placed_exactly(tmp_path: Path) -> None:
    dataset = write(tmp_path, "a,b\n1,2\n\n3, n.a. \n4,5\n6,7\n")
    with pytest.raises(DataError) as caught:
        prepare(used(dataset, "b"), tmp_path)
    assert str(caught.value).startswith(
        "t.csv: row 2 (line 4 of the file), column 'b': found ' n.a. ' where a number is expected"
    )


@pytest.mark.parametrize("text", ["", "?", "NA", "NaN"])
def test_missing_values_are_placed(tmp_path: Path, text: str) -> None:
    dataset = write(tmp_path, f"a,b\n1,2\n{text},2\n{text},3\n")
    with pytest.raises(DataError, match=r"line 3 of the file\), column 'a': the value is missing"):
        prepare(used(dataset, "a"), tmp_path)


def test_a_faulty_column_that_is_not_used_does_no_harm(tmp_path: Path) -> None:
    prepared = prepare(used(write(tmp_path, "a,b\n1,2\n,2\n"), "b"), tmp_path)
    assert prepared.batch(["b"])["b"].tolist() == [[2], [2]]
    with pytest.raises(DataError, match=r"row 2 \(line 3 of the file\), column 'a'"):
        prepared.batch(["a"])


def test_infinities_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"column 'a': found 'inf' where a finite number"):
        prepare(used(write(tmp_path, "a,b\ninf,1\n3,1\n"), "a"), tmp_path)


def test_a_long_row_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"t\.csv: line 3 has 3 cells where the first line has 2"):
        read(write(tmp_path, "a,b\n1,2\n1,2,3\n"), tmp_path)


def test_a_short_row_has_missing_values(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"row 2 \(line 3 of the file\), column 'b': the value"):
        prepare(used(write(tmp_path, "a,b\n1,2\n1\n"), "b"), tmp_path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "empty"),
        (b"a,b\n", "no rows of data"),
        (b"\n\n\n", "empty"),
        (b'a,b\n1,"2\n', "no table"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, text: bytes, words: str) -> None:
    with pytest.raises(DataError, match=words) as caught:
        read(write(tmp_path, text), tmp_path)
    assert str(caught.value).startswith("t.csv: ")
    assert "\n" not in str(caught.value)


def test_a_byte_order_mark_and_other_delimiters(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"\xef\xbb\xbfa;b\n1;2\n")
    assert read(Csv(path="t.csv", delimiter=";"), tmp_path).schema == {"a": 1, "b": 1}
    with pytest.raises(DataError, match="single character"):
        read(Csv(path="t.csv", delimiter="ab"), tmp_path)


def test_semicolons_come_with_decimal_commas(tmp_path: Path) -> None:
    write(tmp_path, "a;b\n1,5;x,y\n-2,25e1;1,2,3\n3;z\n")
    table = read(Csv(path="t.csv", delimiter=";"), tmp_path)
    assert table.columns["a"].values[:, 0].tolist() == [1.5, -22.5, 3]
    assert table.columns["b"].categories == ("1,2,3", "x,y", "z")
    write(tmp_path, 'a\n"1,234"\n"5,678"\n')
    numbers = read(Csv(path="t.csv"), tmp_path).columns["a"].values[:, 0]
    assert numbers.tolist() == [1234, 5678]  # commas divide the columns, so these are thousands


def test_without_header_the_first_row_is_data(tmp_path: Path) -> None:
    write(tmp_path, "1,x\n2,y\n")
    table = read(Csv(path="t.csv", header=False), tmp_path)
    assert table.schema == {"column1": 1, "column2": 2}
    assert table.rows == 2


def test_integer_classes_become_one_hot_by_encoding(tmp_path: Path) -> None:
    write(tmp_path, "x,c\n1,10\n2,2\n3,10\n")
    column = read(Csv(path="t.csv", encoding={"c": "one_hot"}), tmp_path).columns["c"]
    assert column.categories == ("2", "10")
    assert column.values.tolist() == [[0, 1], [1, 0], [0, 1]]


def test_a_changed_file_is_noticed(tmp_path: Path) -> None:
    write(tmp_path, "a\n1\n")
    with pytest.raises(DataError, match=r"t\.csv: the file has changed"):
        read(Csv(path="t.csv", sha256="0" * 64), tmp_path)


@pytest.mark.parametrize("path", ["absent.csv", ".", "", "a\0b"])
def test_files_that_are_not_there(tmp_path: Path, path: str) -> None:
    with pytest.raises(DataError):
        read(Csv(path=path), tmp_path)


def test_the_first_rows_are_kept_as_found(tmp_path: Path) -> None:
    table = read(write(tmp_path, "n,c\n" + "01,x\n" * 1000), tmp_path)
    assert table.texts == (("01", "x"),) * 300


numbers = st.floats(allow_nan=False, allow_infinity=False)
words = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=8
).filter(lambda text: text.strip() not in MISSING and not _is_number(text))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(numbers, words), min_size=1, max_size=20))
def test_what_is_written_is_read(rows: list[tuple[float, str]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (folder / "t.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["n", "c"])
            writer.writerows((repr(number), word) for number, word in rows)
        table = read(Csv(path="t.csv"), folder)
    read_numbers = table.columns["n"].values[:, 0]
    assert all(
        math.isclose(a, b[0], rel_tol=1e-15, abs_tol=5e-324)
        for a, b in zip(read_numbers, rows, strict=True)
    )
    column = table.columns["c"]
    assert column.categories is not None
    assert [column.categories[i] for i in column.codes()] == [word.strip() for _, word in rows]
    assert np.array_equal(column.values.sum(axis=1), np.ones(len(rows)))


def told(folder: Path, content: bytes, **options: Any) -> tuple[Table, str]:
    (folder / "t.csv").write_bytes(content)
    table = read(Csv(path="t.csv", **options), folder)
    return table, "; ".join(table.notes)


@pytest.mark.parametrize(
    ("codec", "named"),
    [("cp1252", "Windows-1252"), ("utf-16", ""), ("utf-16-le", ""), ("utf-16-be", ""),
     ("utf-8", ""), ("utf-8-sig", "")],
)  # fmt: skip
def test_the_encoding_is_found(tmp_path: Path, codec: str, named: str) -> None:
    table, notes = told(tmp_path, "größe,y\n0.5,nein\n1.5,ja\n".encode(codec))
    assert list(table.columns) == ["größe", "y"]
    assert table.columns["größe"].values[:, 0].tolist() == [0.5, 1.5]
    assert bool(notes) is bool(named)
    assert named in notes


def test_bytes_that_windows_1252_lacks_are_latin_1(tmp_path: Path) -> None:
    table, notes = told(tmp_path, b"a\x81,b\n1,2\n")
    assert list(table.columns) == ["a\x81", "b"]
    assert "Latin-1" in notes


def test_a_wrong_byte_far_behind_is_found_before_reading(tmp_path: Path) -> None:
    content = b"a,b\n" + b"1,x\n" * 700_000 + b"2,\xe4\n"
    table, notes = told(tmp_path, content)
    assert table.columns["b"].categories == ("x", "ä")
    assert "Windows-1252" in notes


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("a,a,y", ["a", "a 2", "y"]),
        ("a,a 2,a", ["a", "a 2", "a 3"]),
        ("a,,a", ["a", "column2", "a 2"]),
    ],
)
def test_columns_of_one_name_are_numbered(tmp_path: Path, header: str, names: list[str]) -> None:
    table, notes = told(tmp_path, f"{header}\n1,2,0\n".encode())
    assert list(table.columns) == names
    assert f"is called '{names[-1] if names[-1] != 'y' else 'a 2'}' here" in notes


@pytest.mark.parametrize(
    ("content", "delimiter", "numbers"),
    [
        ("x,y\n$1200,0\n$900,1\n", ",", [1200, 900]),
        ('x,y\n"1,200",0\n"10,000",1\n', ",", [1200, 10_000]),
        ("x;y\n1.234,5;0\n5.000,0;1\n", ";", [1234.5, 5000]),
        ("x\ty\n1,5\t0\n0,25\t1\n", "\t", [1.5, 0.25]),
    ],
)
def test_numbers_in_another_format_are_numbers_and_it_is_said(
    tmp_path: Path, content: str, delimiter: str, numbers: list[float]
) -> None:
    table, notes = told(tmp_path, content.encode(), delimiter=delimiter)
    assert table.columns["x"].values[:, 0].tolist() == numbers
    assert "column 'x' is read as numbers" in notes


def test_numbers_and_texts_that_come_again_are_classes(tmp_path: Path) -> None:
    doors = ["2", "3", "4", "5more"] * 3
    table, notes = told(tmp_path, "\n".join(["doors", *doors]).encode())
    assert table.columns["doors"].categories == ("2", "3", "4", "5more")
    assert "column 'doors' has numbers and texts" in notes


def test_a_typing_error_among_numbers_is_a_fault(tmp_path: Path) -> None:
    table, notes = told(tmp_path, "\n".join(["a", *["0", "1"] * 30, "l"]).encode())
    assert "as classes (one-hot)" in table.columns["a"].fault
    assert not notes


@pytest.mark.parametrize("header", ["a,b", "a,b,"])
@pytest.mark.parametrize("last", ["5,6,", "5,6"])
def test_separators_at_the_ends_of_rows_are_no_column(
    tmp_path: Path, header: str, last: str
) -> None:
    table, _ = told(tmp_path, f"{header}\n1,2,\n3,4,\n{last}\n".encode())
    assert {name: column.values[:, 0].tolist() for name, column in table.columns.items()} == {
        "a": [1, 3, 5], "b": [2, 4, 6]
    }  # fmt: skip


def test_comment_lines_before_the_table_are_left_out_and_lines_count_on(tmp_path: Path) -> None:
    comments = "# station 4\n# units: m, s, kg\n"
    table, notes = told(tmp_path, f"{comments}a,b\n1,2\n".encode())
    assert list(table.columns) == ["a", "b"]
    assert notes == "t.csv: the first 2 lines begin with # and were left out"
    table, _ = told(tmp_path, f"{comments}a,b\n1,2\n1,x\n3,4\n".encode())
    assert "row 2 (line 5 of the file)" in table.columns["b"].fault


def test_a_line_of_names_behind_a_hash_is_no_comment(tmp_path: Path) -> None:
    table, notes = told(tmp_path, b"#id,y\n1,2\n3,4\n")
    assert list(table.columns) == ["#id", "y"]
    assert not notes


def test_lines_are_counted_as_an_editor_counts_them(tmp_path: Path) -> None:
    content = b'a,note\n1,"two\nlines"\n2,"three\nlines\nhere"\nx3,ok\n4,ok\n5,ok\n'
    table, _ = told(tmp_path, content)
    assert "row 3 (line 7 of the file)" in table.columns["a"].fault


def test_runs_of_blanks_divide_columns(tmp_path: Path) -> None:
    table, _ = told(
        tmp_path, b"  5.93   0.59  0\n 0.67 2.39 1  \n\t1 2\t0\n", delimiter=" ", header=False
    )
    assert [column.values[:, 0].tolist() for column in table.columns.values()] == [
        [5.93, 0.67, 1], [0.59, 2.39, 2], [0, 1, 0]
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "delimiter", "header"),
    [
        ("5.93,0.59,0\n0.6,2.3,1\n", ",", False),
        ("a,0.59,0\n0.6,2.3,1\n", ",", True),
        ("  5.93   0.59\n", " ", False),
        ("# units\n1;2\n", ";", False),
        ("one two three\n1 2 3\n", "", True),
    ],
)
def test_delimiter_and_header_are_guessed(
    tmp_path: Path, content: str, delimiter: str, header: bool
) -> None:
    file = tmp_path / "t.txt"
    file.write_text(content, "utf-8")
    assert guess_delimiter(file) == delimiter
    assert guess_header(file, delimiter or ",") is header


def test_names_that_are_numbers_are_pointed_out(tmp_path: Path) -> None:
    _, notes = told(tmp_path, b"5.93,0.59\n1,2\n")
    assert "holds numbers only (5.93, …)" in notes
