"""A kind of another package exports to NumPy and explains itself like a built-in one."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from engine.compiler.compile import compile_document
from engine.declaration.op import Op
from engine.export import to_numpy
from engine.interpreter.interpreter import backward, forward
from engine.interpreter.parameter_vector import views
from engine.library import ops
from graph.model.document import Document
from graph.model.edits import AddNode, Connect, Edge, Node
from graph.model.kinds import Library

FILES = {
    "gradwire_swirl/__init__.py": "",
    "gradwire_swirl/angles.py": """
import numpy as np

QUARTER = np.pi / 2


def turned(x, *, times=1):
    return np.sin(x + times * QUARTER)
""",
    "gradwire_swirl/kinds.py": '''
from __future__ import annotations

import math as mathematics
from typing import Annotated

import numpy as np
from numpy import cos

from engine.declaration.loss import loss
from engine.declaration.op import Array, Range, op, row_sum

from .angles import turned

_FACTOR = 2 * mathematics.pi


@op(group="activations", symbol="~", aliases=("spin",), elementwise=True)
def swirl(x: Array, *, speed: Annotated[float, Range(low=0), "how fast"] = 1.0) -> Array:
    """Turn around.

    Formula: f(x) = cos(speed·x)·2π
    """
    result: Array = turned(speed * x) * _FACTOR
    return result


@swirl.derivative
def _(delta: Array, output: Array, x: Array, *, speed: float) -> Array:
    return -delta * speed * turned(speed * x, times=0) * _FACTOR


swirl.equations("z = 2·π·cos(speed·x)", "∂z/∂x = −2·π·speed·sin(speed·x)")


@op(group="arithmetic", symbol="·1", aliases=("lean",), saves=True)
def lean(a: Array, b: Array) -> tuple[Array, Array]:
    """Add up the first value; the second one has no effect."""
    def kept(value: Array) -> Array:
        return cos(value) ** 0 + b * 0

    return row_sum(a) * kept(a), kept(a)


@lean.derivative
def _(delta: Array, output: Array, a: Array, b: Array, *, saved: Array) -> list[Array | None]:
    return [np.broadcast_to(row_sum(delta * saved), a.shape), None]


@loss(rank=99, symbol="r⁴", aliases=("quartic",), components="mean")
def quartic(prediction: Array, target: Array) -> Array:
    """Fourth power of the distance."""
    return (prediction - target) ** 4


@quartic.derivative
def _(delta: Array, prediction: Array, target: Array) -> list[Array]:
    message = 4 * delta * (prediction - target) ** 3
    return [message, -message]
''',
}

RUNNER = """
import json, runpy, sys
import numpy as np
module = runpy.run_path(sys.argv[1])
columns = {name: np.array(values) for name, values in json.loads(sys.argv[2]).items()}
v = module["forward"](columns, module["P"])
E = module["error"](columns, module["P"], v)
g, d = module["backward"](module["P"], v)
assert not any(name.split(".")[0] in ("engine", "graph", "gradwire_swirl") for name in sys.modules)
print(json.dumps({"E": float(E), "g": {name: np.asarray(x).tolist() for name, x in g.items()}}))
"""


@pytest.fixture
def kinds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, Op]:
    """Install a package with kinds, and find all kinds anew."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)

    class Point:
        name = "swirl"

        def load(self) -> ModuleType:
            return import_module("gradwire_swirl.kinds")

    monkeypatch.setattr("engine.library.entry_points", lambda group: [Point()])
    found: Mapping[str, Op] = ops.__wrapped__()
    assert set(found) - set(ops()) == {"swirl", "lean", "quartic"}
    return found


def test_the_kinds_of_a_package_export_to_numpy(kinds: Mapping[str, Op], tmp_path: Path) -> None:
    document = Document(Library(declared.spec for declared in kinds.values()))
    nodes: dict[str, tuple[str, dict[str, Any]]] = {
        "x": ("input", {"columns": ("x",)}),
        "t": ("target", {"columns": ("t",)}),
        "h": ("neuron", {"units": 3, "activation": "swirl"}),
        "s": ("swirl", {"speed": 0.5}),
        "l": ("lean", {}),
        "E": ("quartic", {"importance": 2.0}),
    }
    edges = ["x h inputs", "h s x", "s l a", "h l b", "l E prediction", "t E target"]
    for node, (kind, params) in nodes.items():
        document.apply(AddNode(Node(node, kind, "", params)))
    for text in edges:
        source, target, port = text.split()
        document.apply(Connect(Edge(f"{source}-{target}", source, target, port)))
    plan = compile_document(document, {"x": 2, "t": 3}, kinds)
    theta = np.random.default_rng(0).normal(size=plan.size)
    columns = {"x": [[0.3, -1.0], [0.2, 0.7]], "t": [[1.0, 0.0, 2.0], [0.5, 1.0, -1.0]]}

    source = to_numpy(document, plan, theta)
    (tmp_path / "exported.py").write_text(source, encoding="utf-8")
    command = [sys.executable, "-W", "error", "-I", "-c", RUNNER]
    done = subprocess.run(
        [*command, str(tmp_path / "exported.py"), json.dumps(columns)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)

    run = forward(plan, theta, {name: np.array(values) for name, values in columns.items()})
    assert found["E"] == pytest.approx(2 * run.values[plan.outputs["E"]].mean(), rel=1e-14)
    gradients = views(plan, backward(plan, theta, run).gradient)
    for parameter, expected in zip(plan.parameters, gradients, strict=True):
        np.testing.assert_allclose(found["g"][parameter.name], expected, 1e-14, 1e-14)
    assert "def swirl(x, *, speed):" in source
    assert "import numpy" in source


def test_the_kinds_of_a_package_explain_themselves(kinds: Mapping[str, Op]) -> None:
    symbolic = kinds["swirl"].symbolic({"speed": 0.5})
    assert symbolic.derivative_text("x") == "∂z/∂x = −2·π·speed·sin(speed·x)"
    given: dict[str, Any] = {"x": np.array([0.4]), "speed": 0.5}
    expected = kinds["swirl"](np.array([[0.4]]), speed=0.5)
    np.testing.assert_allclose(symbolic.value(given, 1), expected[0])
    assert kinds["lean"].symbolic().derivative_text("a") == "∂z/∂a"
    assert kinds["quartic"].symbolic().lines() == []
