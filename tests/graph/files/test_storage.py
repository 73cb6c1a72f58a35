"""Files: what is written is read back exactly, and whatever is wrong is refused with its place."""

from __future__ import annotations

import base64
import json
import os
import stat
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.changes.groups import group
from graph.errors import FileError
from graph.files.migrations import up_to_date
from graph.files.storage import dumps, load, loads, save, unknown_kinds
from graph.files.whole_file import backup_path
from graph.model.document import Document
from graph.model.edits import (
    AddNode,
    Comment,
    Connect,
    Edge,
    Node,
    SetComments,
    SetFrozen,
    SetParameterValues,
    SetShared,
    SetText,
)
from graph.model.tensor import Tensor
from tests.graph.toys import LIBRARY, network


def full() -> Document:
    """A document with something in every section."""
    document = network()
    document.apply(SetText("XOR", "# notes\nwith δ and \ud83d"))
    document.apply(group(document, ["h1", "h2"], "hidden")[0])
    document.apply(SetComments((Comment("c1", "look", (0.0, 1.5, 100.0, 50.0)),)))
    values = {
        "h1.bias": Tensor.of([0.35]),
        "w": Tensor.of([[0.15]]),
        "x1-h1.weight": Tensor.of([[-0.0]]),
        "big": Tensor.of([[float(i) / 3 for i in range(50)] for _ in range(2)]),
    }
    document.apply(SetParameterValues(values))
    document.apply(SetFrozen({"w": True, "h1.bias": True}))
    document.apply(SetShared({"x2-h2.weight": "w", "h2.bias": "h1.bias"}))
    document.apply(AddNode(Node("q", "quux", "?", {"a": (1, "b", True), "z": 0.5})))
    document.apply(Connect(Edge("x1-q", "x1", "q", "anything", 7)))
    return document


def raw(document: Document | None = None) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(dumps(document or full()))
    return found


def refused(source: dict[str, Any] | str | bytes) -> FileError:
    text = json.dumps(source) if isinstance(source, dict) else source
    with pytest.raises(FileError) as caught:
        loads(text, LIBRARY, "net.gradwire")
    assert str(caught.value).startswith("net.gradwire: ")
    assert "\n" not in str(caught.value)
    return caught.value


def test_what_is_written_is_read_back_byte_for_byte() -> None:
    text = dumps(full())
    again = loads(text, LIBRARY)
    assert dumps(again) == text
    assert again.parameters["big"] == full().parameters["big"]
    assert again.nodes["q"] == full().nodes["q"]
    assert unknown_kinds(again) == ["quux"]


def test_one_node_edge_parameter_position_a_line_and_layout_last() -> None:
    lines = dumps(full()).splitlines()
    for start in ('{"id": "h1"', '{"id": "x1-h1"', '"h1.bias":', '"h1": [', '"x1": [0, 1]'):
        assert any(line.strip().startswith(start) for line in lines), start
    sections = list(raw())
    expected = ["format", "version", "title", "notes", "nodes", "edges", "parameters", "frozen"]
    assert sections == [*expected, "shared", "dataset", "training", "layout"]


def test_parameters_stand_in_the_order_of_nodes_then_edges_then_names() -> None:
    assert list(raw()["parameters"]) == ["h1.bias", "x1-h1.weight", "big", "w"]
    assert raw()["frozen"] == ["h1.bias", "w"]
    assert list(raw()["shared"]) == ["h2.bias", "x2-h2.weight"]


def test_an_empty_document_is_written_and_read() -> None:
    text = dumps(Document(LIBRARY))
    assert dumps(loads(text, LIBRARY)) == text


def test_large_arrays_are_packed_and_float32_is_read() -> None:
    packed = raw()["parameters"]["big"]
    assert (packed["shape"], packed["dtype"]) == ([2, 50], "float64")
    document = raw()
    data = struct.pack("<2f", 0.5, -1.25)
    encoded = base64.b64encode(data).decode()
    document["parameters"]["w"] = {"shape": [1, 2], "dtype": "float32", "base64": encoded}
    assert loads(json.dumps(document), LIBRARY).parameters["w"].nested() == [[0.5, -1.25]]


