"""Peers side by side: a process each, one at a time at work, in turns."""

from __future__ import annotations

import json
import math
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which
from statistics import median
from tempfile import TemporaryFile
from typing import IO, Any

from benchmarks.roster import PEERS
from engine.benchmark.stopwatch import fitting

COMPILING = 60.0
"""Seconds that a peer may take to compile."""
_STARTING = 900.0
_GIGABYTES = 12.0
_SAID = "compiling", "cold", "megabytes", "computing"
_TOLERANCE, _AFTER_AN_EPOCH = 2e-5, 0.1
"""How far, relatively, E may be from the tape's: in float32, sums in another order."""
_SLOWEST = 20.0  # seconds for one update, from which on a peer is not asked again


class UnableError(Exception):
    """A peer cannot take part; the text says why."""


class DisagreementError(Exception):
    """A peer computes other numbers than the tape."""


@dataclass(frozen=True, slots=True)
class ContestSettings:
    """How to measure.

    Parameters
    ----------
    threads : int
        Of each peer.
    repeats : int
        Turns of each.
    seconds : float
        Of a turn, about.
    mnist : Path, optional
        Folder with the real files.
    best : bool
        Whether the best turn counts, not the median.
    cpu : bool
        Whether a peer's processor time counts, which other programs disturb less.
    """

    threads: int = 1
    repeats: int = 7
    seconds: float = 0.2
    mnist: Path | None = None
    best: bool = False
    cpu: bool = False


@dataclass
class PeerProcess:
    """A peer in its process."""

    peer: str
    case: str
    process: subprocess.Popen[str]
    errors: IO[str]
    said: dict[str, float] = field(default_factory=dict)
    updates: int = 1
    times: list[float] = field(default_factory=list)

    def ask(self, timeout: float, **question: int) -> dict[str, float]:
        """Send a question, if any, and return the answer."""
        assert self.process.stdin is not None  # both are pipes
        assert self.process.stdout is not None
        if question:
            self.process.stdin.write(json.dumps(question) + "\n")
            self.process.stdin.flush()
        if not select.select([self.process.stdout], [], [], timeout)[0]:
            raise UnableError(f"> {timeout:.0f} s")
        line = self.process.stdout.readline()
        if not line:
            raise UnableError(f"failed: {self._last_words()}")
        found: dict[str, float] = json.loads(line)
        return found

    def time(self) -> None:
        """Make the updates of one repeat and note the seconds for each."""
        answer = self.ask(_STARTING, updates=self.updates)
        self.said.update(answer)
        self.times.append(answer["seconds"] / self.updates)

    def calibrate(self, seconds: float) -> None:
        """Choose the number of updates that take about ``seconds``."""
        self.updates = fitting(
            lambda updates: self.ask(_STARTING, updates=updates)["seconds"], seconds
        )

    def close(self) -> None:
        """End the process with all that it started."""
        with suppress(ProcessLookupError):  # it may have ended by itself
            os.killpg(self.process.pid, signal.SIGKILL)

    def _last_words(self) -> str:
        code = self.process.wait()
        self.errors.seek(0)
        lines = [line for line in self.errors.read().splitlines() if line.strip()]
        return lines[-1][:200] if lines else f"exit code {code}"


@dataclass(frozen=True, slots=True)
class ContestResult:
    """What a contest found, by peer.

    Parameters
    ----------
    seconds : mapping
        Time of an update, the median of the turns.
    absent : mapping
        Why a peer did not take part.
    compiling : mapping
        Seconds until the first updates were made.
    cold : mapping
        Seconds of the first update of the process.
    megabytes, computing : mapping
        Largest memory of the whole process, and without libraries and document.
    """

    seconds: Mapping[str, float]
    absent: Mapping[str, str]
    compiling: Mapping[str, float]
    cold: Mapping[str, float]
    megabytes: Mapping[str, float]
    computing: Mapping[str, float]


def contest(entries: Sequence[tuple[str, str]], settings: ContestSettings) -> ContestResult:
    """Measure peers in turns.

    Parameters
    ----------
    entries : sequence
        Peer and case; the first one is the tape with whose E all of its case must agree. A peer
        that enters with another case than the first one is called ``peer@case``.
    settings : ContestSettings
        How.

    Raises
    ------
    DisagreementError
        If a peer computes other numbers.
    """
    absent: dict[str, str] = {}
    ready: dict[str, PeerProcess] = {}
    with ExitStack() as stack:
        for peer, case in entries:
            name = peer if case == entries[0][1] else f"{peer}@{case}"
            try:
                entry = stack.enter_context(_started(peer, case, settings))
                entry.calibrate(settings.seconds)
            except UnableError as error:
                absent[name] = str(error)
            else:
                ready[name] = entry
        check(ready)
        for _ in range(settings.repeats):
            for entry in ready.values():
                if entry.times[:1] < [_SLOWEST]:
                    entry.time()
    middle = min if settings.best else median
    return ContestResult(
        {name: middle(entry.times) for name, entry in ready.items()},
        absent,
        *({name: entry.said[key] for name, entry in ready.items()} for key in _SAID),
    )


@contextmanager
def _started(peer: str, case: str, settings: ContestSettings) -> Iterator[PeerProcess]:
    """Start a peer and wait until it has made its first updates."""
    kind = PEERS[peer]
    if not kind.installed:
        raise UnableError(f"{kind.needs} is not installed")
    command = [sys.executable, "-m", "benchmarks.worker", peer, case]
    if settings.mnist is not None:
        command += ["--mnist", str(settings.mnist)]
    if settings.cpu:
        command.append("--cpu")
    if kind.compiles:
        command += ["--gigabytes", str(_GIGABYTES)]
    with (
        TemporaryFile("w+", encoding="utf-8", errors="replace") as errors,
        subprocess.Popen(
            [*_pinned(settings.threads), *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=environment(settings.threads),
            start_new_session=True,
        ) as process,
    ):
        entry = PeerProcess(peer, case, process, errors)
        try:
            entry.said = entry.ask(COMPILING if kind.compiles else _STARTING)
            yield entry
        finally:
            entry.close()


def environment(threads: int) -> dict[str, str]:
    """Return this process's environment with the number of threads that each library heeds."""
    libraries = ("OMP", "OPENBLAS", "MKL", "NUMBA")
    counts = {f"{name}_NUM_THREADS": str(threads) for name in libraries}
    return {
        **os.environ,
        **counts,
        "JAX_PLATFORMS": "cpu",
        "XLA_FLAGS": f"--xla_cpu_multi_thread_eigen={str(threads > 1).lower()}",
    }


def _pinned(threads: int) -> list[str]:
    """Return what keeps a process to some cores, where there is such a thing."""
    if not which("taskset"):
        return []
    cores = sorted(os.sched_getaffinity(0))[-threads:]
    return ["taskset", "--cpu-list", ",".join(map(str, cores))]


def check(ready: Mapping[str, PeerProcess]) -> None:
    """Check that all peers of a case computed the same E, before and after updates."""
    references: dict[str, dict[str, Any]] = {}
    for name, entry in ready.items():
        reference = references.setdefault(entry.case, entry.said)
        for when in ("first", "last"):
            found, expected = entry.said[when], reference[when]
            single = when == "last" and PEERS[entry.peer].checked == 1
            allowed = _AFTER_AN_EPOCH if single else _TOLERANCE
            if not math.isnan(found) and not math.isclose(found, expected, rel_tol=allowed):
                raise DisagreementError(
                    f"{name} has E = {found!r}, {when}; the tape has {expected!r}"
                )
