"""A text's derivation of one update, computed apart from the program, and how it is walked."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tests.window.reader import Page, Reader

Numbers: TypeAlias = NDArray[np.float64]

FORWARD, BACK = "period", "comma"
NO_NUMBER = "–"
_MODES = {"value": "values", "message": "messages", "gradient": "gradients", "weight": "weights"}


def sigmoid(s: Numbers) -> Numbers:
    return np.asarray(1 / (1 + np.exp(-s)))


@dataclass
class Derivation:
    """What becomes known in an update, in the order of the text, and from which weights.

    Parameters
    ----------
    rows : mapping
        Quantity → its number in each row, (B,) or (B, …), each derivative that of the row's own
        loss; in the order in which it becomes known, up to the parameters' gradients.
    weights : mapping
        Parameter → its value before the update.
    rate : float
        η.
    penalties : mapping
        Parameter → what penalties give to its gradient.
    penalty : float
        What penalties give to E.
    row : int, optional
        The row that is looked at, from 0; the mean over all if None. The update is made with the
        mean whatever is looked at.
    """

    rows: Mapping[str, Numbers]
    weights: Mapping[str, Numbers]
    rate: float
    penalties: Mapping[str, Numbers] = field(default_factory=dict)
    penalty: float = 0.0
    row: int | None = None

    @property
    def numbers(self) -> dict[str, Numbers]:
        """What becomes known, in order."""
        found = {
            name: np.atleast_1d(rows.mean(axis=0) if self.row is None else rows[self.row])
            for name, rows in self.rows.items()
        }
        found["E"] = found["E"] + self.penalty
        found |= {f"penalty:{name}": share for name, share in self.penalties.items()}
        return found | {f"update:{name}": value for name, value in self.updated.items()}

    @property
    def updated(self) -> dict[str, Numbers]:
        """The parameters after the update, in the order of their gradients."""
        names = [name.partition(":")[2] for name in self.rows if name.startswith("gradient:")]
        return {
            name: self.weights[name] - self.rate * self._whole(name)
            for name in names
            if name in self.weights
        }

    def _whole(self, name: str) -> Numbers:
        """Return ∂E/∂ a parameter, of the mean, penalties in."""
        data = self.rows[f"gradient:{name}"].mean(axis=0)
        return np.asarray(data + self.penalties.get(name, 0.0))


# -- walking it ------------------------------------------------------------------------------------


def walk(reader: Reader, derivation: Derivation) -> dict[str, Page]:
    """Step forward through one update; at each stop compare what is shown with the derivation.

    Return the page of each stop, by the quantity that becomes known there.
    """
    expected = derivation.numbers
    assert reader.quantities() == list(expected)
    pages: dict[str, Page] = {}
    for index, quantity in enumerate(expected):
        pages[quantity] = reader.press(FORWARD)
        check(pages[quantity], derivation, index)
    return pages


def cross(reader: Reader, before: Mapping[str, Page], after: Derivation) -> None:
    """Go from the last stop over the update into the next, and back to where all began."""
    last = list(before.values())
    check_rest(reader.press(FORWARD), after)
    check(reader.press(FORWARD), after, 0)
    check_rest(reader.press(BACK), after)
    for page in reversed(last):
        differences = page.differences(reader.press(BACK))
        assert not differences, f"{page.sentence}: {differences}"
    assert reader.press(BACK).sentence == ""
    assert reader.window.session.run.shown_update == 0


def check(page: Page, derivation: Derivation, index: int) -> None:
    """Compare all that is shown at a stop with what is known there; the rest must be blank."""
    expected = derivation.numbers
    known = dict(list(expected.items())[: index + 1])
    quantity = list(expected)[index]
    kind, _, place = quantity.partition(":")
    assert page.sentence.startswith(f"{index + 1} of {len(expected)}:  "), page.sentence
    _check_sentence(page, quantity, known)
    if kind == "update":
        change = re.search(r"Δ\w+‖? = ([^\s,]+)", page.sentence)
        assert change, page.sentence
        assert reads(change[1], _size(known[quantity] - derivation.weights[place])), page.sentence
    _check_nodes(page, known)
    _check_wires(page, derivation, known, quantity)
    _check_under(page, derivation, known)
    assert reads(page.error, known["E"]) if "E" in known else page.error == NO_NUMBER
    _check_place(page, kind, place)
    if not page.heading:
        return  # the explanation is not seen
    if kind == "gradient" and place in derivation.penalties:
        assert "= …" in page.lines, page.lines  # the penalty's share is not yet known
    else:
        _check_explanation(page, known[quantity], quantity)


def check_rest(page: Page, derivation: Derivation) -> None:
    """Compare what is shown between two updates: everything is known, nothing is updated."""
    known = {k: v for k, v in derivation.numbers.items() if not k.startswith("update:")}
    assert page.sentence == ""
    assert page.lit_nodes == frozenset()
    assert reads(page.error, known["E"])
    _check_nodes(page, known, is_all=True)
    for edge, number in page.wires.items():
        if f"{edge}.weight" in derivation.weights:
            close(number, _size(derivation.weights[f"{edge}.weight"]), edge)


def _check_sentence(page: Page, quantity: str, known: Mapping[str, Numbers]) -> None:
    """The step bar gives the number; of a vector the first components, of a matrix the norm."""
    number = known[quantity]
    found = re.search(r":  (\S.*?) = (\([^)]*\)|[^\s,]+)", page.sentence.partition(":  ")[2])
    assert found, page.sentence
    symbol, text = found.groups()
    if symbol.startswith("‖"):
        assert reads(text, np.linalg.norm(number)), f"{page.sentence} is not {number}"
    elif symbol.startswith("mean "):  # over the components
        assert number.size > 1
        assert reads(text, number.mean()), f"{page.sentence} is not {number}"
    elif text.startswith("("):
        shown = text.strip("()").partition(", …")[0].split(", ")
        assert len(shown) == min(number.size, 4)
        good = [reads(one, x) for one, x in zip(shown, number.reshape(-1), strict=False)]
        assert all(good), f"{page.sentence} is not {number}"
    else:
        assert number.size == 1
        assert reads(text, number), f"{page.sentence} is not {number}"


def _check_nodes(page: Page, known: Mapping[str, Numbers], *, is_all: bool = False) -> None:
    for node, shown in page.nodes.items():
        value = known.get(f"value:{node}", known.get(f"loss:{node}"))
        expected = {"z": value, "s": known.get(f"s:{node}"), "δ": known.get(f"delta:{node}"),
                    "∂E/∂z": known.get(f"gradient:{node}")}  # fmt: skip
        for name, numbers in shown.items():
            wanted = expected[name]
            if wanted is not None:
                close(numbers, wanted, f"{name} of {node}")
            elif not is_all:
                assert np.isnan(numbers).all(), f"{name} of {node} is not blank: {numbers}"


def _check_wires(
    page: Page, derivation: Derivation, known: Mapping[str, Numbers], quantity: str
) -> None:
    """Wires show what the phase is about, as far as it is known."""
    mode = mode_of(quantity, derivation.weights)
    assert page.wires_show == _MODES[mode]
    for edge, number in page.wires.items():
        source, weight = page.sources[edge], f"{edge}.weight"
        if mode == "value":
            expected = known.get(f"value:{source}")
        elif mode == "message":
            expected = known.get(f"message:{edge}")
            expected = None if expected is None else np.atleast_1d(expected.mean())
        elif mode == "gradient":
            expected = gradient_so_far(known, weight)
        else:
            expected = known.get(f"update:{weight}", derivation.weights.get(weight))
        if expected is None:
            assert math.isnan(number), f"{mode} of {edge} is not blank: {number}"
            assert edge not in page.labels
        else:
            close(number, _size(expected), f"{mode} of {edge}")
            assert reads(page.labels[edge].rpartition(" ")[2], _size(expected)), page.labels[edge]


def mode_of(quantity: str, weights: Mapping[str, Numbers]) -> str:
    """Return what the wires show at a stop."""
    kind, _, place = quantity.partition(":")
    if kind in ("s", "value", "loss", "E"):
        return "value"
    if kind == "update":
        return "weight"
    return "gradient" if kind == "penalty" or place in weights else "message"


def gradient_so_far(known: Mapping[str, Numbers], name: str) -> Numbers | None:
    """Return what is known of ∂E/∂ a parameter: the penalty's share comes later."""
    data = known.get(f"gradient:{name}")
    return None if data is None else data + known.get(f"penalty:{name}", 0.0)


