"""What `--cluster` means: addresses, files, names, Dask's configuration, and what is wrong with a profile."""

from __future__ import annotations

from pathlib import Path

import dask.config
import pytest
from distributed import Client

import datagen
from datagen.errors import PlanError
from datagen.kinds.clusters.address import Address
from datagen.kinds.clusters.base import CLUSTERS, load
from datagen.kinds.clusters.dask import Dask
from datagen.kinds.clusters.kubernetes import Kubernetes
from datagen.kinds.clusters.listen import Listen
from datagen.kinds.clusters.local import Local
from datagen.kinds.clusters.support.profiles import cluster_named
from datagen.runtime.executors.choose import asked_cluster, task_memory

ROOT = Path(__file__).parents[3]
DOCUMENT = {"datagen": 1, "name": "x", "tables": {"a": {"rows": 5, "columns": {"a_id": {"type": "key"}}}}}


@pytest.mark.parametrize(
    "message",
    ["tcp://10.0.0.1:8786", "tls://host:1", "10.0.0.1:8786", "[::1]:8786", "scheduler.local:8786", "nonsense://x"],
)
def test_an_address_is_an_address(message: str) -> None:
    assert cluster_named(message) == Address(address=message)


def test_the_profiles_that_come_with_the_product_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    kinds = {
        path.stem: type(cluster_named(path.stem))
        for path in (ROOT / "cluster").glob("*.yaml")
        if path.stem != "compose"
    }
    assert kinds == {"local": Local, "address": Address, "kubernetes": Kubernetes, "slurm": Dask, "listen": Listen}
    assert cluster_named("local") == Local(workers=4, memory=2_000_000_000)
    assert cluster_named("cluster/local.yaml") == cluster_named(Path("cluster/local.yaml")) == cluster_named("local")


def test_every_kind_says_what_each_field_means() -> None:
    load()
    for kind in CLUSTERS.values():
        assert kind.__doc__
        fields = {name: field for name, field in kind.model_fields.items() if name != "type"}
        assert [name for name, field in fields.items() if not field.description] == []


def test_a_kind_is_a_profile_with_its_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert cluster_named("local") == Local()
    assert cluster_named({"type": "local", "workers": 3}) == Local(workers=3)
    assert cluster_named(Local(threads=2)) == Local(threads=2)


def test_dasks_configuration_completes_and_overrides_profiles() -> None:
    section = {
        "local": {"workers": 2, "threads": 4},
        "override": {"memory": "1GB"},
        "profiles": {"night": {"type": "local", "workers": 9}},
        "cluster": "night",
    }
    with dask.config.set({"datagen": section}):
        assert cluster_named({"type": "local", "workers": 7}) == Local(workers=7, threads=4, memory=10**9)
        assert cluster_named(None) == Local(workers=9, threads=4, memory=10**9)
    assert cluster_named(None) is None


def test_the_environment_is_dasks_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DASK_DATAGEN__OVERRIDE__WORKERS", "5")
    with dask.config.set(dask.config.collect_env()):
        assert cluster_named("local") == Local(workers=5)


@pytest.mark.parametrize(
    "message, reported",
    [
        ("locla", "no cluster profile 'locla'; did you mean 'local'"),
        ("127.0.0.1", "no cluster profile '127.0.0.1'; the address of a scheduler is written tcp://127.0.0.1:8786"),
        ("localhost", "the address of a scheduler is written tcp://localhost:8786"),
        ("absent.yaml", "cannot read the profile 'absent.yaml': no such file"),
        ({"workers": 3}, "the cluster has no 'type'; known: address, dask, kubernetes, listen, local"),
        ({"type": "loacl"}, "the cluster has an unknown type 'loacl'; did you mean 'local'"),
        ({"type": "local", "wrokers": 3}, "the cluster cannot be used: unknown key 'wrokers'; did you mean 'workers'?"),
        ({"type": "local", "workers": 0}, "the cluster cannot be used: workers: input should be greater"),
        ({"type": "dask", "cluster": "os.system"}, "'os.system' is not a cluster class of a known package"),
        ({"type": "dask", "cluster": "dask_jobqueue.x; y"}, "is not a cluster class of a known package"),
        ({"type": "kubernetes", "image": "i", "arguments": {"image": "j"}}, "'image' of the arguments is also a key"),
    ],
)
def test_what_is_wrong_with_a_profile_is_reported(message: object, reported: str) -> None:
    with pytest.raises(PlanError) as refused:
        cluster_named(message)  # type: ignore[arg-type]
    assert reported in str(refused.value)


@pytest.mark.parametrize("text, reported", [("type: [", "is no YAML"), ("- 1", "must be an object")])
def test_a_profile_that_cannot_be_read_is_reported(text: str, reported: str, tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(text)
    with pytest.raises(PlanError, match=reported):
        cluster_named(tmp_path / "p.yaml")


def test_options_of_the_command_change_the_profile() -> None:
    assert asked_cluster({"workers": 3, "memory": 10**9}) == Local(workers=3, memory=10**9)
    assert asked_cluster({"cluster": {"type": "local", "threads": 2}, "memory": 10**9}) == Local(
        threads=2, memory=2 * 10**9
    )
    assert asked_cluster({"cluster": "tls://a:1", "tls_ca": "ca.pem"}) == Address(address="tls://a:1", tls_ca="ca.pem")
    assert asked_cluster({}) is None
    with pytest.raises(PlanError, match="the cluster at tcp://a:1 has a fixed number of workers: leave out 'workers'"):
        asked_cluster({"cluster": "tcp://a:1", "workers": 3})
    for options in ({"tls_ca": "ca.pem"}, {"tls_ca": "ca.pem", "cluster": "local"}):
        with pytest.raises(PlanError, match="tls_ca, tls_cert and tls_key are for a cluster at"):
            asked_cluster(options)


def test_threads_count_in_the_memory_of_a_task() -> None:
    assert task_memory({}, Local(threads=4, memory=8 * 10**9)) == 2 * 10**9
    assert task_memory({"memory": 5}, Local(threads=4, memory=8 * 10**9)) == 5
    assert task_memory({}, Kubernetes(image="x", threads=2, memory=10**9)) == 5 * 10**8
    assert task_memory({}, None) <= 2 * 10**9


def test_a_run_over_the_memory_of_its_profile_is_refused_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="the budget is 50 MB"):
        datagen.generate(DOCUMENT, tmp_path / "out", cluster={"type": "local", "threads": 2, "memory": "100MB"})
    assert not (tmp_path / "out").exists()


def test_a_client_that_is_given_comes_first(tmp_path: Path) -> None:
    with Local(workers=1).connected() as client:
        datagen.generate(DOCUMENT, tmp_path, client=client, cluster="tcp://127.0.0.1:9")
        assert isinstance(client, Client)
        assert client.status == "running"


def test_another_package_can_bring_a_kind() -> None:
    class Farm(Local):
        type: str = "farm"  # type: ignore[assignment]

    assert type(cluster_named({"type": "farm"})) is Farm
    del CLUSTERS["farm"]
