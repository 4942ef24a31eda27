"""Language models through pydantic-ai: OpenAI-compatible servers (local ones too), Anthropic and others."""

from __future__ import annotations

import asyncio
import atexit
import re
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from datagen.authoring.model import Message
from datagen.errors import ModelError

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelMessage

INSTALL = "install it with: pip install 'datagen[author]'"
MOST_TOKENS = 32_000
RETRIES = 3
_ADVICE = {
    401: "the key is not accepted: set OPENAI_API_KEY, ANTHROPIC_API_KEY or that of your provider in the environment",
    403: "the key is not allowed to use this model: choose another --model, or another key",
    404: "the server has no such model, or it is no such server: see --model and OPENAI_BASE_URL or ANTHROPIC_BASE_URL",
    429: f"too many requests, also after {RETRIES} repetitions: wait a while, or see the limits of the key",
}
"""What to do about an HTTP status."""
_BUSY = f"the server is not available, also after {RETRIES} repetitions: try again later"
_UNREACHED = "is the server running, and is OPENAI_BASE_URL or ANTHROPIC_BASE_URL its address?"


class PydanticAiModel:
    """A model by the name that pydantic-ai gives it, such as `openai:gpt-5` or `anthropic:claude-sonnet-4-5`.

    Keys and addresses come from the environment (`OPENAI_API_KEY`, `OPENAI_BASE_URL`, `ANTHROPIC_API_KEY` ...).
    `timeout` is in seconds, per request. Requests that a server refuses for now, or that are cut off, are sent again a
    few times.
    """

    def __init__(self, name: str, timeout: float = 300.0) -> None:
        try:
            from pydantic_ai.exceptions import UserError  # an optional extra
            from pydantic_ai.models import infer_model
        except ImportError:
            raise ModelError(f"the package pydantic-ai is not installed; {INSTALL}") from None
        try:
            self._model: Any = infer_model(name)
        except ImportError as error:
            raise ModelError(f"model '{name}' needs a package that is not installed: {error}"[:300]) from None
        except (UserError, ValueError) as error:
            raise ModelError(f"model '{name}' cannot be used: {_unusable(str(error))}") from None
        self.name = name
        self._settings: Any = {
            "timeout": timeout,
            "max_retries": RETRIES,
            "max_tokens": MOST_TOKENS,
            "temperature": 0.0,
        }

    def answer(self, messages: Sequence[Message]) -> str:
        """The text of the answer. Raises ModelError where the server gives none."""
        from pydantic_ai.direct import model_request
        from pydantic_ai.exceptions import AgentRunError, UserError
        from pydantic_ai.messages import TextPart

        try:
            request = model_request(self._model, _messages(messages), model_settings=self._settings)
            response = _runner().run(request)
        except (AgentRunError, UserError, OSError) as error:
            reason = " ".join(str(error).split())[:300]
            advice = _advice(getattr(error, "status_code", 0), reason)
            raise ModelError(f"model '{self.name}' gave no answer: {reason}{advice}") from None
        except (LookupError, TypeError, AttributeError, ValueError) as error:
            reason = f"its form is unexpected ({error!r:.120})"
            raise ModelError(f"model '{self.name}' gave no answer that can be read: {reason}") from None
        text = "".join(part.content for part in response.parts if isinstance(part, TextPart))
        if not text.strip():
            raise ModelError(f"model '{self.name}' gave an empty answer")
        return text


def _advice(status: int, reason: str) -> str:
    """What to do about a request that failed; empty where nothing is known."""
    unreached = _UNREACHED if reason == "Connection error." else ""
    advice = _ADVICE.get(status, _BUSY if status >= 500 else unreached)
    return f"; {advice}" if advice else ""


def _unusable(reason: str) -> str:
    """Why there is no such model, with what to do: the part of the library's message that is about this program."""
    key = re.match(r"Set the `(\w+)` environment variable", reason)
    if key is not None:
        return f"set the environment variable {key[1]} to the key of the provider; a local server takes any text"
    if reason.startswith("Unknown model"):
        return "write PROVIDER:MODEL, such as openai-chat:gpt-5 or anthropic:claude-sonnet-4-5"
    return " ".join(reason.split())[:300]


@cache
def _runner() -> asyncio.Runner:
    """The event loop of this process for all models, because they share connections. It is closed at exit."""
    runner = asyncio.Runner()
    atexit.register(runner.close)
    return runner


def _messages(messages: Sequence[Message]) -> list[ModelMessage]:
    from pydantic_ai.messages import ModelRequest, ModelResponse, SystemPromptPart, TextPart, UserPromptPart

    made: list[ModelMessage] = []
    for message in messages:
        if message.role == "assistant":
            made.append(ModelResponse(parts=[TextPart(message.text)]))
        else:
            part = SystemPromptPart(message.text) if message.role == "system" else UserPromptPart(message.text)
            made.append(ModelRequest(parts=[part]))
    return made
