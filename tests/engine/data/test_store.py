"""Files are hashed and parsed once for every version: counted where the libraries are called."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from engine.data import DataStore, prepare, read, with_digests
from engine.data.binary import archive
from engine.errors import DataError
from graph.model.dataset import Csv, Dataset, Idx, Npz

TICK = 40_000_000  # ns; changes of a file that are further apart differ in their times


def written(path: Path, content: str | bytes) -> Path:
    """Write a file, and let the clock go on by a tick."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    while time.time_ns() - path.stat().st_ctime_ns < TICK:
        time.sleep(TICK / 4e9)
    return path


class Counts:
    """How often files were hashed and parsed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls = {"hash": 0, "parse": 0}
        for module, name, what in (
            (hashlib, "file_digest", "hash"),
            (pd, "read_csv", "parse"),
            (archive, "read_values", "parse"),
        ):
            monkeypatch.setattr(module, name, self._counting(getattr(module, name), what))

    def _counting(self, function: Callable[..., Any], what: str) -> Callable[..., Any]:
        def counted(*args: Any, **kwargs: Any) -> Any:
            self.calls[what] += 1
            return function(*args, **kwargs)

        return counted


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> Counts:
    return Counts(monkeypatch)


def test_a_table_is_parsed_once_whatever_is_done_with_it(tmp_path: Path, counts: Counts) -> None:
    written(tmp_path / "a.csv", "x,c\n1,u\n2,v\n")
    store, dataset = DataStore(), Csv(path="a.csv", features=("x",), targets=("c",))
    assert read(dataset, tmp_path, store) is read(dataset, tmp_path, store)
    known = with_digests(dataset, tmp_path, store)
    assert prepare(known, tmp_path, store).schema == {"x": 1, "c": 2}
    by_number = Csv(path="a.csv", encoding={"c": "number"})
    assert read(by_number, tmp_path, store).schema == {"x": 1, "c": 1}
    assert counts.calls == {"hash": 1, "parse": 1}
    read(Csv(path="a.csv", header=False), tmp_path, store)
    assert counts.calls == {"hash": 1, "parse": 2}, "another reading of the same text"


def test_the_name_of_a_file_does_not_matter_but_is_told(tmp_path: Path, counts: Counts) -> None:
    written(tmp_path / "a.csv", "x\n1\n2\nthree\n")
    store = DataStore()
    first = read(Csv(path="a.csv"), tmp_path, store)
    (tmp_path / "a.csv").rename(tmp_path / "b.csv")
    second = read(Csv(path="b.csv"), tmp_path, store)
    assert counts.calls["parse"] == 1
    assert first.columns["x"].fault.startswith("a.csv: row 3 (line 4")
    assert second.columns["x"].fault.startswith("b.csv: row 3 (line 4")


def test_a_changed_file_is_another_version(tmp_path: Path, counts: Counts) -> None:
    path, store = written(tmp_path / "a.csv", "x\n1\n"), DataStore()
    dataset = with_digests(Csv(path="a.csv"), tmp_path, store)
    assert read(dataset, tmp_path, store).columns["x"].values.tolist() == [[1.0]]
    written(path, "x\n7\n")
    with pytest.raises(DataError, match=r"a\.csv: the file has changed"):
        read(dataset, tmp_path, store)
    assert read(Csv(path="a.csv"), tmp_path, store).columns["x"].values.tolist() == [[7.0]]
    written(path, "x\n1\n")
    read(dataset, tmp_path, store)
    assert counts.calls == {"hash": 3, "parse": 2}, "the first content is known already"


def test_a_change_in_the_tick_of_the_clock_is_seen(tmp_path: Path) -> None:
    path, store = tmp_path / "a.csv", DataStore()
    for number in range(10):  # each of the same length, all within some milliseconds
        path.write_text(f"x\n{number}\n", "utf-8")
        table = read(Csv(path="a.csv"), tmp_path, store)
        assert table.columns["x"].values.tolist() == [[float(number)]]


def test_a_deleted_file_is_one_sentence(tmp_path: Path) -> None:
    path, store = written(tmp_path / "a.csv", "x\n1\n"), DataStore()
    read(Csv(path="a.csv"), tmp_path, store)
    path.unlink()
    with pytest.raises(DataError, match=r"the data file 'a\.csv' is not there; put it into"):
        read(Csv(path="a.csv"), tmp_path, store)


def test_a_file_that_changes_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, parse = written(tmp_path / "a.csv", "x\n1\n"), pd.read_csv

    def meanwhile(*args: Any, **kwargs: Any) -> Any:
        path.write_text("x\n1\n2\n", "utf-8")
        return parse(*args, **kwargs)

    monkeypatch.setattr(pd, "read_csv", meanwhile)
    with pytest.raises(DataError, match=r"a\.csv: the file was changed while it was read"):
        read(Csv(path="a.csv"), tmp_path, DataStore())


def test_memory_is_bounded(tmp_path: Path, counts: Counts) -> None:
    for name in "abc":
        np.savez(tmp_path / f"{name}.npz", x=np.arange(1000.0) + ord(name))
    store = DataStore(limit=20_000)  # a table is 8,000 bytes
    read(Npz(path="a.npz"), tmp_path, store)
    read(Npz(path="a.npz"), tmp_path, store)
    assert counts.calls["parse"] == 1
    for name in "bc":
        read(Npz(path=f"{name}.npz"), tmp_path, store)
    read(Npz(path="a.npz"), tmp_path, store)
    assert counts.calls["parse"] == 4


def test_pictures_are_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    images = b"\0\0\x08\x03" + np.array([3, 2, 2], ">u4").tobytes() + bytes(range(12))
    written(tmp_path / "images", images)
    written(tmp_path / "labels", b"\0\0\x08\x01\0\0\0\x03\1\0\1")
    opened: list[str] = []
    open_path = Path.open

    def counting(path: Path, *args: Any, **kwargs: Any) -> Any:
        opened.append(path.name)
        return open_path(path, *args, **kwargs)

    store = DataStore()
    dataset: Dataset = Idx(images="images", labels="labels")
    first = read(dataset, tmp_path, store)
    monkeypatch.setattr(Path, "open", counting)
    assert read(with_digests(dataset, tmp_path, store), tmp_path, store) is first
    read(Idx(images="images", labels="labels", encoding={"label": "number"}), tmp_path, store)
    assert not opened


def test_threads_share_one_parse(tmp_path: Path, counts: Counts) -> None:
    written(tmp_path / "a.csv", "x\n" + "1\n" * 2000)
    store, tables = DataStore(), []
    threads = [
        threading.Thread(target=lambda: tables.append(read(Csv(path="a.csv"), tmp_path, store)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts.calls == {"hash": 1, "parse": 1}
    assert all(table is tables[0] for table in tables)
