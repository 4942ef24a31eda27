"""Each `helm install` of the documentation renders."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.helm.tools import Chart

ROOT = Path(__file__).parents[2]
COMMANDS = re.findall(r"^\s*\$ helm install (.+)$", (ROOT / "docs" / "kubernetes.md").read_text(), re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS, ids=[f"command {i}" for i in range(len(COMMANDS))])
def test_the_command_renders_with_the_namespace_and_values_it_names(
    chart: Chart, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    release, folder, *arguments = shlex.split(command)
    assert folder == "helm/datagen"
    manifests = chart.render(*arguments, release=release)
    assert {"Job", "DaskJob"} & {manifest["kind"] for manifest in manifests}
    assert all(m["metadata"]["labels"]["app.kubernetes.io/instance"] == release for m in manifests)


def test_there_are_commands() -> None:
    assert len(COMMANDS) >= 5


def test_the_image_has_the_tag_that_the_chart_takes(chart: Chart) -> None:
    [tag] = set(re.findall(r"--tag \S+:(\S+)", (ROOT / "docs" / "kubernetes.md").read_text()))
    manifests = chart.render(*shlex.split(COMMANDS[0])[2:])
    assert f"registry.internal/datagen:{tag}" in str(manifests)
