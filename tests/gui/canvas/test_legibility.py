"""What can be read: the legend beside the graph, numbers at every size, smooth wires."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRect, QRectF
from PySide6.QtGui import QFontMetricsF, QImage, QPainter
from pytestqt.qtbot import QtBot

from engine.interpreter.probe import Probe
from engine.library import library
from graph.files.storage import load
from graph.model.document import Document
from gui.canvas import export_picture
from gui.canvas.geometry.camera import Camera, fitted
from gui.canvas.geometry.shapes import HEIGHT, WIDTH
from gui.canvas.graph_canvas import GraphCanvas
from gui.canvas.layers import legend
from gui.canvas.layers.captions import font
from gui.canvas.layers.far_names import free_names
from gui.canvas.layers.level_of_detail import Detail, Viewport
from gui.canvas.layers.painter_batches import saved
from gui.canvas.layers.wire_labels import free_places, label_room, stacked_names
from gui.canvas.layers.wires import EdgeLayer
from gui.canvas.scene import Scene
from gui.look import theme
from gui.session.session import Session

EXAMPLES = Path(__file__).parents[3] / "examples"


def opened(name: str) -> Document:
    return load(EXAMPLES / f"{name}.gradwire", library())


# -- the legend --------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(730, 460), (1400, 760), (320, 200)])
@pytest.mark.parametrize("name", ["welcome", "xor", "exploding_chain"])
def test_a_fit_leaves_the_legend_free(
    session: Session, qtbot: QtBot, name: str, size: tuple[int, int]
) -> None:
    canvas = GraphCanvas(session)
    qtbot.addWidget(canvas)
    canvas.resize(*size)
    canvas.show()
    session.open(EXAMPLES / f"{name}.gradwire")
    canvas.fit()
    assert legend.HEIGHT <= 44
    bounds = canvas.scene.arrays.bounds()
    assert bounds is not None
    _, bottom = canvas.camera.to_widget(0.0, bounds[3])
    assert bottom < size[1] - legend.height(*size)


def test_the_legend_is_a_strip_below_everything(qtbot: QtBot) -> None:
    scene = Scene(opened("welcome"))
    scene.unit = "mean over 150 rows"
    colours = []
    for width in (320, 760, 1900):
        image = QImage(width, 400, QImage.Format.Format_RGB32)
        with QPainter(image) as painter:
            scene.draw(painter, Viewport(Camera(), width, 400, 1.0, theme.DARK))
        y = int(400 - legend.HEIGHT) + 2
        colours.append({image.pixelColor(x, y).name() for x in (1, width - 2)})
    assert colours == [{theme.DARK.plate}] * 3


def test_the_legend_follows_whether_there_are_units(qtbot: QtBot) -> None:
    drawn, shading = legend.Legend(), Scene(opened("xor")).shading
    view = Viewport(Camera(), 900, 300, 1.0, theme.LIGHT)
    pictures = []
    for units in (True, False):
        pictures.append(QImage(900, 300, QImage.Format.Format_RGB32))
        with QPainter(pictures[-1]) as painter:
            drawn.draw(painter, view, shading, "row 1", wide=False, wide_wires=False, units=units)
    top = int(300 - legend.HEIGHT)
    first, second = (picture.copy(0, top, 900, 38) for picture in pictures)
    assert first != second


def test_a_small_canvas_has_no_legend() -> None:
    assert legend.height(200, 400) == legend.height(400, 100) == 0


# -- numbers -----------------------------------------------------------------------------------


def test_small_nodes_show_numbers_instead_of_signs(session: Session, qtbot: QtBot) -> None:
    canvas = GraphCanvas(session)
    qtbot.addWidget(canvas)
    canvas.resize(730, 460)  # what is left of a window of 1280 × 800
    canvas.show()
    session.open(EXAMPLES / "gated.gradwire")
    canvas.fit()
    assert canvas.view.detail is Detail.NEAR
    assert canvas.view.compact
    session.open(EXAMPLES / "welcome.gradwire")
    canvas.fit()
    assert not canvas.view.compact
    assert canvas.view.narrow


def test_a_small_network_fills_the_canvas(session: Session, qtbot: QtBot) -> None:
    canvas = GraphCanvas(session)
    qtbot.addWidget(canvas)
    canvas.resize(1370, 750)
    canvas.show()
    session.open(EXAMPLES / "four_diagrams.gradwire")
    canvas.fit()
    left, _, right, _ = export_picture.extent(canvas.scene) or (0.0, 0.0, 0.0, 0.0)
    assert (right - left) * canvas.camera.scale > 0.85 * canvas.width()


@pytest.mark.parametrize("name", [path.stem for path in sorted(EXAMPLES.glob("*.gradwire"))])
def test_examples_can_be_read_in_a_window_of_1280_by_800(name: str) -> None:
    """The canvas is what such a window leaves between its panels."""
    bounds = export_picture.extent(Scene(opened(name)))
    assert bounds is not None
    camera = fitted(bounds, 733, 473 - legend.HEIGHT)
    detail = Viewport(camera, 733, 473, 1.0, theme.LIGHT).detail
    assert detail is Detail.NEAR or name == "irregular"  # 205 nodes


@pytest.mark.parametrize("scale", [0.4, 0.5, 0.74])
def test_the_value_of_a_small_node_changes_what_is_written(qtbot: QtBot, scale: float) -> None:
    document = opened("xor")
    pictures = []
    for value in (0.25, 0.2501):  # the same colour, another number
        scene = Scene(document)
        scene.take_readings(_constant(document, value), "weight")
        image = QImage(600, 400, QImage.Format.Format_RGB32)
        with QPainter(image) as painter:
            scene.draw(painter, Viewport(Camera(scale, 100, 100), 600, 400, 1.0, theme.LIGHT))
        pictures.append(image)
    assert pictures[0] != pictures[1]


def _constant(document: Document, value: float) -> Probe:
    nodes, edges = tuple(document.nodes), tuple(document.edges)
    n, m = np.full(len(nodes), value), np.full(len(edges), value)
    return Probe(0, None, 0.0, nodes, n, n, n, {}, {}, edges, m, m, m, m)


@pytest.mark.parametrize("name", ["welcome", "xor_skip", "gated", "irregular"])
@pytest.mark.parametrize("scale", [0.58, 1.0])
def test_numbers_on_wires_overlap_neither_nodes_nor_each_other(
    qtbot: QtBot, name: str, scale: float
) -> None:
    arrays = Scene(opened(name)).arrays
    view = Viewport(Camera(scale, 0, 0), 4000, 4000, 1.0, theme.LIGHT)
    metrics = QFontMetricsF(font(10))
    found = free_places(view, arrays, np.arange(len(arrays.edges)), metrics)
    assert len(found) >= 0.8 * len(arrays.edges)
    across, down = metrics.horizontalAdvance("−0.0000"), metrics.height()
    for place, (_, at, _) in enumerate(found):
        gap = np.abs(arrays.position * scale - (at.x(), at.y()))
        inside = (gap[:, 0] < (WIDTH * scale + across) / 2) & (
            gap[:, 1] < (HEIGHT * scale + down) / 2
        )
        assert not inside.any()
        for _, other, _ in found[:place]:
            assert abs(at.x() - other.x()) >= across or abs(at.y() - other.y()) >= down


@pytest.mark.parametrize("name", ["ng_test_network", "raschka_logistic", "dolhansky_1_chain"])
def test_every_weight_of_a_text_is_written_and_named_where_its_name_fits(
    qtbot: QtBot, name: str
) -> None:
    arrays = Scene(opened(name)).arrays
    rows = np.array([row for row, label in enumerate(arrays.labels) if label])
    metrics = QFontMetricsF(font(10))
    number = metrics.horizontalAdvance("−0.0000")
    room = [(number, metrics.horizontalAdvance(f"{arrays.labels[row]} −0.0000")) for row in rows]
    near = Viewport(Camera(1.5, 0, 0), 4000, 4000, 1.0, theme.LIGHT)
    found = free_places(near, arrays, rows, metrics, room)
    assert all(place.is_named for place in found)
    far = Viewport(Camera(0.7, 0, 0), 4000, 4000, 1.0, theme.LIGHT)
    found = free_places(far, arrays, rows, metrics, room)
    assert len(found) == len(rows)
    widths = [named if place.is_named else alone
              for place, (alone, named) in zip(found, room, strict=True)]  # fmt: skip
    for place, (_, at, _) in enumerate(found):
        for (_, other, _), width in zip(found[:place], widths, strict=False):
            apart = abs(at.x() - other.x()) >= (widths[place] + width) / 2
            assert apart or abs(at.y() - other.y()) >= metrics.height()


# -- wires -------------------------------------------------------------------------------------


def test_a_few_wires_beyond_the_budget_are_drawn(qtbot: QtBot) -> None:
    scene = Scene(opened("welcome"))
    layer, none = EdgeLayer(), np.zeros(0, dtype=np.intp)
    view = Viewport(Camera(0.5, 300, 300), 900, 700, 1.0, theme.LIGHT)
    edges = len(scene.arrays.edges)
    layer.prepare(view, scene.arrays, scene.shading, edges - 1, none)
    assert layer.hidden == 0
    assert len(layer.rows) == edges
    layer.prepare(view, scene.arrays, scene.shading, edges // 2, none)
    assert layer.hidden == edges - edges // 2


def test_wires_of_an_svg_are_curves(qtbot: QtBot, tmp_path: Path) -> None:
    document = opened("xor")
    export_picture.write(document, tmp_path / "a.svg", "svg")
    drawing = (tmp_path / "a.svg").read_text(encoding="utf-8")
    paths = [line for line in drawing.split("<path") if 'd="M' in line and "C" in line]
    assert len(paths) >= len(document.edges)


def test_wires_of_a_picture_bend_smoothly(qtbot: QtBot) -> None:
    """From a picture's far zoom too, where the screen draws straight wires."""
    document = opened("welcome")
    view = Viewport(Camera(0.1, 100, 100), 300, 200, 1.0, theme.LIGHT)
    images = []
    for exact in (False, True):
        image = QImage(300, 200, QImage.Format.Format_RGB32)
        with QPainter(image) as painter:
            Scene(document).draw(painter, view, legend=False, grid=False, exact=exact)
        images.append(image)
    assert images[0] != images[1]