def _check_under(page: Page, derivation: Derivation, known: Mapping[str, Numbers]) -> None:
    """Nodes with parameters of their own show them, and their gradients once they are known."""
    for node, written in page.under.items():
        for slot, letter in (("bias", "b"), ("weight", "W")):
            name = f"{node}.{slot}"
            if name not in derivation.weights:
                continue
            for symbol, expected in (
                (letter, known.get(f"update:{name}", derivation.weights[name])),
                (f"∂E/∂{letter}", gradient_so_far(known, name)),
            ):
                shown = written.get(symbol, written.get(f"‖{symbol}‖"))
                if expected is None:
                    assert shown is None, f"{symbol} of {node} is not blank: {shown}"
                else:
                    assert shown is not None, f"{symbol} of {node} is blank"
                    assert reads(shown, _size(expected)), f"{symbol} of {node} is not {shown}"


def _check_place(page: Page, kind: str, place: str) -> None:
    """The canvas lights the place."""
    if kind == "message":
        assert page.lit_wires == {place}
        assert page.lit_nodes == {page.sources[place]}
    elif place in page.nodes or kind == "E":
        assert page.lit_nodes == {place} if kind != "E" else len(page.lit_nodes) == 1
    elif place.rpartition(".")[0] in page.nodes:
        assert page.lit_nodes == {place.rpartition(".")[0]}
    else:
        assert place.rpartition(".")[0] in page.lit_wires


