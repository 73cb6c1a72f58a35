"""The command line; each part of Gradwire is imported only when a command needs it.

Exit codes: 0 done, 1 the work failed (diverged, check failed), 2 unusable input. Errors go to
stderr as one sentence.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from engine.headless.plain_text import spell_out
from engine.headless.terminal import console, keep_traceback, print_json, print_parts, say, write

if TYPE_CHECKING:
    from engine.headless.experiment import Experiment
    from engine.headless.training import Checkpoints, TrainingResult
    from engine.interpreter.probe import Probe
    from graph.model.document import Document

FAILED, UNUSABLE = 1, 2
INTERRUPTED = 130  # how typer reports Ctrl-C
PICTURES = Path("out")

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Draw a neural network as a graph, train it, and see every gradient. "
    "`gradwire [FILE]` opens the editor.",
)
File = Annotated[Path, typer.Argument(metavar="FILE", help="A .gradwire document.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
Engine = Annotated[Literal["native", "numpy"], typer.Option(help="What runs the training.")]
Split = Annotated[Literal["all", "train", "validation", "test"], typer.Option(help="Which rows.")]
Format = Annotated[
    Literal["numpy", "dot", "svg", "png", "pdf"],
    typer.Option(help="The format.", show_default=False),
]
_QUANTITY = (
    "value:NODE, s:NODE, delta:NODE, gradient:NODE (∂E/∂z), slope:NODE, message:EDGE, "
    "gradient:PARAMETER, penalty:PARAMETER, update:PARAMETER, loss:NODE or E; "
    "derivative:NODE|OUTPUT, derivative:s:NODE|OUTPUT, derivative:EDGE|OUTPUT or "
    "derivative:PARAMETER|OUTPUT (∂OUTPUT/∂…); with \\[i] or \\[i,j] one component."
)
_OWN = "Instead of the document's."
Epochs = Annotated[int | None, typer.Option(min=1, help=_OWN, show_default=False)]
Seed = Annotated[int | None, typer.Option(min=0, help=_OWN, show_default=False)]
Rows = Annotated[str, typer.Option(help="Numbers, from 1: 1,4 or 1-4; all; else the first 1,000.")]
Row = Annotated[
    int | None,
    typer.Option(min=1, help="Number of a row of the data, from 1.", show_default=False),
]
Name = Annotated[str, typer.Argument(help="Copy this one here.", show_default=False)]
Cases = Annotated[list[str] | None, typer.Argument(metavar="[CASE]...", show_default=False)]
Checkpoint = Annotated[Path | None, typer.Option(help="What --resume needs.", show_default=False)]
Every = Annotated[int | None, typer.Option(min=1, help="Epochs between.", show_default=False)]
Resume = Annotated[Path | None, typer.Option(help="What to go on from.", show_default=False)]
Out = Annotated[Path | None, typer.Option("--out", help="Where to write.", show_default=False)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command, by default that of this process; return the exit code."""
    from engine.errors import DivergedError
    from graph.errors import GradwireError

    given = list(sys.argv[1:] if arguments is None else arguments)
    spell_out()
    try:
        code = int(app(_routed(given), prog_name="gradwire", standalone_mode=False) or 0)
        return code if code != INTERRUPTED else say("Stopped.", FAILED)
    except DivergedError as error:
        return say(str(error), FAILED)
    except GradwireError as error:
        return say(str(error), UNUSABLE)
    except typer.TyperException as error:
        return say(f"{error.format_message()} (gradwire --help shows what there is)", UNUSABLE)
    except MemoryError:
        return say("There is not enough memory for this; use fewer rows or units.", FAILED)
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception:  # noqa: BLE001  # the border of the program: logged, and shown as a sentence
        return say(
            f"Something went wrong inside Gradwire; {keep_traceback()} has the details.", FAILED
        )


@app.command("open", hidden=True)
def open_(file: Annotated[Path | None, typer.Argument(metavar="[FILE]")] = None) -> int:
    """Open the editor; without a display, train the file here and write pictures."""
    if file is not None and not file.is_file():
        return say(f"{file} is neither a file nor a command (see gradwire --help).", UNUSABLE)
    if not _has_display():
        from engine.headless import examples as known

        return _headless(file or known.path(known.WELCOME))
    from gui.shell.app import run

    return run(file)


