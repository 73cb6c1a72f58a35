"""How |δ| grows or shrinks from the loss back to the inputs.

Along a path δ is multiplied by weights and derivatives; if these products are below 1 gradients
vanish with depth, above 1 they explode.

Source: S. Hochreiter, "Untersuchungen zu dynamischen neuronalen Netzen" (1991); Y. Bengio,
P. Simard, P. Frasconi, "Learning long-term dependencies with gradient descent is difficult" (1994).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import compress

import numpy as np

from engine.arrays.aliases import Array, Flags, Integers
from engine.interpreter.probe import Probe
from engine.plan.plan import Plan
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


class Depths:
    """The nodes of a plan by depth, from the inputs to the last unit.

    Targets, losses and penalties, and nodes that nobody reads, are left out.
    """

    def __init__(self, plan: Plan) -> None:
        steps, outputs = plan.steps, plan.outputs.columns[0]
        left_out = steps.chosen([form.op.spec.role in _LEFT_OUT for form in steps.forms])[outputs]
        depth, is_read = _depths(plan)
        nodes = tuple(plan.outputs)
        places: dict[int, list[int]] = {}
        for place in sorted(np.flatnonzero(is_read & ~left_out).tolist(), key=nodes.__getitem__):
            places.setdefault(int(depth[place]), []).append(place)
        self._layers = [
            (number, tuple(nodes[place] for place in places[number]), np.array(places[number]))
            for number in sorted(places)
        ]

    def layers(self, probe: Probe) -> list[DepthLayer]:
        """Average |δ| over the nodes of each depth; nodes without a finite δ are left out.

        Parameters
        ----------
        probe : Probe
            Numbers of the plan. |δ| of a vector is the mean over its components' absolute values;
            means over the rows of a batch may cancel out.
        """
        deltas = _absolute(probe)
        found: list[DepthLayer] = []
        for depth, nodes, places in self._layers:
            known = np.isfinite(deltas[places])
            if known.any():
                here = deltas[places[known]]
                names = tuple(compress(nodes, known.tolist()))
                found.append(DepthLayer(depth, names, float(here.mean()), float(here.max())))
        return found


def _depths(plan: Plan) -> tuple[Integers, Flags]:
    """Return the depth of every node, in the order of ``plan.outputs``, and whether it is read."""
    outputs = plan.outputs.columns[0]
    readers, positions = plan.edges.columns
    reads = plan.steps.reads
    place_of = np.zeros(len(plan.steps), np.int64)
    place_of[outputs] = np.arange(len(outputs))
    sources = place_of[reads.numbers[reads.starts[readers] + positions]]
    places = {node: place for place, node in enumerate(plan.outputs)}
    targets = np.array([places[node] for node in plan.steps.owners.take(readers)], np.int64)
    depth = [0] * len(outputs)
    order = np.argsort(outputs[targets], kind="stable")  # an output comes after all that it needs
    for source, target in zip(sources[order].tolist(), targets[order].tolist(), strict=True):
        depth[target] = max(depth[target], depth[source] + 1)
    is_read = np.zeros(len(outputs), np.bool_)
    is_read[sources] = True
    return np.array(depth, np.int64), is_read


def _absolute(probe: Probe) -> Array:
    deltas = np.abs(probe.delta)
    if probe.delta_strips:
        places = {node: place for place, node in enumerate(probe.nodes)}
        for node, strip in probe.delta_strips.items():
            deltas[places[node]] = np.abs(strip).mean()
    return deltas


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
