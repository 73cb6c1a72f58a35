"""The source of operations: their own functions, with what they use of their modules."""

from __future__ import annotations

import ast
import importlib.util
import inspect
import keyword
import textwrap
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

from engine.export.plain_function import WrittenFunction, rewrite, without_unused


class SourceError(ValueError):
    """Source that cannot be written; the text says why."""


@dataclass(slots=True)
class OperationSource:
    """Collects the functions that exported source calls, each once, after what they use.

    Functions and constants of Gradwire, and of the package that an operation is from, are
    written out; what comes from other packages is imported.

    Parameters
    ----------
    reserved : frozenset of str
        Names that the exported source uses itself.
    imports, definitions : list of str
        What has been collected.
    """

    reserved: frozenset[str]
    imports: list[str] = field(default_factory=list)
    definitions: list[str] = field(default_factory=list)
    _functions: dict[Callable[..., Any], WrittenFunction] = field(default_factory=dict)
    _names: dict[tuple[str, str], str] = field(default_factory=dict)
    _taken: set[str] = field(default_factory=set)

    def function(
        self, function: Callable[..., Any], name: str, summary: str = ""
    ) -> WrittenFunction:
        """Write a function under a name like ``name``, without the arguments it does not use.

        ``summary`` is the help of one that has none.

        Raises `SourceError` if its source, or that of something it uses, cannot be read or written.
        """
        if function not in self._functions:
            tree = _tree(function).body[0]
            if not isinstance(tree, ast.FunctionDef):
                raise SourceError("it is not declared with def")
            if summary and ast.get_docstring(tree) is None:
                tree.body.insert(0, ast.Expr(ast.Constant(summary)))
            written = without_unused(tree, self._free(name))
            self._functions[function] = written
            self._define(tree, written.name, function.__module__)
        return self._functions[function]

    def _define(self, node: ast.stmt, name: str, module: str) -> None:
        resolve = partial(self._resolve, module=module)
        match node:
            case ast.FunctionDef():
                node.name = name
                self.definitions.append(f"\n\n{rewrite(node, resolve)}")
            case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
                self.definitions.append(f"\n{name} = {rewrite(ast.Expression(value), resolve)}")
            case _:
                raise SourceError(f"{name!r} is no function or constant")

    def _resolve(self, name: str, module: str) -> ast.expr:
        """Write what a global name of a module stands for; return what to call it."""
        node = _definitions(module).get(name)
        if node is None:
            raise SourceError(f"its module does not say what {name!r} is")
        if isinstance(node, ast.Import | ast.ImportFrom):
            return self._imported(name, node, module)
        if (module, name) not in self._names:
            self._names[module, name] = self._free(name)
            self._define(deepcopy(node), self._names[module, name], module)
        return ast.Name(self._names[module, name], ast.Load())

    def _imported(self, name: str, node: ast.Import | ast.ImportFrom, module: str) -> ast.expr:
        alias = next(a for a in node.names if _called(a) == name)
        if isinstance(node, ast.Import):
            statement, text = ast.unparse(ast.Import([alias])), name
        else:
            package = module.rpartition(".")[0]
            source = importlib.util.resolve_name("." * node.level + (node.module or ""), package)
            if source.partition(".")[0] in ("engine", "graph", module.partition(".")[0]):
                return self._resolve(alias.name, source)
            statement, text = f"import {source}", f"{source}.{alias.name}"
        if statement not in self.imports:
            self.imports.append(statement)
        return ast.parse(text, mode="eval").body

    def _free(self, name: str) -> str:
        free, count = name, 2
        while free in self._taken | self.reserved or keyword.iskeyword(free):
            free, count = f"{name}_{count}", count + 1
        self._taken.add(free)
        return free


@cache
def _definitions(module: str) -> Mapping[str, ast.stmt]:
    """Return the statement that gives each global name of a module its meaning."""
    result: dict[str, ast.stmt] = {}
    for node in _tree(importlib.import_module(module)).body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                result[name] = node
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                result[name] = node
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                result |= {_called(alias): node for alias in aliases}
    return result


def _called(alias: ast.alias) -> str:
    return alias.asname or alias.name.partition(".")[0]


def _tree(found: Any) -> ast.Module:
    try:
        return ast.parse(textwrap.dedent(inspect.getsource(found)))
    except (OSError, TypeError) as error:
        raise SourceError(f"the source of {found.__name__!r} cannot be read") from error
