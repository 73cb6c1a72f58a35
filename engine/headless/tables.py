"""Results as tables for the terminal (rich); the command line prints them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

if TYPE_CHECKING:
    from engine.analysis.gradient_check import Check
    from engine.headless.steps import NumberedScore
    from engine.headless.training import TrainingResult
    from engine.plan.plan import Plan
    from engine.training import Epoch
    from graph.model.training import Training

_FRAMES = 10  # of the progress bar, per second
_NUMBERS = 4  # of an array
_CHECKS = 10  # the worst ones


@contextmanager
def progress(epochs: int, console: Console) -> Iterator[Callable[[Epoch], None]]:
    """Show a bar of so many epochs, from the first one on, for as long as the context lasts.

    Yields what to tell every finished epoch.
    """
    columns = (
        TextColumn("epoch"),
        MofNCompleteColumn(),
        BarColumn(),
        TextColumn("loss {task.fields[loss]:.6g}"),
        TimeRemainingColumn(),
    )
    bar = Progress(*columns, console=console)
    task = bar.add_task("", total=epochs, loss=float("nan"))
    shown = 0.0
    latest: Epoch | None = None

    def tell(record: Epoch) -> None:
        nonlocal latest, shown
        if latest is None:
            bar.start()
        latest = record
        if time.perf_counter() - shown > 1 / _FRAMES:
            shown = time.perf_counter()
            bar.update(task, completed=record.epoch, loss=record.loss["train"])

    try:
        yield tell
    finally:
        if latest is not None:
            bar.update(task, completed=latest.epoch, loss=latest.loss["train"])
            bar.stop()


def run(trained: TrainingResult) -> list[str | Table]:
    """Return loss and metrics of a finished run, one row a split, and how long it took."""
    final = trained.final
    names = dict.fromkeys(name for found in final.values() for name in found)
    table = Table("split", *(name.replace("_", " ") for name in names))
    for split, found in final.items():
        table.add_row(split, *(f"{found[n]:.6g}" if n in found else "" for n in names))
    return [table, f"{trained.records[-1].epoch} epochs in {trained.seconds:.1f} s"]


def checks(found: Sequence[Check], entries: int) -> list[str | Table]:
    """Return the worst derivatives of a gradient check of ``entries`` parameters' entries."""
    table = Table("parameter", "entry", "∂E/∂w", "by differences", "relative difference")
    for one in found[:_CHECKS]:
        place = ", ".join(map(str, one.index))
        numbers = (f"{one.analytic:.9g}", f"{one.numeric:.9g}", f"{one.relative:.2g}")
        table.add_row(one.parameter, place, *numbers)
    drawn = f"{len(found)} of {entries:,} derivatives, drawn at random, were checked."
    return [table, drawn] if len(found) < entries else [table]


def evaluation(found: Mapping[str, Any]) -> list[str | Table]:
    """Return E, the losses, and the first numbers of every node and parameter."""
    losses = [f"{node} = {loss:.9g}" for node, loss in found["losses"].items()]
    nodes = Table("node", "value", "δ")
    for node, numbers in found["nodes"].items():
        nodes.add_row(node, _few(numbers["value"]), _few(numbers["delta"]))
    parameters = Table("parameter", "value", "gradient")
    for name, numbers in found["parameters"].items():
        parameters.add_row(name, _few(numbers["value"]), _few(numbers["gradient"]))
    return [f"E = {found['error']:.9g}", *losses, nodes, parameters]


def steps(found: NumberedScore) -> list[str | Table]:
    """Return the stops of an update, a line each, with what becomes known there."""
    table = Table("stop", "phase", "what becomes known", "number")
    for stop, number in zip(found.stops, found.numbers, strict=True):
        table.add_row(str(stop.index), str(stop.phase), stop.title, _few(number))
    return [f"One update, {found.rows}:", table]


def _few(numbers: Any) -> str:
    """Return the first numbers of an array or nested lists."""
    flat: list[str] = []
    waiting = [numbers.ravel()[: _NUMBERS + 1].tolist() if hasattr(numbers, "ravel") else numbers]
    while waiting and len(flat) <= _NUMBERS:
        first = waiting.pop()
        if isinstance(first, list):
            waiting.extend(reversed(first))
        else:
            flat.append(f"{first:.6g}")
    return "  ".join(flat[:_NUMBERS]) + ("  …" if len(flat) > _NUMBERS else "")


def announce_compiling(plan: Plan, training: Training, console: Console) -> None:
    """Say so if training begins with compiling what a plan needs, once on this machine."""
    from engine.native import uncompiled

    if uncompiled(plan, training):
        console.print("Compiling what this network needs, once on this machine; some seconds …")
