"""What machine code is generated with: names of LLVM and numba, which have no types."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import llvmlite.binding
import llvmlite.ir
import numba.core.cgutils
import numba.core.types
import numba.core.typing.templates
import numba.extending
import numba.np.arrayobj

Typed: TypeAlias = tuple[Any, Callable[..., Any]]
"""What a generator returns: the signature, and what writes the code."""

binding: Any = llvmlite.binding
ir: Any = llvmlite.ir
types: Any = numba.core.types
cgutils: Any = numba.core.cgutils
templates: Any = numba.core.typing.templates
extending: Any = numba.extending
arrays: Any = numba.np.arrayobj
signature: Any = templates.signature


def generated(function: Callable[..., Typed]) -> Any:
    """Make a generator of machine code a function that kernels call."""
    return extending.intrinsic(function)
