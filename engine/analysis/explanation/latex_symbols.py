"""Symbols that are written in Unicode (``δ(h₁)``, ``∂E/∂w₂``) as LaTeX."""

from __future__ import annotations

import re
from functools import lru_cache

_LOW = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", "0123456789+-()aehijklmnoprstuvx", strict=True))
_HIGH = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿⁱᵗᵀᵖ", "0123456789+-()nitTp", strict=True))
_NAMES = {
    "δ": r"\delta ", "σ": r"\sigma ", "Σ": r"\Sigma ", "η": r"\eta ", "λ": r"\lambda ",
    "θ": r"\theta ", "Θ": r"\Theta ", "β": r"\beta ", "ε": r"\varepsilon ", "μ": r"\mu ",
    "∂": r"\partial ", "→": r"\to ", "·": r"\cdot ", "−": "-", "′": "'", "ŷ": r"\hat{y}",
    "ô": r"\hat{o}", "²": "^{2}", "√": r"\surd ", "…": r"\dots ", "Δ": r"\Delta ",
    "_": r"\_", "%": r"\%", "&": r"\&", "#": r"\#", "$": r"\$", "{": r"\{", "}": r"\}",
    "\\": r"\backslash ", "~": r"\sim ", "^": r"\hat{}", "α": r"\alpha ", "γ": r"\gamma ",
    "ρ": r"\rho ", "τ": r"\tau ", "φ": r"\varphi ", "π": r"\pi ", "ω": r"\omega ", "‖": r"\|",
    "½": r"\frac{1}{2}", "×": r"\times ", "∘": r"\circ ", "∞": r"\infty ", "≈": r"\approx ",
    "≤": r"\le ", "≥": r"\ge ", "≠": r"\ne ", "Φ": r"\Phi ", "Π": r"\Pi ",
}  # fmt: skip
_SMALL = "".join([*_LOW, *_HIGH])
_SCRIPT = re.compile(
    f"(\\w)\u0302|([{''.join(_LOW)}]+)|([{''.join(_HIGH)}]+)|((?:(?![{_SMALL}])[^\\W\\d_]){{2,}})|(.)",
    re.DOTALL,
)
_INDEXED = re.compile(r"(?<![^\W\d_])([wWbsδ])\(([^()]+)\)")
"""Names that are written with an index: w(h₁ → o₁), δ(h₁)."""
_POWER, _SHARE = re.compile(r"e([+-]?)0*(\d+)"), re.compile(r"^1/(\d+)$")
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
    result, end = "", 0
    for found in _INDEXED.finditer(text):
        result += f"{_scripts(text[end : found.start()])}{_scripts(found[1]).strip()}"
        result += f"_{{{symbol_latex(found[2])}}}"
        end = found.end()
    return (result + _scripts(text[end:])).strip()


def _scripts(text: str) -> str:
    return "".join(_script(*found.groups("")) for found in _SCRIPT.finditer(text))


def _script(hatted: str, low: str, high: str, word: str, other: str) -> str:
    if hatted:
        return rf"\hat{{{hatted}}}"
    if low:
        return f"_{{{''.join(map(_LOW.__getitem__, low))}}}"
    if high:
        return f"^{{{''.join(map(_HIGH.__getitem__, high))}}}"
    if word:
        if len(word) > 1 and any(character in _NAMES for character in word):
            return "".join(_NAMES.get(character, character) for character in word)
        return rf"\mathrm{{{word}}}"
    return r"\," if other == " " else _NAMES.get(other, other)


def number_latex(text: str) -> str:
    """Return a number, or what stands for numbers left out, as LaTeX: 1.2·10⁻⁵, 1/3, (−0.5)."""
    text = text.replace("−", "-")
    powered = _POWER.sub(lambda found: rf" \cdot 10^{{{found[1].strip('+')}{found[2]}}}", text)
    return _SHARE.sub(r"\\frac{1}{\1}", powered).replace("…", r"\dots")


def formula_latex(text: str) -> str:
    """Return a formula whose symbols are LaTeX already with its signs as LaTeX."""
    return "".join(c if c.isascii() else _NAMES.get(c, c) for c in text)
