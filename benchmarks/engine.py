"""Gradwire's engine beside its peers: ``python -m benchmarks.engine``.

Prints a Markdown table. Each peer runs in a process of its own, kept to the same cores and
threads, from the same float32 parameters on the same minibatches; before anything is measured all
must have computed the same E. They take turns; a figure is the median of its turns.
"""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

from benchmarks.contest import ContestSettings, contest
from benchmarks.instructions import profile
from benchmarks.pictures import accuracy
from benchmarks.report import HEAD, line
from benchmarks.roster import PEERS
from benchmarks.rows import rows
from engine.benchmark.cases import CASES, prepare
from engine.benchmark.machine import describe


def main() -> None:
    """Print the table, row by row."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that peers end too
    known = rows()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", nargs="*", choices=known, default=list(known), metavar="CASE")
    parser.add_argument("--peers", nargs="*", choices=PEERS, default=list(PEERS), metavar="PEER")
    parser.add_argument("--threads", type=int, default=1, help="of each peer")
    parser.add_argument("--repeats", type=int, default=7, help="turns of each peer")
    parser.add_argument("--seconds", type=float, default=0.2, help="of a turn, about")
    parser.add_argument("--mnist", type=Path, help="folder with the real files of MNIST")
    parser.add_argument("--accuracy", type=int, metavar="EPOCHS", help="also train on them")
    parser.add_argument(
        "--best", action="store_true", help="of the turns instead of the median: on a busy machine"
    )
    parser.add_argument(
        "--cpu", action="store_true", help="count processor time, on a busy machine and one thread"
    )
    parser.add_argument("--profile", choices=CASES, help="show where an update's time goes")
    chosen = parser.parse_args()
    if chosen.profile:
        for text in profile(prepare(CASES[chosen.profile])):
            _write(text)
        return
    settings = ContestSettings(
        **{name: getattr(chosen, name) for name in ContestSettings.__slots__}
    )
    libraries = tuple(dict.fromkeys(peer.needs for peer in PEERS.values() if peer.needs))
    clock = "; processor time" if chosen.cpu else ""
    _write(f"{describe(libraries)}; threads: {chosen.threads}{clock}\n\n{HEAD}")
    for name in chosen.case:
        row = known[name]
        entries = [row.entries[0], *(e for e in row.entries[1:] if e[0] in chosen.peers)]
        _write(line(row, contest(entries, settings)))
    if chosen.accuracy and chosen.mnist:
        _write("\n" + accuracy(chosen.mnist, chosen.accuracy))


def _write(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
