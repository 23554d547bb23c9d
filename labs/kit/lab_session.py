"""`lab`: the functions that a learner calls in a notebook."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from labs.kit import hand_in, kept_receipts, live_reports, own_words
from labs.kit import lab_progress as progress
from labs.kit.first_try import note_first_try
from labs.kit.home_files import Home, read_json
from labs.kit.kept_answers import AnswerBook, TooMuchError, plain_value
from labs.kit.kit_sentences import N_, kit_sentence, own_language
from labs.kit.lab_facts import ANSWERS
from labs.kit.lab_texts import NAME as TEXTS
from labs.kit.lab_texts import Lesson
from labs.kit.run_cells import Recorder, read_notebook, slim_notebook
from labs.kit.show import folded, panel
from labs.kit.stale_answers import current_cell, why_stale
from labs.kit.task_attempts import Attempt, Hint, attempt_task, next_hint

if TYPE_CHECKING:
    import pandas as pd

NO_START = N_("Run the first cell of this lab before this one: it begins with `lab.start`.")
NO_FILES = N_(
    "The lab's files are not next to this notebook, so nothing can be checked. Your work is kept. "
    "Open the lab again from your home page: what is missing is put back."
)
NO_TASK = N_("There is no task `{task}` in this lab. Its tasks are: {tasks}.")
FIRST_SAY = N_(
    "First say what you expect: choose an answer in the question above, press *{keep}*, then run this cell again."
)
TOO_MUCH = N_("This answer is too long to be kept. Make it shorter, then run the cell again.")
NO_CAMPUS = N_(
    "This notebook is not connected to a campus, so it cannot be handed in from here. Your work is in your folder."
)
NO_NOTEBOOK = N_(
    "The file of this notebook could not be read. Press Ctrl+S to save it, then run this cell again."
)
WAITS = N_(
    "**Kept here.** The campus does not answer just now. Your work is kept here and is sent when the line is back, "
    "while your lab is open. You may go on, or close this window."
)
REFUSED = N_("**Not taken.** {message}")
KEEP = N_("Keep my answer")


class Lab:
    """Work of one learner in one lab. With `grading` nobody looks: only values count, and nothing is shown.

    In all methods `task` is the id of a task in this lab; for an unknown one, the cell lists those that
    exist.
    """

    def __init__(self, shell: Any = None, *, grading: bool = False, home: Home | None = None) -> None:
        self._shell = shell
        self._grading = grading
        self._home = home or Home.own()
        self._recorder = Recorder()
        self._folder = Path.cwd()
        self._slug = ""
        self._lesson = Lesson("", "", own_language(), {}, {})
        self._book: AnswerBook | None = None
        self._tools: ModuleType | None = None
        self._listening = False

    # What a learner calls

    def start(self, slug: str) -> ModuleType | None:
        """Begin or go on with a lab, and show what is done so far.

        Args:
            slug: the lab's name, as its folder has it.

        Returns:
            The lab's own tools (its `checks.py`); None if the files are missing: the cell says so.

        Example: `desk = lab.start("what-is-ai")`
        """
        self._slug = slug
        self._folder = _folder(self._home, slug)
        _put_back(self._home, slug, self._folder)
        language = own_language(self._in_notebook().get("metadata", {}).get("isomo", {}).get("language"))
        self._lesson = Lesson.read(self._folder, slug, language)
        self._tools = progress.lab_checks(self._folder, slug)
        if self._grading:
            return self._tools
        self._book = AnswerBook(self._folder, slug, language, self._lesson.version)
        self.listen()
        if not self._lesson.is_there or self._tools is None:
            self._show(panel("could-not-check", [self._say(NO_FILES)]))
            return self._tools
        empty, few = self._empty(), self._few()
        self._show(progress.welcome_message(self._home, self._lesson, self._book, empty, few))
        return self._tools

    def load(self, name: str) -> pd.DataFrame:
        """Return a dataset of the labs as a table. It needs no network.

        Args:
            name: the dataset's name; see docs/datasets.md.

        Raises:
            DatasetError: there is no dataset of this name, or its file is missing or damaged.

        Example: `letters = lab.load("letters")`
        """
        from labs.datasets.loader import load

        return load(name)

    def load_own(self, name: str) -> pd.DataFrame | None:
        """Return the learner's own list as a table. The file is not handed in.

        Args:
            name: a file next to the notebook, as Excel, LibreOffice or text (.csv), at most 20 MB.

        Returns:
            The table; None while work is graded, as the file is not there.

        Raises:
            OwnFileError: the file cannot be read; the sentence says why and what to do.

        Example: `visitors = lab.load_own("visitors.xlsx")`
        """
        from labs.kit.own_file import OwnFileError, load_own

        try:
            return load_own(name, self._folder)
        except OwnFileError:
            if self._grading:
                return None
            raise

    def ask(self, task: str) -> None:
        """Show a task's question with its controls; answers are kept at once. Example: `lab.ask("t1")`"""
        if self._grading or not self._ready(task):
            return
        from labs.kit.task_form import question_form

        self._show(question_form(self, task))

    def answer(self, task: str, **answers: Any) -> None:
        """Answer a question by typing instead of with its controls, then show what the check says.

        Args:
            answers: values by the names of the question's parts; parts left out keep their earlier answer.

        Example: `lab.answer("t1", channel="phone")`
        """
        if self._grading or not self._ready(task):
            return
        self._result(self.attempt(task, {**self.book.of(task), **answers}))

    def check(self, task: str, **answers: Any) -> None:
        """Check a task at once, on this machine. Checking costs no marks, however often.

        If the cell that makes the answers stopped with an error, the check says so and checks nothing.

        Args:
            answers: values to check; without any, those kept before.

        Example: `lab.check("t5", model=model)`
        """
        if self._grading or not self._ready(task):
            return
        if answers and (stale := why_stale(task, self._shell, self._recorder, self._in_notebook)):
            self._show(panel("not-yet", [self._say(stale)]))
            return
        self._result(self.attempt(task, answers or None))

    def hint(self, task: str) -> None:
        """Show the next hint for what the last check found; it costs no marks. Example: `lab.hint("t1")`"""
        if self._grading or not self._ready(task):
            return
        self._show(self.next_hint(task).shown)

    def reveal(self, task: str, result: Any) -> None:
        """Show a result, if the learner has made the prediction that comes before it.

        Args:
            task: the id of the prediction.
            result: a table, picture or text to show.

        Example: `lab.reveal("t1", desk.signs_table())`
        """
        if self._grading:
            return
        if self._book is None or not self._lesson.is_there:
            self._show(result)
        elif self.book.of(task):
            self.book.keep_check(task, seen=True)
            self._show(result)
        else:
            self._show(panel("note", [self._say(FIRST_SAY, keep=self._say(KEEP))]))

    def progress(self) -> None:
        """Show what is done and what is left. Example: `lab.progress()`"""
        if not self._grading and self._ready():
            self._show(progress.table_of(self._lesson, self.book, self._empty(), self._few()))

    def submit(self) -> None:
        """Hand in the work as it is now, and show the receipt.

        If the campus does not answer, the work is kept at home and sent later; the cell says so. Missing
        answers are named, and do not prevent handing in.

        Example: `lab.submit()`
        """
        if self._grading or not self._ready():
            return
        campus = hand_in.connect_campus()
        if campus is None:
            self._show(panel("note", [self._say(NO_CAMPUS)]))
            return
        try:
            files, notes = self.work()
        except (OSError, ValueError):
            self._show(panel("could-not-check", [self._say(NO_NOTEBOOK)]))
            return
        if missing := progress.missing_words(self._lesson, self._empty(), self._few()):
            self._show(panel("not-attempted", missing))
        self._sent(hand_in.hand_in(self._home, campus, self.course, self._slug, files), notes)

    # What a lab's tools and controls call

    def say(self, key: str, **facts: Any) -> str:
        """Return one of the lab's own words in the learner's language.

        Args:
            key: the word's key in the lab's texts; an unknown key is returned as it is.
            facts: values for the blanks of the sentence.

        Example: `lab.say("wanted")`
        """
        from labs.kit.checking import phrase

        return phrase(self._lesson.word(key), facts, self._lesson.language)

    def number(self, value: float) -> str:
        """Return a number as one types it in Python. Example: `lab.number(0.50)` is "0.5"."""
        return f"{value:g}"

    def share(self, value: float) -> str:
        """Return a share (0 to 1) as per cent in the lab's language. Example: `lab.share(0.5)`, in English "50%"."""
        return self._phrase("{share}", {"share": float(value)})

    def count(self, value: int) -> str:
        """Return a whole number as the lab's language writes it. Example: `lab.count(1200)`, in English "1,200"."""
        return self._phrase("{count}", {"count": int(value)})

    @property
    def lesson(self) -> Lesson:
        """Return the lab's texts."""
        return self._lesson

    @property
    def book(self) -> AnswerBook:
        """Return the learner's answers.

        Raises:
            RuntimeError: `lab.start` has not run.
        """
        if self._book is None:
            raise RuntimeError(NO_START)
        return self._book

    @property
    def tools(self) -> ModuleType | None:
        """Return the lab's `checks.py`; None if it is not there."""
        return self._tools

    @property
    def course(self) -> str:
        """Return the course that this lab was opened for; empty without a campus."""
        kept = read_json(self._home.place(self._slug) / "place.json").get("course")
        return str(kept or os.environ.get("ISOMO_COURSE", ""))

    @property
    def learner(self) -> str:
        """Return what tells this learner from others: the name on the server, else the home folder."""
        return self._home.learner

    def attempt(self, task: str, answers: dict[str, Any] | None) -> Attempt:
        """Keep answers, check them, and keep the outcome.

        Args:
            answers: values by name; None for those kept before.

        Returns:
            The outcome and the picture of it; "could-not-check" if the answers exceed 256 KiB.

        Example: `lab.attempt("t1", {"channel": "phone"}).outcome` is "passed" or "not-yet".
        """
        try:
            return self._attempt(task, answers)
        except TooMuchError:
            return Attempt("could-not-check", "too-long", panel("could-not-check", [self._say(TOO_MUCH)]))

    def _attempt(self, task: str, answers: dict[str, Any] | None) -> Attempt:
        before, kind = self.book.checks(task), self._lesson.task(task).get("kind")
        if answers is not None:
            kept = {name: plain_value(value) for name, value in answers.items()}
            if kind == "predict":
                # The first answer stays, and whether the result had been seen before is ours to say.
                kept = self.book.of(task) or kept | {"before": not before.get("seen")}
            self.book.keep(task, kept)
        made = attempt_task(self._lesson, self._tools, task, answers, self.book)
        if kind == own_words.KIND:
            return made  # A person marks it: there is no outcome to keep.
        made, facts = note_first_try(
            self._lesson, task, before, self.book.of(task), made, asked=answers is not None
        )
        self.book.keep_check(task, **facts)
        live_reports.report_check(self._home, self.course, self._slug, made)
        return made

    def own_words(self, task: str) -> str:
        """Return the text of a written task, empty if none. Example: `lab.own_words("j")`"""
        return own_words.own_words(task, self.book, self._in_notebook())

    @property
    def is_started(self) -> bool:
        """Return whether the lab was begun in this kernel."""
        return self._book is not None

    def ran(self) -> dict[str, str]:
        """Return the text of each cell as it last ran here, by cell name. Example:
        `lab.ran()["t1-answer"]`"""
        return {name: one.source for name, one in self._recorder.ran.items()}

    def _empty(self) -> set[str]:
        return own_words.empty_tasks(self._lesson, self.book, self._in_notebook())

    def _few(self) -> dict[str, int]:
        return own_words.few_words(self._lesson, self.book, self._in_notebook())

    def next_hint(self, task: str) -> Hint:
        """Return the next hint for what the last check found, and note that it was seen.

        Example: `lab.next_hint("t1").rung` is 1, 2 or 3; 0 if there is no hint.
        """
        found = next_hint(self._lesson, self.book, task)
        if found.rung:
            self.book.keep_check(task, hints=found.rung)
            live_reports.report_hint(self._home, self.course, self._slug, task, found.rung)
        return found

    def work(self) -> tuple[dict[str, bytes], list[str]]:
        """Return what would be handed in now.

        Returns:
            Contents by file name (the notebook without outputs, and `answers.json`), and sentences for the
            learner,
            for example that the last change was not saved.

        Raises:
            OSError: the notebook's file cannot be read.
            ValueError: the file is not a notebook.

        Example: `files, notes = lab.work()`
        """
        path = _notebook(self._folder, self._slug)
        notebook = read_notebook(path)
        saved_at = path.stat().st_mtime
        unsaved = self._recorder.unsaved(notebook, saved_at)
        notes = [self._say(kept_receipts.UNSAVED, n=len(unsaved))] if unsaved else []
        if own_words.taken_as_saved(self.book, notebook):
            when = kept_receipts.shown_moment(_iso(saved_at), self._lesson.language)
            notes.append(self._say(kept_receipts.TEXT_AS_SAVED, when=when))
        return {f"{self._slug}.ipynb": slim_notebook(notebook, unsaved), ANSWERS: self.book.as_bytes()}, notes

    # Inside

    def _say(self, text: str, **facts: Any) -> str:
        return kit_sentence(text, self._lesson.language, **facts)

    def _phrase(self, text: str, facts: dict[str, Any]) -> str:
        from labs.kit.checking import phrase

        return phrase(text, facts, self._lesson.language)

    def _show(self, what: Any) -> None:
        if self._shell is None:
            print(what)  # noqa: T201 - plain Python has nothing else
            return
        from IPython.display import display

        display(what)

    def _ready(self, task: str = "") -> bool:
        """Return whether the lab was started and knows `task`; says what to do if not."""
        if self._book is None:
            self._show(panel("note", [self._say(NO_START)]))
        elif not self._lesson.is_there:
            self._show(panel("could-not-check", [self._say(NO_FILES)]))
        elif task and task not in self._lesson.tasks:
            known = ", ".join(self._lesson.tasks)
            self._show(panel("note", [self._say(NO_TASK, task=task, tasks=known)]))
        else:
            return True
        return False

    def _result(self, made: Attempt) -> None:
        self._show(made.shown)
        if made.outcome == "not-yet" and self._lesson.task(made.task).get("hints", {}).get(made.key):
            from labs.kit.task_form import hints_button

            self._show(hints_button(self, made.task))

    def _sent(self, sent: hand_in.Sent, notes: list[str]) -> None:
        if sent.receipt is not None:
            self._show(kept_receipts.shown_receipt(sent.receipt, sent.path, self._lesson.language, notes))
        elif sent.waits:
            self._show(panel("note", [self._say(WAITS), *notes]))
        else:
            self._show(panel("not-yet", [self._say(REFUSED, message=sent.refusal)]))

    def _in_notebook(self) -> dict[str, Any]:
        with suppress(OSError, ValueError):
            return read_notebook(_notebook(self._folder, self._slug))
        return {}

    def listen(self) -> None:
        """Explain errors from now on, and remember what was run. Example: `Lab(get_ipython()).listen()`"""
        if self._grading or self._shell is None or self._listening:
            return
        from labs.kit import beginner_errors, narrow_charts
        from labs.kit.column_width import COLUMN

        self._listening = True
        COLUMN.listen(self._shell)
        narrow_charts.install_narrow_charts()
        self._recorder.listen(self._shell)
        beginner_errors.listen_for_errors(self._shell, self._explain)

    def _language(self) -> str:
        """Return the lab's language; before it was begun, the notebook's."""
        if self._slug:
            return self._lesson.language
        return own_language(self._in_notebook().get("metadata", {}).get("isomo", {}).get("language"))

    def _explain(self, error: BaseException, lines: list[str]) -> bool:
        """Show a sentence for `error` with Python's own `lines` folded below; whether there was one."""
        from labs.kit.beginner_errors import FOLDED, Explainer

        cells = self._recorder.as_run(self._in_notebook().get("cells", []))
        current = current_cell(self._shell)
        with suppress(Exception):  # A fault of ours must not hide the learner's own error.
            self._recorder.stopped(current)
            known, failed = list(self._shell.user_ns), self._recorder.failed
            explainer = Explainer(self._language(), known, cells, current, failed)
            sentence = explainer.explain(error, error.__traceback__)
            if sentence:
                below = folded(kit_sentence(FOLDED, self._language()), lines)
                self._show(panel("note", [sentence], below.html, below.text))
                return True
        return False


