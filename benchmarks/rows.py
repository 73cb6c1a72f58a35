"""The rows of the table: who competes in which case, and what Gradwire has to reach."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from benchmarks.contest import ContestResult
from benchmarks.roster import PEERS
from engine.benchmark.cases import CASES


@dataclass(frozen=True, slots=True)
class SpeedBudget:
    """A figure to reach.

    Parameters
    ----------
    text : str
        With ``{}`` where the figure is shown.
    figure : callable
        Returns it for a result; None if a peer it needs is absent.
    bound : float
        The budget.
    at_least : bool
        Whether larger is better.
    """

    text: str
    figure: Callable[[ContestResult], float | None]
    bound: float
    at_least: bool = False

    def met(self, figure: float) -> bool:
        """Tell whether a figure keeps the budget."""
        return figure >= self.bound if self.at_least else figure <= self.bound


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of the table.

    Parameters
    ----------
    title : str
        What is measured.
    entries : tuple
        Peer and case; the first one is Gradwire.
    budgets : tuple of SpeedBudget
        What is asked.
    """

    title: str
    entries: tuple[tuple[str, str], ...]
    budgets: tuple[SpeedBudget, ...]


def faster(peer: str, times: float) -> SpeedBudget:
    """Ask for a fraction of a peer's time."""

    def figure(found: ContestResult) -> float | None:
        theirs = found.seconds.get(peer)
        return None if theirs is None else theirs / _own(found)

    return SpeedBudget(f"{{}} × faster than {_title(peer)}", figure, times, at_least=True)


def within(peer: str, times: float) -> SpeedBudget:
    """Bound the time by a multiple of a peer's."""

    def figure(found: ContestResult) -> float | None:
        theirs = found.seconds.get(peer)
        return None if theirs is None else _own(found) / theirs

    return SpeedBudget(f"{{}} × the time of {_title(peer)}", figure, times)


def per_sample(case: str, nanoseconds: float) -> SpeedBudget:
    """Bound the time for an edge and a row of the batch."""
    samples = CASES[case].network().weights * CASES[case].batch
    return SpeedBudget(
        "{} ns per edge and sample", lambda found: _own(found) / samples * 1e9, nanoseconds
    )


def growth(case: str, small: str, times: float) -> SpeedBudget:
    """Bound what an edge of ``case`` costs by what one of a smaller graph does."""
    edges = CASES[case].network().weights / CASES[small].network().weights

    def figure(found: ContestResult) -> float | None:
        return _own(found) / found.seconds[f"tape@{small}"] / edges

    return SpeedBudget(f"{{}} × the cost of an edge of {CASES[small].title}", figure, times)


def memory(megabytes: float) -> SpeedBudget:
    """Bound the memory for plan, tape and training, beside libraries and document."""
    return SpeedBudget(
        "{} MB for plan, tape and training",
        lambda found: next(iter(found.computing.values())),
        megabytes,
    )


def limit(milliseconds: float) -> SpeedBudget:
    """Bound the time itself."""
    return SpeedBudget("{} ms", lambda found: _own(found) * 1e3, milliseconds)


def _own(found: ContestResult) -> float:
    return next(iter(found.seconds.values()))


def _title(name: str) -> str:
    peer, _, case = name.partition("@")
    return f"{CASES[case].title}" if case else PEERS[peer].title


def _row(case: str, peers: str, *budgets: SpeedBudget) -> TableRow:
    entries = tuple((peer, case) for peer in ["tape", *peers.split()])
    return TableRow(CASES[case].title, entries, budgets)


def rows() -> Mapping[str, TableRow]:
    """Return all rows by name."""
    every = "torch torch-compile jax jax-loop plan"
    return {
        "xor": _row(
            "xor", f"{every} one-by-one micrograd", faster("torch", 100), within("jax-loop", 3)
        ),
        "small": _row("small", f"{every} micrograd", faster("torch", 60), within("jax-loop", 1)),
        "nielsen": _row(
            "nielsen", f"{every} one-by-one", faster("torch", 8), within("jax-loop", 1)
        ),
        "medium": _row("medium", every, faster("torch", 1.5), within("jax-loop", 1.1)),
        "large": _row("large", f"{every} products", faster("torch", 1.2), within("products", 1.15)),
        "irregular-100": _row("irregular-100", every),
        "irregular-1000": _row(
            "irregular-1000", every, faster("torch", 200), per_sample("irregular-1000", 0.6)
        ),
        "irregular-100000": TableRow(
            CASES["irregular-100000"].title,
            (("tape", "irregular-100000"), ("tape", "irregular-1000")),
            (growth("irregular-100000", "irregular-1000", 2), memory(1000)),
        ),
        "edit": TableRow(
            "edit → ready to train, 1,000 neurons, 8,000 edges",
            (("edit", "irregular-1000"),),
            (limit(50),),
        ),
        "edit-100000": TableRow(
            "edit → ready to train, 100,000 neurons, 800,000 edges",
            (("edit", "irregular-100000"),),
            (limit(5_000),),
        ),
        "probe": TableRow(
            "probe of everything, 1,000 neurons", (("probe", "irregular-1000"),), (limit(3),)
        ),
        "mnist": TableRow(
            "784-30-10, batch 10, an epoch of 60,000",
            (("epoch", "mnist"), ("one-by-one-epoch", "mnist")),
            (faster("one-by-one-epoch", 10),),
        ),
        "nielsen-units": TableRow(
            "784-30-10 drawn neuron by neuron, batch 10",
            (("tape", "nielsen-units"), ("tape", "nielsen")),
            (within("tape@nielsen", 1.3),),
        ),
    }
