"""Snapshots: a document as it was, whatever happens to it meanwhile, in any thread."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.errors import EditError
from graph.files.storage import dumps
from graph.model.document import Document
from graph.model.edits import Batch, Edge, SetEdgeLabel, SetLabel
from tests.graph.random_edits import Writer
from tests.graph.toys import network


def wiring(document: Document) -> list[list[Edge]]:
    return [document.in_edges(node) for node in document.nodes] + [
        document.out_edges(node) for node in document.nodes
    ]


@settings(max_examples=50)
@given(data=st.data())
def test_it_stays_as_it_was(data: st.DataObject) -> None:
    document = network()
    writer = Writer(data, document)
    kept = []
    for _ in range(data.draw(st.integers(1, 8))):
        kept.append((document.snapshot(), dumps(document), wiring(document), document.order()))
        try:
            document.apply(writer.edit() or Batch(()))
        except EditError:
            continue
    for snapshot, text, edges, order in kept:
        assert dumps(snapshot) == text
        assert wiring(snapshot) == edges
        assert snapshot.order() == order


def test_it_is_not_changed() -> None:
    snapshot = network().snapshot()
    with pytest.raises(EditError, match="snapshot"):
        snapshot.apply(SetLabel("h1", "first"))


def test_many_threads_read_while_the_document_changes() -> None:
    document = network()
    snapshot = document.snapshot()
    expected, seen = wiring(document), list[bool]()

    def read() -> None:
        seen.extend(wiring(snapshot) == expected for _ in range(50))

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(200):
        document.apply(SetEdgeLabel(next(iter(document.edges)), str(number)))
    for thread in threads:
        thread.join()
    assert len(seen) == 150
    assert all(seen)
