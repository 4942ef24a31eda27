"""The authoring loop: a model answers the description; the answer is repaired, checked and tested; problems go back to
the model, at most three times.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datagen.api import generate, plan, validate
from datagen.authoring.answer import Answer, Question, read_answer
from datagen.authoring.brief import brief
from datagen.authoring.model import LanguageModel, Message
from datagen.errors import DatagenError, Problem, SchemaError

if TYPE_CHECKING:
    from datagen.validation.report.report import Report

MOST_REPAIRS = 3
_MOST_PROBLEMS = 30
"""The most problems that are sent back at once."""
Ask = Callable[[Question], str]
"""Asks the person a question and returns the answer."""
TRIAL_ROWS = 60_000
"""The approximate maximum number of rows of a trial run."""
TRIAL_MEMORY = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Draft:
    """The best document of a conversation: valid if it has no problems. `report` is that of its trial run, if there was
    one.
    """

    answer: Answer
    problems: tuple[Problem, ...]
    report: Report | None = None
    repairs: int = 0
    asked: tuple[tuple[Question, str], ...] = ()

    @property
    def valid(self) -> bool:
        return bool(self.answer.text) and not self.problems


@dataclass
class Authoring:
    """One conversation with a model about one document."""

    model: LanguageModel
    ask: Ask
    repairs: int = MOST_REPAIRS
    messages: list[Message] = field(default_factory=list)
    asked: list[tuple[Question, str]] = field(default_factory=list)

    def write(self, words: str, document: str = "") -> Draft:
        """Write a document for a description in words, or change `document` by it. Raises ModelError where there is no
        answer.
        """
        self.messages = [Message("system", _instructions()), Message("user", _request(words, document))]
        best: Draft | None = None
        for attempt in range(self.repairs + 1):
            text, answer = self._answered()
            draft = self._draft_of(answer, attempt)
            best = draft if best is None or _rank(draft) <= _rank(best) else best
            if draft.valid or attempt == self.repairs:
                break
            self._tell_back(text, draft.problems)
        assert best is not None
        return best

    def _answered(self) -> tuple[str, Answer]:
        """The next answer of the model, after its questions if it has some; they are put to the person once."""
        text = self.model.answer(tuple(self.messages))
        answer = read_answer(text)
        if not answer.questions or self.asked:
            return text, answer
        self.asked = [(question, self.ask(question)) for question in answer.questions]
        replies = "\n".join(f"- {question.question} {reply}" for question, reply in self.asked)
        self.messages += [Message("assistant", text), Message("user", f"Answers to your questions:\n{replies}")]
        text = self.model.answer(tuple(self.messages))
        return text, read_answer(text)

    def _draft_of(self, answer: Answer, attempt: int) -> Draft:
        if answer.questions:
            problems = (Problem("missing", (), "no document in the answer", "take your defaults and answer with it"),)
            return Draft(Answer(), problems, None, attempt, tuple(self.asked))
        report, failed = trial(answer.text) if not answer.problems else (None, ())
        return Draft(answer, (*answer.problems, *failed), report, attempt, tuple(self.asked))

    def _tell_back(self, text: str, problems: Sequence[Problem]) -> None:
        listed = "\n".join(f"- {problem}" for problem in problems[:_MOST_PROBLEMS])
        message = f"The document has {len(problems)} problems. Answer with the whole corrected document.\n{listed}"
        self.messages += [Message("assistant", text), Message("user", message)]


def _rank(draft: Draft) -> tuple[bool, bool, int]:
    """The distance of a draft from a valid document: no document, one that cannot be parsed, its number of problems."""
    unread = any(problem.code in ("syntax", "empty", "type") and not problem.keys for problem in draft.problems)
    return not draft.answer.text, unread, len(draft.problems)


@cache
def _instructions() -> str:
    protocol = resources.files("datagen").joinpath("data/authoring/protocol.md").read_text(encoding="utf-8")
    return f"{brief()}\n{protocol}"


def _request(words: str, document: str) -> str:
    if not document:
        return f"Write the schema for this description:\n\n{words}"
    return (
        f"Change this schema as asked below. Keep everything else as it is.\n\n```\n{document}\n```\n\nThe "
        f"change:\n\n{words}"
    )


def trial(text: str) -> tuple[Report | None, tuple[Problem, ...]]:
    """Generate and validate a document in a temporary folder, smaller where it is large. The report, and what is wrong
    with it. Expectations that depend on the number of rows are not measured in a smaller run.
    """
    try:
        planned = plan(text)
        scale = min(1.0, TRIAL_ROWS / max(planned.total_rows, 1))
        tried = text if scale == 1 else _without_sizes(planned.document)
        with tempfile.TemporaryDirectory(prefix="datagen-") as folder:
            out = Path(folder) / "trial"
            generate(tried, out, scale=scale, workers=1, memory=TRIAL_MEMORY)
            report = validate(tried, out, workers=1)
    except SchemaError as error:
        return None, error.problems
    except DatagenError as error:
        return None, (Problem("unplannable", (), f"a small run failed: {error}"[:500]),)
    messages = [
        f"in a small run this does not hold: {f.table} {f.measure} {f.subject}: {f.message}"[:400]
        for f in report.failed
    ]
    return report, tuple(Problem("conflict", (), one) for one in messages)


def _without_sizes(document: Mapping[str, Any]) -> dict[str, Any]:
    """A document without the expectations that depend on how many rows there are."""
    kept = [one for one in document.get("expectations", ()) if one.get("type") not in ("count", "sum", "distinct")]
    return {**document, "expectations": kept}
