"""Which part of an unfinished document can run already."""

from __future__ import annotations

from graph.model.document import Document
from graph.model.kinds import Role
from graph.widths import Widths


def runnable(document: Document, widths: Widths) -> frozenset[str]:
    """Return the nodes that have all they need, as have all nodes before them.

    Those are of a known kind, have an edge at every port and a known width. Penalties are left
    out: they are part of E, which an unfinished document does not have.

    Parameters
    ----------
    document : Document
        The graph.
    widths : Widths
        What `infer_widths` gave for it.
    """
    found: set[str] = set()
    for node_id in document.order():
        spec = document.spec(node_id)
        if spec is None or spec.role is Role.PENALTY or widths.nodes.get(node_id) is None:
            continue
        edges = document.in_edges(node_id)
        taken = {edge.port for edge in edges}
        if all(port.name in taken for port in spec.ports) and found.issuperset(
            edge.source for edge in edges
        ):
            found.add(node_id)
    return frozenset(found)