# -- painting ----------------------------------------------------------------------------------


def _fail_after_moving(painter: QPainter) -> None:
    with saved(painter):
        painter.translate(QPointF(3, 3))
        raise ValueError("stop")


def test_an_error_while_painting_leaves_the_painter_as_it_was(qtbot: QtBot) -> None:
    image = QImage(10, 10, QImage.Format.Format_RGB32)
    with QPainter(image) as painter:
        before = painter.transform()
        with pytest.raises(ValueError, match="stop"):
            _fail_after_moving(painter)
        assert painter.transform() == before


def test_a_frame_between_the_start_of_training_and_its_first_numbers_is_drawn(
    qtbot: QtBot,
) -> None:
    """The pulses then have no places yet, or those of a graph with other wires."""
    document = opened("xor")
    scene = Scene(document)
    image = QImage(400, 300, QImage.Format.Format_RGB32)
    scene.take_readings(_constant(document, 0.5), "weight", held=True)
    for other in (document, opened("welcome")):
        scene.pulses.streaming = True
        with QPainter(image) as painter:
            scene.draw(painter, Viewport(Camera(0.5, 50, 50), 400, 300, 1.0, theme.LIGHT))
        scene.pulses.advance(0.1)
        scene.take_document(other)
        scene.take_readings(_constant(other, 0.5), "weight", held=True)


