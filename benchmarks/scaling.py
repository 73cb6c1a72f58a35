"""Time and memory for each edge, from 100 to 100,000 neurons: ``python -m benchmarks.scaling``.

Random graphs of scalar tanh neurons with 8 inputs each, batch 32, float32, one thread. Each size
is measured in a process of its own. Prints a Markdown table; ``--plot FILE`` draws it.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np

from benchmarks.contest import environment
from benchmarks.scaling_point import ScalingPoint
from engine.benchmark.cases import irregular_case, made_up
from engine.benchmark.machine import describe
from engine.benchmark.networks import draw_wiring
from engine.benchmark.stopwatch import seconds_each
from engine.compiler.compile import compile_document
from engine.interpreter.parameter_vector import initial
from engine.native import Epochs, Tape, Updater, lower, prepare

SIZES = (100, 300, 1_000, 3_000, 10_000, 30_000, 100_000)
_HEAD = (
    "| neurons | edges | update | ns per edge and row | compile | initial θ | lower | tape, B per "
    "edge | process, MB |\n|---|---|---|---|---|---|---|---|---|"
)


def measure(neurons: int, turns: int, clock: Callable[[], float]) -> ScalingPoint:
    """Measure a graph, in this process."""
    case = irregular_case(neurons)
    prepare(case.settings.dtype)
    before = _memory()
    network = irregular_case(neurons).network()
    columns = made_up(network, case.batch * case.batches)
    document = draw_wiring(network)  # type: ignore[arg-type]  # irregular cases are wiring
    marks = [clock()]
    plan = compile_document(document, {name: part.shape[1] for name, part in columns.items()})
    marks.append(clock())
    theta = initial(plan, document, 0, dtype=np.float32)
    marks.append(clock())
    tape = lower(plan, case.settings.dtype, case.batch)
    marks.append(clock())
    table = tape.table(columns)
    rows = np.arange(len(table))
    updater = Updater(tape, table, case.settings, len(rows))
    gradient, last = np.zeros_like(theta), np.zeros_like(theta)

    def run(updates: int) -> None:
        rates = np.full(-(-updates // case.batches), case.rate)
        updater.make(theta, gradient, last, Epochs(0, rows[None], rates), 0, 0, updates)

    update = seconds_each(run, turns=turns, seconds=0.1, clock=clock)
    edges = network.weights
    compiling, drawing, lowering = np.diff(marks).tolist()
    held = _held(tape) + theta.nbytes + gradient.nbytes + last.nbytes
    return ScalingPoint(
        neurons=neurons,
        edges=edges,
        update=update,
        sample=update / edges / case.batch,
        compiling=compiling,
        initial=drawing,
        lowering=lowering,
        tape=held,
        process=_memory() - before,
    )


def _held(tape: Tape) -> int:
    """Return the bytes of a tape's arrays."""
    arrays = [*tape.program, tape.arena.values, tape.arena.deltas]
    return sum(array.nbytes for array in arrays if isinstance(array, np.ndarray))


def _memory() -> int:
    """Return the most memory that this process ever held, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> None:
    """Print the table, and draw the plot."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--neurons", type=int, nargs="*", default=list(SIZES))
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--plot", type=Path, help="draw into this picture")
    parser.add_argument(
        "--cpu", action="store_true", help="count processor time, on a busy machine"
    )
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.alone:
        clock = time.process_time if chosen.cpu else time.perf_counter
        found = measure(chosen.neurons[0], chosen.turns, clock)
        sys.stdout.write(json.dumps(asdict(found)) + "\n")
        return
    how = "; processor time" if chosen.cpu else ""
    sys.stdout.write(f"{describe()}; one thread{how}\n\n{_HEAD}\n")
    sizes = []
    for neurons in chosen.neurons:
        command = [sys.executable, "-m", "benchmarks.scaling", "--alone", "--neurons", str(neurons)]
        command += ["--turns", str(chosen.turns), *["--cpu"] * chosen.cpu]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True, env=environment(1))
        sizes.append(ScalingPoint(**json.loads(done.stdout)))
        sys.stdout.write(sizes[-1].line() + "\n")
        sys.stdout.flush()
    if chosen.plot:
        from benchmarks.scaling_plot import draw

        draw(sizes, chosen.plot)


if __name__ == "__main__":
    main()
