"""The chart renders valid, consistent and locked-down manifests for every set of values, and refuses wrong values."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml

from tests.helm.tools import CHART, VALUES, Chart, custom_resource_schema, resources_of_operator

OLDEST, NEWEST = "1.29.0", "1.37.0"
"""The versions of Kubernetes that the chart is written for: see `kubeVersion` in Chart.yaml."""
CUSTOM = {"DaskJob", "Certificate"}
Manifest = dict[str, Any]


@pytest.fixture(scope="module", params=VALUES, ids=lambda path: path.stem)
def values(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


@pytest.fixture(scope="module")
def manifests(chart: Chart, values: Path) -> list[Manifest]:
    return chart.render("-f", str(values))


def of_kind(manifests: list[Manifest], kind: str, **labels: str) -> list[Manifest]:
    expected = {f"app.kubernetes.io/{name}": value for name, value in labels.items()}
    return [m for m in manifests if m["kind"] == kind and expected.items() <= m["metadata"].get("labels", {}).items()]


def pod_specs(node: object) -> Iterator[Manifest]:
    """Every pod specification at any depth: what has containers."""
    if isinstance(node, dict):
        if "containers" in node:
            yield node
        for value in node.values():
            yield from pod_specs(value)
    elif isinstance(node, list):
        for value in node:
            yield from pod_specs(value)


def test_the_chart_passes_the_linter(chart: Chart, values: Path) -> None:
    made = chart.call("lint", "--strict", str(CHART), "-f", str(values))
    assert made.returncode == 0, made.stdout + made.stderr


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
def test_every_manifest_is_valid_for_the_oldest_and_the_newest_kubernetes(
    manifests: list[Manifest], version: str
) -> None:
    known = [manifest for manifest in manifests if manifest["kind"] not in CUSTOM]
    assert known
    for manifest in known:
        kubernetes_validate.validate(manifest, version, strict=True)  # raises ValidationError


def test_the_dask_job_is_what_the_operator_defines(chart: Chart) -> None:
    manifests = chart.render("-f", str(VALUES[0].parent / "dask_job.yaml"))
    [job] = of_kind(manifests, "DaskJob")
    jsonschema.validate(job, custom_resource_schema("DaskJob"))
    cluster = job["spec"]["cluster"]["spec"]
    assert cluster["worker"]["replicas"] == 5
    ports = {port["name"]: port["containerPort"] for port in cluster["scheduler"]["spec"]["containers"][0]["ports"]}
    for port in cluster["scheduler"]["service"]["ports"]:
        assert ports[port["targetPort"]] == port["port"]
    assert not of_kind(manifests, "Job"), "the operator makes the pods"


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
def test_what_the_operator_makes_of_the_dask_job_is_valid_and_finds_its_scheduler(chart: Chart, version: str) -> None:
    values = str(VALUES[0].parent / "dask_job.yaml")
    [job] = of_kind(chart.render("-f", values, release="a-release-whose-name-is-as-long-as-helm-takes"), "DaskJob")
    scheduler, service, worker, runner = made = resources_of_operator(job)
    for manifest in made:
        kubernetes_validate.validate(manifest, version, strict=True)
    for deployment in (scheduler, worker):
        template = deployment["spec"]["template"]
        assert template["spec"].get("restartPolicy", "Always") == "Always"
        assert deployment["spec"]["selector"]["matchLabels"].items() <= template["metadata"]["labels"].items()
        assert all(len(value) <= 63 for value in template["metadata"]["labels"].values())
    selector = service["spec"]["selector"].items()
    assert selector <= scheduler["spec"]["template"]["metadata"]["labels"].items()
    assert not selector <= worker["spec"]["template"]["metadata"]["labels"].items()
    host = f"{service['metadata']['name']}.data.svc.cluster.local"
    for pod in (worker["spec"]["template"]["spec"], runner["spec"]):
        [container] = pod["containers"]
        assert {"name": "DASK_SCHEDULER_ADDRESS", "value": f"tcp://{host}:8786"} in container["env"]
    assert "--cluster=$(DASK_SCHEDULER_ADDRESS)" in runner["spec"]["containers"][0]["args"]


def test_names_and_labels_are_what_kubernetes_takes(manifests: list[Manifest]) -> None:
    names = [(m["kind"], m["metadata"]["name"]) for m in manifests]
    assert len(set(names)) == len(names)
    assert all(len(name) <= 63 for _, name in names)
    for manifest in manifests:
        labels = manifest["metadata"]["labels"]
        assert labels["app.kubernetes.io/instance"] == "run"
        assert labels["app.kubernetes.io/managed-by"] == "Helm"


def test_the_service_leads_to_the_coordinator_and_to_no_worker(manifests: list[Manifest]) -> None:
    for service in of_kind(manifests, "Service"):
        selector = service["spec"]["selector"].items()
        [coordinator] = of_kind(manifests, "Job", component="coordinator")
        [workers] = of_kind(manifests, "Job", component="worker")
        assert selector <= coordinator["spec"]["template"]["metadata"]["labels"].items()
        assert not selector <= workers["spec"]["template"]["metadata"]["labels"].items()
        [port] = service["spec"]["ports"]
        ports = coordinator["spec"]["template"]["spec"]["containers"][0]["ports"]
        assert {p["name"]: p["containerPort"] for p in ports}[port["targetPort"]] == 8786
        assert port["protocol"] == "TCP"
        [worker] = pod_specs(workers)
        address = worker["containers"][0]["args"][1]
        assert address.partition("://")[2] == f"{service['metadata']['name']}:{port['port']}"


def test_the_network_policy_lets_in_pods_of_the_release_only(manifests: list[Manifest]) -> None:
    for policy in of_kind(manifests, "NetworkPolicy"):
        if policy in of_kind(manifests, "NetworkPolicy", component="metrics"):
            continue
        selected = policy["spec"]["podSelector"]["matchLabels"].items()
        for job in of_kind(manifests, "Job"):
            assert selected <= job["spec"]["template"]["metadata"]["labels"].items()
        [rule] = policy["spec"]["ingress"]
        assert rule == {"from": [{"podSelector": {"matchLabels": dict(selected)}}]}


def test_metrics_are_served_where_prometheus_looks_for_them(chart: Chart) -> None:
    manifests = chart.render("-f", str(VALUES[0].parent / "metrics.yaml"))
    [coordinator] = of_kind(manifests, "Job", component="coordinator")
    template = coordinator["spec"]["template"]
    assert template["metadata"]["annotations"] == {
        "prometheus.io/scrape": "true",
        "prometheus.io/port": "9300",
        "prometheus.io/path": "/metrics",
        "note": "kept",
    }
    [container] = template["spec"]["containers"]
    assert "--metrics=0.0.0.0:9300" in container["args"]
    assert {"name": "metrics", "containerPort": 9300, "protocol": "TCP"} in container["ports"]
    [policy] = of_kind(manifests, "NetworkPolicy", component="metrics")
    selected = policy["spec"]["podSelector"]["matchLabels"].items()
    assert selected <= template["metadata"]["labels"].items()
    [rule] = policy["spec"]["ingress"]
    assert rule["ports"] == [{"port": "metrics", "protocol": "TCP"}]
    assert rule["from"] == [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}]
    [workers] = of_kind(manifests, "Job", component="worker")
    assert (
        not policy["spec"]["podSelector"]["matchLabels"].items()
        <= workers["spec"]["template"]["metadata"]["labels"].items()
    )


def test_without_metrics_no_port_and_no_annotation_is_there(chart: Chart) -> None:
    text = str(chart.render("-f", str(VALUES[0].parent / "smallest.yaml")))
    assert "metrics" not in text and "prometheus" not in text


def test_every_object_that_a_pod_uses_is_rendered_or_given(manifests: list[Manifest], values: Path) -> None:
    given = yaml.safe_load(values.read_text())
    rendered = {(m["kind"], m["metadata"]["name"]) for m in manifests}
    rendered |= {("Secret", m["spec"]["secretName"]) for m in of_kind(manifests, "Certificate")}
    outside = str(given)
    for spec in pod_specs(manifests):
        for volume in spec["volumes"]:
            if "configMap" in volume:
                name = volume["configMap"]["name"]
                assert ("ConfigMap", name) in rendered or name in outside
            if "secret" in volume:
                assert ("Secret", volume["secret"]["secretName"]) in rendered or volume["secret"][
                    "secretName"
                ] in outside
        account = spec["serviceAccountName"]
        assert ("ServiceAccount", account) in rendered or account in outside
        volumes = {volume["name"] for volume in spec["volumes"]}
        for container in spec["containers"]:
            assert {mount["name"] for mount in container["volumeMounts"]} <= volumes


def test_pods_are_locked_down(manifests: list[Manifest]) -> None:
    specs = list(pod_specs(manifests))
    assert specs
    for spec in specs:
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert spec["automountServiceAccountToken"] is False
        for container in spec["containers"]:
            locks = container["securityContext"]
            assert locks["readOnlyRootFilesystem"] is True and locks["allowPrivilegeEscalation"] is False
            assert locks["capabilities"] == {"drop": ["ALL"]}
            assert any(mount["mountPath"] == "/tmp" for mount in container["volumeMounts"]), "encoding needs a disk"
            assert container["resources"]["requests"]


def test_no_secret_stands_in_a_manifest(chart: Chart, manifests: list[Manifest]) -> None:
    """Secrets are referred to. The chart makes none, and has no value that takes one."""
    assert not of_kind(manifests, "Secret")
    schema = (CHART / "values.schema.json").read_text().lower()
    assert not any(word in schema for word in ('"password"', '"accesskey"', '"secretkey"', '"token"'))


def test_retries_resume_and_a_wrong_schema_is_not_retried(chart: Chart) -> None:
    manifests = chart.render("-f", str(VALUES[0].parent / "full.yaml"))
    [coordinator] = of_kind(manifests, "Job", component="coordinator")
    spec = coordinator["spec"]
    assert spec["backoffLimit"] == 3 and spec["activeDeadlineSeconds"] == 7200
    assert "--resume=auto" in spec["template"]["spec"]["containers"][0]["args"]
    actions = {rule["action"]: rule for rule in spec["podFailurePolicy"]["rules"]}
    assert actions["FailJob"]["onExitCodes"]["values"] == [2]
    [workers] = of_kind(manifests, "Job", component="worker")
    assert workers["spec"]["completionMode"] == "Indexed"
    assert workers["spec"]["completions"] == workers["spec"]["parallelism"] == 20
    assert workers["spec"]["backoffLimit"] == 40


def test_options_reach_the_commands(chart: Chart) -> None:
    manifests = chart.render("-f", str(VALUES[0].parent / "full.yaml"))
    [coordinator] = pod_specs(of_kind(manifests, "Job", component="coordinator"))
    assert coordinator["containers"][0]["args"] == [
        "generate",
        "/etc/datagen/schema/shop.json",
        "--out=/data/shop",
        "--cluster=/etc/datagen/cluster/cluster.yaml",
        "--resume=auto",
        "--seed=7",
        "--scale=100.5",
        "--format=csv",
        "--validate",
        "--partition-rows=500000",
    ]
    [worker] = pod_specs(of_kind(manifests, "Job", component="worker"))
    assert worker["containers"][0]["args"][:4] == ["worker", "tls://nightly:8786", "--threads=4", "--wait=120"]
    limit = next(v for v in worker["containers"][0]["env"] if v["name"] == "MEMORY_LIMIT")
    assert limit["valueFrom"]["resourceFieldRef"] == {"containerName": "worker", "resource": "limits.memory"}


def test_an_inline_document_arrives_as_it_was_written(chart: Chart) -> None:
    path = VALUES[0].parent / "inline.yaml"
    [document] = [m for m in chart.render("-f", str(path)) if m["metadata"]["name"].endswith("-schema")]
    assert document["data"]["shop.yaml"].strip() == yaml.safe_load(path.read_text())["schema"]["inline"].strip()


@pytest.mark.parametrize(
    "chosen", ["parquet:file_size=256MB", 'csv:separator=;,decimal=","', 'delta:codecs={"a": "b"}']
)
def test_a_format_reaches_the_command_with_its_options(chart: Chart, chosen: str, tmp_path: Path) -> None:
    values = tmp_path / "values.yaml"
    values.write_text(yaml.safe_dump({"run": {"format": chosen}}))
    manifests = chart.render("-f", str(VALUES[0].parent / "smallest.yaml"), "-f", str(values))
    [coordinator] = pod_specs(of_kind(manifests, "Job", component="coordinator"))
    assert f"--format={chosen}" in coordinator["containers"][0]["args"]


def test_another_run_is_another_job_and_the_same_run_the_same(chart: Chart) -> None:
    def name(*arguments: str) -> str:
        manifests = chart.render("-f", str(VALUES[0].parent / "smallest.yaml"), *arguments)
        found: str = of_kind(manifests, "Job", component="coordinator")[0]["metadata"]["name"]
        return found

    assert name() == name() != name("--set", "run.seed=8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--set", "output.uri=s3://b/x"], "schema.inline"),
        (["--set", "schema.existingConfigMap=x"], "output.uri"),
        (["--set", "schema.existingConfigMap=x", "--set", "output.uri=hdfs://b"], "output"),
        (["-f", "smallest", "--set", "tls.mode=secret"], "tls.secretName"),
        (["-f", "smallest", "--set", "tls.mode=certManager"], "tls.issuerRef"),
        (["-f", "smallest", "--set", "worker.replica=3"], "replica"),
        (["-f", "smallest", "--set", "worker.replicas=0"], "replicas"),
        (["-f", "smallest", "--set", "metrics.port=8786"], "metrics"),
        (["-f", "dask_job", "--set", "tls.mode=secret", "--set", "tls.secretName=x"], "mode: job"),
        (["-f", "inline", "--set", "schema.existingConfigMap=x"], "give one of them"),
        (["-f", "smallest", "--set", "output.uri=/data/shop"], "output.existingClaim"),
        (["-f", "dask_job", "--set", "output.uri=/data/shop"], "output.existingClaim"),
        (["-f", "smallest", "--set", "output.uri=/data2/shop,output.existingClaim=x"], "not below output.mountPath"),
    ],
)
def test_wrong_values_are_refused_by_name(chart: Chart, arguments: list[str], message: str) -> None:
    folder = VALUES[0].parent
    paths = [
        str(folder / f"{word}.yaml") if before == "-f" else word
        for before, word in zip(["", *arguments], arguments, strict=False)
    ]
    assert message in chart.refusal(*paths)