def begin_session() -> Lab:
    """The `lab` of this process: in IPython if there is one, silent if a grader runs the notebook."""
    shell = None
    with suppress(ImportError):
        from IPython.core.getipython import get_ipython

        shell = get_ipython()
    return Lab(shell, grading=bool(os.environ.get("NBGRADER_EXECUTION")))


def _folder(home: Home, slug: str) -> Path:
    """Return the lab's folder: where the notebook runs, else where its front end says it is, else at home."""
    named = os.environ.get("JPY_SESSION_NAME", "")
    places = [Path.cwd(), Path(named).parent if named.endswith(".ipynb") else Path.cwd(), home.lab(slug)]
    return next((place for place in places if (place / TEXTS).is_file()), Path.cwd())


def _notebook(folder: Path, slug: str) -> Path:
    named = Path(os.environ.get("JPY_SESSION_NAME", ""))
    return named if named.suffix == ".ipynb" and named.is_file() else folder / f"{slug}.ipynb"


def _put_back(home: Home, slug: str, folder: Path) -> None:
    """Files of ours that were deleted by mistake come back from what was fetched."""
    if folder != home.lab(slug):
        return
    for path in (home.place(slug) / "release").glob("*"):
        if path.is_file() and path.suffix != ".ipynb" and not (folder / path.name).exists():
            (folder / path.name).write_bytes(path.read_bytes())


def _iso(seconds: float) -> str:
    import datetime as dt

    return dt.datetime.fromtimestamp(seconds, dt.UTC).isoformat()
