"""Texts on consoles that know few characters: what cannot be written is spelt in others."""

from __future__ import annotations

import codecs
import sys
import unicodedata

_HANDLER = "gradwire.plain"
_PLAIN = {
    "−": "-", "–": "-", "—": "-", "·": "*", "×": "x", "…": "...", "′": "'", "’": "'", "‘": "'",
    "“": '"', "”": '"', "∂": "d", "∑": "Sum", "∏": "Prod", "√": "sqrt ", "∘": " o ", "‖": "||",
    "→": "->", "←": "<-", "↔": "<->", "›": ">", "≈": "~", "≤": "<=", "≥": ">=", "≠": "!=",
    "±": "+-", "∞": "inf", "½": "1/2", "²": "^2", "³": "^3", "⁺": "+", "⁻": "-", "✓": "yes",
    "✗": "no", "\N{COMBINING CIRCUMFLEX ACCENT}": "^",
}  # fmt: skip


def spell_out() -> None:
    """Let stdout and stderr spell what their encoding lacks: ``δ(h₁)`` becomes ``delta(h1)``."""
    codecs.register_error(_HANDLER, _spelt)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors=_HANDLER)


def _spelt(error: UnicodeError) -> tuple[str, int]:
    """Return other characters for those that an encoding lacks, as an error handler does."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = "".join(map(_spelling, error.object[error.start : error.end]))
    return text, error.end


def _spelling(character: str) -> str:
    if character in _PLAIN:
        return _PLAIN[character]
    name = unicodedata.name(character, "")
    for size, case in (("SMALL", str.lower), ("CAPITAL", str.capitalize)):
        start = f"GREEK {size} LETTER "
        if name.startswith(start):
            return case(name.removeprefix(start).split()[0])
    parts = unicodedata.normalize("NFKD", character)
    if parts == character:
        return "" if unicodedata.combining(character) else "?"
    return "".join(part if part.isascii() else _spelling(part) for part in parts)
