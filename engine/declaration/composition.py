"""Equations of a typed formula: itself, and its derivatives by the rules of calculus.

The functions in it are operations; what they compute, and their derivatives, come from their own
equations.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.declaration.equation_text import equation_text
from engine.declaration.equations import Equation, name_of
from engine.declaration.formula import parse_tree, variable_index
from engine.declaration.symbolic import Symbolic

if TYPE_CHECKING:
    from engine.declaration.op import Op

_ZERO, _ONE = ast.Constant(0), ast.Constant(1)


def composed(formula: str, ops: Mapping[str, Op]) -> Symbolic:
    """Return the equations of a formula: z, and ∂z/∂x[k] for each input it mentions.

    Parameters
    ----------
    formula : str
        A text that `engine.declaration.formula.parse` accepts.
    ops : mapping
        Kind → operation, of the functions in it.
    """
    tree = parse_tree(formula)
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    inputs = sorted({index for name in names if (index := variable_index(name)) is not None})
    opened, z = _Opened(ops), ast.Name("z")

    def right(node: ast.expr) -> ast.expr:
        return opened.visit(copy.deepcopy(node))  # type: ignore[no-any-return]  # an expression

    equation = Equation(z, right(tree))
    derivatives = {
        ("z", f"inputs[{k}]"): Equation(z, right(opened.slope(tree, k)), _input(k)) for k in inputs
    }
    return Symbolic(equation, derivatives, (), {"x": "inputs"}, equation_text(equation))


@dataclass(slots=True)
class _Opened(ast.NodeTransformer):
    """Writes variables as x[k], and functions as what their operations compute."""

    ops: Mapping[str, Op]

    def visit_Name(self, node: ast.Name) -> ast.expr:  # ast's name
        index = variable_index(node.id)
        return ast.Name("π") if node.id == "pi" else node if index is None else _input(index)

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:  # ast's name
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:  # ast's name
        function, arguments = node.func, [self.visit(one) for one in node.args]
        if isinstance(function, ast.Name) and function.id in self.ops:
            op = self.ops[function.id]
            return _put(op, op.symbolic().formula, arguments[0])
        return ast.Call(function, arguments, [])

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:  # ast's name
        inner = self.visit(node.operand)
        return ast.UnaryOp(node.op, inner) if isinstance(node.op, ast.USub) else inner

    def slope(self, node: ast.expr, k: int) -> ast.expr:
        """Return the derivative of a formula by its k-th input."""
        match node:
            case ast.Name(id=name):
                return _ONE if variable_index(name) == k else _ZERO
            case ast.UnaryOp(op=sign, operand=inner):
                slope = self.slope(inner, k)
                return slope if slope is _ZERO else ast.UnaryOp(sign, slope)
            case ast.Call(func=ast.Name(id=kind), args=[inner]):
                op = self.ops[kind]
                return _times(_put(op, op.symbolic().derivative("x"), inner), self.slope(inner, k))
            case ast.BinOp(left=left, op=sign, right=right):
                return _combined(sign, left, right, self.slope(left, k), self.slope(right, k))
        return _ZERO


def _combined(sign: ast.operator, u: ast.expr, v: ast.expr, du: ast.expr, dv: ast.expr) -> ast.expr:
    """Return the derivative of u + v, u − v, u·v, u/v or uᵛ."""
    match sign:
        case ast.Add():
            return _plus(du, dv)
        case ast.Sub():
            return _plus(du, dv, ast.Sub())
        case ast.Mult():
            return _plus(_times(du, v), _times(u, dv))
        case ast.Div():
            square = ast.BinOp(v, ast.Pow(), ast.Constant(2))
            rest = _ZERO if dv is _ZERO else ast.BinOp(_times(u, dv), ast.Div(), square)
            return _plus(_ZERO if du is _ZERO else ast.BinOp(du, ast.Div(), v), rest, ast.Sub())
    less: ast.expr = ast.BinOp(v, ast.Sub(), _ONE)
    if isinstance(v, ast.Constant):
        less = ast.Constant(v.value - 1)  # type: ignore[operator]  # read as a number
    lower = u if ast.dump(less) == ast.dump(_ONE) else ast.BinOp(u, ast.Pow(), less)
    base = _times(_times(v, lower), du)
    logarithm = ast.Call(ast.Name("log"), [u], [])
    return _plus(base, _times(_times(ast.BinOp(u, ast.Pow(), v), logarithm), dv))


def _plus(a: ast.expr, b: ast.expr, sign: ast.operator | None = None) -> ast.expr:
    if b is _ZERO:
        return a
    if a is _ZERO:
        return ast.UnaryOp(ast.USub(), b) if isinstance(sign, ast.Sub) else b
    return ast.BinOp(a, sign or ast.Add(), b)


def _times(a: ast.expr, b: ast.expr) -> ast.expr:
    if _ZERO in (a, b):
        return _ZERO
    ones = [node for node in (a, b) if ast.dump(node) != ast.dump(_ONE)]
    return ast.BinOp(a, ast.Mult(), b) if len(ones) == 2 else [*ones, _ONE][0]


def _put(op: Op, equation: Equation | None, argument: ast.expr) -> ast.expr:
    """Return an equation of a function of x with x, its parameters and its rules put in."""
    if equation is None:
        return _ZERO
    symbolic, params = op.symbolic(), op.spec.complete({})
    meaning: dict[str, ast.expr] = {name_of(rule.left): rule.right for rule in symbolic.where}
    names = {**{name: name for name in params}, **symbolic.names}
    meaning |= {n: ast.Constant(params[place]) for n, place in names.items() if place in params}  # type: ignore[arg-type]  # numbers

    class Put(ast.NodeTransformer):
        def visit_Name(self, name: ast.Name) -> ast.expr:  # ast's name
            if name.id == "x":
                return copy.deepcopy(argument)
            found = meaning.get(name.id)
            return name if found is None else self.visit(copy.deepcopy(found))

    return Put().visit(copy.deepcopy(equation.right))  # type: ignore[no-any-return]  # an expression


def _input(index: int) -> ast.Subscript:
    return ast.Subscript(ast.Name("x"), ast.Constant(index))
