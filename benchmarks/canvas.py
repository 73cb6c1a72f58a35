"""How long a frame of the canvas takes while everything moves: ``python -m benchmarks.canvas``.

A frame is: new numbers for every node and edge, every pulse moved, the whole widget painted into
an image of 1600 × 1000 pixels. Prints the median of the times and the best, which other load
disturbs less.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from statistics import median

import numpy as np
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from engine.interpreter.probe import Probe
from engine.library import library
from graph.model.document import Document
from graph.model.edits import Edge, Move, Node
from graph.model.impact import Applied
from graph.model.state import State
from gui.canvas.geometry.camera import Camera, fitted
from gui.canvas.layers.level_of_detail import Viewport
from gui.canvas.scene import Scene
from gui.look.theme import DARK

WIDTH, HEIGHT = 1600, 1000
_COLUMN, _ROW = 220.0, 110.0


def network(nodes: int, rng: np.random.Generator) -> Document:
    """Return a jittered grid of neurons with three wires each, 15 % of them long."""
    state = State()
    rows = round((nodes * 0.62 * _COLUMN / _ROW) ** 0.5)
    for i in range(nodes):
        column, row = divmod(i, rows)
        name = f"n{i}"
        state.nodes[name] = Node(name, "neuron" if column else "input")
        state.graph.add_node(name)
        jitter = rng.normal(0, 8, 2)
        state.positions[name] = (column * _COLUMN + jitter[0], row * _ROW + jitter[1])
        for k in range(3 if column else 0):
            near = rng.random() < 0.85
            back = column - 1 if near else int(rng.integers(0, column))
            beside = int(np.clip(row + rng.integers(-3, 4), 0, rows - 1))
            edge = Edge(f"e{i}.{k}", f"n{back * rows + beside}", name, "inputs", k)
            state.edges[edge.id] = edge
            state.graph.add_edge(edge.source, name, key=edge.id)
    return Document(library(), state)


def numbers(document: Document, rng: np.random.Generator) -> Probe:
    """Return made-up numbers for everything."""
    nodes, edges = tuple(document.nodes), tuple(document.edges)
    n, m = rng.normal(size=(3, len(nodes))), rng.normal(size=(3, len(edges)))
    return Probe(0, None, 0.0, nodes, n[0], n[1], n[2], {}, {}, edges, m[0], m[1], m[2], m[2])


def milliseconds(work: Callable[[], object], repeats: int) -> str:
    """Return the median and best time of some work, after a first run that is not counted."""
    work()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1e3)
    return f"{median(times):7.1f} ms (best {min(times):.1f})"


def frames(scene: Scene, view: Viewport, repeats: int, rng: np.random.Generator) -> str:
    """Return the time of a frame, with the budget of edges at work."""
    first = numbers(scene.document, rng)
    second = replace(numbers(scene.document, rng), nodes=first.nodes, edges=first.edges)
    several = (first, second)
    image = QImage(WIDTH, HEIGHT, QImage.Format.Format_RGB32)
    scene.pulses.streaming = True
    count = 0

    def frame() -> None:
        nonlocal count
        start = time.perf_counter()
        count += 1
        scene.take_readings(several[count % 2], "weight")
        scene.pulses.advance(0.016)
        with QPainter(image) as painter:
            scene.draw(painter, view)
        scene.budget.note((time.perf_counter() - start) * 1e3)

    for _ in range(30):
        frame()  # lets the budget settle
    return milliseconds(frame, repeats)


def main() -> None:
    """Print one line for each size and zoom."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=30)
    parser.add_argument("--nodes", type=int, nargs="*", default=[1_000, 10_000])
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    write = sys.stdout.write
    for nodes in options.nodes:
        document = network(nodes, rng)
        scene = Scene(document)
        edges = len(document.edges)
        write(f"{nodes} nodes, {edges} edges\n")
        build = milliseconds(partial(scene.arrays.rebuild, document), 5)
        write(f"  rebuild the arrays            {build}\n")
        heard: list[Applied] = []
        document.subscribe(heard.append)
        document.apply(Move({"n1": (3.0, 4.0)}))
        move = milliseconds(partial(scene.arrays.follow, document, heard[0]), 20)
        write(f"  follow a move                 {move}\n")
        bounds = scene.arrays.bounds()
        whole = fitted(bounds, WIDTH, HEIGHT) if bounds else Camera()
        for name, camera in (
            ("everything in view", whole),
            ("zoom 0.3", Camera(0.3, -300, -300)),
            ("zoom 0.6", Camera(0.6, -600, -600)),
            ("zoom 1.0", Camera(1.0, -1000, -1000)),
        ):
            view = Viewport(camera, WIDTH, HEIGHT, 1.0, DARK)
            scene.budget.edges = 8000
            time_ = frames(scene, view, options.repeats, rng)
            hidden = f", {scene.hidden_edges} wires left out" if scene.hidden_edges else ""
            write(f"  frame, {name:22} {time_}{hidden}\n")


if __name__ == "__main__":
    application = QApplication([sys.argv[0], "-platform", "offscreen"])
    main()
