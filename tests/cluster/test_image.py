"""The image and the compose file, read as text: what a build would need is there, and nothing runs as root or is
reachable.
"""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from ruamel.yaml import YAML

from datagen.cli.app import app

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "cluster" / "Dockerfile"
DOCS = ROOT / "docs" / "dask.md"
COMPILERS = re.compile(r"\b(gcc|g\+\+|cc|make|build-essential|clang|apt-get|apk|curl|wget)\b")


def stages() -> list[list[tuple[str, str]]]:
    """The instructions of each stage: name and arguments."""
    text = re.sub(r"\\\n\s*", "", DOCKERFILE.read_text())
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    found: list[list[tuple[str, str]]] = [[]]
    for line in lines:
        name, _, rest = line.partition(" ")
        if name == "FROM":
            found.append([])
        found[-1].append((name, rest.strip()))
    return found


def arguments(stage: list[tuple[str, str]], name: str) -> list[str]:
    return [rest for instruction, rest in stage if instruction == name]


def test_the_last_stage_is_slim_runs_as_nobody_and_installs_nothing() -> None:
    head, build, last = stages()
    (python,) = arguments(head, "ARG")
    assert re.fullmatch(r"PYTHON=3\.\d+\.\d+-slim-\w+", python)
    assert arguments(build, "FROM") == ["python:${PYTHON} AS build"]
    assert arguments(last, "FROM") == ["python:${PYTHON}"]
    (user,) = arguments(last, "USER")
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", user)
    assert last.index(("USER", user)) > max(i for i, (name, _) in enumerate(last) if name in ("RUN", "COPY"))
    assert not any(COMPILERS.search(rest) or "pip" in rest for rest in arguments(last, "RUN"))
    assert arguments(last, "COPY")[0] == "--from=build /opt/datagen /opt/datagen"


def test_versions_are_pinned_and_packages_are_wheels() -> None:
    _, build, _ = stages()
    runs = " && ".join(arguments(build, "RUN"))
    installs = [shlex.split(command) for command in runs.split("&&") if " install " in command]
    assert len(installs) == 2
    assert all("--constraint" in install for install in installs)
    assert "PIP_ONLY_BINARY=:all:" in " ".join(arguments(build, "ENV"))
    pinned = {line.split("==")[0] for line in (ROOT / "constraints.txt").read_text().splitlines() if "==" in line}
    assert {"numpy", "pyarrow", "dask", "distributed", "s3fs"} <= pinned
    assert re.search(r"hatchling==\d", runs)


def test_the_image_has_no_tool_of_the_build() -> None:
    """Neither pip nor hatchling with the packages that it needs."""
    _, build, last = stages()
    commands = [shlex.split(command) for run in arguments(build, "RUN") for command in run.split("&&")]
    (made,) = [words for words in commands if words[:3] == ["python", "-m", "venv"]]
    assert "--without-pip" in made
    into = [words for words in commands if made[-1] + "/bin/python" in words]
    assert [words[-1] for words in into] == ["$(echo /wheels/*.whl)[${EXTRAS}]"]
    assert [rest for rest in arguments(last, "COPY") if "--from" in rest] == [f"--from=build {made[-1]} {made[-1]}"]


def test_the_packages_of_every_extra_of_the_image_are_pinned() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    pinned = {canonicalize_name(line.split("==")[0]) for line in (ROOT / "constraints.txt").read_text().splitlines()}
    _, build, _ = stages()
    (default,) = [rest.partition("=")[2] for rest in arguments(build, "ARG")]
    for extra in {default, "s3", "gs", "az", "databases", "mcp"}:
        assert {canonicalize_name(Requirement(text).name) for text in extras[extra]} <= pinned


def test_what_is_copied_is_there_and_not_ignored() -> None:
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    for stage in stages():
        for copied in arguments(stage, "COPY"):
            names = [] if copied.startswith("--from") else copied.split()[:-1]
            assert all((ROOT / name).exists() for name in names)
            assert set(names) <= allowed