def test_a_byte_order_mark_is_no_obstacle() -> None:
    text = dumps(full())
    assert dumps(loads(b"\xef\xbb\xbf" + text.encode(), LIBRARY)) == text


BAD_TEXT = {
    "": "truncated",
    "{": "truncated",
    '{"format": "gradwire", ': "truncated",
    "hello": "not JSON",
    "[]": "$",
    "{}": "$.format",
    '{"format": "other"}': "$.format",
    '{"format": "gradwire"}': "$.version",
    '{"format": "gradwire", "version": 2, "nodes": 7}': "version 2",
    '{"format": "gradwire", "version": "1"}': "$.version",
    '{"format": "gradwire", "version": 1, "edges": []}': "nodes",
    '{"format": "gradwire", "version": 1, "nodes": [], "nodes": [], "edges": []}': "$.nodes",
    '{"format": "gradwire", "version": 1, "notes": NaN}': "$.notes",
    '{"format": "gradwire", "version": 1, "notes": -Infinity}': "$.notes",
    '{"format": "gradwire", "version": 1, "notes": [{"a b": 1e999}]}': '$.notes[0]["a b"]',
    '{"format": "gradwire", "version": 1, "notes": 123456789012345678901}': "$.notes",
    '{"format": "gradwire", "version": 1e0}': "$.version",
}


@pytest.mark.parametrize("text", BAD_TEXT, ids=lambda text: text[-30:] or "empty")
def test_texts_that_are_no_document_are_refused(text: str) -> None:
    assert BAD_TEXT[text] in str(refused(text))
    refused(text.encode())


def test_bytes_that_are_not_utf8_are_refused() -> None:
    assert "byte 17" in str(refused(b'{"format": "gradw\xffre"}'))


def test_nesting_without_end_is_refused_at_once() -> None:
    assert "lists" in str(refused(b"[" * 200_000_000))
    assert "nested" in str(refused("[" * 100_000))
    document = raw()
    document["parameters"]["w"] = json.loads("[" * 200 + "1" + "]" * 200)
    assert refused(document).place == "$.parameters.w"


def _set(*path: str | int, value: object) -> Any:
    def change(document: Any) -> None:
        *most, last = path
        for key in most:
            document = document[key]
        if last == "+":
            document.append(value)
        else:
            document[last] = value

    return change


