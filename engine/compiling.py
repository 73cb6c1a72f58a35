"""Compiling a document into a plan: order, expansion of composites, widths, parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from engine.drafts import Drafts
from engine.errors import PlanError
from engine.fans import fans
from engine.inner import by_target, in_order, in_port_order
from engine.library import ops as all_ops
from engine.misfits import check_connected, column_widths, references, shape_error
from engine.op import Op
from engine.plan import Loss, Penalty, Plan, Step, check_plan, port_widths
from graph.document import Document
from graph.edits import Edge, Node
from graph.spec import MisfitError, NodeSpec, Params, Role, Shape

_DEFAULT_INITIALIZER = "xavier_uniform"


def compile_document(
    document: Document,
    schema: Mapping[str, int],
    ops: Mapping[str, Op] | None = None,
    nodes: AbstractSet[str] | None = None,
) -> Plan:
    """Compile a document; equal documents give equal plans.

    Nodes that reach no loss are compiled too: the canvas shows their values.

    Parameters
    ----------
    document : Document
        The graph; the plan keeps nothing of it.
    schema : mapping
        Column → width of the data.
    ops : mapping, optional
        The operations by kind; all that are installed by default.
    nodes : set of str, optional
        Compile these alone (with each node all that it reads, as ``graph.runnable`` finds them);
        all nodes by default.

    Raises
    ------
    PlanError
        If a kind or column is unknown, a port is not connected or there is no data.
    ShapeError
        If widths do not go together; the text names them.
    """
    compiler = _Compiler(document, schema, all_ops() if ops is None else ops, Drafts(document))
    penalties = []
    for node_id in document.order():
        if nodes is not None and node_id not in nodes:
            continue
        spec = document.spec(node_id)
        if spec is not None and spec.role is Role.PENALTY:
            penalties.append(node_id)
        else:
            compiler.add(node_id)
    for node_id in penalties:  # last, as they read all parameters
        compiler.add(node_id)
    plan = compiler.plan()
    check_plan(plan)
    return plan


@dataclass(frozen=True, slots=True)
class _Owner:
    """The document node being compiled: its parameters and where its edges come from."""

    node: Node
    spec: NodeSpec
    params: Params
    arriving: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Shapes:
    width: int
    slots: Mapping[str, Shape]


@dataclass(slots=True)
class _Compiler:
    document: Document
    schema: Mapping[str, int]
    ops: Mapping[str, Op]
    drafts: Drafts
    steps: list[Step] = field(default_factory=list)
    widths: list[int] = field(default_factory=list)
    columns: dict[str, int] = field(default_factory=dict)
    outputs: dict[str, int] = field(default_factory=dict)
    nets: dict[str, int] = field(default_factory=dict)
    losses: list[Loss] = field(default_factory=list)
    penalties: list[Penalty] = field(default_factory=list)
    edges: dict[str, tuple[int, int]] = field(default_factory=dict)
    weights: dict[str, int] = field(default_factory=dict)
    # equal params share one object, and alike operations are run dry only once
    seen_params: dict[tuple[object, ...], Params] = field(default_factory=dict)
    seen_shapes: dict[tuple[object, ...], _Shapes] = field(default_factory=dict)

    def add(self, node_id: str) -> None:
        """Compile one node of the document, after all that it reads."""
        node = self.document.nodes[node_id]
        op = self._op(node, node_id)
        edges = self.document.in_edges(node_id)
        check_connected(node_id, op.spec, edges)
        params = self._params(op, node)
        arriving = {edge.id: self.outputs[edge.source] for edge in edges}
        owner = _Owner(node, op.spec, params, arriving)
        if op.spec.role in (Role.INPUT, Role.TARGET):
            self.columns.update(column_widths(node_id, references(params), self.schema))
        self.outputs[node_id] = self._lower(node, op, edges, arriving, (), owner)
        if op.spec.weighted:
            self.nets[node_id] = self.steps[self.outputs[node_id]].inputs[0]
        elif op.spec.role is Role.LOSS:
            self._add_loss(owner, edges)
        elif op.spec.role is Role.PENALTY:
            self._add_penalty(owner)

    def plan(self) -> Plan:
        """Return what was compiled, with every parameter's place in θ."""
        parameters = self.drafts.place(fans(self.steps, self.widths))
        return Plan(
            tuple(self.steps),
            tuple(self.widths),
            parameters,
            sum(parameter.size for parameter in parameters),
            tuple(self.columns),
            self.outputs,
            self.nets,
            tuple(self.losses),
            tuple(self.penalties),
            self.edges,
            self.weights,
        )

    def _lower(
        self,
        node: Node,
        op: Op,
        edges: Sequence[Edge],
        arriving: Mapping[str, int],
        names: tuple[Mapping[str, str], ...],
        owner: _Owner,
    ) -> int:
        """Emit a node, through its expansion if it is a composite; return its value slot."""
        params = self._params(op, node)
        if op.expand is None:
            return self._emit(node, op, params, edges, arriving, names, owner)
        try:
            expansion = op.expand(node, params, edges)
        except MisfitError as error:
            raise PlanError(str(error), owner.node.id, error.port) from error
        incoming = by_target(expansion, owner.node.id)
        inner_names = (expansion.slots, *names)
        written: dict[str, int] = {}
        for inner in in_order(expansion, incoming, arriving):
            inner_op = self._op(inner, owner.node.id)
            into = in_port_order(inner_op.spec, incoming[inner.id])
            inputs = {e.id: arriving[e.id] if e.id in arriving else written[e.source] for e in into}
            written[inner.id] = self._lower(inner, inner_op, into, inputs, inner_names, owner)
        return written[node.id]

    def _emit(
        self,
        node: Node,
        op: Op,
        params: Params,
        edges: Sequence[Edge],
        arriving: Mapping[str, int],
        names: tuple[Mapping[str, str], ...],
        owner: _Owner,
    ) -> int:
        output = len(self.steps)
        inputs = tuple(arriving[edge.id] for edge in edges)
        shapes = self._shapes(op, params, inputs, owner)
        slots = {
            slot: self._parameter(node, slot, shape, params, names, owner)
            for slot, shape in shapes.slots.items()
        }
        self.steps.append(Step(node.id, op, params, inputs, slots, output, owner.node.id))
        self.widths.append(shapes.width)
        for position, edge in enumerate(edges):
            if edge.id in owner.arriving:
                self.edges[edge.id] = (output, position)
                if owner.spec.weighted:
                    self.weights[edge.id] = slots["weight"]
        return output

    def _shapes(self, op: Op, params: Params, inputs: tuple[int, ...], owner: _Owner) -> _Shapes:
        widths = tuple(self.widths[slot] for slot in inputs)
        key = (id(op), id(params), widths)
        if key not in self.seen_shapes:
            spec, ports = op.spec, dict(port_widths(op.spec, widths))
            if spec.role in (Role.INPUT, Role.TARGET):
                ports["columns"] = tuple(self.columns[name] for name in references(params))
            try:
                shapes = _Shapes(spec.width(params, ports), spec.slot_shapes(params, ports))
            except MisfitError as error:
                raise shape_error(error, spec, widths, owner.node.id) from error
            self.seen_shapes[key] = shapes
        return self.seen_shapes[key]

    def _parameter(
        self,
        node: Node,
        slot: str,
        shape: Shape,
        params: Params,
        names: tuple[Mapping[str, str], ...],
        owner: _Owner,
    ) -> int:
        """Return the index of the parameter that a slot of a (perhaps inner) node uses."""
        name = f"{node.id}.{slot}"
        for mapping in names:
            name = mapping.get(name, name)
        initializer = params.get("initializer", owner.params.get("initializer"))
        initial = self.ops[node.kind].slots[slot].initial
        return self.drafts.use(
            name, shape, initial, str(initializer or _DEFAULT_INITIALIZER), owner.node.id
        )

    def _add_loss(self, owner: _Owner, edges: Sequence[Edge]) -> None:
        ports = {edge.port: owner.arriving[edge.id] for edge in edges}
        value = self.outputs[owner.node.id]
        prediction = ports.get("prediction", next(iter(ports.values()), value))
        importance = owner.params.get("importance", 1.0)
        assert isinstance(importance, int | float)  # the edit was checked against its ParamSpec
        self.losses.append(
            Loss(
                owner.node.id,
                owner.spec.kind,
                float(importance),
                value,
                prediction,
                ports.get("target"),
            )
        )

    def _add_penalty(self, owner: _Owner) -> None:
        node_id, chosen = owner.node.id, owner.params.get("parameters", "weights")
        if isinstance(chosen, tuple):
            covers = tuple(dict.fromkeys(self.drafts.index(str(x), node_id) for x in chosen))
        else:
            covers = self.drafts.weights()
        slot = self.outputs[node_id]
        self.steps[slot] = replace(self.steps[slot], covers=covers)
        self.penalties.append(Penalty(node_id, owner.spec.kind, slot, covers))

    def _op(self, node: Node, place: str) -> Op:
        op = self.ops.get(node.kind)
        if op is None:
            raise PlanError(
                f"the kind {node.kind!r} is unknown; replace the node or install what adds it",
                place,
            )
        return op

    def _params(self, op: Op, node: Node) -> Params:
        key = (node.kind, *node.params.items())
        if key not in self.seen_params:
            self.seen_params[key] = op.spec.complete(node.params)
        return self.seen_params[key]
