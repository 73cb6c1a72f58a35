"""Functions of lanes and views, compiled so that tests can call them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from numba import njit

from engine.native.simd.jit import EXACT


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    return cast("Callable[..., Any]", njit(**EXACT)(function))
