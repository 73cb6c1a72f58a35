"""Machine code is kept where that can be, and made all the same where it cannot."""

from __future__ import annotations

from types import FunctionType
from typing import Any

import numpy as np
import pytest

from engine.compiler.compile import compile_document
from engine.interpreter.parameter_vector import initial
from engine.native import lower, prepare, ready, uncompiled
from engine.native.runtime import compilation
from engine.native.runtime.memory import Memory
from engine.native.simd.jit import entry
from graph.model.training import Training
from tests.engine.documents import draw


def add(a: float, b: float) -> float:
    return a + b


def double(m: Any, first: Any) -> Any:
    m.theta[first] *= 2
    return m.theta.size


def test_code_that_can_be_kept_nowhere_is_compiled_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    homeless = FunctionType(add.__code__.replace(co_filename="<nowhere>"), globals())
    assert entry(homeless)(1.0, 2.0) == 3.0
    monkeypatch.setattr(compilation, "_files", lambda: None)
    memory, theta = Memory("float64"), np.array([1.0, 2.0, 3.0])
    memory.set(theta=theta)
    assert compilation.entry("double", double, 1, "float64")(memory.address, 1) == 3
    np.testing.assert_array_equal(theta, [1, 4, 3])
    assert compilation.folder() is None


def test_the_memory_takes_only_arrays_of_its_types() -> None:
    memory = Memory("float32")
    for wrong in (np.zeros(3), np.zeros((3, 1), np.float32), np.zeros(6, np.float32)[::2]):
        with pytest.raises(TypeError, match="theta is to be a contiguous array of float32"):
            memory.set(theta=wrong)


def test_what_is_prepared_is_ready() -> None:
    prepare("float64")
    assert ready("float64")
    assert not ready("float16")


def test_code_of_other_kernels_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    prepare("float64")
    monkeypatch.setattr(compilation, "STAMP", "another text")
    assert not ready("float64")


def test_a_run_compiles_only_what_its_plan_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []

    def address(name: str, *_: object) -> int:
        compiled.append(name)
        return 1

    monkeypatch.setattr("engine.native.machine.program.address", address)
    document = draw(
        {
            "x": ("input", {"columns": ("x",)}),
            "h": ("neuron", {"units": 1, "activation": "tanh"}),
            "y": ("target", {"columns": ("y",)}),
            "E": "half_squared_error",
        },
        ["x h", "h E:prediction", "y E:target"],
    )
    plan = compile_document(document, {"x": 2, "y": 1})
    assert len(initial(plan, document, 0)) == 3
    assert lower(plan, "float64", 4).memory.address
    kernels = {name.split(".")[0] for name in compiled}
    assert kernels == {"load", "edges", "tanh", "half_squared_error"}


def test_what_a_plan_needs_is_told_from_its_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    there = {"loop", "update.sgd", "tanh.forward", "tanh.backward"}
    monkeypatch.setattr("engine.native.api.kernel_cache.in_file", lambda name, _: name in there)
    document = draw(
        {"x": ("input", {"columns": ("x",)}), "h": "tanh", "t": "sigmoid"}, ["x h", "x t"]
    )
    plan = compile_document(document, {"x": 2})
    missing = uncompiled(plan, Training())
    assert missing == ["sigmoid.forward", "sigmoid.backward"]
    assert "update.adam" in uncompiled(plan, Training(optimizer="adam"))
    assert "matrix.forward" in uncompiled(plan, Training(), surely=True)
    assert "gelu.forward" not in uncompiled(plan, Training(), surely=True)
