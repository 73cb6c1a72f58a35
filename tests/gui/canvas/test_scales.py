"""The scales of the colours hold still; the waves of pulses alternate."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from graph.model.edits import SetParameterValues
from graph.model.tensor import Tensor
from gui.canvas.graph_canvas import GraphCanvas
from gui.canvas.layers.flow_pulses import Pulses
from gui.canvas.scale_buttons import ScaleButtons
from gui.look import theme
from gui.session.session import Session
from tests.gui.canvas.conftest import run_once


def weigh(session: Session, weight: float) -> None:
    session.push(SetParameterValues({"x-h.weight": Tensor.of([[weight]])}), "Set")


def test_scales_follow_the_document_until_there_is_a_run(canvas: GraphCanvas, qtbot: QtBot) -> None:
    session = run_once(canvas, qtbot)
    weigh(session, 40.0)
    assert canvas.scene.shading.scales["weight"] == 50.0
    weigh(session, 0.4)
    assert canvas.scene.shading.scales["weight"] < 50.0


def test_after_a_step_scales_only_grow_and_a_button_fits_them(
    canvas: GraphCanvas, qtbot: QtBot
) -> None:
    session = run_once(canvas, qtbot)
    weigh(session, 40.0)
    session.run.step()
    qtbot.waitUntil(lambda: session.run.updates == 1 and not session.run.running)
    weigh(session, 0.4)
    scales = canvas.scene.shading.scales
    assert scales["weight"] == 50.0
    buttons = canvas.findChild(ScaleButtons)
    assert buttons is not None
    buttons.lock.click()
    weigh(session, 400.0)
    assert scales["weight"] == 50.0
    buttons.lock.click()
    assert scales["weight"] == 500.0
    weigh(session, 0.4)
    buttons.refit.click()
    assert scales["weight"] < 50.0


def test_what_became_weak_in_training_looks_weak(canvas: GraphCanvas, qtbot: QtBot) -> None:
    """Colour and pulses of a δ that fell 200-fold differ from those before."""
    run_once(canvas, qtbot)
    scene = canvas.scene
    row = scene.arrays.edge_row["x-h"]
    shading, readings = scene.shading, canvas.session.readings
    assert readings is not None
    scene.take_readings(readings, "message", held=True)
    key, strength = int(shading.edge_keys[row]), float(shading.back[row])
    readings.message[:] /= 200
    scene.take_readings(readings, "message", held=True)
    middle = theme.STEPS // 2
    assert abs(int(shading.edge_keys[row]) - middle) < abs(key - middle)
    assert shading.back[row] < strength / 10


def test_scales_hold_still_inside_an_update(canvas: GraphCanvas, qtbot: QtBot) -> None:
    session = run_once(canvas, qtbot)
    scales = canvas.scene.shading.scales
    names = ("value", "delta", "weight", "message", "gradient")
    before = [scales[name] for name in names]
    for _ in range(6):
        session.stepper.forward()
        assert session.stepper.at is not None
        assert [scales[name] for name in names] == before
        assert not canvas.scene.pulses.moving


def test_logarithmic_colours_stay_with_another_document(canvas: GraphCanvas) -> None:
    buttons = canvas.findChild(ScaleButtons)
    assert buttons is not None
    buttons.log.click()
    buttons.lock.click()
    canvas.session.new()
    assert canvas.scene.shading.scales.logarithmic
    assert not canvas.scene.shading.scales.locked
    assert (buttons.log.isChecked(), buttons.lock.isChecked()) == (True, False)


def test_a_wave_goes_forward_in_the_order_of_the_graph_and_back_in_reverse(
    canvas: GraphCanvas, qtbot: QtBot
) -> None:
    run_once(canvas, qtbot)
    scene, pulses = canvas.scene, Pulses()
    arrays, rows = scene.arrays, np.arange(len(scene.arrays.edges))
    scene.shading.flow[:] = scene.shading.back[:] = 0.5
    pulses.start_wave()
    seen: dict[str, list[int]] = {"forward": [], "back": []}
    while pulses.moving:
        phase = pulses.phase
        chosen, at = pulses.places(arrays, rows, scene.shading.flow)
        assert ((at > 0) & (at < 1)).all()
        seen[phase] += [row for row in chosen.tolist() if row not in seen[phase]]
        pulses.advance(0.02)
    for first, then in (("x-h", "h-y"), ("h-y", "y-loss")):
        a, b = arrays.edge_row[first], arrays.edge_row[then]
        assert seen["forward"].index(a) < seen["forward"].index(b)
        assert seen["back"].index(b) < seen["back"].index(a)


def test_while_training_waves_follow_each_other(canvas: GraphCanvas, qtbot: QtBot) -> None:
    pulses = Pulses()
    pulses.streaming = True
    phases: list[str] = []
    for _ in range(600):
        pulses.advance(0.016)
        if not phases or phases[-1] != pulses.phase:
            phases.append(pulses.phase)
    assert phases[:5] == ["forward", "back", "forward", "back", "forward"]
    pulses.streaming = False
    while pulses.moving:
        pulses.advance(0.016)
    assert pulses.phase == ""


def test_the_buttons_can_be_seen_in_either_theme(
    canvas: GraphCanvas, qapp: QApplication, qtbot: QtBot
) -> None:
    """Each has pixels with a contrast of 4.5:1 to the legend (WCAG 2.1), also after a switch."""
    canvas.resize(1600, 700)
    buttons = canvas.findChild(ScaleButtons)
    assert buttons is not None
    try:
        for choice in ("dark", "light", "dark"):
            colors = theme.apply(qapp, choice)
            qtbot.waitUntil(lambda: canvas.palette() == qapp.palette())
            ground = theme.luminance(QColor(colors.plate))
            picture = canvas.grab().toImage()
            for button in (buttons.refit, buttons.lock, buttons.log):
                corner = button.mapTo(canvas, QPoint(0, 0))
                drawn = [
                    theme.luminance(picture.pixelColor(corner + QPoint(x, y)))
                    for x in range(button.width())
                    for y in range(button.height())
                ]
                best = max((max(a, ground) + 0.05) / (min(a, ground) + 0.05) for a in drawn)
                assert best >= 4.5, (choice, button.accessibleName())
    finally:
        theme.apply(qapp, "light")
