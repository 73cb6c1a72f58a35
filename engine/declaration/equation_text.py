"""Equations as text that people read: plain (``σ(x)·(1 − σ(x))``) and LaTeX."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from engine.declaration.equations import Equation, Place, indices_of, is_sum, name_of, range_of_sum

Substitute: TypeAlias = Callable[[ast.expr], str | None]

# how tightly an expression holds together
_LOOSE, _ADD, _MINUS, _TIMES, _POWER, _ATOM = range(6)
_SUBSCRIPTS = str.maketrans("0123456789ijklmnprst+−", "₀₁₂₃₄₅₆₇₈₉ᵢⱼₖₗₘₙₚᵣₛₜ₊₋")
_SUPERSCRIPTS = str.maketrans("0123456789nijkx+−", "⁰¹²³⁴⁵⁶⁷⁸⁹ⁿⁱʲᵏˣ⁺⁻")
_COMPARISONS: Mapping[type[ast.cmpop], tuple[str, str]] = {
    ast.Lt: ("<", "<"),
    ast.LtE: ("≤", r"\le"),
    ast.Gt: (">", ">"),
    ast.GtE: ("≥", r"\ge"),
    ast.Eq: ("=", "="),
    ast.NotEq: ("≠", r"\ne"),
}
_LATEX_NAMES: Mapping[str, str] = {
    "α": r"\alpha",
    "δ": r"\delta",
    "ε": r"\varepsilon",
    "λ": r"\lambda",
    "μ": r"\mu",
    "π": r"\pi",
    "σ": r"\sigma",
    "φ": r"\varphi",
    "Φ": r"\Phi",
    "ŷ": r"\hat{y}",
    "sign": r"\operatorname{sign}",
    **{name: rf"\{name}" for name in ("log", "tanh", "cosh", "sin", "cos", "min", "max")},
}


def plain_text(node: ast.expr, known: Substitute | None = None) -> str:
    """Return an expression as plain text.

    Parameters
    ----------
    node : expression
        The right side of an equation, or a part of it.
    known : callable, optional
        Returns what to write in place of an expression: a number, say; None leaves it.
    """
    return _Plain(known).write(node)


def latex(node: ast.expr, known: Substitute | None = None) -> str:
    """Return an expression as LaTeX, to be set in math mode; ``known`` as of `plain_text`."""
    return _Latex(known).write(node)


def equation_text(equation: Equation) -> str:
    """Return a whole equation as plain text: ``∂z/∂x = …``."""
    below = "" if equation.by is None else f"/∂{plain_text(equation.by)}"
    left = plain_text(equation.left)
    return f"{'∂' if below else ''}{left}{below} = {plain_text(equation.right)}"


def equation_latex(equation: Equation) -> str:
    """Return a whole equation as LaTeX."""
    left = latex(equation.left)
    if equation.by is not None:
        left = rf"\frac{{\partial {left}}}{{\partial {latex(equation.by)}}}"
    return f"{left} = {latex(equation.right)}"


@dataclass(frozen=True, slots=True)
class _Plain:
    """Writes plain text; each method returns the text and how tightly it holds together."""

    known: Substitute | None

    def write(self, node: ast.expr, least: int = _LOOSE) -> str:
        """Return an expression, in brackets if it is looser than ``least``."""
        text, level = self.part(node)
        return text if level >= least else self.brackets(text)

    def part(self, node: ast.expr) -> tuple[str, int]:
        found = self.known(node) if self.known else None
        if found is not None:
            is_short = not any(sign in found for sign in " ·/")
            return found, _LOOSE if not is_short else _MINUS if found[0] == "−" else _ATOM
        match node:
            case ast.Constant():
                text = self.number(str(node.value).removesuffix(".0"))
                return text, _MINUS if text[0] == self.minus else _ATOM
            case ast.Name() | ast.Subscript():
                return self.place(node), _ATOM
            case ast.IfExp():
                return self.cases(list(self.branches(node)))
            case ast.Compare(left=left, ops=[sign], comparators=[right]):
                return f"{self.write(left)} {self.sign(sign)} {self.write(right)}", _LOOSE
            case ast.Call(func=ast.Name(id=name), args=args) if not is_sum(node):
                return self.call(name, args)
            case ast.Call(func=ast.Name(id=name), args=[_, body]):
                return self.sum(name, node, self.write(body, _TIMES))
        return self.operation(node)

    def operation(self, node: ast.expr) -> tuple[str, int]:
        match node:
            case ast.UnaryOp(operand=inner):
                return f"{self.minus}{self.write(inner, _TIMES)}", _MINUS
            case ast.BinOp(op=ast.Add(), left=left, right=right):
                return f"{self.write(left, _ADD)} + {self.after_sign(right)}", _ADD
            case ast.BinOp(op=ast.Sub(), left=left, right=right):
                return f"{self.write(left, _ADD)} {self.minus} {self.after_sign(right)}", _ADD
            case ast.BinOp(op=ast.Mult(), left=left, right=right):
                first = self.write(left, _POWER if _ends_open(left) else _MINUS)
                return f"{first}{self.times}{self.after_sign(right)}", _TIMES
            case ast.BinOp(op=ast.Div(), left=left, right=right):
                return self.quotient(left, right)
            case ast.BinOp(op=ast.Pow(), left=left, right=right):
                return self.power(left, right)
        raise AssertionError(ast.dump(node))  # what can be read can be written

    def branches(self, node: ast.expr) -> Iterator[tuple[str, str]]:
        """Yield the cases, each with its condition; that of the last is empty."""
        while isinstance(node, ast.IfExp):
            yield self.write(node.body), self.write(node.test)
            node = node.orelse
        yield self.write(node), ""

    def after_sign(self, node: ast.expr) -> str:
        """Return what stands after a sign: in brackets if it is loose, or begins with a minus."""
        text = self.write(node, _TIMES)
        return self.brackets(text) if text.startswith(self.minus) else text

    def indices(self, place: Place) -> list[str]:
        """Return indices as text, counted from 1; values count them from 0."""
        return [
            str(int(index.value) + 1) if isinstance(index, ast.Constant) else self.write(index)  # type: ignore[arg-type]  # read as a number
            for index in indices_of(place)
        ]

    # -- what plain text and LaTeX write differently -------------------------------------------

    minus, times = "−", "·"

    def number(self, text: str) -> str:
        return text.replace("-", "−")

    def brackets(self, text: str) -> str:
        return f"({text})"

    def sign(self, sign: ast.cmpop) -> str:
        return _COMPARISONS[type(sign)][0]

    def place(self, place: Place) -> str:
        name, indices = name_of(place), self.indices(place)
        name = name.replace("_prime", "′")
        below = "".join(text.replace(" ", "") for text in indices).translate(_SUBSCRIPTS)
        plain = any(len(text) > 1 for text in indices) or below.isascii()
        return f"{name}[{', '.join(indices)}]" if indices and plain else name + below

    def cases(self, branches: list[tuple[str, str]]) -> tuple[str, int]:
        texts = [f"{body} if {test}" if test else f"else {body}" for body, test in branches]
        return ", ".join(texts), _LOOSE

    def call(self, name: str, args: list[ast.expr]) -> tuple[str, int]:
        inside = ", ".join(self.write(one) for one in args)
        if name == "abs":
            return f"|{inside}|", _ATOM
        if name == "sqrt":
            return f"√{self.write(args[0], _ATOM)}", _POWER
        return f"{name.replace('_prime', '′')}({inside})", _ATOM

    def sum(self, name: str, call: ast.Call, body: str) -> tuple[str, int]:
        index, condition = range_of_sum(call)
        over = index.translate(_SUBSCRIPTS)
        return f"{name}{f'({self.write(condition)})' if condition else over} {body}", _TIMES

    def power(self, left: ast.expr, right: ast.expr) -> tuple[str, int]:
        above = self.write(right)
        raised = above.replace(" ", "").translate(_SUPERSCRIPTS)
        function = _raisable(left)
        if above == "2" and function is not None:
            return self.call(f"{function[0]}²", function[1])
        whole = raised if len(above) == 1 and raised != above else f"^{self.write(right, _ATOM)}"
        return f"{self.write(left, _ATOM)}{whole}", _POWER

    def quotient(self, left: ast.expr, right: ast.expr) -> tuple[str, int]:
        first = self.write(left, _POWER if _ends_open(left) else _MINUS)
        text = f"{first}/{self.write(right, _POWER)}"
        return ("½", _ATOM) if text == "1/2" else (text, _TIMES)


class _Latex(_Plain):
    """Writes LaTeX."""

    minus, times = "-", r" \cdot "

    def number(self, text: str) -> str:
        mantissa, _, exponent = text.partition("e")
        return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else text

    def brackets(self, text: str) -> str:
        return rf"\left({text}\right)"

    def sign(self, sign: ast.cmpop) -> str:
        return _COMPARISONS[type(sign)][1]

    def place(self, place: Place) -> str:
        indices = self.indices(place)
        below = (", " if any(len(text) > 1 for text in indices) else " ").join(indices)
        return _latex_name(name_of(place)) + (f"_{{{below}}}" if below else "")

    def cases(self, branches: list[tuple[str, str]]) -> tuple[str, int]:
        rows = [
            rf"{body} & \text{{if }} {test}" if test else rf"{body} & \text{{else}}"
            for body, test in branches
        ]
        whole = r" \\ ".join(rows)
        return rf"\begin{{cases}} {whole} \end{{cases}}", _ATOM

    def call(self, name: str, args: list[ast.expr]) -> tuple[str, int]:
        inside = ", ".join(self.write(one) for one in args)
        if name == "abs":
            return rf"\left|{inside}\right|", _ATOM
        if name == "sqrt":
            return rf"\sqrt{{{inside}}}", _ATOM
        if name == "exp":
            return f"e^{{{inside}}}", _POWER
        return f"{_latex_name(name)}{self.brackets(inside)}", _ATOM

    def sum(self, name: str, call: ast.Call, body: str) -> tuple[str, int]:
        index, condition = range_of_sum(call)
        over = self.write(condition) if condition else index
        return rf"\{'sum' if name == 'Σ' else 'prod'}_{{{over}}} {body}", _TIMES

    def power(self, left: ast.expr, right: ast.expr) -> tuple[str, int]:
        above = f"^{{{self.write(right)}}}"
        function = _raisable(left)
        if function is not None:
            inside = ", ".join(self.write(one) for one in function[1])
            return f"{_latex_name(function[0])}{above}{self.brackets(inside)}", _ATOM
        return f"{self.write(left, _ATOM)}{above}", _POWER

    def quotient(self, left: ast.expr, right: ast.expr) -> tuple[str, int]:
        return rf"\frac{{{self.write(left)}}}{{{self.write(right)}}}", _ATOM


def _raisable(node: ast.expr) -> tuple[str, list[ast.expr]] | None:
    """Return name and arguments of what is written as a name with brackets: the name is raised."""
    match node:
        case ast.Call(func=ast.Name(id=name), args=args) if not is_sum(node):
            return None if name in ("abs", "sqrt", "exp") else (name, args)
    return None


def _ends_open(node: ast.expr) -> bool:
    """Return whether what follows an expression would be read as part of it: a Σ at its end."""
    if isinstance(node, ast.UnaryOp):
        return _ends_open(node.operand)
    if isinstance(node, ast.BinOp):
        return _ends_open(node.right)
    return is_sum(node)


def _latex_name(name: str) -> str:
    name, prime = name.removesuffix("_prime"), "'" if name.endswith("_prime") else ""
    plain = name if len(name) == 1 else rf"\mathrm{{{name}}}"
    return _LATEX_NAMES.get(name, plain) + prime
