"""Numbers as people write them: 1,200 and 1.200,5 and $12.50 and 45 % and (3.00)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_CURRENCY = r"(?:[$€£¥₹₽₩]|USD|EUR|GBP|CHF|JPY|Fr\.|kr)"
_BLANKS = " \u00a0\u2009\u202f"
_OUTER = re.compile(
    rf"(?P<open>\()?\s*(?P<sign>[+\-−])?\s*(?P<before>{_CURRENCY})?\s*(?P<inner>[+\-−]?[\d.,].*?)"
    rf"\s*(?:(?P<percent>%)|(?P<after>{_CURRENCY}))?\s*(?P<close>\))?"
)
_EXPONENT = r"(?:[eE][+-]?\d+)?"
_LOOKED_AT = 200  # values that tell whether a column may be one of numbers


@dataclass(frozen=True, slots=True)
class _Style:
    """How digits are grouped, and what the decimal sign is."""

    thousands: str
    decimal: str

    @property
    def pattern(self) -> re.Pattern[str]:
        """What a number of this style looks like, without a sign."""
        decimal, group = re.escape(self.decimal), f"[{self.thousands}]"
        whole = rf"(?:[1-9]\d{{0,2}}(?:{group}\d{{3}})+|\d+)" if self.thousands else r"\d+"
        return re.compile(rf"[+\-−]?(?:{whole}(?:{decimal}\d*)?|{decimal}\d+){_EXPONENT}")

    def plain(self, text: str) -> str:
        """Write a number of this style as Python does."""
        for sign in self.thousands:
            text = text.replace(sign, "")
        return text.replace(self.decimal, ".").replace("−", "-")


_POINT = _Style("", ".")
_COMMA = _Style("", ",")
_GROUPED = (
    _Style(",", "."), _Style(".", ","), _Style(_BLANKS, "."), _Style(_BLANKS, ","),
    _Style("'’", "."),
)  # fmt: skip


def formatted_numbers(
    texts: Sequence[str],
    *,
    prefers_comma: bool = False,
    yield_gil: Callable[[], object] = lambda: None,
) -> tuple[NDArray[np.float64], str] | None:
    """Read a column's values as numbers in another format, if all of them are.

    Parameters
    ----------
    texts : sequence of str
        The values, without blanks around them; none is missing.
    prefers_comma : bool
        Whether ``1,200`` is 1.2 if nothing in the column tells: where semicolons divide columns.

    Returns
    -------
    numbers, note : array (N,), str
        And the words that say how they were read, such as ``1,200 as 1200``; None if some text
        is no number in any style that fits all.
    """
    if not texts:
        return None
    inner: list[str] = []
    for place, text in enumerate(texts):
        found = _inner(text)
        if found is None:
            return None
        inner.append(found)
        if place % _LOOKED_AT == 0:
            yield_gil()
    plain_styles = (_COMMA, _POINT) if prefers_comma else (_POINT, _COMMA)
    styles = (*plain_styles, *_GROUPED) if prefers_comma else (_POINT, *_GROUPED, _COMMA)
    for style in styles:
        pattern = style.pattern
        if all(pattern.fullmatch(text) for text in inner):
            numbers = np.array([float(style.plain(text)) for text in inner])
            return numbers, _words(texts, numbers)
    return None


def _inner(text: str) -> str | None:
    """Return a number without currency, percent and accountants' brackets; None if it is none."""
    found = _OUTER.fullmatch(text)
    if found is None or bool(found["open"]) != bool(found["close"]):
        return None
    signs = sum(bool(part) for part in (found["sign"], found["open"]))
    inner = found["inner"]
    if signs + (inner[0] in "+-−") > 1 or (found["before"] and found["after"]):
        return None
    is_negative = bool(found["open"]) or found["sign"] in ("-", "−")
    return f"-{inner}" if is_negative else inner


def _words(texts: Sequence[str], numbers: NDArray[np.float64]) -> str:
    """Show the value whose text is least like a plain number, and what it was read as."""
    place = max(range(len(texts)), key=lambda i: (not _is_plain(texts[i]), len(texts[i])))
    return f"{texts[place]} as {numbers[place]:.15g}"


def _is_plain(text: str) -> bool:
    return re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text) is not None