PACKED = {"shape": [2], "dtype": "float64", "base64": "AAAA"}
INFINITE = base64.b64encode(struct.pack("<d", float("inf"))).decode()
BAD_PARTS = [
    (_set("extra", value=1), "$.extra", "unknown section"),
    (_set("title", value=3), "$.title", "found 3"),
    (_set("nodes", value={}), "$.nodes", "list"),
    (_set("nodes", 2, value=[]), "$.nodes[2]", "object"),
    (_set("nodes", 2, "id", value=5), "$.nodes[2].id", "found 5"),
    (_set("nodes", 2, "id", value=""), "$.nodes[2].id", ">= 1"),
    (_set("nodes", 2, "id", value="x1"), "$.nodes[2].id", "$.nodes[0]"),
    (_set("nodes", 2, "color", value="red"), "$.nodes[2]", "'color'"),
    (_set("nodes", 2, "params", value={"units": "3"}), "$.nodes[2].params.units", "whole number"),
    (_set("nodes", 2, "params", value={"units": 0}), "$.nodes[2].params.units", "from 1 to 1,000"),
    (_set("nodes", 2, "params", value={"size": 1}), "$.nodes[2].params.size", "'units'"),
    (_set("nodes", 2, "params", value={"activation": "x"}), ".activation", "sigmoid, tanh"),
    (_set("nodes", 7, "params", value={"a": {"b": 1}}), "$.nodes[7].params.a", "object"),
    (_set("nodes", 7, "params", value={"a": [[1]]}), "$.nodes[7].params.a", "list"),
    (_set("nodes", 7, "params", value={"a": None}), "$.nodes[7].params.a", "null"),
    (_set("edges", 1, "id", value="x1-h1"), "$.edges[1].id", "x1-h1"),
    (_set("edges", 1, "source", value="nobody"), "$.edges[1].source", "nobody"),
    (_set("edges", 1, "target", value="nobody"), "$.edges[1].target", "nobody"),
    (_set("edges", 1, "port", value="nowhere"), "$.edges[1].port", "nowhere"),
    (_set("edges", 7, "port", value="prediction"), "$.edges[7].port", "takes one edge"),
    (_set("edges", 1, "order", value=1.5), "$.edges[1].order", "whole number"),
    (_set("edges", 1, "weight", value=1), "$.edges[1]", "weight"),
    (
        _set("edges", "+", value={"id": "c", "source": "o", "target": "h1"}),
        "$.edges[",
        "h1 → o → h1",
    ),
    (_set("parameters", value=[]), "$.parameters", "object"),
    (_set("parameters", "w", value="x"), "$.parameters.w", "'x'"),
    (_set("parameters", "h1.bias", value=[[1], [1, 2]]), '$.parameters["h1.bias"]', "lengths"),
    (_set("parameters", "w", value=[True]), "$.parameters.w", "True"),
    (_set("parameters", "w", value=PACKED), "$.parameters.w.base64", "2 numbers"),
    (_set("parameters", "w", value={**PACKED, "shape": [10**12, 10**12]}), ".base64", "numbers"),
    (_set("parameters", "w", value={**PACKED, "shape": [-1]}), ".shape[0]", "-1"),
    (_set("parameters", "w", value={**PACKED, "dtype": "int8"}), ".dtype", "'float64'"),
    (_set("parameters", "w", value={**PACKED, "shape": [1], "base64": "!" * 12}), "", "base64"),
    (_set("parameters", "w", value={**PACKED, "shape": [1], "base64": INFINITE}), "", "finite"),
    (_set("frozen", value=["w", "w"]), "$.frozen[1]", "second time"),
    (_set("shared", "h2.bias", value=1), '$.shared["h2.bias"]', "found 1"),
    (_set("dataset", "source", value="sql"), "$.dataset.source", "'inline'"),
    (_set("dataset", "columns", "x2", 1, value=True), "$.dataset.columns.x2[1]", "true"),
    (_set("dataset", "columns", "x2", value=3), "$.dataset.columns.x2", "found 3"),
    (_set("dataset", "encoding", value={"x1": "hot"}), "$.dataset.encoding.x1", "'one_hot'"),
    (_set("dataset", "split", value={"test": 2}), "$.dataset.split.test", "found 2"),
    (_set("training", "optimizer", value="best"), "$.training.optimizer", "'adam'"),
    (_set("training", "epochs", value=0), "$.training.epochs", "found 0"),
    (_set("training", "schedule", value={"name": "x"}), "$.training.schedule.name", "'cosine'"),
    (_set("layout", "zoom", value=1), "$.layout", "zoom"),
    (_set("layout", "nodes", "h1", value=[1]), "$.layout.nodes.h1", "[x, y]"),
    (_set("layout", "nodes", "h1", value=[1, True]), "$.layout.nodes.h1", "[x, y]"),
    (_set("layout", "nodes", "nobody", value=[1, 2]), "$.layout.nodes.nobody", "no node"),
    (_set("layout", "groups", 0, "nodes", value=["nobody"]), "$.layout.groups[0].nodes", "nobody"),
    (_set("layout", "groups", 0, "parent", value="g9"), "$.layout.groups[0]", "g9"),
    (_set("layout", "groups", "+", value={"id": "g1", "title": ""}), "groups[1]", "g1"),
    (_set("layout", "comments", 0, "rect", value=[1, 2]), "$.layout.comments[0].rect", "4"),
    (
        _set("layout", "comments", "+", value={"id": "c1", "text": "", "rect": [0, 0, 1, 1]}),
        "$.layout.comments[1].id",
        "c1",
    ),
]


@pytest.mark.parametrize(("change", "place", "words"), BAD_PARTS, ids=range(len(BAD_PARTS)))
def test_every_wrong_part_is_refused_at_its_place(change: Any, place: str, words: str) -> None:
    document = raw()
    loads(json.dumps(document), LIBRARY)
    change(document)
    error = refused(document)
    assert place in error.place
    assert words in error.message