def test_the_image_has_no_secret_and_no_tag_that_moves() -> None:
    text = DOCKERFILE.read_text()
    assert ":latest" not in text
    assert not re.search(r"(password|secret|token|key)\s*=", text, re.IGNORECASE)


def default_of(text: str) -> str:
    """What Compose puts for `${NAME:-default}` without a variable."""
    return re.sub(r"\$\{\w+:-(.*?)\}", r"\1", text)


def split_volume(text: str) -> list[str]:
    """The source, the target and perhaps the mode of a volume."""
    return re.split(r":(?!-)", text)


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe", pure=True).load((ROOT / "cluster" / "compose.yaml").read_text())
    assert found["networks"] == {"inside": {"internal": True}}
    return dict(found["services"])


def test_no_service_is_reachable_or_may_do_more_than_it_needs(services: dict[str, Any]) -> None:
    assert services.keys() == {"scheduler", "worker", "run"}
    for service in services.values():
        assert "ports" not in service and "privileged" not in service
        assert service["networks"] == ["inside"]
        assert service["user"] == "10001:10001"
        assert service["read_only"] is True and service["cap_drop"] == ["ALL"]
        assert (ROOT / "cluster" / service["build"]["context"] / service["build"]["dockerfile"]).exists()
        assert service["mem_limit"]


def test_the_document_of_the_run_is_in_a_folder_of_the_host_that_it_may_only_read(services: dict[str, Any]) -> None:
    run = services["run"]
    mounts = {target: (host, mode) for host, target, *mode in map(split_volume, run["volumes"])}
    host, mode = mounts[run["working_dir"]]
    assert mode == ["ro"]
    assert (ROOT / "cluster" / default_of(host) / default_of(run["entrypoint"][2])).is_file()
    out = run["entrypoint"][run["entrypoint"].index("--out") + 1]
    assert default_of(out).startswith("/data/") and mounts["/data"] == ("data", [])


def test_every_variable_of_the_compose_file_is_documented(services: dict[str, Any]) -> None:
    variables = set(re.findall(r"\$\{(\w+)", str(services)))
    assert variables == {"SCHEMAS", "SCHEMA", "WORKERS", "OUT"}
    (shown,) = re.findall(r"^\$ (\w+=.*)docker compose ", DOCS.read_text(), re.MULTILINE)
    assert {word.partition("=")[0] for word in shown.split()} == variables


def test_services_wait_for_what_they_need_and_meet_at_one_port(services: dict[str, Any]) -> None:
    assert services["worker"]["depends_on"] == {"scheduler": {"condition": "service_healthy"}}
    # Dask's worker ends with 0 when its scheduler is lost: it must be there for the run that continues
    assert services["worker"]["restart"] == "unless-stopped"
    scheduler, worker, run = (services[name] for name in ("scheduler", "worker", "run"))
    assert scheduler["entrypoint"][scheduler["entrypoint"].index("--port") + 1] == "8786"
    assert "tcp://scheduler:8786" in worker["entrypoint"]
    assert "tcp://scheduler:8786" in run["entrypoint"]


@pytest.mark.parametrize("name", ["scheduler", "worker"])
def test_commands_of_dask_have_these_options(services: dict[str, Any], name: str) -> None:
    from distributed.cli.dask_scheduler import main as scheduler
    from distributed.cli.dask_worker import main as worker

    command = {"scheduler": scheduler, "worker": worker}[name]
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    message = {word for word in services[name]["entrypoint"] if str(word).startswith("--")}
    assert message <= known


def test_the_run_is_a_command_of_datagen_that_more_options_can_follow(services: dict[str, Any]) -> None:
    """What follows `docker compose run run` is put after the entrypoint and replaces a `command`."""
    assert "command" not in services["run"]
    program, name, *words = services["run"]["entrypoint"]
    assert program == "datagen"
    command = typer.main.get_command(app).commands[name]  # type: ignore[attr-defined]
    context = command.make_context(name, [*map(default_of, words), "--scale", "10", "--resume"])
    assert context.params["cluster"] == "tcp://scheduler:8786"
    assert context.params["memory"] == 2_000_000_000
    assert context.params["scale"] == 10
