"""A process of its own for each peer: ``python -m benchmarks.worker PEER CASE``.

So peers share neither memory nor threads, and one that fails or never ends harms no other. It
answers on stdout, a line of JSON for each line of JSON on stdin: ``{"updates": n}`` makes n updates
from the initial parameters on and returns ``{"seconds": t}``.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO, TypeAlias

from benchmarks.pictures import CASE, training_columns
from benchmarks.roster import PEERS, Peer
from engine.benchmark.cases import CASES, PreparedCase, prepare
from engine.benchmark.runners import BenchmarkRunner

Clock: TypeAlias = Callable[[], float]


def main() -> None:
    """Prepare the peer, then answer until stdin ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("case", choices=CASES)
    parser.add_argument("--mnist", type=Path, help="folder of the real files")
    parser.add_argument("--cpu", action="store_true", help="count processor time")
    parser.add_argument("--gigabytes", type=float, help="limit of the address space")
    chosen = parser.parse_args()
    if chosen.gigabytes:
        limit = int(chosen.gigabytes * 2**30)
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    with _answers() as out:
        real = chosen.mnist is not None and chosen.case == CASE
        columns = training_columns(chosen.mnist) if real else None
        case = CASES[chosen.case]
        document = case.draw()
        drawn = _megabytes()
        clock = time.process_time if chosen.cpu else time.perf_counter
        _answer(PEERS[chosen.peer], prepare(case, columns, document), drawn, clock, out)


def _answer(peer: Peer, problem: PreparedCase, drawn: float, clock: Clock, out: TextIO) -> None:
    def say(**content: float) -> None:
        out.write(json.dumps(content) + "\n")
        out.flush()

    module, _, kind = peer.runner.partition(":")
    make = getattr(importlib.import_module(module), kind)
    began = time.perf_counter()
    runner: BenchmarkRunner = make(problem)
    first = runner.error()
    cold = _seconds(runner, 1, clock)
    runner.run(peer.checked - 1)
    say(first=first, last=runner.error(), compiling=time.perf_counter() - began, cold=cold)
    for line in sys.stdin:
        asked: Mapping[str, int] = json.loads(line)
        runner.reset()
        seconds = _seconds(runner, asked["updates"], clock)
        used = _megabytes()
        say(seconds=seconds, megabytes=used, computing=used - drawn)


def _megabytes() -> float:
    """Return the most memory that this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _seconds(runner: BenchmarkRunner, updates: int, clock: Clock) -> float:
    began = clock()
    runner.run(updates)
    return clock() - began


@contextmanager
def _answers() -> Iterator[TextIO]:
    """Keep stdout for answers; what libraries print goes to stderr."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as out:
        os.dup2(2, 1)
        yield out


if __name__ == "__main__":
    main()
