"""The benchmark's cases are what they say, and all who compete in them compute the same."""

from __future__ import annotations

import io

import networkx as nx
import numpy as np
import pytest
from rich.console import Console
from rich.table import Table

from benchmarks.peers.numpy_plan import PlanRunner
from benchmarks.peers.one_by_one import NielsenRunner
from benchmarks.peers.torch_eager import TorchRunner
from engine.benchmark.cases import CASES, irregular_case, prepare
from engine.benchmark.edit_runner import STAGES, EditRunner
from engine.benchmark.networks import SparseNetwork, irregular
from engine.benchmark.probe_runner import ProbeRunner
from engine.benchmark.report import speeds
from engine.benchmark.runners import BenchmarkRunner, TapeRunner
from engine.benchmark.stopwatch import fitting, seconds_each
from engine.errors import DataError

ROUNDING = 2e-5  # float32, five updates


@pytest.mark.parametrize("name", ["xor", "small", "nielsen", "medium", "irregular-100"])
def test_pytorch_the_plan_and_the_tape_learn_the_same(name: str) -> None:
    problem = prepare(CASES[name])
    expected: BenchmarkRunner = PlanRunner(problem)
    competitors: list[BenchmarkRunner] = [TapeRunner(problem), TorchRunner(problem)]
    if name == "nielsen":
        competitors.append(NielsenRunner(problem))
    before = expected.error()
    expected.run(5)
    for competitor in competitors:
        assert competitor.error() == pytest.approx(before, rel=ROUNDING)
        competitor.run(5)
        assert competitor.error() == pytest.approx(expected.error(), rel=ROUNDING)
        competitor.reset()
        assert competitor.error() == pytest.approx(before, rel=ROUNDING)


def test_drawn_by_neurons_has_an_edge_for_each_weight() -> None:
    problem = prepare(CASES["nielsen-units"])
    weighted = [edge for edge in problem.document.edges.values() if edge.id in problem.plan.weights]
    assert len(weighted) == problem.network.weights == 784 * 30 + 30 * 10


def test_every_edge_of_an_irregular_graph_has_a_part_in_the_error() -> None:
    wiring = irregular(300, 8)
    assert all(len(read) == 8 for read in wiring.sources[:-1])
    assert wiring.weights == 300 * 8 + len(wiring.sources[-1])
    problem = prepare(irregular_case(300))
    graph = nx.DiGraph(problem.document.graph)
    assert nx.ancestors(graph, "E") == set(problem.document.nodes) - {"E"}


def test_a_case_is_the_same_each_time() -> None:
    first, second = prepare(irregular_case(50)), prepare(irregular_case(50))
    assert first.network == second.network
    assert isinstance(first.network, SparseNetwork)
    np.testing.assert_array_equal(first.theta, second.theta)
    np.testing.assert_array_equal(first.columns["x"], second.columns["x"])


def test_edits_leave_the_document_as_it_was_and_every_stage_is_timed() -> None:
    problem = prepare(irregular_case(30))
    edges = set(problem.document.edges)
    runner = EditRunner(problem)
    runner.run(1)
    assert len(problem.document.edges) == len(edges) + 1
    runner.run(1)
    assert set(problem.document.edges) == edges
    assert set(runner.parts) == set(STAGES)
    assert all(seconds > 0 for seconds in runner.parts.values())


def test_the_probe_is_of_the_first_minibatch() -> None:
    problem = prepare(irregular_case(30))
    assert ProbeRunner(problem).error() == pytest.approx(PlanRunner(problem).error(), rel=1e-6)


def test_a_turn_takes_about_what_it_should() -> None:
    clock = 0.0

    def run(times: int) -> float:
        nonlocal clock
        clock += times * 2e-4
        return times * 2e-4

    assert fitting(run, 0.1) == pytest.approx(500, abs=1)
    assert fitting(lambda times: 3.0 * times, 0.1) == 1
    assert seconds_each(lambda _: None, turns=1, seconds=1e-6) < 1e-3


def test_the_report_names_machine_and_case() -> None:
    console = Console(file=io.StringIO())
    machine, table, note = speeds(console, ["irregular-100"], turns=1, seconds=1e-3)
    assert isinstance(machine, str)
    assert "numba" in machine
    assert isinstance(table, Table)
    assert table.columns[0].header == "case"
    assert "update" in str(note)


def test_an_unknown_case_is_refused_with_those_there_are() -> None:
    with pytest.raises(DataError, match=r"no case .mars.; there are xor"):
        list(speeds(Console(file=io.StringIO()), ["mars"]))
