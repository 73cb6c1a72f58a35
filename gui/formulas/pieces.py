"""What a formula is put together with: symbols, numbers and signs, each with what it is about."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

from gui.formulas.glyphs import Glyphs, typeset, typeset_number

PlaceName: TypeAlias = tuple[Literal["node", "edge", "parameter"], str]
"""A node, an edge or a parameter, by its id or name."""

UNKNOWN = "…"


@dataclass(frozen=True, slots=True)
class Piece:
    """A symbol, a number or a sign of a formula.

    Parameters
    ----------
    text, latex : str
        As plain text and as LaTeX.
    is_number : bool
        Whether it is set from digits.
    term : str
        Which term it belongs to; pieces of one term are lit together. Empty for signs.
    place : tuple or None
        What it is about.
    along : tuple of tuples
        What is lit besides while it is pointed at: the edges of a path.
    opens : str
        The quantity that a click on it explains.
    tip : str
        One sentence about it.
    breaks : bool
        Whether a line may end before it.
    is_reused, is_current : bool
        Whether it occurred before in the same formula; whether the cursor stands at it.
    """

    text: str
    latex: str
    is_number: bool = False
    term: str = ""
    place: PlaceName | None = None
    along: tuple[PlaceName, ...] = ()
    opens: str = ""
    tip: str = ""
    breaks: bool = False
    is_reused: bool = False
    is_current: bool = False

    def outline(self) -> Glyphs:
        """Return it typeset."""
        return typeset_number(self.text) if self.is_number else typeset(self.latex)


Line: TypeAlias = tuple[Piece, ...]

_SPACED = {"+": "+", "=": "=", "·": r"\cdot", "≈": r"\approx", "−": "-"}


def sign(text: str, *, breaks: bool = False) -> Piece:
    """Return a sign between terms."""
    return Piece(text, _SPACED.get(text, text), breaks=breaks)


def plain_text(lines: Iterable[Line]) -> str:
    """Return formulas as text, a line each."""
    return "\n".join(_joined(piece.text for piece in line) for line in lines)


def latex_text(lines: Iterable[Line]) -> str:
    """Return formulas as LaTeX, as lines of an ``aligned`` block."""
    written = [" ".join(_latex(piece) for piece in line) for line in lines if line]
    if len(written) == 1:
        return written[0]
    aligned = [f" {line}".replace(" = ", " &= ", 1) for line in written]
    body = " \\\\\n".join(aligned)
    return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"


def _latex(piece: Piece) -> str:
    if piece.is_number:
        found = re.fullmatch(r"(.*)e([+-−]?)0*(\d+)", piece.text.replace("−", "-"))
        if found:
            exponent = found[2].replace("+", "") + found[3]
            return rf"{found[1]} \cdot 10^{{{exponent}}}"
        return piece.text.replace("−", "-").replace("…", r"\dots")
    return piece.latex


def _joined(texts: Iterable[str]) -> str:
    return " ".join(texts).replace("( ", "(").replace(" )", ")").strip()


# -- symbols as LaTeX ------------------------------------------------------------------------------

_LOW = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", "0123456789+-()aehijklmnoprstuvx", strict=True))
_HIGH = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿⁱ", "0123456789+-()ni", strict=True))
_NAMES = {
    "δ": r"\delta ", "σ": r"\sigma ", "Σ": r"\Sigma ", "η": r"\eta ", "λ": r"\lambda ",
    "θ": r"\theta ", "Θ": r"\Theta ", "β": r"\beta ", "ε": r"\varepsilon ", "μ": r"\mu ",
    "∂": r"\partial ", "→": r"\to ", "·": r"\cdot ", "−": "-", "′": "'", "ŷ": r"\hat{y}",
    "ô": r"\hat{o}", "²": "^{2}", "√": r"\surd ", "…": r"\dots ", "Δ": r"\Delta ",
    "_": r"\_", "%": r"\%", "&": r"\&", "#": r"\#", "$": r"\$", "{": r"\{", "}": r"\}",
    "\\": r"\backslash ", "~": r"\sim ", "^": r"\hat{}",
}  # fmt: skip
_SMALL = "".join([*_LOW, *_HIGH])
_SCRIPT = re.compile(
    f"([{''.join(_LOW)}]+)|([{''.join(_HIGH)}]+)|((?:(?![{_SMALL}])[^\\W\\d_]){{2,}})|(.)",
    re.DOTALL,
)
_PARTIAL = re.compile(r"∂([^/∂]+)/∂([^/∂]+)")


@lru_cache(maxsize=4096)
def symbol_latex(text: str) -> str:
    """Return a symbol that is written in Unicode (``δ(h₁)``, ``∂E/∂w₂``) as LaTeX."""
    text = "".join(character if character.isprintable() else "?" for character in text)
    fraction = _PARTIAL.fullmatch(text)
    if fraction:
        above, below = (symbol_latex(part) for part in fraction.groups())
        return rf"\frac{{\partial {above}}}{{\partial {below}}}"
    text = re.sub(r" ([→·+−=]) ", r"\1", text)  # LaTeX spaces these by itself
    return "".join(_script(*found.groups()) for found in _SCRIPT.finditer(text)).strip()


def _script(low: str | None, high: str | None, word: str | None, other: str | None) -> str:
    if low:
        return f"_{{{''.join(map(_LOW.__getitem__, low))}}}"
    if high:
        return f"^{{{''.join(map(_HIGH.__getitem__, high))}}}"
    if word:
        if len(word) > 1 and any(character in _NAMES for character in word):
            return "".join(_NAMES.get(character, character) for character in word)
        return rf"\mathrm{{{word}}}"
    return r"\," if other == " " else _NAMES.get(other or "", other or "")
