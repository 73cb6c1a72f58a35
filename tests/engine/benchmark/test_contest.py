"""Peers in processes of their own: who is absent, who disagrees, and what the report says."""

from __future__ import annotations

import math

import pytest

from benchmarks import contest as contests
from benchmarks.contest import ContestResult, ContestSettings, DisagreementError, contest
from benchmarks.report import line
from benchmarks.roster import PEERS, Peer
from benchmarks.rows import TableRow, faster, per_sample, rows, within
from engine.benchmark.cases import CASES

QUICK = ContestSettings(repeats=1, seconds=0.001)
ROW = TableRow(
    "two numbers", (("tape", "xor"), ("plan", "xor")), (faster("plan", 2), within("jax", 3))
)


def result(**seconds: float) -> ContestResult:
    return ContestResult(seconds, {"jax": "jax is not installed"}, {}, {}, {}, {})


def test_two_peers_agree_and_are_timed() -> None:
    found = contest([("plan", "xor"), ("one-by-one", "xor")], QUICK)
    assert set(found.seconds) == {"plan", "one-by-one"}
    assert all(seconds > 0 for seconds in found.seconds.values())
    assert found.megabytes["plan"] > 10
    assert not found.absent


def test_a_peer_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PEERS, "jax", Peer("JAX", "nowhere:None", "no_such"))
    found = contest([("plan", "xor"), ("jax", "xor")], QUICK)
    assert found.absent == {"jax": "no_such is not installed"}


def test_a_peer_that_fails_says_why() -> None:
    found = contest([("plan", "medium"), ("one-by-one", "medium")], QUICK)
    assert "quadratic cost" in found.absent["one-by-one"]


def test_other_numbers_end_the_contest() -> None:
    first, other = contests.PeerProcess, {"first": 0.5, "last": 0.25}
    entries = {
        name: first(name, "xor", None, None, said)  # type: ignore[arg-type]  # no process is needed
        for name, said in (("tape", other), ("plan", {"first": 0.5, "last": 0.26}))
    }
    with pytest.raises(DisagreementError, match=r"plan has E = 0\.26"):
        contests.check(entries)
    entries["plan"].said = {"first": math.nan, "last": math.nan}  # has no E
    contests.check(entries)


def test_a_line_judges_every_budget() -> None:
    text = line(ROW, result(tape=1e-6, plan=3e-6))
    assert "| two numbers | 1 µs | NumPy plan 3 µs<br>JAX jit – (jax is not installed) |" in text
    assert "3 × faster than NumPy plan (budget ≥ 2): met" in text
    assert "– × the time of JAX jit (budget ≤ 3)" in text
    assert "**missed**" in line(ROW, result(tape=2e-6, plan=3e-6))


def test_the_cost_of_an_edge_counts_edges_and_rows() -> None:
    weights = CASES["irregular-100"].network().weights
    found = per_sample("irregular-100", 1).figure(result(tape=weights * 32 * 2e-9))
    assert found == pytest.approx(2)


def test_every_row_names_peers_and_cases_there_are() -> None:
    for row in rows().values():
        assert {peer for peer, _ in row.entries} <= set(PEERS)
        assert {case for _, case in row.entries} <= set(CASES)
