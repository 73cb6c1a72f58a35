"""The cost view: paths against edges, and both orders of the chain rule, of the drawn graph."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from graph.changes import adding
from gui.session.session import Session
from gui.views.cost import CostView


def test_it_counts_the_drawn_graph_and_follows_it(xor: Session, qtbot: QtBot) -> None:
    view = CostView(xor)
    qtbot.addWidget(view)
    view.show()
    qtbot.waitUntil(lambda: view.multiplications is not None)
    assert view.paths is not None
    assert view.multiplications is not None
    # x1, x2 → h1, h2 → o → E and the target → E: 2·2 + 1 paths over 8 edges
    assert (view.paths.paths, view.paths.edge_visits) == (5, 8)
    assert view.multiplications.reverse < view.multiplications.forward
    for number in (5, 8, view.multiplications.reverse, view.multiplications.forward):
        assert f"<b>{number}</b>" in view.text.text()
    edge = next(edge for edge in xor.document.edges.values() if edge.target.startswith("h"))
    xor.push(adding.remove(xor.document, [], [edge.id]), "Cut")
    qtbot.waitUntil(lambda: view.paths is not None and view.paths.paths == 4)
