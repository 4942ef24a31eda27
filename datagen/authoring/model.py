"""The interface of a language model: it answers a conversation with a text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation: the brief (`system`), the person (`user`) or the model (`assistant`)."""

    role: Literal["system", "user", "assistant"]
    text: str


class LanguageModel(Protocol):
    """Any model, local or remote. Its answers are untrusted text."""

    def answer(self, messages: Sequence[Message]) -> str:
        """The next message of the conversation. Raises ModelError if there is none."""