def test_after_an_error_the_next_frame_is_whole(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene, sound = Scene(opened("xor")), Scene(opened("xor"))
    view = Viewport(Camera(1.0, 100, 150), 900, 400, 1.0, theme.LIGHT)
    image, whole = (QImage(900, 400, QImage.Format.Format_RGB32) for _ in range(2))
    with monkeypatch.context() as patched:
        patched.setattr("gui.canvas.layers.node_sprites.ring", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            _draw(scene, image, view)
    _draw(scene, image, view)
    _draw(sound, whole, view)
    assert image == whole


def _draw(scene: Scene, image: QImage, view: Viewport) -> None:
    with QPainter(image) as painter:
        scene.draw(painter, view)


# -- the examples of the texts in a small window ------------------------------------------------

TEXTS = (
    "raschka_logistic",
    "raschka_two_layers",
    "dolhansky_1_chain",
    "dolhansky_2_inputs",
    "dolhansky_3_outputs",
    "ng_symmetry",
    "ng_test_network",
    "ng_test_network_regularised",
    "exam",
    "exam_mse",
    "four_diagrams",
    "vanishing_sigmoid_chain",
    "exploding_chain",
    "xavier_cure",
    "sigmoid_cross_entropy",
    "softmax_nll",
    "rnn_unrolled",
    "residual",
)
SMALL = (733, 434)  # of the canvas above its legend, in a window of 1280 × 800 with all panels


def small_view(scene: Scene) -> Viewport:
    bounds = export_picture.extent(scene)
    assert bounds is not None
    return Viewport(fitted(bounds, *SMALL), *SMALL, 1.0, theme.LIGHT)


def drawn(scene: Scene, view: Viewport) -> QImage:
    image = QImage(*SMALL, QImage.Format.Format_RGB32)
    with QPainter(image) as painter:
        scene.draw(painter, view, grid=False, legend=False)
    return image


@pytest.mark.parametrize("name", TEXTS)
def test_each_node_of_a_text_has_its_name_and_its_sign_in_a_small_window(
    qtbot: QtBot, name: str
) -> None:
    scene = Scene(opened(name))
    view = small_view(scene)
    assert view.named
    whole, arrays = drawn(scene, view), scene.arrays
    for names in (arrays.titles, arrays.symbols):
        kept = list(names)
        names[:] = [""] * len(kept)
        arrays.version += 1
        scene._nodes = type(scene._nodes)()  # painted parts are kept by their names
        without = drawn(scene, view)
        names[:] = kept
        arrays.version += 1
        for row in range(len(arrays.nodes)):
            x, y = view.camera.to_widget(*arrays.position[row])
            half = WIDTH / 2 * view.camera.scale, HEIGHT / 2 * view.camera.scale
            box = QRect(round(x - half[0]), round(y - half[1]), *(round(2 * h) for h in half))
            assert whole.copy(box) != without.copy(box), arrays.nodes[row]


def test_a_graph_of_many_nodes_has_names_where_they_hide_nothing(qtbot: QtBot) -> None:
    scene = Scene(opened("irregular"))
    view = small_view(scene)
    assert not view.named
    metrics = QFontMetricsF(font(9, stretch=88))
    names = free_names(scene.arrays, view.camera.scale, metrics)
    assert len(names) > 0.6 * len(scene.arrays.nodes)
    assert {"x₁", "x₂", "ŷ", "E"} <= {name.name for name in names}
    boxes = [QRectF(name.left, name.top, name.width, name.height) for name in names]
    middle = scene.arrays.position * view.camera.scale
    size = WIDTH * view.camera.scale, HEIGHT * view.camera.scale
    nodes = [QRectF(x - size[0] / 2, y - size[1] / 2, *size) for x, y in middle.tolist()]
    for place, box in enumerate(boxes):
        inside = box.adjusted(0.01, 0.01, -0.01, -0.01)
        assert not any(inside.intersects(node) for node in nodes)
        assert not any(inside.intersects(other) for other in boxes[:place])
    far = drawn(scene, view)
    scene.arrays.titles[:] = [""] * len(nodes)
    scene.arrays.version += 1
    assert far != drawn(scene, view)


@pytest.mark.parametrize("name", ["dolhansky_1_chain", "dolhansky_2_inputs", "dolhansky_3_outputs"])
def test_every_weight_of_a_text_has_its_name_beside_or_over_its_number(
    qtbot: QtBot, name: str
) -> None:
    scene = Scene(opened(name))
    view, arrays = small_view(scene), scene.arrays
    metrics = QFontMetricsF(font(9, stretch=90))
    rows = np.flatnonzero([bool(label) for label in arrays.labels])
    room = [label_room(arrays, scene.shading, row, {}, metrics) for row in rows.tolist()]
    places = free_places(view, arrays, rows, metrics, room)
    assert {place.row for place in places} == set(rows.tolist())
    widths = dict(zip(rows.tolist(), room, strict=True))
    taken = [(p.at.x(), p.at.y(), widths[p.row][int(p.is_named)] + 8) for p in places]
    unnamed = [(arrays.labels[p.row], p.at) for p in places if not p.is_named]
    found = stacked_names(view, arrays, metrics, unnamed, taken)
    assert [label for label, _ in found] == [label for label, _ in unnamed]
    for label, at in found:
        half = (metrics.horizontalAdvance(label) + 8) / 2, metrics.height() / 2
        for x, y in arrays.position.tolist():
            middle = view.camera.to_widget(x, y)
            gap = abs(at.x() - middle[0]), abs(at.y() - middle[1])
            reach = WIDTH / 2 * view.camera.scale, HEIGHT / 2 * view.camera.scale
            assert gap[0] >= half[0] + reach[0] or gap[1] >= half[1] + reach[1]
        for x, y, width in taken:
            assert abs(at.x() - x) >= half[0] + width / 2 or abs(at.y() - y) >= metrics.height()
