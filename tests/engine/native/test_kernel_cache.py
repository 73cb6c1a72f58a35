"""Machine code is kept where that can be, and made all the same where it cannot."""

from __future__ import annotations

from types import FunctionType

import pytest

from engine.native import prepare, ready
from engine.native.runtime import compilation
from engine.native.simd.jit import entry


def add(a: float, b: float) -> float:
    return a + b


def test_code_that_can_be_kept_nowhere_is_compiled_all_the_same() -> None:
    homeless = FunctionType(add.__code__.replace(co_filename="<nowhere>"), globals())
    assert entry(homeless)(1.0, 2.0) == 3.0


def test_what_is_prepared_is_ready() -> None:
    prepare("float64")
    assert ready("float64")
    assert not ready("float16")


def test_code_of_other_kernels_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    prepare("float64")
    monkeypatch.setattr(compilation, "STAMP", "another text")
    assert not ready("float64")
