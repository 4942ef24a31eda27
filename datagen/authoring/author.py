"""The authoring loop: a model answers the description; the answer is repaired, checked and tested; problems go back to
the model, at most three times.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from datagen.authoring.answer import Answer, Question, read_answer
from datagen.authoring.brief import brief
from datagen.authoring.model import LanguageModel, Message
from datagen.authoring.trial import trial
from datagen.errors import Problem

if TYPE_CHECKING:
    from datagen.validation.report.report import Report

MOST_REPAIRS = 3
_TOLD = 30
"""The most problems that are sent back at once."""

Ask = Callable[[Question], str]
"""Asks the person a question and returns the answer."""


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
        listed = "\n".join(f"- {problem}" for problem in problems[:_TOLD])
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
