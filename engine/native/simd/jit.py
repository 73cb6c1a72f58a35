"""How kernels are compiled: two kinds of mathematics, typed so that mypy sees through numba."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar, cast

import llvmlite.binding
import llvmlite.ir
import numba
import numba.core.caching
import numba.core.ccallback
import numba.core.cgutils
import numba.core.imputils
import numba.core.types
import numba.core.typing.templates
import numba.extending
import numba.np.arrayobj
from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])

EXACT: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": {"contract"}}
"""Keeps every operation in its order."""
INLINED: dict[str, Any] = {**EXACT, "forceinline": True}
"""The same for functions of lanes, which then stay in registers."""
OPTIONS: Any = EXACT
"""For what is chosen by type."""
FAST: dict[str, Any] = {**EXACT, "fastmath": {"reassoc", "contract", "nsz", "arcp"}}
"""Sums in any order, so that they vectorise; never ``nnan``, which would hide divergence."""


# only compiled code calls these; leaving out what Python would need saves a quarter of the time
INNER: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def exact(function: Function) -> Function:
    """Compile what becomes part of its callers: functions of lanes, or of many arrays."""
    return cast("Function", njit(**INLINED, **INNER)(function))


def kernel(function: Function) -> Function:
    """Compile a loop over arrays."""
    return cast("Function", njit(**FAST, **INNER)(function))


def entry(function: Function) -> Function:
    """Compile what Python calls, and keep the machine code for the next start if that can be."""
    try:
        return cast("Function", njit(**FAST, cache=True)(function))
    except RuntimeError:  # neither the package's folder nor the user's cache can be written
        return cast("Function", njit(**FAST)(function))


def part(function: Function) -> Function:
    """Mark a piece that is compiled with its one caller: each level of calls costs a compile."""
    return cast("Function", njit(**FAST, **INNER, inline="always")(function))


Typed: TypeAlias = tuple[Any, Callable[..., Any]]
"""What a generator returns: the signature, and what writes the code."""

binding: Any = llvmlite.binding
ir: Any = llvmlite.ir
types: Any = numba.core.types
cgutils: Any = numba.core.cgutils
caching: Any = numba.core.caching
ccallback: Any = numba.core.ccallback
imputils: Any = numba.core.imputils
from_dtype: Any = numba.from_dtype
templates: Any = numba.core.typing.templates
extending: Any = numba.extending
arrays: Any = numba.np.arrayobj
signature: Any = templates.signature


def generated(function: Callable[..., Typed]) -> Any:
    """Make a generator of machine code a function that kernels call."""
    return extending.intrinsic(function)
