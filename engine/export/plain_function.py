"""A function's definition made to stand on its own: no decorator, annotations, unused arguments."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterator
from dataclasses import dataclass


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
        Whether it has ``*inputs`` that are used.
    keywords : tuple of str
        Keyword-only arguments that are used.
    """

    name: str
    positional: tuple[bool, ...]
    variadic: bool
    keywords: tuple[str, ...]

    def call(self, *values: str, **keywords: str) -> str:
        """Return the source of a call; what the function does not use is left out."""
        kept = [text for text, used in zip(values, self.positional, strict=False) if used]
        rest = values[len(self.positional) :] if self.variadic else ()
        named = [f"{name}={keywords[name]}" for name in self.keywords]
        return f"{self.name}({', '.join([*kept, *rest, *named])})"


def without_unused(tree: ast.FunctionDef, name: str) -> WrittenFunction:
    """Take the arguments that a function does not use out of it, and all defaults."""
    used = {n.id for part in tree.body for n in ast.walk(part) if isinstance(n, ast.Name)}
    found = tree.args
    positional, variadic = [*found.posonlyargs, *found.args], found.vararg
    tree.args = ast.arguments(
        posonlyargs=[],
        args=[argument for argument in positional if argument.arg in used],
        vararg=variadic if variadic and variadic.arg in used else None,
        kwonlyargs=[argument for argument in found.kwonlyargs if argument.arg in used],
        kw_defaults=[None for argument in found.kwonlyargs if argument.arg in used],
        defaults=[],
    )
    return WrittenFunction(
        name,
        tuple(argument.arg in used for argument in positional),
        tree.args.vararg is not None,
        tuple(argument.arg for argument in tree.args.kwonlyargs),
    )


def rewrite(node: ast.AST, resolve: Callable[[str], ast.expr]) -> str:
    """Return a definition as the exported source has it: its own global names, no annotations.

    ``resolve(name)`` returns what to write for a global name; ``node`` is changed.
    """
    return ast.unparse(ast.fix_missing_locations(_Rewriter(resolve).visit(node)))


class _Rewriter(ast.NodeTransformer):
    def __init__(self, resolve: Callable[[str], ast.expr]) -> None:
        self.resolve = resolve
        self.local: set[str] = set()

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        outer, self.local = self.local, self.local | set(_bound(node))
        node.decorator_list, node.returns = [], None
        self.generic_visit(node)
        self.local = outer
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        return ast.arg(node.arg)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt | None:
        return ast.Assign([node.target], self.visit(node.value)) if node.value else None

    def visit_Raise(self, node: ast.Raise) -> ast.Raise:
        """Raise ValueError in place of an exception that the exported source does not have."""
        match node.exc:
            case ast.Call(func=ast.Name(id=name) as kind, args=[*_, message]):
                known = hasattr(builtins, name)
                error = kind if known else ast.Name("ValueError", ast.Load())
                return ast.Raise(ast.Call(error, [self.visit(message)], []))
        return node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        is_ours = node.id in self.local or hasattr(builtins, node.id)
        return node if is_ours else self.resolve(node.id)


def _bound(node: ast.FunctionDef) -> Iterator[str]:
    """Yield the names that are local to a function."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.arg):
            yield inner.arg
        elif isinstance(inner, ast.Name) and not isinstance(inner.ctx, ast.Load):
            yield inner.id
        elif isinstance(inner, ast.FunctionDef):
            yield inner.name
        elif isinstance(inner, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name for alias in inner.names)
