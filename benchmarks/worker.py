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
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TextIO

from benchmarks.roster import PEERS
from engine.benchmark.cases import CASES, prepare
from engine.benchmark.running import Runner

CHECKED = 5
"""Updates after which all peers must have the same E."""


def main() -> None:
    """Prepare the peer, then answer until stdin ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("case", choices=CASES)
    parser.add_argument("--gigabytes", type=float, help="limit of the address space")
    chosen = parser.parse_args()
    if chosen.gigabytes:
        limit = int(chosen.gigabytes * 2**30)
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    with _answers() as out:
        _answer(chosen.peer, chosen.case, out)


def _answer(peer: str, case: str, out: TextIO) -> None:
    def say(**content: float) -> None:
        out.write(json.dumps(content) + "\n")
        out.flush()

    problem = prepare(CASES[case])
    module, _, kind = PEERS[peer].runner.partition(":")
    make = getattr(importlib.import_module(module), kind)
    began = time.perf_counter()
    runner: Runner = make(problem)
    first = runner.error()
    runner.run(CHECKED)
    last = runner.error()
    seconds = time.perf_counter() - began
    say(first=first, last=last, seconds=seconds)
    for line in sys.stdin:
        asked: Mapping[str, int] = json.loads(line)
        runner.reset()
        began = time.perf_counter()
        runner.run(asked["updates"])
        seconds = time.perf_counter() - began
        used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        say(seconds=seconds, megabytes=used)


@contextmanager
def _answers() -> Iterator[TextIO]:
    """Keep stdout for answers; what libraries print goes to stderr."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as out:
        os.dup2(2, 1)
        yield out


if __name__ == "__main__":
    main()