@app.command()
def train(
    file: File,
    out: Out = None,
    engine: Engine = "native",
    as_json: AsJson = False,
    epochs: Epochs = None,
    seed: Seed = None,
    checkpoint: Checkpoint = None,
    every: Every = None,
    resume: Resume = None,
) -> int:
    """Train a document; --out writes it with the trained parameters. Ctrl-C ends it early."""
    from engine.headless import tables
    from engine.headless.experiment import read_document
    from engine.headless.training import Checkpoints, override
    from graph.files.whole_file import check_writable

    if every is not None and checkpoint is None:
        return say("--every needs --checkpoint, the file to write.", UNUSABLE)
    document = read_document(file)
    for path in (written := list(filter(None, (out, checkpoint)))):
        check_writable(path)
    override(document, epochs=epochs, seed=seed)
    experiment = _make_ready(document, file)
    trained = _train(experiment, file, engine, Checkpoints(checkpoint, resume, every))
    if as_json:
        print_json(trained.as_json())
    else:
        print_parts(tables.run(trained))
    if out is not None:
        experiment.save(trained.theta, file.parent, out)
    if trained.interrupted:
        kept = "".join(f"; what it learned is in {path}" for path in written)
        return say(f"Stopped after epoch {trained.records[-1].epoch}{kept}.", FAILED)
    return 0


@app.command()
def evaluate(
    file: File,
    as_json: AsJson = False,
    rows: Rows = "",
    split: Split = "all",
) -> int:
    """Print E, every node's value and δ, every edge's message, every parameter's gradient."""
    from engine.headless import tables
    from engine.headless.experiment import errors_about, read_document
    from engine.interpreter import evaluation

    experiment = _make_ready(read_document(file), file)
    document, plan, theta = experiment.document, experiment.plan, experiment.theta
    with errors_about(file):
        chosen, note = experiment.some_rows(rows, split)
        if note:
            say(f"{file}: {note}.")
        columns = experiment.columns(chosen)
        found = evaluation.evaluate(document, plan, theta, columns, m=experiment.m)
    if as_json:
        place = evaluation.not_finite(found)
        if place:
            sentence = "is not finite, which JSON cannot say; leave out --json to see the rest"
            return say(f"{file}: {place} {sentence}.", FAILED)
        print_json(found)
        return 0
    return print_parts(tables.evaluation(found))


@app.command()
def steps(file: File, row: Row = None, as_json: AsJson = False) -> int:
    """Print one update stop by stop: forward, loss, backward, gradients, the new parameters."""
    from engine.headless import tables
    from engine.headless.experiment import errors_about, read_document
    from engine.headless.steps import first_update

    experiment = _make_ready(read_document(file), file)
    with errors_about(file):
        found = first_update(experiment, row)
    if as_json:
        print_json(found.as_json())
        return 0
    return print_parts(tables.steps(found))


@app.command()
def explain(
    file: File,
    quantity: Annotated[str, typer.Argument(help=_QUANTITY)],
    row: Row = None,
    depth: Annotated[str, typer.Option(help="Nodes it is opened over; or all.")] = "1",
    as_json: AsJson = False,
    as_latex: Annotated[bool, typer.Option("--latex", help="Print one line of LaTeX.")] = False,
) -> int:
    """Explain a number as a formula: of a row, or of the mean over the training rows."""
    from engine.headless.experiment import errors_about, read_document
    from engine.headless.explanation import explained

    experiment = _make_ready(read_document(file), file)
    with errors_about(file):
        found = explained(experiment, quantity, row, depth)
    if as_json:
        print_json(found.as_json())
        return 0
    return print_parts([found.latex()] if as_latex else found.lines())


@app.command()
def check(file: File) -> int:
    """Compare every derivative with finite differences of E, worst first."""
    from engine.analysis.gradient_check import check_document, tolerance
    from engine.headless import tables
    from engine.headless.experiment import errors_about, read_document

    experiment = _make_ready(read_document(file), file)
    plan, theta, training = experiment.plan, experiment.theta, experiment.document.training
    with errors_about(file):
        experiment.check_goal()
        columns = experiment.columns(experiment.few_rows())
        found = check_document(plan, theta, columns, l1=training.l1, l2=training.l2, m=experiment.m)
    if not found:
        return say(f"{file}: there is no parameter to check; add a weight or bias.", UNUSABLE)
    allowed = tolerance(theta.dtype)
    wrong = [one for one in found if not one.passes(allowed)]
    print_parts(tables.checks(found, plan.size))
    if not wrong:
        return print_parts([f"All {len(found)} derivatives agree within {allowed:.1g}."])
    return say(
        f"{file}: {len(wrong)} of {len(found)} derivatives differ by more than {allowed:.1g}, "
        f"the worst at {wrong[0].parameter!r}.",
        FAILED,
    )


@app.command()
def validate(file: File) -> int:
    """Say whether a file can be run, and where it cannot."""
    from engine.headless.experiment import read_document
    from engine.headless.validation import validated

    document = read_document(file)
    found, experiment = validated(document, file)
    errors = [problem for problem in found if problem.severity == "error"]
    for problem in errors:
        say(f"{file}: {problem.message}", UNUSABLE)
    if errors or experiment is None:
        return UNUSABLE
    notes = [*(problem.message for problem in found), *(f"{note}." for note in experiment.notes)]
    print_parts(f"Note: {note}" for note in notes)
    size = experiment.plan.size
    counts = f"{len(document.nodes)} nodes, {len(document.edges)} edges, {size} parameters"
    return print_parts([f"{file} can be run: {counts}."])


