"""What the View menu and some others do with the window around the document."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QApplication, QFileDialog

from gui.commands.context import CommandContext
from gui.commands.graph_commands import selected_parameters
from gui.look import theme

_CLEAR = 40.0  # scene units by which nodes added one after the other stand apart


def import_csv(context: CommandContext) -> None:
    """Ask for a text table and open the data dialog on it."""
    name, _ = QFileDialog.getOpenFileName(
        context.dialog_parent,
        "Import CSV",
        str(context.settings.last_folder),
        "Tables (*.csv *.tsv *.txt);;All files (*)",
    )
    if name:
        choose_data(context, Path(name))


def choose_data(context: CommandContext, path: Path | None = None) -> None:
    """Open the data dialog, on a text table if one is given."""
    from gui.data.dialog import DataDialog

    context.session.run.pause()
    dialog = DataDialog(context.session, context.dialog_parent)
    if path is not None:
        dialog.show_file(path)
    dialog.open()


def add_in_view(context: CommandContext, kind: str) -> None:
    """Add a node of a kind in the middle of what is seen."""
    x, y = context.canvas.middle()
    taken = context.session.document.positions.values()
    while any(abs(x - a) < _CLEAR and abs(y - b) < _CLEAR for a, b in taken):
        x, y = x + _CLEAR, y + _CLEAR
    context.canvas.add_at(kind, (x, y))


def set_theme(context: CommandContext, choice: theme.ThemeChoice) -> None:
    """Use the light or dark colours, or those of the system."""
    context.settings.theme = choice
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.apply(app, choice)


def toggle_motion(context: CommandContext) -> None:
    """Let things move by themselves, or not."""
    context.settings.reduce_motion = not context.settings.reduce_motion
    context.canvas.set_motion(not context.settings.reduce_motion)


def toggle_dimming(context: CommandContext) -> None:
    """Make the wires that do not touch the selected nodes faint, or all alike again."""
    context.settings.dim_others = not context.settings.dim_others
    context.canvas.set_dimming(context.settings.dim_others)


def show_training(context: CommandContext) -> None:
    """Show the training settings: the inspector's page when nothing is selected."""
    context.session.select()
    context.show_training()


def pin_gradients(context: CommandContext) -> None:
    """Keep the curves of the selected parameters in the view of the gradients."""
    from gui.views.gradients import GradientsView

    view = context.raise_dock("gradients")
    assert isinstance(view, GradientsView)
    view.pin_parameters(selected_parameters(context.session))


def check_gradients(context: CommandContext) -> None:
    """Compare all gradients with differences of E."""
    from gui.views.gradient_check import GradientCheckView

    context.show_canvas()
    view = context.raise_dock("gradient_check")
    assert isinstance(view, GradientCheckView)
    view.check()
