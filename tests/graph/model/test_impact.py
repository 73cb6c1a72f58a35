"""What listeners are told of an edit covers all that it changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.changes.groups import group
from graph.errors import EditError
from graph.model.document import Document
from graph.model.edits import Batch, Edit, Move, SetLabel, SetParameterValues, SetText, SetTraining
from graph.model.impact import Applied, Impact, impact_of
from graph.model.training import Training
from tests.graph.random_edits import Writer
from tests.graph.toys import network


def content(document: Document) -> dict[str, Any]:
    return {
        "nodes": dict(document.nodes),
        "edges": dict(document.edges),
        "moved": dict(document.positions),
        "parameters": dict(document.parameters),
    }


def whole(document: Document) -> dict[Impact, Any]:
    """Return everything in a document by the impact of what changes it."""
    texts = {name: node.label for name, node in document.nodes.items()}
    wires = {name: edge.label for name, edge in document.edges.items()}
    kinds = {name: (node.kind, dict(node.params)) for name, node in document.nodes.items()}
    return {
        Impact.LAYOUT: (dict(document.positions), document.groups, document.comments),
        Impact.TEXT: (texts, wires, document.title, document.notes),
        Impact.VALUES: dict(document.parameters),
        Impact.SETTINGS: document.training,
        Impact.STRUCTURE: (
            kinds,
            list(document.nodes),
            [(name, replace(edge, label="")) for name, edge in document.edges.items()],
            document.frozen,
            dict(document.shared),
        ),
        Impact.DATA: document.dataset,
    }


@settings(max_examples=50)
@given(data=st.data())
def test_what_changed_was_told(data: st.DataObject) -> None:
    document = network()
    document.apply(group(document, ["h1", "h2"])[0])
    heard: list[Applied] = []
    document.subscribe(heard.append)
    writer = Writer(data, document)
    for _ in range(data.draw(st.integers(1, 12))):
        before, kept = content(document), whole(document)
        edit = writer.edit()
        try:
            inverse = document.apply(edit or Batch(()))
        except EditError:
            continue
        applied, after = heard[-1], content(document)
        assert applied.inverse == inverse
        for field in before:
            old, new = before[field], after[field]
            changed = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
            assert changed <= getattr(applied.ids, field)
        # Whatever kind a node gets, it may have another label with it.
        could = applied.impact | (Impact.TEXT if Impact.STRUCTURE in applied.impact else Impact(0))
        for impact, new in whole(document).items():
            assert new == kept[impact] or impact in could


@pytest.mark.parametrize(
    ("edit", "impact"),
    [
        (Move({}), Impact.LAYOUT),
        (Batch(()), Impact(0)),
        (Batch((SetText("", ""), Batch((Move({}),)))), Impact.TEXT | Impact.LAYOUT),
        (
            Batch((SetParameterValues({}), SetTraining(Training()))),
            Impact.VALUES | Impact.SETTINGS,
        ),
    ],
)
def test_a_batch_has_the_impact_of_all_its_parts(edit: Edit, impact: Impact) -> None:
    assert impact_of(edit) == impact


def test_only_some_impacts_change_numbers() -> None:
    both = Impact.VALUES | Impact.SETTINGS
    assert not impact_of(SetLabel("a", "b")).numeric
    assert (both | Impact.LAYOUT).is_only(both)
    assert not both.is_only(Impact.VALUES)
    assert not Impact.LAYOUT.is_only(both)
