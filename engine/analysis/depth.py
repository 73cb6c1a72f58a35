"""How |δ| grows or shrinks from the loss back to the inputs.

Along a path δ is multiplied by weights and derivatives; if these products are below 1 gradients
vanish with depth, above 1 they explode. Of several rows |δ| is averaged, never δ: what cancels out
over the rows has not vanished.

Source: S. Hochreiter, "Untersuchungen zu dynamischen neuronalen Netzen" (1991); Y. Bengio,
P. Simard, P. Frasconi, "Learning long-term dependencies with gradient descent is difficult" (1994).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import compress, pairwise

import networkx as nx
import numpy as np

from engine.analysis.delta_sizes import ChainLink, DeltaSizes, chain_links, delta_sizes
from engine.arrays.aliases import Array, Flags, Integers
from engine.interpreter.interpreter import YieldGil
from engine.plan.plan import Plan
from graph.model.kinds import Role

_LEFT_OUT = (Role.TARGET, Role.LOSS, Role.PENALTY)
_BRANCHES = 6  # more than that are shown as one


@dataclass(frozen=True, slots=True)
class DepthLayer:
    """Nodes of one branch that are equally deep.

    Parameters
    ----------
    depth : int
        Edges of the longest (or shortest) path from a node without inputs.
    branch : int
        Number of the branch.
    nodes : tuple of str
        Ids.
    mean, largest : float
        Of their |δ|.
    """

    depth: int
    branch: int
    nodes: tuple[str, ...]
    mean: float
    largest: float


class Depths:
    """The units of a plan by depth; of a plan without units, all nodes between data and losses.

    Nodes that nobody reads are left out. Parts of the graph that share nothing but data, targets
    and constants are branches of their own.

    Attributes
    ----------
    shortest : bool
        Whether depth is that of the shortest path rather than the longest: what a skip connection
        shortens.
    has_units : bool
        Whether the numbers are δ = ∂E/∂s of units; if not they are ∂E/∂z.
    branches : int
        How many there are.
    chains : tuple of tuples
        For each branch its nodes from the first to the last if each feeds the next one alone, and
        all are single numbers; else ().
    """

    def __init__(self, plan: Plan, *, shortest: bool = False) -> None:
        self.shortest = shortest
        steps, outputs = plan.steps, plan.outputs.columns[0]
        left_out = steps.chosen([form.op.spec.role in _LEFT_OUT for form in steps.forms])[outputs]
        depth, is_read, pairs = _depths(plan, shortest=shortest)
        nodes = tuple(plan.outputs)
        counted = is_read & ~left_out
        is_unit = np.array([node in plan.nets for node in nodes], np.bool_)
        self.has_units = bool((counted & is_unit).any())
        if self.has_units:
            counted &= is_unit
        branch = _branches(pairs, left_out)
        self.branches = int(branch.max(initial=0)) + 1
        if self.branches > 1:
            counted &= branch >= 0
        places: dict[tuple[int, int], list[int]] = {}
        for place in sorted(np.flatnonzero(counted).tolist(), key=nodes.__getitem__):
            places.setdefault((max(int(branch[place]), 0), int(depth[place])), []).append(place)
        self._layers = [
            (number, group, tuple(nodes[place] for place in places[group, number]), places_here)
            for group, number in sorted(places)
            for places_here in [np.array(places[group, number])]
        ]
        links = {(nodes[source], nodes[target]) for source, target in pairs}
        self.chains = tuple(self._chain(plan, number, links) for number in range(self.branches))

    def _chain(self, plan: Plan, branch: int, links: set[tuple[str, str]]) -> tuple[str, ...]:
        layers = [nodes for _, group, nodes, _ in self._layers if group == branch]
        names = tuple(nodes[0] for nodes in layers)
        readers = Counter(source for source, _ in links)
        is_chain = (
            self.has_units
            and len(names) > 1
            and all(len(nodes) == 1 for nodes in layers)
            and all(plan.widths[plan.outputs[name]] == 1 for name in names)
            and all(link in links for link in pairwise(names))
            and all(readers[name] == 1 for name in names[:-1])
        )
        return names if is_chain else ()

    def layers(self, sizes: DeltaSizes) -> list[DepthLayer]:
        """Average |δ| over the nodes of each depth of each branch; not finite ones are left out."""
        found: list[DepthLayer] = []
        for depth, branch, nodes, places in self._layers:
            known = np.isfinite(sizes.mean[places])
            if known.any():
                here = places[known]
                names = tuple(compress(nodes, known.tolist()))
                mean, largest = float(sizes.mean[here].mean()), float(sizes.largest[here].max())
                found.append(DepthLayer(depth, branch, names, mean, largest))
        return found


def _depths(plan: Plan, *, shortest: bool) -> tuple[Integers, Flags, list[tuple[int, int]]]:
    """Return the depth of every node, in the order of ``plan.outputs``, who is read, and edges."""
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
    pairs = list(zip(sources[order].tolist(), targets[order].tolist(), strict=True))
    for source, target in pairs:
        found = depth[source] + 1
        shorter = shortest and depth[target] > 0
        depth[target] = min(depth[target], found) if shorter else max(depth[target], found)
    is_read = np.zeros(len(outputs), np.bool_)
    is_read[sources] = True
    return np.array(depth, np.int64), is_read, pairs


def _branches(pairs: list[tuple[int, int]], left_out: Flags) -> Integers:
    """Return each node's branch, −1 for nodes without inputs; all 0 if they are too many."""
    reading = {target for _, target in pairs if not left_out[target]}
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(sorted(reading))
    graph.add_edges_from(pair for pair in pairs if pair[0] in reading and pair[1] in reading)
    parts = sorted(nx.connected_components(graph), key=min)
    if len(parts) > _BRANCHES:
        return np.zeros(len(left_out), np.int64)
    branch = np.full(len(left_out), -1, np.int64)
    for number, part in enumerate(parts):
        branch[list(part)] = number
    return branch


