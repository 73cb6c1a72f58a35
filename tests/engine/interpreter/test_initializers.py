"""What is drawn for a parameter: its own stream's numbers, in the law's distribution."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from engine.compiler.compile import compile_document
from engine.interpreter import initializers
from engine.interpreter.initializers import INITIALIZERS
from engine.interpreter.parameter_vector import initial, views
from engine.plan.parameter_table import Parameter
from graph.model.document import Document
from tests.engine.documents import draw

_BITS = (1 << 64) - 1


def reference(seed: int, name: str, count: int) -> list[float]:
    """Return numbers of SplitMix64 as its authors wrote it, the state being the name's hash."""
    state = int.from_bytes(hashlib.sha256(f"{seed}:{name}".encode()).digest()[:8], "little")
    drawn: list[float] = []
    for _ in range(count):
        state = (state + 0x9E3779B97F4A7C15) & _BITS
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _BITS
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _BITS
        drawn.append(((z ^ (z >> 31)) >> 11) * 2.0**-53)
    return drawn


def _expected(parameter: Parameter, seed: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    fan_in, fan_out = np.array(parameter.fan_in), np.array(parameter.fan_out)
    law = INITIALIZERS[parameter.initializer].law
    scale = float(INITIALIZERS[parameter.initializer].scale(fan_in, fan_out))
    numbers = np.array(reference(seed, parameter.name, parameter.size))
    if law == "uniform":
        return -scale + 2 * scale * numbers
    if law == "normal":
        found: np.ndarray[tuple[int], np.dtype[np.float64]] = stats.norm.ppf(
            numbers + 2.0**-54, scale=scale
        )
        return found
    return np.full(parameter.size, scale)


def _network(initializer: str, units: int) -> Document:
    params = {"units": units, "initializer": initializer}
    return draw(
        {
            "x": ("input", {"columns": ("x",)}),
            "h": ("neuron", params),
            "g": ("neuron", params),
            "n": "layer_norm",
        },
        ["x h", "x g", "h g", "g n"],
    )


@pytest.mark.parametrize("units", [1, 3, 40])
@pytest.mark.parametrize("initializer", [name for name in INITIALIZERS if name != "ones"])
def test_every_parameter_has_numbers_of_its_own(initializer: str, units: int) -> None:
    document = _network(initializer, units)
    plan = compile_document(document, {"x": 5})
    drawn = views(plan, initial(plan, document, 7))
    eps = 4 * np.finfo(np.float64).eps
    for parameter, numbers in zip(plan.parameters, drawn, strict=True):
        expected = _expected(parameter, 7)
        np.testing.assert_allclose(numbers.ravel(), expected, eps, eps, err_msg=parameter.name)


@given(st.integers(1, 400))
def test_how_many_are_drawn_at_a_time_changes_nothing(count: int) -> None:
    document = _network("xavier_normal", 7)
    plan = compile_document(document, {"x": 5})
    whole = initial(plan, document, 7)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(initializers, "_AT_A_TIME", count)
        assert initial(plan, document, 7).tobytes() == whole.tobytes()


@pytest.mark.parametrize("initializer", ["uniform", "normal", "he_uniform", "lecun_normal"])
def test_the_numbers_have_the_distribution_of_the_law(initializer: str) -> None:
    document = draw(
        {
            "x": ("input", {"columns": ("x",)}),
            "h": ("neuron", {"units": 200, "initializer": initializer}),
        },
        ["x h"],
    )
    plan = compile_document(document, {"x": 100})
    weight, _ = plan.parameters
    law = INITIALIZERS[initializer]
    scale = float(law.scale(np.array(weight.fan_in), np.array(weight.fan_out)))
    cdf = (
        stats.norm(scale=scale).cdf if law.law == "normal" else stats.uniform(-scale, 2 * scale).cdf
    )
    found = [
        stats.kstest(initial(plan, document, seed)[: weight.size], cdf).pvalue for seed in range(5)
    ]
    assert min(found) > 1e-4


@pytest.mark.parametrize(
    ("name", "formula"),
    [
        ("zeros", "0"),
        ("ones", "1"),
        ("constant", "0.5"),
        ("normal", "standard deviation 1"),
        ("uniform", "±0.12"),
        ("xavier_uniform", "±√(6/(4 + 3)) = ±0.9258"),
        ("xavier_normal", "standard deviation √(2/(4 + 3)) = 0.5345"),
        ("he_uniform", "±√(6/4) = ±1.225"),
        ("he_normal", "standard deviation √(2/4) = 0.7071"),
        ("lecun_normal", "standard deviation √(1/4) = 0.5"),
        ("ng", "±√(6/(4 + 3)) = ±0.9258"),
    ],
)
def test_the_words_of_a_law_are_what_its_numbers_keep_to(name: str, formula: str) -> None:
    law = INITIALIZERS[name]
    assert law.words(4, 3) == formula
    if name == "ones":  # no kind offers it for weights
        return
    params = {"units": 3, "initializer": name}
    document = draw({"x": ("input", {"columns": ("x",)}), "h": ("neuron", params)}, ["x h"])
    plan = compile_document(document, {"x": 4})
    drawn = np.concatenate([initial(plan, document, seed)[:12] for seed in range(400)])
    said = float(formula.rpartition("=")[2].strip(" ±").removeprefix("standard deviation "))
    if law.law == "uniform":  # of 4,800 numbers the largest lies within 0.5 % of the bound
        assert 0.995 * said < np.abs(drawn).max() < 1.001 * said
    elif law.law == "normal":  # the deviation's own relative error is 1/√(2·4800), 1 %
        assert drawn.std() == pytest.approx(said, rel=0.05)
    else:
        assert (drawn == said).all()
