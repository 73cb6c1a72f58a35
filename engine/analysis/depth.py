"""How |δ| grows or shrinks from the loss back to the inputs.

Along a path δ is multiplied by weights and derivatives; if these products are below 1 gradients
vanish with depth, above 1 they explode.

Source: S. Hochreiter, "Untersuchungen zu dynamischen neuronalen Netzen" (1991); Y. Bengio,
P. Simard, P. Frasconi, "Learning long-term dependencies with gradient descent is difficult" (1994).
"""

from __future__ import annotations

from dataclasses import dataclass

import networkx as nx
import numpy as np

from engine.interpreter.probe import Probe
from graph.model.document import Document
from graph.model.kinds import Role

_LEFT_OUT = (Role.TARGET, Role.LOSS, Role.PENALTY)


@dataclass(frozen=True, slots=True)
class DepthLayer:
    """Nodes that are equally deep.

    Parameters
    ----------
    depth : int
        Edges of the longest path from a node without inputs.
    nodes : tuple of str
        Ids.
    mean, largest : float
        Of their |δ|.
    """

    depth: int
    nodes: tuple[str, ...]
    mean: float
    largest: float


def delta_by_depth(document: Document, probe: Probe) -> list[DepthLayer]:
    """Group the nodes by depth and average |δ|, from the inputs to the last unit.

    |δ| of a vector is the mean over its components' absolute values. Targets, losses and
    penalties, and nodes without a finite δ or without an edge, are left out.

    Parameters
    ----------
    document : Document
        Its graph gives the depths.
    probe : Probe
        The numbers; those of the batch mean are means over rows that may cancel out.
    """
    deltas = _absolute(probe)
    graph = document.graph
    layers: list[DepthLayer] = []
    for depth, generation in enumerate(nx.topological_generations(graph)):
        members = sorted(
            node
            for node in generation
            if np.isfinite(deltas.get(node, np.nan))
            and graph.out_degree(node)
            and _role(document, node) not in _LEFT_OUT
        )
        if members:
            found = [deltas[node] for node in members]
            layers.append(
                DepthLayer(depth, tuple(members), float(np.mean(found)), float(np.max(found)))
            )
    return layers


def _absolute(probe: Probe) -> dict[str, float]:
    deltas = dict(zip(probe.nodes, np.abs(probe.delta).tolist(), strict=True))
    for node, strip in probe.delta_strips.items():
        deltas[node] = float(np.mean(np.abs(strip)))
    return deltas


def _role(document: Document, node: str) -> Role | None:
    spec = document.spec(node)
    return spec.role if spec else None


def dead_units(probe: Probe) -> list[str]:
    """Return the units whose output and δ are both exactly 0: nothing can change them."""
    dead = np.isfinite(probe.net) & (probe.value == 0) & (probe.delta == 0)
    return [node for node, is_dead in zip(probe.nodes, dead.tolist(), strict=True) if is_dead]


def ratio(layers: list[DepthLayer]) -> float | None:
    """Return mean |δ| of the shallowest layer over that of the deepest; None without two.

    Far below 1 the gradient vanishes, far above 1 it explodes.
    """
    known = [layer for layer in layers if layer.mean > 0]
    if len(known) < 2:
        return None
    return known[0].mean / known[-1].mean