@app.command()
def export(file: File, to: Format, out: Out = None) -> int:
    """Take the network away: NumPy source or Graphviz text (to stdout), or a picture."""
    from engine.headless.experiment import errors_about, read_document

    document = read_document(file)
    if to == "numpy":
        from engine.export import to_numpy

        experiment = _make_ready(document, file)
        with errors_about(file):
            return write(to_numpy(document, experiment.plan, experiment.theta), out)
    readings = _readings(document, file)
    if to == "dot":
        from engine.export import to_dot

        return write(to_dot(document, readings), out)
    from gui.documents.headless_pictures import write_canvas

    path = out or Path(f"{file.stem}.{to}")
    write_canvas(document, readings, path, to)
    return print_parts([f"Wrote {path}."])


@app.command()
def examples(name: Name = "") -> int:
    """List the examples, or copy one into the current folder."""
    from engine.headless import examples as known

    if name:
        source = known.path(name.removesuffix(".gradwire"))
        if Path(source.name).exists():
            return say(f"{source.name} is already here; move it away first.", UNUSABLE)
        return write(source.read_text(encoding="utf-8"), Path(source.name))
    from rich.table import Column, Table

    from gui.documents.example_index import read_examples

    table = Table(Column("name", no_wrap=True), "title", "what it shows", box=None)
    for example in read_examples(map(known.path, known.names())):
        table.add_row(example.path.stem, example.title, example.sentence)
    return print_parts([table])


@app.command()
def schema() -> int:
    """Print the JSON Schema of .gradwire files."""
    from engine.library import library
    from graph.files.json_schema import json_schema

    print_json(json_schema(library()))
    return 0


@app.command()
def benchmark(cases: Cases = None) -> int:
    """Measure how fast some networks train on this machine; all takes half a minute."""
    from engine.benchmark.report import speeds

    return print_parts(speeds(console(stderr=True), cases))


def _routed(arguments: list[str]) -> list[str]:
    """Let what is neither a command nor an option open as a file."""
    callbacks = (command.callback for command in app.registered_commands)
    commands = {callback.__name__ for callback in callbacks if callback} - {open_.__name__}
    if arguments and (arguments[0].startswith("-") or arguments[0] in commands):
        return arguments
    return ["open", *arguments]


def _make_ready(document: Document, file: Path) -> Experiment:
    from engine.headless.experiment import errors_about, make_ready

    with errors_about(file):
        return make_ready(document, file.parent)


def _readings(document: Document, file: Path) -> Probe | None:
    """Return the numbers that the canvas shows; None, and a sentence, if there are none."""
    from graph.errors import GradwireError

    try:
        return _make_ready(document, file).readings()
    except GradwireError as error:
        say(f"Drawn without numbers: {error}.")
        return None


def _train(
    experiment: Experiment,
    file: Path,
    engine: Engine = "native",
    checkpoints: Checkpoints | None = None,
) -> TrainingResult:
    """Train with a progress bar on stderr."""
    from engine.headless import tables, training
    from engine.headless.experiment import errors_about

    epochs = experiment.document.training.epochs
    with errors_about(file):
        experiment.check_trainable()
        experiment.check_suitable()
    if engine == "native":
        settings = experiment.document.training
        tables.announce_compiling(experiment.plan, settings, console(stderr=True))
    for note in experiment.notes:
        say(f"{file}: {note}.")
    with errors_about(file), tables.progress(epochs, console(stderr=True)) as tell:
        trained = training.train(experiment, tell, engine, checkpoints)
    for note in trained.notes:
        say(f"{note}.")
    return trained


def _has_display() -> bool:
    if not sys.platform.startswith("linux"):
        return True
    return any(os.environ.get(n) for n in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def _headless(file: Path) -> int:
    """Train a document and write pictures of it and of its loss."""
    from engine.headless import tables
    from engine.headless.experiment import read_document
    from engine.training.summary import curves
    from gui.documents.headless_pictures import write_run

    folder = PICTURES.resolve()
    document = read_document(file)
    experiment = _make_ready(document, file)
    say(f"There is no display, so {file.name} is trained here and drawn into {folder}.")
    trained = _train(experiment, file)
    print_parts(tables.run(trained))
    experiment.keep(trained.theta)
    write_run(document, _readings(document, file), curves(trained.records), folder)
    return print_parts([f"Wrote canvas.png and loss.png into {folder}."])


if __name__ == "__main__":
    sys.exit(main())
