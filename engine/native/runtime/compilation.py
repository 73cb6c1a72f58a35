"""Kernels compiled one by one, for a precision, and kept in files of their own.

A kernel is compiled when a program first needs it; from then on, on this machine, it is read. So
a start pays for what it uses.
"""

from __future__ import annotations

import ctypes
import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from llvmlite.binding import get_host_cpu_name
from numba import njit

from engine.native.runtime.memory import MemoryType
from engine.native.simd.jit import FAST, INNER, caching, ccallback, from_dtype, types

_REALS = {"float32": types.float32, "float64": types.float64}


def _stamp() -> str:
    """Return a code for the present text of all kernels."""
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parents[1].rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


STAMP = _stamp()
"""Kernels of another text are compiled anew."""


@cache
def _files() -> Any:
    """Return numba's way to files beside this module; None if nothing can be written."""
    try:
        return caching.CompileResultCacheImpl(_stamp)
    except RuntimeError:  # neither the package's folder nor the user's cache can be written
        return None


def folder() -> Path | None:
    """Return where machine code is kept; None if it can be kept nowhere."""
    return None if _files() is None else Path(_files().locator.get_cache_path())


class _KernelCache(caching.FunctionCache):  # type: ignore[misc]  # numba has no types
    """A file of machine code.

    Numba's own name for it would be the function's place in the source, and its key what the
    function is bound to: kernels made from a table share the first, and the second is another at
    each start.
    """

    def __init__(self, name: str) -> None:
        self._name, self._impl = name, _files()
        self._cache_path = str(folder())
        file = f"{name}.{get_host_cpu_name()}"
        self._cache_file = caching.IndexDataCacheFile(self._cache_path, file, STAMP)
        self.enable()

    def _index_key(self, sig: Any, codegen: Any) -> Any:
        return sig, codegen.magic_tuple()


def _cache_of(name: str, real: str) -> Any:
    return caching.NullCache() if _files() is None else _KernelCache(f"{name}.{real}")


def in_file(name: str, real: str) -> bool:
    """Tell whether a kernel's machine code lies in a file."""
    cache = _cache_of(name, real)
    return bool(_files() and cache._cache_file._load_index())  # noqa: SLF001


@cache
def address(name: str, function: Callable[..., None], fields: Any, real: str) -> int:
    """Return the address of a kernel for a precision, compiled or read from its file.

    Parameters
    ----------
    name : str
        Of the file.
    function : callable
        (memory, instruction).
    fields : dtype or None
        Of the instruction; None if it reads none.
    real : str
        ``float64`` or ``float32``.
    """
    kinds = MemoryType(_REALS[real]), types.voidptr if fields is None else from_dtype(fields)
    dispatcher: Any = njit(**FAST, **INNER)(function)
    dispatcher._cache = _cache_of(name, real)  # noqa: SLF001  (numba offers no other way)
    dispatcher.compile(kinds)
    found = dispatcher.overloads[kinds]
    return int(found.library.get_pointer_to_function(found.fndesc.llvm_func_name))


@cache
def entry(name: str, function: Callable[..., int], count: int, real: str) -> Callable[..., int]:
    """Return what Python calls, with the memory's address and ``count`` integers; no GIL is held.

    See `address`.
    """
    kinds = MemoryType(_REALS[real]), *[types.int64] * count
    made = ccallback.CFunc(function, (kinds, types.int64), {}, dict(FAST))
    made._cache = _cache_of(name, real)  # noqa: SLF001  (numba offers no other way)
    made.compile()
    kind = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p, *[ctypes.c_int64] * count)
    return kind(made.address)
