"""The paths view: paths against edges, and both orders of the chain rule, of the drawn graph."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from graph.changes import adding
from gui.session.session import Session
from gui.views.paths import PathsView


def test_it_counts_the_drawn_graph_and_follows_it(xor: Session, qtbot: QtBot) -> None:
    view = PathsView(xor)
    qtbot.addWidget(view)
    view.show()
    qtbot.waitUntil(lambda: view.multiplications is not None)
    assert view.paths is not None
    assert view.multiplications is not None
    # x1, x2 → h1, h2 → o → E: 2·2 paths over 7 edges; that of the target into E is none
    assert (view.paths.paths, view.paths.edge_visits) == (4, 7)
    assert view.multiplications.reverse < view.multiplications.forward
    for number in (4, 7, view.multiplications.reverse, view.multiplications.forward):
        assert f"<b>{number}</b>" in view.text.text()
    edge = next(edge for edge in xor.document.edges.values() if edge.target.startswith("h"))
    xor.push(adding.remove(xor.document, [], [edge.id]), "Cut")
    qtbot.waitUntil(lambda: view.paths is not None and view.paths.paths == 3)


def test_dolhanskys_third_case_has_two_paths(session: Session, qtbot: QtBot) -> None:
    """The target's own wire was once counted as a third."""
    session.open(Path("examples/dolhansky_3_outputs.gradwire"))
    view = PathsView(session)
    qtbot.addWidget(view)
    view.show()
    qtbot.waitUntil(lambda: view.paths is not None)
    assert view.paths is not None
    assert (view.paths.paths, view.paths.edge_visits) == (2, 6)
