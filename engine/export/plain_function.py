"""A function's definition rewritten to stand on its own: no decorator, annotations."""

from __future__ import annotations

import ast
import builtins
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class WrittenFunction:
    """A function in the exported source: its name there, and which arguments it still has.

    Parameters
    ----------
    name : str
        What to call.
    positional : tuple of bool
        By positional argument, whether it is used.
    variadic : bool
        Whether ``*inputs`` is used; True of a function without.
    keywords : tuple of str
        Keyword-only arguments that are used.
    is_whole : bool
        Whether it has all its arguments.
    """

    name: str
    positional: tuple[bool, ...]
    variadic: bool
    keywords: tuple[str, ...]
    is_whole: bool

    def call(self, *values: str, **keywords: str) -> str:
        """Return the source of a call; what the function does not use is left out."""
        count = len(self.positional)
        kept = [text for text, used in zip(values, self.positional, strict=False) if used]
        if self.variadic:
            kept += values[count:]
        named = [f"{name}={keywords[name]}" for name in self.keywords]
        return f"{self.name}({', '.join([*kept, *named])})"


def without_unused(tree: ast.FunctionDef, name: str) -> WrittenFunction:
    """Take the arguments that a function does not use out of it, and all defaults."""
    arguments = tree.args
    used = {n.id for part in tree.body for n in ast.walk(part) if isinstance(n, ast.Name)}
    positional = [*arguments.posonlyargs, *arguments.args]
    kept = tuple(argument.arg in used for argument in positional)
    arguments.posonlyargs, arguments.defaults = [], []
    arguments.args = [a for a, is_used in zip(positional, kept, strict=True) if is_used]
    variadic = arguments.vararg is None or arguments.vararg.arg in used
    arguments.vararg = arguments.vararg if variadic else None
    keywords = tuple(a.arg for a in arguments.kwonlyargs if a.arg in used)
    is_whole = all(kept) and variadic and len(keywords) == len(arguments.kwonlyargs)
    arguments.kwonlyargs = [a for a in arguments.kwonlyargs if a.arg in used]
    arguments.kw_defaults = [None] * len(keywords)
    return WrittenFunction(name, kept, variadic, keywords, is_whole)


def rewritten(
    node: ast.AST,
    resolve: Callable[[str], ast.expr | None],
    check_import: Callable[[str], None],
) -> Any:
    """Rewrite a definition as the exported source has it: its global names, no annotations.

    Parameters
    ----------
    node : ast node
        A function, or a constant's value; it is changed.
    resolve : callable
        Returns what to write for a global name; None for the name itself.
    check_import : callable
        Refuses modules that an import inside a function may not name.
    """
    return _Rewriting(resolve, check_import).visit(node)


def names_given(node: ast.stmt) -> Iterator[str]:
    """Yield the global names that a statement gives a meaning."""
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            yield name
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in aliases)


class _Rewriting(ast.NodeTransformer):
    def __init__(
        self,
        resolve: Callable[[str], ast.expr | None],
        check_import: Callable[[str], None],
    ) -> None:
        self.resolve, self.check_import = resolve, check_import
        self.local: set[str] = set()

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:  # ast's name
        outer = self.local
        self.local = outer | {node.name} | set(_bound(node))
        node.decorator_list, node.returns = [], None
        for argument in ast.walk(node.args):
            if isinstance(argument, ast.arg):
                argument.annotation = None
        node.body = _short_help(node.body)
        self.generic_visit(node)
        node.body = _returned_directly(node.body)
        self.local = outer
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.Lambda:  # ast's name
        outer, self.local = self.local, self.local | set(_bound(node))
        self.generic_visit(node)
        self.local = outer
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt | None:  # ast's name
        if node.value is None:
            return None
        return ast.Assign([self.visit(node.target)], self.visit(node.value))

    def visit_With(self, node: ast.With) -> ast.With:  # ast's name
        self.generic_visit(node)
        node.body = _returned_directly(node.body)
        return node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.ImportFrom:  # ast's name
        self.check_import(node.module or ".")
        return node

    def visit_Raise(self, node: ast.Raise) -> ast.Raise:  # ast's name
        """Raise ValueError in place of an exception that the exported source does not have."""
        match node.exc:
            case ast.Call(func=ast.Name(id=name), args=[*_, message]) if not hasattr(
                builtins, name
            ):
                node.exc = ast.Call(ast.Name("ValueError", ast.Load()), [message], [])
        self.generic_visit(node)
        return node

    def visit_Name(self, node: ast.Name) -> ast.expr:  # ast's name
        if node.id in self.local:
            return node
        return self.resolve(node.id) or node


def _bound(node: ast.FunctionDef | ast.Lambda) -> Iterator[str]:
    """Yield the names that are local to a function."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.arg):
            yield inner.arg
        elif isinstance(inner, ast.Name) and not isinstance(inner.ctx, ast.Load):
            yield inner.id
        elif isinstance(inner, ast.Import | ast.ImportFrom | ast.FunctionDef) and inner is not node:
            yield from names_given(inner)


def _short_help(body: list[ast.stmt]) -> list[ast.stmt]:
    """Cut a docstring down to its summary and its formula."""
    match body:
        case [ast.Expr(value=ast.Constant(value=str(text))), *rest]:
            lines = inspect.cleandoc(text).splitlines()
            formulas = [line for line in lines if line.startswith("Formula:")]
            help_text = "\n\n    ".join([lines[0], *formulas]) + ("\n    " if formulas else "")
            return [ast.Expr(ast.Constant(help_text)), *rest]
    return body


def _returned_directly(body: list[ast.stmt]) -> list[ast.stmt]:
    """Turn ``z = …; return z``, which only types need, into ``return …``."""
    match body:
        case [
            *first,
            ast.Assign(targets=[ast.Name(id=a)], value=value),
            ast.Return(ast.Name(id=b)),
        ]:
            return [*first, ast.Return(value)] if a == b else body
    return body
