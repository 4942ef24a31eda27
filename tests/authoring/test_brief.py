"""The brief names everything that a document can contain, and what it shows is true."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import typer

import datagen
from datagen.authoring.brief import EXAMPLE, brief, brief_data, rules
from datagen.authoring.repair import repair
from datagen.cli.app import app
from datagen.registry import FAMILIES, load
from datagen.schema.reading.yaml_reader import parse_yaml

load()


def test_every_kind_is_named_with_its_fields() -> None:
    prompt = brief()
    for family, base in FAMILIES.items():
        for name, member in base.members.items() if family != "formats" else ():
            section = prompt.partition(f"# {family}: ")[2].partition("\n# ")[0]
            line = re.search(rf"^- {name}: .*$", section, re.MULTILINE)
            shared = re.search(r"^Fields of all: .*$", section, re.MULTILINE)
            assert line, f"{family}.{name}"
            listed = line[0] + (shared[0] if shared else "")
            own = [field.alias or key for key, field in member.model_fields.items()]
            assert all(f"{key} (" in listed for key in set(own) - {"type", "description", "hidden", "modifiers"})


def test_a_prompt_is_as_long_as_the_documentation_says() -> None:
    text = (Path(__file__).parents[2] / "docs" / "authoring.md").read_text(encoding="utf-8")
    (stated,) = re.findall(r"a prompt of about (\d+) kB", text)
    assert abs(len(brief().encode()) / 1000 - int(stated)) < 3


def test_the_skill_begins_with_its_name_and_description_as_agents_read_them() -> None:
    text = (Path(datagen.__file__).parent / "data" / "authoring" / "SKILL.md").read_text(encoding="utf-8")
    head, _ = parse_yaml(text.removeprefix("---\n").partition("\n---\n")[0])
    assert head.keys() == {"name", "description"} and head["name"] == "datagen"
    assert len(head["description"]) > 100
    commands = set(re.findall(r"`datagen ([a-z-]+)", text))
    assert len(commands) > 8 and commands <= set(typer.main.get_command(app).commands)


def test_rules_name_existing_kinds() -> None:
    kinds = {name for base in FAMILIES.values() for name in base.members}
    named = {name for rule in rules() for name in re.findall(r"'([a-z_]+)'", rule)}
    assert named and named <= kinds


def test_its_document_is_sound_fits_the_json_schema_and_makes_what_it_declares(tmp_path: Path) -> None:
    assert datagen.check(EXAMPLE) == ()
    jsonschema.validate(EXAMPLE, brief_data()["json_schema"])
    datagen.generate(EXAMPLE, tmp_path / "out")
    report = datagen.validate(EXAMPLE, tmp_path / "out")
    assert report.passed and report.score >= 95, report.losses


def test_the_document_of_an_answer_to_the_prompt_is_found_by_repair() -> None:
    block = brief().partition("# A whole document")[2]
    made = repair(block)
    assert made.valid and json.loads(made.text) == EXAMPLE


def test_one_read_gives_an_agent_all_it_needs() -> None:
    data = json.loads(json.dumps(brief_data()))
    assert {"rules", "json_schema", "kinds", "problem_codes", "example", "prompt"} <= set(data)
    assert all(data["problem_codes"].values())