def _check_explanation(page: Page, number: Numbers, quantity: str) -> None:
    """The panel explains this quantity: all its entries, and one of them as a formula."""
    assert page.entries is not None
    close(page.entries.reshape(-1), number.reshape(-1), f"explanation of {quantity}")
    component = re.search(r"\[([\d,]+)\]⁺?$", page.heading)
    entry = tuple(map(int, component[1].split(","))) if component else ()
    wanted = number.reshape(page.entries.shape)[entry] if entry else number.reshape(-1)[0]
    results = [line.rpartition("= ")[2] for line in page.lines]
    results += [line.rpartition("≈ ")[2] for line in page.lines]
    good = [text for text in results if _is_number(text) and reads(text, wanted, least=3)]
    assert good, f"{quantity}: {wanted} is not in {page.lines}"


# -- numbers ---------------------------------------------------------------------------------------


def close(shown: Numbers | float, expected: Numbers | float, what: str) -> None:
    """Compare a number of the screen's models: only rounding may differ."""
    np.testing.assert_allclose(shown, expected, rtol=1e-9, atol=1e-13, err_msg=what)


def _size(numbers: Numbers) -> float:
    """Return the number, of several their norm."""
    return float(np.linalg.norm(numbers)) if numbers.size > 1 else float(numbers.reshape(-1)[0])


def _is_number(text: str) -> bool:
    return re.fullmatch(r"−?[\d.]+(e[−+]?\d+)?", text) is not None


def reads(text: str, number: Numbers | np.floating | float, least: int = 1) -> bool:
    """Tell whether a text is this number, rounded to as many digits as are written.

    Zero may be written for what rounding leaves of it; at least so many digits are written of
    what has more.
    """
    plain, exact = text.replace("−", "-"), float(np.reshape(number, -1)[0])
    if not _is_number(text):
        return False
    mantissa, _, power = plain.partition("e")
    decimals = len(mantissa.partition(".")[2]) - int(power or 0)
    digits = len(mantissa.strip("-").replace(".", "").lstrip("0"))
    off = abs(float(plain) - exact)
    enough = digits >= least or math.isclose(float(plain), exact, rel_tol=1e-12, abs_tol=1e-12)
    return enough and off <= 0.500001 * 10.0**-decimals + 1e-13


def says(lines: Iterable[str], formula: str, *numbers: Numbers | float) -> bool:
    """Tell whether a line says a formula; each # in it is the next of the numbers.

    They are written with as many digits as the line needs, negative ones in brackets where they
    do not begin it.
    """
    pattern = re.escape(formula).replace(r"\#", r"(\(?−?[\d.]+(?:e[−+]?\d+)?\)?)")
    for line in lines:
        found = re.search(rf"{pattern}(?![\d.])", line)
        if found is not None and all(
            reads(text.strip("()"), number, least=3)
            for text, number in zip(found.groups(), numbers, strict=True)
        ):
            return True
    return False
