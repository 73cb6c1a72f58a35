"""What is drawn: every theme and level of detail, pictures, numbers, colours."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from engine.interpreter.probe import Probe
from engine.library import library
from graph.errors import FileError
from graph.model.document import Document
from graph.model.edits import (
    AddNode,
    Batch,
    Comment,
    Connect,
    Edge,
    Edit,
    Group,
    Move,
    Node,
    SetComments,
    SetEdgeLabel,
    SetGroups,
)
from gui.canvas import export_picture
from gui.canvas.geometry import shapes
from gui.canvas.geometry.camera import Camera, fitted
from gui.canvas.layers.digit_glyphs import GLYPHS, codes, text
from gui.canvas.layers.level_of_detail import Detail, EdgeBudget, Viewport
from gui.canvas.layers.matrix_pictures import entry_at
from gui.canvas.layers.node_numbers import strips, written_lines
from gui.canvas.layers.wire_labels import wire_text
from gui.canvas.model.color_scales import ColorScales, scale_of
from gui.canvas.model.hit_test import edges_across, find_edge, find_node
from gui.canvas.model.node_parameters import NodeParameter
from gui.canvas.scene import Scene
from gui.look import theme
from gui.look.edge_quantity import EDGE_MODES, EdgeQuantity

THEMES = (theme.LIGHT, theme.DARK)
SCALES = {0.05: Detail.FAR, 0.3: Detail.MID, 0.55: Detail.NEAR, 1.5: Detail.NEAR}


def network(nodes: int, seed: int = 0) -> Document:
    """Return a random network, about three wires a neuron."""
    rng = np.random.default_rng(seed)
    document = Document(library())
    rows = max(1, round(nodes**0.5))
    edits: list[Edit] = []
    places: dict[str, tuple[float, float] | None] = {}
    for i in range(nodes):
        edits.append(AddNode(Node(f"n{i}", "input" if i < rows else "neuron")))
        places[f"n{i}"] = (i // rows * 220.0, i % rows * 110.0)
        for k in range(3 if i >= rows else 0):
            source = int(rng.integers(max(0, i - 3 * rows), i // rows * rows))
            edits.append(Connect(Edge(f"e{i}.{k}", f"n{source}", f"n{i}", "inputs", k)))
    document.apply(Batch((*edits, Move(places))))
    return document


def readings(document: Document, seed: int = 0, wide: tuple[str, ...] = ()) -> Probe:
    rng = np.random.default_rng(seed)
    nodes, edges = len(document.nodes), len(document.edges)
    strips = {name: rng.normal(size=16) for name in wide}
    gradient = rng.normal(size=edges) * 0.1
    return Probe(
        version=0,
        row=None,
        error=0.0,
        nodes=tuple(document.nodes),
        edges=tuple(document.edges),
        value=rng.normal(size=nodes),
        delta=rng.normal(size=nodes) * 0.1,
        net=np.where(rng.random(nodes) < 0.5, rng.normal(size=nodes), np.nan),
        strips=strips,
        delta_strips={name: -strip for name, strip in strips.items()},
        weight=rng.normal(size=edges),
        message=rng.normal(size=edges) * 0.1,
        gradient=gradient,
        gradient_norm=np.abs(gradient),
    )


def frame(scene: Scene, view: Viewport) -> QImage:
    size = QSize(round(view.width * view.ratio), round(view.height * view.ratio))
    image = QImage(size, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(view.ratio)
    image.fill(QColor("#ff00ff"))
    with QPainter(image) as painter:
        scene.draw(painter, view)
    return image


def colors_in(image: QImage) -> set[str]:
    step = max(1, image.width() // 200)
    return {
        image.pixelColor(x, y).name()
        for x in range(0, image.width(), step)
        for y in range(0, image.height(), step)
    }


@pytest.mark.parametrize("chosen", THEMES, ids=lambda t: t.name)
@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_a_thousand_nodes_are_drawn_at_every_zoom(
    qtbot: QtBot, chosen: theme.Theme, scale: float, ratio: float
) -> None:
    document = network(1000)
    document.apply(SetGroups((Group("g", "Group", ("n3", "n4")),)))
    document.apply(SetComments((Comment("c", "**note**", (-300, -200, 200, 80)),)))
    scene = Scene(document)
    scene.take_readings(readings(document, wide=("n5",)), "gradient")
    scene.highlights.marks.states = {"selected": np.array([1, 2]), "error": np.array([40])}
    scene.highlights.marks.widths = {5: 16}
    scene.highlights.strong = np.array([3])
    scene.highlights.dimmed = np.arange(len(scene.arrays.edges)) % 2 == 0
    scene.parameters = {40: [NodeParameter("b", np.array([0.5]), np.array([0.1]))]}
    scene.pulses.streaming = True
    scene.pulses.advance(0.1)
    view = Viewport(Camera(scale, 60.0, 60.0), 640, 400, ratio, chosen)
    assert view.detail is SCALES[scale]
    found = colors_in(frame(scene, view))
    assert "#ff00ff" not in found
    assert len(found) > 20


def test_numbers_change_the_picture(qtbot: QtBot) -> None:
    document = network(30)
    scene = Scene(document)
    view = Viewport(Camera(0.8, 80.0, 60.0), 640, 400, 1.0, theme.DARK)
    plain = frame(scene, view)
    scene.take_readings(readings(document), "weight")
    first = frame(scene, view)
    scene.take_readings(readings(document, seed=1), "weight")
    assert plain != first != frame(scene, view)


def test_an_empty_document_is_drawn(qtbot: QtBot) -> None:
    scene = Scene(Document(library()))
    view = Viewport(Camera(), 300, 200, 1.0, theme.LIGHT)
    assert theme.LIGHT.background in colors_in(frame(scene, view))


# -- pictures ----------------------------------------------------------------------------------


def test_a_picture_has_the_size_and_background_asked_for(qtbot: QtBot) -> None:
    image = export_picture.picture(
        export_picture.prepared(network(12)), QSize(320, 200), theme.DARK
    )
    assert (image.width(), image.height()) == (320, 200)
    assert image.pixelColor(0, 0).name() == theme.DARK.background
    assert len(colors_in(image)) > 10


def test_files_hold_the_whole_document(qtbot: QtBot, tmp_path: Path) -> None:
    document = network(12)
    numbers = readings(document, wide=("n3",))
    for form, colors in (("png", theme.LIGHT), ("svg", theme.LIGHT), ("pdf", theme.DARK)):
        export_picture.write(document, tmp_path / f"a.{form}", form, numbers, colors)
    image = QImage(str(tmp_path / "a.png"))
    bounds = Scene(document).arrays.bounds()
    assert bounds is not None
    assert image.width() >= 2 * (bounds[2] - bounds[0])
    drawing = (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert ET.fromstring(drawing).tag.endswith("svg")
    for title in document.nodes:
        assert f">{title}" in drawing
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")


def test_a_picture_that_cannot_be_written_says_so(qtbot: QtBot, tmp_path: Path) -> None:
    for form in ("png", "svg", "pdf"):
        with pytest.raises(FileError, match="missing"):
            export_picture.write(network(4), tmp_path / "missing" / "a", form)


# -- numbers and colours -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (0.0, "0.0000"),
        (0.59326999, "0.5933"),
        (-0.13849856, "−0.1385"),
        (9.99996, "10.000"),
        (12.3456, "12.346"),
        (99999.0, "99999"),
        (-123456.0, "−1.23e+5"),
        (3.214e-7, "3.21e−7"),
        (9.996e-5, "1.00e−4"),
        (4.44e-16, "4.4e−16"),
        (1.5e9, "1.50e+9"),
        (9.999e9, "1.0e+10"),
        (float("nan"), ""),
        (float("inf"), "∞"),
        (float("-inf"), "−∞"),
    ],
)
def test_numbers_are_written_in_few_places(number: float, written: str) -> None:
    assert text(number) == written


@settings(max_examples=200, deadline=None)
@given(st.floats(-1e90, 1e90).filter(lambda x: x == 0 or abs(x) > 1e-90))
def test_what_is_written_is_close_to_the_number(number: float) -> None:
    written = float(text(number).replace("−", "-"))
    assert written == pytest.approx(number, rel=0.051)
    if 1 <= abs(number) < 99999:
        assert written == pytest.approx(number, rel=6e-5)


@settings(max_examples=500, deadline=None)
@given(
    st.floats(allow_nan=True, allow_infinity=True)
    | st.floats(-1e5, 1e5)
    | st.integers(-99_999, 99_999).map(lambda n: n / 1e4)
)
def test_a_number_is_the_same_text_as_among_many(number: float) -> None:
    among = "".join(GLYPHS[code] for code in codes(np.array([number]))[0])
    assert text(number) == among.replace(" ", "")


def test_colours_are_symmetric_and_have_a_sign() -> None:
    keys = theme.keys(np.array([-3.0, -1.0, -0.01, 0.0, 0.01, 1.0, 3.0, np.nan]), 1.0)
    assert keys.tolist() == [0, 0, 7, 8, 9, 16, 16, theme.UNKNOWN]


def test_a_scale_is_round() -> None:
    assert scale_of(np.array([0.3, -0.7, np.nan])) == 1.0
    assert scale_of(np.array([0.03])) == 0.05
    assert scale_of(np.array([np.nan, 0.0])) == 0.0


def test_a_held_scale_only_grows_until_it_is_refitted() -> None:
    scales = ColorScales()
    assert scales["delta"] == 1.0
    assert scales.take("delta", np.array([0.3]), held=True) == 0.5
    assert scales.take("delta", np.array([0.0015]), held=True) == 0.5
    assert scales.take("delta", np.array([3.0]), held=True) == 5.0
    scales.refit()
    assert scales.take("delta", np.array([0.0015]), held=True) == 0.002
    assert scales.take("delta", np.array([7.0]), held=False) == 10.0
    assert scales.take("delta", np.array([0.3]), held=False) == 0.5
    scales.locked = True
    for numbers in (np.array([40.0]), np.array([1e-9]), np.array([np.nan])):
        for held in (True, False):
            assert scales.take("delta", numbers, held=held) == 0.5


def test_logarithmic_colours_tell_orders_of_magnitude_apart() -> None:
    numbers = -(10.0 ** -np.arange(10.0))
    keys = theme.keys(numbers, 1.0, log=True)
    assert keys.tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 8]


def contrast(first: QColor | str, second: QColor | str) -> float:
    """Return the contrast ratio of two colours, 1…21 (WCAG 2.1)."""
    dark, bright = sorted(theme.luminance(QColor(color)) for color in (first, second))
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("chosen", THEMES, ids=lambda t: t.name)
def test_texts_can_be_read(chosen: theme.Theme) -> None:
    for ink in (chosen.text, chosen.muted):
        for ground in (chosen.background, chosen.surface, chosen.plate):
            assert contrast(ink, ground) >= 4.5
    for group in chosen.groups.values():
        share = 0.34 if chosen.is_dark else 0.2
        assert contrast(chosen.text, theme.mixed(chosen.surface, group, share)) >= 4.5
    for shade in (*theme.colors(chosen.values), *theme.colors(chosen.gradients)):
        assert contrast(theme.ink_on(shade), shade) >= 4.4


def test_how_a_document_looks_does_not_depend_on_what_was_shown_before() -> None:
    document = network(30)
    first, again = Scene(document), Scene(document)
    numbers = readings(document)
    loud = readings(document)
    loud.value[:] *= 19
    first.take_readings(loud, "weight")
    first.take_readings(numbers, "weight")
    again.take_readings(numbers, "weight")
    assert first.shading.scales["value"] == again.shading.scales["value"]
    first.take_readings(loud, "weight", held=True)
    first.take_readings(numbers, "weight", held=True)
    assert first.shading.scales["value"] > again.shading.scales["value"]


# -- geometry, culling, budget -----------------------------------------------------------------


def test_parallel_wires_are_drawn_apart(qtbot: QtBot) -> None:
    document = Document(library())
    nodes = [AddNode(Node("a", "input")), AddNode(Node("p", "product"))]
    wires = [Connect(Edge(f"e{i}", "a", "p", "inputs", i)) for i in range(3)]
    document.apply(Batch((*nodes, *wires, Move({"a": (0, 0), "p": (300, 0)}))))
    control = Scene(document).arrays.control
    middles = shapes.along(control, np.full((3, 1), 0.5))[:, 0, 1]
    assert len({round(float(y), 3) for y in middles}) == 3
    assert np.ptp(control[:, 0], axis=0).tolist() == [0, 0]


def test_hits_agree_with_what_is_there() -> None:
    document = network(400)
    arrays = Scene(document).arrays
    points = shapes.along(arrays.control, np.full((len(arrays.edges), 1), 0.5))[:, 0]
    for row in range(0, len(points), 37):
        x, y = points[row].tolist()
        hit = find_edge(arrays, x, y, 1.0)
        assert hit is not None
        found = arrays.edge_row[hit.id]
        piece = shapes.segments(arrays.control[found : found + 1], 64)
        assert shapes.distance(piece, x, y)[0] < 1.0
    inside = find_node(arrays, *arrays.position[17].tolist())
    assert inside is not None
    assert inside.id == "n17"


def test_a_cut_crosses_exactly_the_wires_it_crosses() -> None:
    document = network(9)
    arrays = Scene(document).arrays
    x = 110.0  # between the first two columns
    crossed = {arrays.edges[r] for r in edges_across(arrays, (x, -500.0), (x, 900.0)).tolist()}
    expected = {
        edge.id
        for edge in document.edges.values()
        if document.positions[edge.source][0] < x < document.positions[edge.target][0]
    }
    assert crossed == expected


@settings(max_examples=50, deadline=None)
@given(
    st.floats(0.02, 4), st.floats(-500, 500), st.floats(-500, 500), st.floats(0.1, 10),
    st.floats(0, 800), st.floats(0, 800),
)  # fmt: skip
def test_zooming_keeps_the_point(
    scale: float, tx: float, ty: float, factor: float, x: float, y: float
) -> None:
    camera = Camera(scale, tx, ty)
    after = camera.zoomed(factor, x, y)
    assert after.to_widget(*camera.to_scene(x, y)) == pytest.approx((x, y), abs=1e-6)
    assert after.to_scene(*after.to_widget(3.0, 4.0)) == pytest.approx((3.0, 4.0), abs=1e-6)


def test_a_fit_shows_its_rectangle() -> None:
    camera = fitted((-50, -20, 950, 480), 500, 400)
    left, top, right, bottom = camera.visible(500, 400)
    assert left <= -50
    assert top <= -20
    assert right >= 950
    assert bottom >= 480


def test_the_budget_of_edges_follows_the_time_frames_take() -> None:
    budget = EdgeBudget()
    most = budget.edges
    for _ in range(12):
        budget.note(30.0)
    assert budget.edges == most // 2
    for _ in range(60):
        budget.note(3.0)
    assert budget.edges == most


def test_beyond_the_budget_the_heaviest_edges_are_drawn(qtbot: QtBot) -> None:
    document = network(400)
    scene = Scene(document)
    numbers = readings(document)
    scene.take_readings(numbers, "weight")
    scene.budget.edges = 100
    frame(scene, Viewport(fitted((0, 0, 4400, 2200), 800, 500), 800, 500, 1.0, theme.DARK))
    assert scene.hidden_edges == len(document.edges) - 100


# -- what wires and nodes show -----------------------------------------------------------------


def chain() -> tuple[Document, Probe]:
    """Return x → h → E with a target, and numbers of it."""
    document = Document(library())
    edits: list[Edit] = [
        AddNode(Node("x", "input")),
        AddNode(Node("h", "neuron")),
        AddNode(Node("t", "target")),
        AddNode(Node("E", "half_squared_error")),
        Connect(Edge("x-h", "x", "h", "inputs", 0)),
        Connect(Edge("h-E", "h", "E", "prediction", 0)),
        Connect(Edge("t-E", "t", "E", "target", 0)),
        Move({"x": (0, 0), "h": (260, 0), "t": (260, 140), "E": (520, 0)}),
    ]
    document.apply(Batch(tuple(edits)))
    nan = np.nan
    numbers = Probe(
        version=0,
        row=None,
        error=0.0,
        nodes=("x", "h", "t", "E"),
        edges=("x-h", "h-E", "t-E"),
        value=np.array([1.5, 0.25, 1.0, 0.28]),
        delta=np.array([0.1, -0.75, 0.75, 1.0]),
        net=np.array([nan, 0.25, nan, nan]),
        strips={},
        delta_strips={},
        weight=np.array([0.4, nan, nan]),
        message=np.array([-0.3, -20.0, 20.0]),
        gradient=np.array([-0.02, nan, nan]),
        gradient_norm=np.array([0.02, nan, nan]),
    )
    return document, numbers


@pytest.mark.parametrize(
    ("shown", "numbers", "scale"),
    [
        ("weight", ["0.4000", "", ""], 0.5),
        ("value", ["1.5000", "0.2500", "1.0000"], 2.0),
        ("message", ["−0.3000", "−20.000", "20.000"], 20.0),
        ("gradient", ["−0.0200", "", ""], 0.02),
    ],
)
def test_number_colour_and_width_of_a_wire_follow_what_is_shown(
    shown: EdgeQuantity, numbers: list[str], scale: float
) -> None:
    document, readings = chain()
    scene = Scene(document)
    scene.take_readings(readings, shown)
    arrays, shading = scene.arrays, scene.shading
    rows = [arrays.edge_row[name] for name in readings.edges]
    assert [wire_text(arrays, shading, row, {}) for row in rows] == numbers
    assert shading.edge_scale == scale
    keys = shading.edge_keys[rows].tolist()
    assert [key == theme.UNKNOWN for key in keys] == [not number for number in numbers]
    wires = shading.wire[rows]
    strongest = int(np.nanargmax(np.abs(wires)))
    assert shading.thickness[rows[strongest]] == max(shading.thickness)


def test_a_named_weight_is_written_with_its_name() -> None:
    document, readings = chain()
    document.apply(SetEdgeLabel("x-h", "w₁"))
    scene = Scene(document)
    scene.take_readings(readings, "weight")
    row = scene.arrays.edge_row["x-h"]
    assert wire_text(scene.arrays, scene.shading, row, {}) == "w₁ 0.4000"
    widths = {scene.arrays.node_row["x"]: 3}
    assert wire_text(scene.arrays, scene.shading, row, widths) == "‖w₁‖ 0.4000"
    scene.take_readings(readings, "value")
    assert wire_text(scene.arrays, scene.shading, row, {}) == "1.5000"


def test_of_matrices_the_norm_is_written_and_named() -> None:
    document, readings = chain()
    scene = Scene(document)
    scene.take_readings(readings, "gradient")
    widths = {scene.arrays.node_row["x"]: 3}
    row = scene.arrays.edge_row["x-h"]
    assert wire_text(scene.arrays, scene.shading, row, widths).startswith("‖∂E/∂W‖ ")
    scene.take_readings(readings, "message")
    assert wire_text(scene.arrays, scene.shading, row, widths).startswith("mean ")


def test_a_vector_shows_its_norm_and_its_components() -> None:
    document, readings = chain()
    strip = np.array([3.0, -4.0, 0.0])
    readings = replace(readings, strips={"x": strip}, delta_strips={"x": -strip})
    scene = Scene(document)
    scene.take_readings(readings, "value")
    row = scene.arrays.node_row["x"]
    assert scene.shading.value[row] == 5.0
    assert scene.shading.value_keys[row] < theme.STEPS // 2  # that of −4
    (values, slopes) = strips(scene.arrays, scene.shading, row)
    assert (values.name, slopes.name) == ("z", "∂E/∂z")
    for place in range(3):
        x = values.box.left() + (place + 0.5) * values.box.width() / 3
        assert values.component(x, values.box.center().y()) == place
    assert values.component(values.box.left() - 1, values.box.center().y()) is None


def test_every_entry_of_a_matrix_can_be_read() -> None:
    value = np.arange(10.0).reshape(5, 2)
    one = NodeParameter("W", value, -value)
    found = {
        entry_at([one], x, y) for x in np.arange(-69, -20, 0.5) for y in np.arange(-9, 34, 0.5)
    }
    expected: set[object] = {None}
    for (row, column), number in np.ndenumerate(value):
        place = f"[{row},{column}]"
        expected |= {(f"W{place}", number), (f"∂E/∂W{place}", -number)}
    assert found == expected


def test_a_bias_and_a_weight_show_their_derivatives(qtbot: QtBot) -> None:
    one = NodeParameter("W", np.array([[0.4]]), np.array([[-4.2]]))
    assert one.parts(text) == [("W", "0.4000"), ("∂E/∂W", "−4.2000")]
    several = NodeParameter("b", np.array([3.0, -4.0]), np.array([0.0, np.nan]))
    assert several.parts(text) == [("‖b‖", "5.0000")]


def test_of_a_vector_that_is_not_known_yet_no_mean_is_written() -> None:
    document, readings = chain()
    scene = Scene(document)
    row = scene.arrays.node_row["h"]
    unknown = np.array([1.5, np.nan, 1.0, np.nan])
    scene.take_readings(replace(readings, value=unknown, delta=unknown), "value", vectors=[row])
    lines = written_lines(scene.shading, row, has_net=True)
    assert np.isnan([number for _, number, _ in lines]).all()


def test_delta_is_named_so_in_units_only() -> None:
    document, readings = chain()
    scene = Scene(document)
    scene.take_readings(readings, "weight")
    row = scene.arrays.node_row
    units = written_lines(scene.shading, row["h"], has_net=bool(scene.arrays.has_net[row["h"]]))
    assert [name for name, _, _ in units] == ["s", "z", "δ"]
    others = [node for node in row if not scene.arrays.has_net[row[node]]]
    assert others == ["x", "t", "E"]
    for node in others:
        lines = written_lines(scene.shading, row[node], has_net=False)
        assert [name for name, _, _ in lines] == ["z", "∂E/∂z"]


@pytest.mark.parametrize("scale", [0.1, 0.3, 0.6, 1.0])
@pytest.mark.parametrize("shown", EDGE_MODES)
def test_what_is_not_known_is_blank(qtbot: QtBot, scale: float, shown: EdgeQuantity) -> None:
    """A number that is NaN leaves neither a text nor a colour, nor what stood there before."""
    document, readings = chain()
    blank = replace(
        readings,
        **{
            name: np.full_like(getattr(readings, name), np.nan)
            for name in ("value", "delta", "net", "weight", "message", "gradient")
        },
    )
    readings = replace(readings, strips={"x": np.array([1.0, 2.0])})
    blank = replace(blank, strips={"x": np.full(2, np.nan)})
    view = Viewport(Camera(scale, 120, 90), 800, 400, 1.0, theme.LIGHT)
    fresh, used = Scene(document), Scene(document)
    fresh.take_readings(blank, shown)
    fresh.take_parameters({1: [NodeParameter("b", np.array([np.nan]), np.array([np.nan]))]})
    used.take_readings(readings, shown)
    used.take_parameters({1: [NodeParameter("b", np.array([0.5]), np.array([0.1]))]})
    before = frame(used, view)
    used.take_readings(blank, shown)
    used.take_parameters({1: [NodeParameter("b", np.array([np.nan]), np.array([np.nan]))]})
    assert frame(used, view) == frame(fresh, view) != before
    shading = used.shading
    for keys in (shading.value_keys, shading.delta_keys, shading.edge_keys):
        assert (keys == theme.UNKNOWN).all()
    assert not shading.flow.any()
    assert not shading.back.any()
