"""The exported source, run on its own, gives the engine's numbers."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from engine.compiler.compile import compile_document
from engine.declaration.op import Op, op
from engine.errors import PlanError
from engine.export import to_numpy
from engine.interpreter.interpreter import backward, forward
from engine.interpreter.objective_terms import add_penalty_gradient, objective_terms
from engine.interpreter.parameter_vector import initial
from engine.library import library, ops
from engine.plan.plan import Plan
from graph.model.document import Document
from graph.model.edits import (
    AddNode,
    Batch,
    Connect,
    Edge,
    Edit,
    Node,
    SetFrozen,
    SetShared,
    SetText,
    SetTraining,
)
from graph.model.kinds import Library, Role
from graph.model.training import Training

ROWS = 5
RUNNER = """
import importlib.util, json, pathlib, sys
import numpy as np
assert not any(name.split(".")[0] in ("engine", "graph", "gui") for name in sys.modules)
result = {}
for file in sorted(pathlib.Path(sys.argv[1]).glob("*.py")):
    spec = importlib.util.spec_from_file_location("exported", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    columns = dict(np.load(file.with_suffix(".npz")))
    v = module.forward(columns, module.P)
    E = module.error(columns, module.P, v)
    g, d = module.backward(module.P, v)
    result[file.stem] = {
        "E": float(E),
        "g": {name: np.asarray(x).tolist() for name, x in g.items()},
        "values": {n: getattr(v, a).tolist() for n, a in module.NODES.items() if hasattr(v, a)},
        "deltas": {
            n: np.asarray(getattr(d, a)).tolist() for n, a in module.NODES.items() if hasattr(d, a)
        },
        "frozen": sorted(module.FROZEN),
    }
print(json.dumps(result))
"""


def build(nodes: Mapping[str, tuple[str, dict[str, Any]]], edges: list[str]) -> Document:
    """Build a document; an edge is written ``source>target.port``."""
    document = Document(library())
    edits: list[Edit] = [AddNode(Node(n, kind, "", p)) for n, (kind, p) in nodes.items()]
    for order, text in enumerate(edges):
        source, _, rest = text.partition(">")
        target, _, port = rest.partition(".")
        edits.append(Connect(Edge(f"{source}-{target}-{order}", source, target, port, order)))
    document.apply(Batch(tuple(edits)))
    return document


def positive(kind: str) -> bool:
    return kind in ("log", "sqrt", "power", "divide", "binary_cross_entropy")


def of_kind(kind: str, declared: Op, params: dict[str, Any]) -> Document:
    """Wire a kind to trainable inputs and give it a loss."""
    nodes: dict[str, tuple[str, dict[str, Any]]] = {"t": ("target", {"columns": ("t",)})}
    edges: list[str] = []
    loss = declared.spec.role is Role.LOSS
    ports = [p.name for p in declared.spec.ports for _ in range(3 if p.variadic else 1)]
    for i, port in enumerate(ports):
        nodes[f"x{i}"] = ("input", {"columns": (f"x{i}",)})
        nodes[f"w{i}"] = ("weight", {"width": 1 if declared.spec.port("a") and i else 3})
        edges += [f"x{i}>w{i}.x", f"w{i}>u.{port}"]
        if kind == "dot":
            nodes[f"w{i}"] = ("weight", {"width": 3})
        if positive(kind) or (loss and port == "target"):
            nodes[f"q{i}"] = ("sigmoid", {})
            edges[-1:] = [f"w{i}>q{i}.x", f"q{i}>u.{port}"]
    nodes["u"] = (kind, params)
    if not loss and declared.spec.role is not Role.PENALTY:
        nodes["y"] = ("neuron", {"units": 2, "activation": "identity"})
        nodes["E"] = ("half_squared_error", {"components": "mean", "importance": 0.7})
        edges += ["u>y.inputs", "y>E.prediction", "t>E.target"]
    if kind in ("input", "target"):
        nodes["u"] = (kind, {"columns": ("x0", "x1[1]")})
    return build(nodes, edges)


CASES: dict[str, Document] = {kind: of_kind(kind, declared, {}) for kind, declared in ops().items()}
CASES |= {
    "formula": of_kind(
        "expression", ops()["expression"], {"formula": "2*sin(x1) - x2**2 / 3 + pi"}
    ),
    "gelu tanh": of_kind("gelu", ops()["gelu"], {"approximate": "tanh"}),
    "slice wide": of_kind("slice", ops()["slice"], {"start": 1, "stop": 3}),
    "power zero": of_kind("power", ops()["power"], {"exponent": 0.0}),
    "power odd": of_kind("power", ops()["power"], {"exponent": -1.5}),
    "scale": of_kind("scale", ops()["scale"], {"factor": -2.0, "offset": -0.5}),
    "constant": of_kind("constant", ops()["constant"], {"value": (1.0, -2.0)}),
    "huber small": of_kind("huber", ops()["huber"], {"delta": 0.1, "components": "sum"}),
    "cross entropy mean": of_kind("cross_entropy", ops()["cross_entropy"], {"components": "mean"}),
}


_TANH = {"units": 3, "activation": "tanh"}
SKIPS: dict[str, tuple[str, dict[str, Any]]] = {
    'a"b\\ {c}\n': ("input", {"columns": ("x0",)}),
    "class": ("input", {"columns": ("x1[0]",)}),
    "class_": ("neuron", _TANH),
    "h1.s": ("neuron", _TANH),
    "h1": ("neuron", _TANH),
    "+": ("sum", {}),
    "×": ("product", {}),
    "y": ("neuron", {"units": 2, "bias": False}),
    "unused": ("neuron", {}),
    "t": ("target", {"columns": ("t",)}),
    "E1": ("binary_cross_entropy", {"importance": 2.0}),
    "E2": ("mean_squared_error", {}),
    "P1": ("l1_penalty", {"coefficient": 0.3, "parameters": ("h1.bias",)}),
    "P2": ("l2_penalty", {"coefficient": 0.2}),
}
SKIPPING = [
    'a"b\\ {c}\n>class_.inputs',
    "class>class_.inputs",
    "class_>h1.inputs",
    "class_>h1.inputs",
    "h1>+.inputs",
    "class>+.inputs",
    "+>×.inputs",
    "+>×.inputs",
    "class>×.inputs",
    "×>y.inputs",
    "h1>y.inputs",
    "h1>unused.inputs",
    "y>E1.prediction",
    "t>E1.target",
    "y>E2.prediction",
    "t>E2.target",
]


def skips() -> Document:
    """Skips, repeated widths, shared and frozen parameters, two losses, odd ids, penalties."""
    document = build(SKIPS, SKIPPING)
    document.apply(Connect(Edge("odd", "class", "h1.s", "inputs")))
    weights = [s for s in document.slots("h1") if s.endswith(".weight")]
    document.apply(SetShared(dict.fromkeys(weights, 'w"{0}')))
    document.apply(SetFrozen({"class_.bias": True}))
    document.apply(SetText('Ends """ early\\\nimport os', "notes"))
    document.apply(SetTraining(Training(l1=0.01, l2=0.5)))
    return document


CASES["skips"] = skips()


def data(seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    columns = {f"x{i}": rng.normal(size=(ROWS, 3)) for i in range(3)}
    return {**columns, "t": rng.uniform(0.1, 0.9, (ROWS, 2))}


def compiled(document: Document) -> tuple[Plan, np.ndarray]:
    plan = compile_document(document, {"x0": 3, "x1": 3, "x2": 3, "t": 2})
    theta = initial(plan, document, 1)
    return plan, theta + np.random.default_rng(2).normal(0, 0.1, theta.shape)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Write every case to a folder of its own and run them all in one bare interpreter."""
    folder = tmp_path_factory.mktemp("exported")
    for name, document in CASES.items():
        plan, theta = compiled(document)
        (folder / f"{name}.py").write_text(to_numpy(document, plan, theta), encoding="utf-8")
        np.savez(folder / f"{name}.npz", allow_pickle=False, **data(3))
    done = subprocess.run(
        [sys.executable, "-W", "error", "-I", "-c", RUNNER, str(folder)],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


@pytest.mark.parametrize("name", sorted(CASES))
def test_equals_the_engine(name: str, exported: dict[str, Any]) -> None:
    document, found = CASES[name], exported[name]
    plan, theta = compiled(document)
    run = forward(plan, theta, data(3))
    back = backward(plan, theta, run)
    training = document.training
    total = objective_terms(plan, theta, run, training.l1, training.l2, ROWS).total
    add_penalty_gradient(plan, theta, back.gradient, training.l1, training.l2, ROWS)
    assert found["E"] == pytest.approx(total, rel=1e-12)
    for parameter in plan.parameters:
        part = slice(parameter.offset, parameter.offset + parameter.size)
        ours = np.ravel(found["g"][parameter.name])
        assert np.allclose(ours, back.gradient[part], rtol=1e-11, atol=1e-13), parameter.name
    for node, values in found["values"].items():
        expected = run.values[plan.outputs[node]]
        assert np.allclose(values, expected, rtol=1e-12, atol=1e-14), node
    for node, deltas in found["deltas"].items():
        expected = back.deltas[plan.outputs[node]]
        assert np.allclose(deltas, expected, rtol=1e-11, atol=1e-14), node
    penalties = {penalty.node for penalty in plan.penalties}
    assert set(found["values"]) == set(plan.outputs) - penalties


def test_frozen_parameters_are_named(exported: dict[str, Any]) -> None:
    assert exported["skips"]["frozen"] == ["class_.bias"]


def test_a_neuron_is_one_readable_line() -> None:
    document = build(
        {
            "x": ("input", {"columns": ("x0",)}),
            "h": ("neuron", {"units": 2}),
            "t": ("target", {"columns": ("t",)}),
            "E": ("squared_error", {}),
        },
        ["x>h.inputs", "h>E.prediction", "t>E.target"],
    )
    source = to_numpy(document, *compiled(document))
    weight = "weight(v.x, weight=p['x-h-0.weight'])"
    assert f"v.h_s = sum_({weight}, bias(bias=p['h.bias'], context=v.context))" in source
    assert "v.h = sigmoid(v.h_s)" in source
    assert f"_, g['x-h-0.weight'] = weight_derivative(d.h_s, v.x, {weight[12:]}" in source
    assert '"""∂z/∂x = σ(x)·(1 − σ(x))"""' in source
    assert "def softmax" not in source


def test_a_document_is_written_the_same_way_each_time() -> None:
    document = CASES["skips"]
    assert to_numpy(document, *compiled(document)) == to_numpy(document, *compiled(document))


def test_a_kind_whose_source_cannot_be_written_is_named() -> None:
    angles = np.ones(3)

    @op(group="activations")
    def swirl(x: np.ndarray) -> np.ndarray:
        """Turn around."""
        turned: np.ndarray = x * angles[0]
        return turned

    @swirl.derivative
    def _(delta: np.ndarray, output: np.ndarray, x: np.ndarray) -> np.ndarray:
        return delta

    kinds = {**ops(), "swirl": swirl}
    document = Document(Library(declared.spec for declared in kinds.values()))
    document.apply(AddNode(Node("x", "input", "", {"columns": ("x0",)})))
    document.apply(AddNode(Node("s", "swirl")))
    document.apply(Connect(Edge("x-s", "x", "s", "x")))
    plan = compile_document(document, {"x0": 1}, kinds)
    expected = "s: the kind 'swirl' cannot be written in NumPy: its module does not say"
    with pytest.raises(PlanError, match=expected):
        to_numpy(document, plan, initial(plan, document, 0))
