"""A view of what is computed in the background from the numbers that are shown."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from gui.plots.plot_view import PlotView

if TYPE_CHECKING:
    from gui.session.session import Session

Question: TypeAlias = tuple[Any, ...]


class ComputedView(PlotView):
    """Asks anew when what it is about has changed, and draws the answer when it comes.

    Subclasses say what the question is, how it is answered, and draw.
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._asked: Question | None = None
        self.found: Any = None

    def question(self) -> Question | None:
        """Return what the answer depends on; None if there is nothing to ask."""
        raise NotImplementedError

    def answer(self, question: Question) -> Callable[[], Any]:
        """Return the work that answers a question in another thread."""
        raise NotImplementedError

    def draw(self, question: Question) -> None:
        """Draw ``found``, the answer to a question."""
        raise NotImplementedError

    def restart(self) -> None:
        """Forget the answer."""
        self._asked = self.found = None

    def refresh(self) -> bool:
        """Ask if the question is another; the answer comes a moment later."""
        session, question = self.session, self.question()
        if question is None:
            session.background.drop(self.job)
            self._asked = self.found = None
        elif not same_question(question, self._asked) and self.job not in session.background.busy:
            self._asked = question
            take = partial(self._take, question)
            session.background.run(self.job, self.answer(question), take, session.notice.emit)
        return self.found is not None

    def _take(self, question: Question, found: Any) -> None:
        if not self.is_built or self.question() is None:
            return
        self.found = found
        self.draw(question)
        self.show_content(shown=True)
        if not self.session.run.running:  # else the next tick asks
            self.update_now()

    def hideEvent(self, event: object) -> None:
        """Ask for nothing that is not seen."""
        self.session.background.drop(self.job)
        self._asked = None
        super().hideEvent(event)  # type: ignore[arg-type]  # Qt passes its own event


def same_question(now: Question | None, before: Question | None) -> bool:
    """Compare words and numbers by value, all else by identity: arrays change as a whole."""
    if now is None or before is None:
        return False
    plain = str, int, float, tuple
    return all(
        a is b or (isinstance(a, plain) and type(a) is type(b) and a == b)
        for a, b in zip(now, before, strict=True)
    )