def ratio(layers: list[DepthLayer]) -> float | None:
    """Return mean |δ| of the shallowest layer over that of the deepest; None without two.

    Far below 1 the gradient vanishes, far above 1 it explodes.
    """
    known = [layer for layer in layers if layer.mean > 0]
    if len(known) < 2:
        return None
    return known[0].mean / known[-1].mean


@dataclass(frozen=True, slots=True, eq=False)
class DepthReport:
    """All that is to be said of |δ| by depth.

    Parameters
    ----------
    plan : Plan
        What was run.
    depths, sizes, layers
        The nodes by depth, their numbers, and both together.
    products : mapping
        Of a single row: chain → its links.
    """

    plan: Plan
    depths: Depths
    sizes: DeltaSizes
    layers: list[DepthLayer]
    products: Mapping[tuple[str, ...], list[ChainLink]]

    @property
    def ratios(self) -> dict[int, float]:
        """For each branch with two layers or more what `ratio` says."""
        found = {number: ratio(self.of(number)) for number in range(self.depths.branches)}
        return {number: share for number, share in found.items() if share is not None}

    def of(self, branch: int) -> list[DepthLayer]:
        """Return the layers of a branch."""
        return [layer for layer in self.layers if layer.branch == branch]


def report(
    plan: Plan,
    theta: Array,
    columns: Mapping[str, Array],
    depths: Depths,
    yield_gil: YieldGil | None = None,
) -> DepthReport:
    """Measure |δ| by depth over the rows of ``columns``; ``depths`` are the plan's."""
    sizes = delta_sizes(plan, theta, columns, yield_gil)
    chains = [chain for chain in depths.chains if chain and sizes.rows == 1]
    products = {chain: chain_links(plan, theta, columns, chain) for chain in chains}
    return DepthReport(plan, depths, sizes, depths.layers(sizes), products)
