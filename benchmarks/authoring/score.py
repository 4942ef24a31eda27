"""Scores language models on forty descriptions: how often the schema is valid, and how many of the claims it covers.

.venv/bin/python benchmarks/authoring/score.py --model reference --model mistakes --model nonsense
.venv/bin/python benchmarks/authoring/score.py --model openai-chat:gpt-5 --case clinic_no_shows --claims
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel

import datagen
from datagen.authoring.answer import Question, read_answer
from datagen.authoring.author import Authoring, Draft
from datagen.authoring.model import LanguageModel, Message
from datagen.authoring.pydantic_ai_model import PydanticAiModel
from datagen.errors import DatagenError, ModelError
from datagen.registry import Kind
from datagen.schema.reading.read import read_tolerant
from datagen.schema.reading.yaml_reader import parse_yaml

CASES = Path(__file__).parent / "cases"
NAMES = "Use the names of tables, columns and values that the description uses."
State = Literal["covered", "not covered", "not measured"]
_STATES: Mapping[str, State] = {"pass": "covered", "fail": "not covered"}
MOST_ROWS = 60_000
"""About how many rows of a document are generated to measure its claims."""


@dataclass(frozen=True)
class Case:
    """A description with its claims and a schema that covers all of them. A claim is a declaration that is looked up in
    the document (`claims`), or an expectation of the reference, which is measured on data.
    """

    name: str
    words: str
    claims: tuple[str, ...]
    reference: Mapping[str, Any]

    @property
    def measured(self) -> list[dict[str, Any]]:
        return list(self.reference["expectations"])


def cases(names: Sequence[str] = ()) -> list[Case]:
    """All cases, or those with these names, in the order of the files."""
    found = []
    for path in sorted(CASES.glob("*.yaml")):
        for name, case in parse_yaml(path.read_text(encoding="utf-8"))[0].items():
            reference = {"datagen": 1, "name": name, **case["schema"]}
            found.append(Case(name, " ".join(case["words"].split()), tuple(case["claims"]), reference))
    unknown = set(names) - {case.name for case in found}
    if unknown:
        raise SystemExit(f"no case {', '.join(sorted(unknown))}; there are: {', '.join(case.name for case in found)}")
    return [case for case in found if not names or case.name in names]


# --- claims -----------------------------------------------------------------------------------------------------------


def declared(document: Mapping[str, Any], claim: str) -> bool:
    """Whether a document declares a claim, of one of the forms

    - `visits`: a table
    - `visits.status`: a column that is not hidden
    - `visits -> patients`: the table is below the other one or has a reference to it
    - `visits: seasonality|trend`: a row source, generator, behavior or process of one of these kinds in the table
    """
    name, mark, rest = (part.strip() for part in re.split(r"( -> |: |\.|$)", claim, maxsplit=1))
    table = document["tables"].get(name)
    if not isinstance(table, dict) or not mark:
        return isinstance(table, dict)
    columns = table["columns"]
    if mark == ".":
        return rest in columns and not columns[rest].get("hidden", False)
    if mark == ":":
        return not set(rest.split("|")).isdisjoint(_kinds(read_tolerant(document).document.tables[name]))
    return table.get("parent") == rest or any(
        column.get("type") == "reference" and column.get("table") == rest for column in columns.values()
    )


def _kinds(value: object) -> Iterator[str]:
    """The kinds that a model of the document declares, at any depth. Other keys named `type` are none."""
    if isinstance(value, Kind):
        yield value.type
    if isinstance(value, BaseModel):
        value = dict(value)
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _kinds(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _kinds(inner)


def held(document: Mapping[str, Any], expectations: Sequence[Mapping[str, Any]]) -> list[State]:
    """What data of a valid document say of each expectation. One that names what the document does not have is not
    covered; one without a verdict is not measured.
    """
    with_all = {**document, "expectations": list(expectations)}
    at = {problem.keys[1] for problem in datagen.check(with_all) if problem.keys[:1] == ("expectations",)}
    usable = [one for index, one in enumerate(expectations) if index not in at]
    found: dict[str, State] = {one["name"]: "not covered" if index in at else "not measured"
        for index, one in enumerate(expectations)}  # fmt: skip
    if usable:
        document = {**document, "expectations": usable}
        scale = min(1.0, MOST_ROWS / max(datagen.plan(document).total_rows, 1))
        with tempfile.TemporaryDirectory() as folder:
            datagen.generate(document, Path(folder) / "data", scale=scale, workers=1)
            report = datagen.validate(document, Path(folder) / "data", workers=1)
        verdicts = {finding.subject: finding.verdict for finding in report.findings}
        for one in usable:
            found[one["name"]] = _STATES.get(verdicts.get(one["name"], ""), "not measured")
    return list(found.values())


# --- models -----------------------------------------------------------------------------------------------------------


@dataclass
class Scripted:
    """A model without a network: it answers with what `play` makes of the reference of the description.

    `play` also gets the number of the request, from 0.
    """

    play: Callable[[Case, int], str]
    known: Sequence[Case] = field(default_factory=cases)

    def answer(self, messages: Sequence[Message]) -> str:
        """Play the next answer for the case whose words are in the request."""
        case = next(case for case in self.known if case.words in messages[1].text)
        return self.play(case, sum(message.role == "assistant" for message in messages))


def answer_of(document: Mapping[str, Any]) -> str:
    """A document as the protocol of `datagen author` wants it."""
    return json.dumps({"document": document, "claims": []})


def mistaken(case: Case) -> str:
    """The reference with mistakes that `datagen repair` mends: names of other tools, notations, JSON with comments."""
    text = json.dumps(_with_mistakes(dict(case.reference), ""), indent=1)
    text = re.sub(r"\n( *)([}\]])", r",\n\1\2", text.replace("true", "True"))
    return f"Here is the schema:\n\n```json\n// {case.name}\n{text}\n```\n"


def _with_mistakes(value: Any, key: str) -> Any:
    others = {"key": "autoincrement", "lognormal": "log_normal", "choice": "categorical", "boolean": "bool"}
    if isinstance(value, dict):
        made = {name: _with_mistakes(inner, name) for name, inner in value.items()}
        if isinstance(made.get("type"), str) and not set(made) & {"states", "stages"}:
            made["type"] = others.get(made["type"], made["type"])
        return made
    if isinstance(value, list):
        return [_with_mistakes(inner, key) for inner in value]
    if key in ("rows", "count") and type(value) is int and value >= 1000:
        return f"{value:,}"
    if key in ("start", "end") and re.fullmatch(r"\d{4}-\d\d-\d\d", str(value)):
        return str(value).replace("-", "/")
    return value


def forgetful(case: Case) -> str:
    """The reference with a reference to a table that is not there: only the model knows what was meant."""
    broken = json.loads(json.dumps(case.reference))
    first = next(iter(broken["tables"].values()))
    first["columns"]["extra_id"] = {"type": "reference", "table": "zzz_registry"}
    return answer_of(broken)


SCRIPTED: dict[str, Callable[[Case, int], str]] = {
    "reference": lambda case, _: answer_of(case.reference),
    "mistakes": lambda case, _: mistaken(case),
    "second-try": lambda case, request: answer_of(case.reference) if request else forgetful(case),
    "nonsense": lambda _, request: f"I would rather talk about the weather. ({request})",
}


@dataclass
class _Recorded:
    """A model whose answers are kept."""

    model: LanguageModel
    texts: list[str] = field(default_factory=list)

    def answer(self, messages: Sequence[Message]) -> str:
        self.texts.append(self.model.answer(messages))
        return self.texts[-1]


# --- scores -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Score:
    """How one description went. `first`: the first document is valid as answered. `mended`: it is, after the repair
    without a model. `final`: the last one is, checked and tried, after at most three repairs by the model.
    """

    case: str
    first: bool
    mended: bool
    final: bool
    claims: Mapping[str, State]
    requests: int

    @property
    def covered(self) -> float:
        return sum(state == "covered" for state in self.claims.values()) / len(self.claims)


def score(case: Case, model: LanguageModel) -> Score:
    """Let a model write the schema of a description, and score it. A model that gives no answer has scored nothing."""
    recorded = _Recorded(model)
    try:
        draft = Authoring(recorded, _default).write(f"{case.words}\n\n{NAMES}")
    except ModelError as error:
        print(f"{case.name}: {error}", file=sys.stderr)
        draft = None
    answers = (read_answer(text) for text in recorded.texts)
    first = next((answer for answer in answers if not answer.questions), None)
    mended = first is not None and bool(first.text) and not first.problems
    as_answered = mended and first is not None and not first.changes
    sound = draft is not None and draft.valid
    return Score(case.name, as_answered, mended, sound, _claims(case, draft), len(recorded.texts))


def _claims(case: Case, draft: Draft | None) -> dict[str, State]:
    """Each claim, and whether it is covered; none is by a document that is not valid."""
    names = [one["name"] for one in case.measured]
    if draft is None or not draft.valid:
        return dict.fromkeys([*case.claims, *names], "not covered")
    document = read_tolerant(draft.answer.text).raw
    try:
        holds = held(document, case.measured)
    except DatagenError as error:
        print(f"{case.name}: the claims were not measured: {error}", file=sys.stderr)
        holds = ["not measured"] * len(names)
    looked_up: dict[str, State] = {
        claim: "covered" if declared(document, claim) else "not covered" for claim in case.claims
    }
    return looked_up | dict(zip(names, holds, strict=True))


def _default(question: Question) -> str:
    return question.default or "take what is most common"


def model_named(name: str) -> LanguageModel:
    """A scripted model, or any model that `datagen author --model` takes."""
    return Scripted(SCRIPTED[name]) if name in SCRIPTED else PydanticAiModel(name)


def line(name: str, scores: Sequence[Score]) -> str:
    """The row of a model in the table."""
    count = len(scores)
    claims = [state for one in scores for state in one.claims.values()]
    shares = [sum(one.first for one in scores) / count, sum(one.mended for one in scores) / count]
    shares += [sum(one.final for one in scores) / count, claims.count("covered") / len(claims)]
    requests = sum(one.requests for one in scores) / count
    shares += [claims.count("not measured") / len(claims)]
    return f"| {name} | " + " | ".join(f"{share:.0%}" for share in shares) + f" | {requests:.1f} |"


HEAD = "| model | first try | mended | after repair | claims | not measured | requests |\n|---|---|---|---|---|---|---|"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", action="append", help=f"{', '.join(SCRIPTED)}, or a model of `datagen author`")
    parser.add_argument("--case", action="append", default=[], help="only this description; may be repeated")
    parser.add_argument("--claims", action="store_true", help="list the claims that are not covered")
    parser.add_argument("--json", action="store_true", help="print every score as JSON")
    given = parser.parse_args()
    chosen = cases(given.case)
    found = {name: [score(case, model_named(name)) for case in chosen] for name in given.model or list(SCRIPTED)}
    if given.json:
        print(json.dumps({name: [vars(one) for one in scores] for name, scores in found.items()}, indent=1))
        return
    print(HEAD, *(line(name, scores) for name, scores in found.items()), sep="\n")
    if given.claims:
        every = (
            (name, one.case, *claim) for name, scores in found.items() for one in scores for claim in one.claims.items()
        )
        listed = (f"{name}: {case}: {claim}: {state}" for name, case, claim, state in every if state != "covered")
        print(*listed, sep="\n")


if __name__ == "__main__":
    main()
