"""Copies stand on their own: new ids, own values, the same inner wiring."""

from __future__ import annotations

import pytest

from graph.changes.fragments import copy, from_text, paste, to_text
from graph.changes.groups import collapse, collapsed_into, group, retitle, ungroup
from graph.errors import EditError, FileError
from graph.files.storage import dumps
from graph.model.document import Document
from graph.model.edits import Group, SetFrozen, SetGroups, SetParameterValues, SetShared
from graph.model.tensor import Tensor
from tests.graph.toys import LIBRARY, build, network

ONE, TWO = Tensor.of([1.0]), Tensor.of([[2.0]])


def prepared() -> Document:
    document = network()
    document.apply(SetParameterValues({"b": ONE, "x1-h1.weight": TWO}))
    document.apply(SetShared({"h1.bias": "b", "h2.bias": "b", "o.bias": "b"}))
    document.apply(SetFrozen({"b": True}))
    document.apply(group(document, ["h1", "h2"], "hidden")[0])
    return document


def test_pasting_into_an_empty_document_keeps_ids() -> None:
    document = prepared()
    other = Document(LIBRARY)
    batch, nodes = paste(other, copy(document, document.nodes))
    other.apply(batch)
    assert nodes == list(document.nodes)
    assert list(other.edges) == list(document.edges)
    assert other.parameters == document.parameters
    assert other.groups == document.groups
    assert other.positions == document.positions


def test_duplicates_get_new_ids_and_inner_wires_only() -> None:
    document = prepared()
    batch, nodes = paste(document, copy(document, ["h1", "h2", "o"]), (10.0, 20.0))
    document.apply(batch)
    assert nodes == ["h3", "h4", "o2"]
    assert [edge.id for edge in document.in_edges("o2")] == ["h3-o2", "h4-o2"]
    assert not document.in_edges("h3")
    assert document.positions["h3"] == (210.0, 70.0)
    assert document.groups[1] == Group("g2", "hidden", ("h3", "h4")) or document.groups[1].nodes


def test_copies_share_among_themselves_but_not_with_the_original() -> None:
    document = prepared()
    document.apply(paste(document, copy(document, ["h1", "h2"]))[0])
    copied = document.parameter_name("h3.bias")
    assert copied == document.parameter_name("h4.bias")
    assert copied != "b"
    assert document.parameters[copied] == ONE
    assert copied in document.frozen


def test_one_of_several_sharing_gets_a_copy_of_the_value() -> None:
    document = prepared()
    fragment = copy(document, ["h1"])
    assert fragment.shared == {}
    assert fragment.parameters == {"h1.bias": ONE}
    assert fragment.frozen == {"h1.bias"}


def test_text_is_a_document_and_comes_back_the_same() -> None:
    document = prepared()
    fragment = copy(document, ["x1", "h1", "o"])
    assert from_text(to_text(fragment), LIBRARY) == fragment
    whole = from_text(dumps(document), LIBRARY)
    assert [node.id for node in whole.nodes] == list(document.nodes)
    with pytest.raises(FileError):
        from_text("hello", LIBRARY)
    with pytest.raises(EditError, match="nobody"):
        copy(document, ["nobody"])


def test_parallel_edges_are_copied() -> None:
    document = build({"b": "bias", "p": "product"}, ["b>p", "b>p"])
    document.apply(paste(document, copy(document, ["b", "p"]))[0])
    assert len(document.in_edges("p2")) == 2


def test_groups_nest_collapse_and_dissolve() -> None:
    document = network()
    batch, inner = group(document, ["h1", "h2"], "hidden")
    document.apply(batch)
    batch, outer = group(document, ["h1", "h2", "o"])
    document.apply(batch)
    assert [(g.id, g.nodes, g.parent) for g in document.groups] == [
        (outer, ("o",), None),
        (inner, ("h1", "h2"), outer),
    ]
    document.apply(collapse(document, inner))
    assert collapsed_into(document) == {"h1": inner, "h2": inner}
    document.apply(collapse(document, outer))
    assert collapsed_into(document) == {"o": outer, "h1": outer, "h2": outer}
    document.apply(retitle(document, outer, "all"))
    document.apply(ungroup(document, outer))
    assert [(g.id, g.parent, g.collapsed) for g in document.groups] == [(inner, None, True)]
    assert collapsed_into(document) == {"h1": inner, "h2": inner}


def test_a_group_of_some_members_takes_them_out_and_stays_inside() -> None:
    document = network()
    document.apply(group(document, ["h1", "h2", "o"], "all")[0])
    batch, part = group(document, ["h1"], "part")
    document.apply(batch)
    assert [(g.nodes, g.parent) for g in document.groups] == [(("h2", "o"), None), (("h1",), "g1")]
    with pytest.raises(EditError):
        group(document, [])
    with pytest.raises(EditError):
        ungroup(document, "nobody")
    assert part == "g2"


def test_only_whole_groups_are_copied() -> None:
    document = network()
    document.apply(SetGroups((Group("a", "A", ("h1",)), Group("b", "B", ("h2",), "a"))))
    assert [g.id for g in copy(document, ["h1", "h2"]).groups] == ["a", "b"]
    assert copy(document, ["h2"]).groups == (Group("b", "B", ("h2",)),)
    assert copy(document, ["h1"]).groups == ()
