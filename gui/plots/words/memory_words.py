"""What the view of an update's memory says in words."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

from engine.analysis.cost.half_precision import SMALLEST_NORMAL, SMALLEST_SUBNORMAL, half_count
from gui.widgets.number_text import number_text

if TYPE_CHECKING:
    from engine.analysis.cost.half_precision import BackwardNumbers, HalfCount
    from engine.analysis.cost.step_memory import MemoryPart, StepMemory

PART_WORDS: dict[MemoryPart, str] = {
    "z": "z",
    "s": "s",
    "inside": "w·z and b inside",
    "δ": "δ or ∂E/∂z",
    "parameter": "w, b",
    "gradient": "∂E/∂w",
    "optimizer": "optimizer",
}
"""The parts on the screen."""
_UNITS = ("KiB", "MiB", "GiB", "TiB")


def bytes_text(size: int) -> str:
    """Return a number of bytes to three digits: ``72 bytes``, ``38.4 KiB``."""
    if size < 1024:
        return f"{size} bytes"
    power = min(int(math.log(size, 1024)), len(_UNITS))
    return f"{size / 1024**power:.3g} {_UNITS[power - 1]}"


def moment_text(memory: StepMemory, stop: int | None) -> str:
    """Say what an update keeps in all, and at the stop of the cursor."""
    rows = f"{memory.rows:,} row{'s' * (memory.rows != 1)}"
    if stop is None:
        peak = int(memory.needed.max(initial=0))
        return (
            f"one update of {rows}: <b>{bytes_text(memory.total)}</b> in all, "
            f"{bytes_text(peak)} needed at once"
        )
    needed, freed = int(memory.needed[stop]), memory.freed_before(stop)
    gone = f", {bytes_text(freed)} not needed any more" if freed else ", all of it still needed"
    return f"stop {stop + 1} of {len(memory.score)}, {rows}: <b>{bytes_text(needed)}</b> kept{gone}"


def precision_table(memory: StepMemory) -> str:
    """Write the bytes of the same update with other numbers."""
    rows = [
        ("float64", memory.in_precision(8)),
        ("float32", memory.in_precision(4)),
        ("float16 or bfloat16", memory.in_precision(2)),
        ("the same, with w, b and optimizer also in float32", memory.in_precision(2, 4)),
    ]
    lines = "".join(_row(name, f"<b>{bytes_text(size)}</b>") for name, size in rows)
    return f"<table cellspacing='0' cellpadding='1'>{lines}</table>"


def half_table(numbers: BackwardNumbers, power: int, rows: str) -> str:
    """Write what float16 makes of δ and gradients, as they are and scaled."""
    sorts = [("δ", numbers.deltas), ("∂E/∂w", numbers.gradient)]
    plain = [half_count(array) for _, array in sorts]
    scaled = [half_count(array, power) for _, array in sorts]
    normal, subnormal = number_text(SMALLEST_NORMAL, 3), number_text(SMALLEST_SUBNORMAL, 3)
    lines = [
        _row("", *(f"<b>{name}</b>" for name, _ in sorts)),
        _row("numbers that are not 0", *(f"{one.numbers:,}" for one in plain)),
        _row("smallest", *(_size(one.smallest, one) for one in plain)),
        _row("largest", *(_size(one.largest, one) for one in plain)),
        _row(f"fewer digits (below {normal})", *(f"{one.subnormal:,}" for one in plain)),
        _row(f"become 0 (about {subnormal} is the least)", *(f"{one.lost:,}" for one in plain)),
    ]
    if power:
        lines += [
            _row(f"become 0, E times 2^{power}", *(f"{one.lost:,}" for one in scaled)),
            _row(f"fewer digits, E times 2^{power}", *(f"{one.subnormal:,}" for one in scaled)),
            _row(f"become ∞, E times 2^{power}", *(f"{one.infinite:,}" for one in scaled)),
        ]
    table = f"<table cellspacing='0' cellpadding='1'>{''.join(lines)}</table>"
    return f"As float16, {escape(rows)}:{table}"


def _size(number: float, count: HalfCount) -> str:
    return number_text(number, 3) if count.numbers else "–"


def _row(name: str, *cells: str) -> str:
    right = "".join(f"<td align='right'>&nbsp; {cell}</td>" for cell in cells)
    return f"<tr><td>{name}</td>{right}</tr>"
