"""The figures as a table for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Column, Table

from engine.benchmark.cases import CASES
from engine.benchmark.machine import describe
from engine.benchmark.measurements import ALONE, measure
from engine.errors import DataError

_HEAD = "weights", "update", "ns/edge", "probe", "edit → ready"
_NOTE = (
    "An update is forward, backward and gradient descent in float32, also divided by weights and "
    "rows of the batch. A probe: all values, δ, messages and gradients. Edit → ready: one edge "
    "more or less, until the network could train again."
)


def speeds(
    console: Console,
    names: Sequence[str] | None = None,
    *,
    turns: int = 5,
    seconds: float = 0.1,
) -> Iterator[str | Table]:
    """Measure cases (keys of ``CASES``; `ALONE` by default); yield the machine and a table.

    Raises
    ------
    DataError
        If there is no such case.
    """
    chosen = tuple(names or ALONE)
    for name in chosen:
        if name not in CASES:
            raise DataError(f"there is no case {name!r}; there are {', '.join(CASES)}")
    yield describe()
    table = Table(
        Column("case", no_wrap=True),
        *(Column(name, justify="right") for name in _HEAD),
        box=None,
    )
    with console.status("Measuring …"):
        for found in measure(chosen, turns=turns, seconds=seconds):
            table.add_row(
                found.title,
                f"{found.weights:,}",
                duration(found.update),
                f"{found.sample * 1e9:.3g}",
                duration(found.probe),
                "" if found.ready is None else duration(found.ready),
            )
    yield table
    yield _NOTE


def duration(seconds: float) -> str:
    """Return a time with three digits, in the unit that suits it."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"
