"""Rows that follow edit by edit are those of a canvas that reads the document anew."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.changes.groups import group
from graph.errors import EditError
from graph.model.document import Document
from graph.model.edits import Batch, Edit
from gui.canvas.geometry import wire_routing
from gui.canvas.model.graph_arrays import Arrays
from tests.graph.random_edits import Writer
from tests.graph.toys import LIBRARY, network

LISTS = "nodes", "edges", "node_row", "edge_row", "titles", "symbols", "groups", "ports"
ARRAYS = "position", "shown", "output", "has_gradient", "source", "target", "control", "low", "high"


def same(arrays: Arrays, document: Document) -> None:
    anew = Arrays(document)
    for name in LISTS:
        assert getattr(arrays, name) == getattr(anew, name), name
    for name in ARRAYS:
        assert np.array_equal(getattr(arrays, name), getattr(anew, name)), name
    nodes, edges = np.arange(len(anew.nodes)), np.arange(len(anew.edges))
    assert np.array_equal(arrays.places(nodes), anew.places(nodes))
    assert np.array_equal(arrays.bundled(edges), anew.bundled(edges))
    assert [(box.id, box.title, box.rows.tolist()) for box in arrays.boxes] == [
        (box.id, box.title, box.rows.tolist()) for box in anew.boxes
    ]
    arrays.preview(nodes, 0.0, 0.0)  # where a drag ends nothing has moved
    assert np.array_equal(arrays.control, anew.control)


@settings(max_examples=60, deadline=None)
@given(data=st.data(), most=st.sampled_from([0, 300]))
def test_rows_follow_any_edit_its_undo_and_redo(data: st.DataObject, most: int) -> None:
    document = network() if data.draw(st.integers(0, 3)) else Document(LIBRARY)
    if data.draw(st.integers(0, 1)) and document.nodes:
        document.apply(group(document, ["h1", "h2"])[0])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wire_routing, "_MOST_NODES", most)
        arrays = Arrays(document)
        document.subscribe(lambda applied: arrays.follow(document, applied))
        writer, undo = Writer(data, document), list[Edit]()
        for _ in range(data.draw(st.integers(1, 15))):
            edits = [edit for _ in range(data.draw(st.integers(1, 2))) if (edit := writer.edit())]
            try:
                undo.append(document.apply(Batch(tuple(edits))))
            except EditError:
                continue
            same(arrays, document)
        redo = []
        for edit in reversed(undo):
            redo.append(document.apply(edit))
            same(arrays, document)
        for edit in reversed(redo):
            document.apply(edit)
            same(arrays, document)
