"""What is drawn together is, bit for bit, what NumPy draws one by one."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.arrays.numpy_streams import Streams
from engine.compiler.compile import compile_document
from engine.interpreter.initializers import INITIALIZERS
from engine.interpreter.parameter_vector import initial, views
from engine.plan.parameter_table import Parameter
from tests.engine.documents import draw

SEEDS = st.integers(0, 2**63)


def reference(seed: int, name: str) -> np.random.Generator:
    """Return NumPy's own generator for a parameter."""
    digest = hashlib.sha256(f"{seed}:{name}".encode()).digest()
    return np.random.default_rng(np.random.SeedSequence(int.from_bytes(digest[:16], "little")))


@given(SEEDS, st.lists(st.text(), min_size=1, max_size=40), st.integers(1, 9))
def test_streams_are_numpys(seed: int, names: list[str], count: int) -> None:
    drawn = Streams.of(seed, names).uniform(np.arange(len(names)), count)
    expected = [reference(seed, name).random(count) for name in names]
    assert drawn.tobytes() == np.array(expected).tobytes()


@given(SEEDS, st.lists(st.text(), min_size=1, max_size=20))
def test_numpys_generator_starts_where_a_stream_does(seed: int, names: list[str]) -> None:
    generators = Streams.of(seed, names).generators(np.arange(len(names)))
    for name, generator in zip(names, generators, strict=True):
        own = reference(seed, name)
        assert generator.standard_normal(5).tobytes() == own.standard_normal(5).tobytes()


def test_no_names_no_streams() -> None:
    none = np.arange(0)
    assert Streams.of(0, []).uniform(none, 2).shape == (0, 2)
    assert not list(Streams.of(0, []).generators(none))


def _expected(parameter: Parameter, seed: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    fan_in, fan_out = np.array(parameter.fan_in), np.array(parameter.fan_out)
    law = INITIALIZERS[parameter.initializer].law
    scale = float(INITIALIZERS[parameter.initializer].scale(fan_in, fan_out))
    rng = reference(seed, parameter.name)
    if law == "uniform":
        return -scale + 2 * scale * rng.random(parameter.size)
    if law == "normal":
        return scale * rng.standard_normal(parameter.size)
    return np.full(parameter.size, scale)


@pytest.mark.parametrize("units", [1, 3, 40])
@pytest.mark.parametrize("initializer", [name for name in INITIALIZERS if name != "ones"])
def test_every_parameter_has_numbers_of_its_own(initializer: str, units: int) -> None:
    params = {"units": units, "initializer": initializer}
    document = draw(
        {
            "x": ("input", {"columns": ("x",)}),
            "h": ("neuron", params),
            "g": ("neuron", params),
            "n": "layer_norm",
        },
        ["x h", "x g", "h g", "g n"],
    )
    plan = compile_document(document, {"x": 5})
    drawn = views(plan, initial(plan, document, 7))
    for parameter, numbers in zip(plan.parameters, drawn, strict=True):
        assert numbers.tobytes() == _expected(parameter, 7).tobytes(), parameter.name


def test_uniform_draws_are_numpys_within_a_rounding() -> None:
    document = draw({"x": ("input", {"columns": ("x",)}), "h": "neuron"}, ["x h"])
    plan = compile_document(document, {"x": 30})
    (weight, _), theta = plan.parameters, initial(plan, document, 0)
    bound = np.sqrt(6 / 31)
    expected = reference(0, weight.name).uniform(-bound, bound, 30)
    np.testing.assert_allclose(theta[:30], expected, rtol=0, atol=bound * 2**-52)
