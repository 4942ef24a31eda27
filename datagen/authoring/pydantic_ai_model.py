"""Language models through pydantic-ai: OpenAI-compatible servers (local ones too), Anthropic and others."""

from __future__ import annotations

import asyncio
import atexit
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
            raise ModelError(f"model '{name}' cannot be used: {' '.join(str(error).split())}"[:400]) from None
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
            raise ModelError(f"model '{self.name}' gave no answer: {reason}") from None
        text = "".join(part.content for part in response.parts if isinstance(part, TextPart))
        if not text.strip():
            raise ModelError(f"model '{self.name}' gave an empty answer")
        return text


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
