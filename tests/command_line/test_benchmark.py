"""``gradwire benchmark``: figures of this machine."""

from __future__ import annotations

from tests.command_line.conftest import Run


def test_a_case_is_measured_and_the_machine_named(run: Run) -> None:
    code, out, _ = run("benchmark", "xor")
    assert code == 0
    assert "numba" in out.splitlines()[0]
    assert "XOR 2-2-1, batch 4" in out
    assert "µs" in out


def test_an_unknown_case_is_one_sentence(run: Run) -> None:
    code, out, err = run("benchmark", "mars")
    assert (code, out) == (2, "")
    assert "no case 'mars'" in err
    assert err.count("\n") == 1