PARTS = st.sampled_from(
    [*'[]{}",:0-.e \n', "null", "NaN", "1e999", "9" * 30, '"h1"', '"\\ud800"', "\xff", "\x00"]
)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_mangled_files_raise_nothing_but_file_errors(data: st.DataObject) -> None:
    content = bytearray(dumps(full()).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(content)))
        stop = min(len(content), start + data.draw(st.integers(0, 30)))
        content[start:stop] = data.draw(PARTS).encode("latin-1")
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content))) :]
    try:
        document = loads(bytes(content), LIBRARY, "f")
    except FileError:
        refused(bytes(content))
    else:
        assert dumps(loads(dumps(document), LIBRARY)) == dumps(document)


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text()),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_value_at_any_place_is_read_or_refused(data: st.DataObject) -> None:
    document: Any = raw()
    place = document
    while isinstance(place, dict | list) and place:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(place[key], dict | list) or data.draw(st.integers(0, 3)) == 0:
            break
        place = place[key]
    if place:
        place[key] = data.draw(JSON)
    try:
        loads(json.dumps(document), LIBRARY, "f")
    except FileError:
        refused(document)


def test_older_versions_are_migrated_step_by_step() -> None:
    migrations = {
        1: lambda old: {**old, "nodes": old["vertices"]},
        2: lambda old: {key: value for key, value in old.items() if key != "vertices"},
    }
    old = {"format": "gradwire", "version": 1, "vertices": [1]}
    new = {"format": "gradwire", "version": 3, "nodes": [1]}
    assert up_to_date(old, migrations, version=3) == new
    assert up_to_date(new, migrations, version=3) == new
    with pytest.raises(FileError, match="no longer"):
        up_to_date(old, {2: migrations[2]}, version=3)
    with pytest.raises(FileError, match="update"):
        up_to_date({**new, "version": 4}, migrations, version=3)


def test_saving_replaces_at_once_and_keeps_the_version_before(tmp_path: Path) -> None:
    path = tmp_path / "net.gradwire"
    first, second = network(), full()
    save(first, path)
    assert path.read_text(encoding="utf-8") == dumps(first)
    assert not backup_path(path).exists()
    path.chmod(0o640)
    save(second, path)
    assert path.read_text(encoding="utf-8") == dumps(second)
    assert backup_path(path).read_text(encoding="utf-8") == dumps(first)
    assert backup_path(path).name == "net.gradwire.bak"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    save(load(path, LIBRARY), path)
    assert path.read_text(encoding="utf-8") == dumps(second)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["net.gradwire", "net.gradwire.bak"]


def test_a_save_that_fails_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "net.gradwire"
    save(network(), path)

    def full_disk(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(FileError, match="no space left"):
        save(full(), path)
    assert path.read_text(encoding="utf-8") == dumps(network())
    assert [p.name for p in tmp_path.iterdir()] == ["net.gradwire"]


def test_places_that_cannot_be_written_or_read_are_named(tmp_path: Path) -> None:
    missing = tmp_path / "no" / "net.gradwire"
    for attempt in (lambda: save(network(), missing), lambda: load(missing, LIBRARY)):
        with pytest.raises(FileError) as caught:
            attempt()
        assert str(missing) in str(caught.value)
    with pytest.raises(FileError, match="is a folder"):
        load(tmp_path, LIBRARY)
    with pytest.raises(FileError):
        save(network(), tmp_path)


def test_a_link_keeps_pointing_at_what_was_saved(tmp_path: Path) -> None:
    path, link = tmp_path / "net.gradwire", tmp_path / "link.gradwire"
    save(network(), path)
    link.symlink_to(path)
    save(full(), link)
    assert link.is_symlink()
    assert path.read_text(encoding="utf-8") == dumps(full())


def test_a_pipe_is_no_document(tmp_path: Path) -> None:
    """Reading one waited for ever."""
    os.mkfifo(tmp_path / "pipe.gradwire")
    with pytest.raises(FileError, match="is no file"):
        load(tmp_path / "pipe.gradwire", LIBRARY)
