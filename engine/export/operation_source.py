"""The source of operations: their own functions, fit to stand in a file that needs NumPy only.

A function is written as it is, without decorator, annotations and the arguments it does not use;
private functions, constants and imports of its module that it uses come along.
"""

from __future__ import annotations

import ast
import builtins
import importlib.util
import inspect
import keyword
import sys
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, partial
from types import ModuleType
from typing import Any

from engine.export.plain_function import (
    WrittenFunction,
    names_given,
    rewritten,
    without_unused,
)

OWN = ("engine", "graph")
"""Packages whose functions are written out; what comes from others is imported."""


class SourceError(ValueError):
    """Source that cannot be written; the text says why."""


@dataclass(slots=True)
class OperationSource:
    """Collects the functions that exported source calls, each once, what they use before them.

    Parameters
    ----------
    reserved : frozenset of str
        Names that the exported source uses itself.
    """

    reserved: frozenset[str]
    imports: dict[str, None] = field(default_factory=dict)
    definitions: list[str] = field(default_factory=list)
    _functions: dict[object, WrittenFunction] = field(default_factory=dict)
    _names: dict[tuple[str, str], str] = field(default_factory=dict)
    _taken: set[str] = field(default_factory=set)

    def function(
        self, function: Callable[..., Any], name: str, summary: str = ""
    ) -> WrittenFunction:
        """Write a function under a name like ``name``, without the arguments it does not use.

        ``summary`` is the help of one that has none.

        Raises
        ------
        SourceError
            If its source, or that of something it uses, cannot be read or written.
        """
        if function in self._functions:
            return self._functions[function]
        tree, scope = _definition_of(function), _Scope(function)
        if summary and ast.get_docstring(tree) is None:
            tree.body.insert(0, ast.Expr(ast.Constant(summary)))
        written = without_unused(tree, name)
        key = (scope.module.__name__, function.__name__)
        is_whole = written.is_whole and scope.definitions.get(function.__name__) is not None
        if not is_whole or key not in self._names:
            written = replace(written, name=self._free(name))
            if is_whole and function.__name__ != "_":
                self._names[key] = written.name
            self._write(tree, scope, written.name)
        else:
            written = replace(written, name=self._names[key])
        self._functions[function] = written
        return written

    def _write(self, tree: ast.FunctionDef, scope: _Scope, name: str) -> None:
        tree = rewritten(tree, partial(self.resolve, scope=scope), scope.refuse_own)
        tree.name = name
        text = ast.unparse(ast.fix_missing_locations(tree))
        self.definitions.append(f"\n\n{text}")

    def resolve(self, name: str, scope: _Scope) -> ast.expr | None:
        """Write what a global name stands for; return what to call it, None for its own name."""
        if name in scope.closure:
            return ast.parse(_literal(name, scope.closure[name]), mode="eval").body
        definition = scope.definitions.get(name)
        if definition is None:
            if hasattr(builtins, name):
                return None
            raise SourceError(f"nothing says what {name!r} is")
        if isinstance(definition, ast.Import | ast.ImportFrom):
            return self._imported(name, definition, scope)
        return ast.Name(self._global(name, definition, scope), ast.Load())

    def _global(self, name: str, definition: ast.stmt, scope: _Scope) -> str:
        key = (scope.module.__name__, name)
        if key in self._names:
            return self._names[key]
        self._names[key] = self._free(name)
        if isinstance(definition, ast.FunctionDef):
            self._write(_copy(definition), scope, self._names[key])
        elif isinstance(definition, ast.Assign | ast.AnnAssign) and definition.value:
            resolve = partial(self.resolve, scope=scope)
            value = rewritten(_copy(definition).value, resolve, scope.refuse_own)
            self.definitions.append(f"\n{self._names[key]} = {ast.unparse(value)}")
        else:
            raise SourceError(f"{name!r} is no function or constant")
        return self._names[key]

    def _imported(
        self, name: str, statement: ast.Import | ast.ImportFrom, scope: _Scope
    ) -> ast.expr | None:
        alias = next(a for a in statement.names if (a.asname or a.name.partition(".")[0]) == name)
        if isinstance(statement, ast.Import):
            scope.refuse_own(alias.name)
            self.imports[ast.unparse(ast.Import([alias]))] = None
            return None
        package = scope.module.__package__ or scope.module.__name__
        source = "." * statement.level + (statement.module or "")
        source = importlib.util.resolve_name(source, package) if statement.level else source
        if scope.is_own(source):
            return self.resolve(alias.name, _Scope(importlib.import_module(source)))
        if isinstance(scope.values.get(name), ModuleType):
            self.imports[ast.unparse(ast.ImportFrom(source, [alias], 0))] = None
            return None
        self.imports[f"import {source}"] = None
        return ast.parse(f"{source}.{alias.name}", mode="eval").body

    def _free(self, name: str) -> str:
        free, count = name, 2
        while free in self._taken | self.reserved or keyword.iskeyword(free):
            free, count = f"{name}_{count}", count + 1
        self._taken.add(free)
        return free


class _Scope:
    """What the global names of a module, or of one of its functions, stand for."""

    def __init__(self, where: Callable[..., Any] | ModuleType) -> None:
        self.closure: Mapping[str, Any] = {}
        if isinstance(where, ModuleType):
            self.module = where
        else:
            self.module = sys.modules[where.__module__]
            self.closure = inspect.getclosurevars(where).nonlocals
        self.values = vars(self.module)
        self.definitions = _definitions(self.module)

    def is_own(self, module: str) -> bool:
        """Return whether a module's functions are written out: Gradwire's and those beside it."""
        return module.partition(".")[0] in (*OWN, self.module.__name__.partition(".")[0])

    def refuse_own(self, module: str) -> None:
        """Raise SourceError if a module is one whose functions are written out."""
        if self.is_own(module):
            raise SourceError(f"it uses the module {module!r} as a whole; import the function")


def _definition_of(function: Callable[..., Any]) -> ast.FunctionDef:
    try:
        text = textwrap.dedent(inspect.getsource(function))
    except (OSError, TypeError) as error:
        raise SourceError("its source cannot be read") from error
    found = ast.parse(text).body[0]
    if not isinstance(found, ast.FunctionDef):
        raise SourceError("it is no function declared with def")
    return found


@cache
def _definitions(module: ModuleType) -> Mapping[str, ast.stmt]:
    """Return the statement that gives each global name of a module its meaning."""
    try:
        tree = ast.parse(inspect.getsource(module))
    except (OSError, TypeError) as error:
        raise SourceError(f"the source of {module.__name__} cannot be read") from error
    return {name: node for node in tree.body for name in names_given(node)}


def _literal(name: str, value: object) -> str:
    if not isinstance(value, bool | int | float | str):
        raise SourceError(f"{name!r} comes from an enclosing function; declare it in the module")
    return repr(value)


def _copy(node: Any) -> Any:
    return ast.parse(ast.unparse(node)).body[0]
