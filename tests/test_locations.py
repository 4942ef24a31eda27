"""Addresses: `~` is the home folder, `file:` a local path, and a scheme without a store is never a local folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import datagen
from datagen.errors import AddressError
from datagen.locations import local_path, without_password


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "home").mkdir()
    (tmp_path / "here").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "home"


def test_documents_and_data_are_found_in_the_home_folder(home: Path) -> None:
    document = {"datagen": 1, "name": "x", "tables": {"a": {"rows": 3, "columns": {"a_id": {"type": "key"}}}}}
    (home / "x.json").write_text(json.dumps(document))
    datagen.generate("~/x.json", "~/out")
    assert (home / "out" / "_SUCCESS").exists()
    assert not Path("~").exists()
    assert datagen.fingerprint("~/out") == datagen.fingerprint("~/x.json")
    assert datagen.Dataset("~/out")["a"].rows == 3
    assert datagen.validate("~/x.json", "~/out").passed


def test_an_unknown_home_folder_is_left_as_written(home: Path) -> None:
    assert local_path("~nobody-of-this-name/x") == Path("~nobody-of-this-name/x")
    assert local_path("a/~b") == Path("a/~b")


DOCUMENT = {"datagen": 1, "name": "cloud", "tables": {"t": {"rows": 10, "columns": {"k": {"type": "key"}}}}}
REMOTE = [
    "wasbs://bucket/x",
    "HDFS://n/x",
    "https://h/x",
    "foo+bar://x",
]


@pytest.mark.parametrize("address", REMOTE)
def test_an_address_without_a_store_is_refused_before_anything_happens(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for act in (
        lambda: datagen.generate(DOCUMENT, address),
        lambda: datagen.generate(DOCUMENT, Path(address)),
        lambda: datagen.validate(DOCUMENT, address),
        lambda: datagen.Dataset(address),
        lambda: datagen.fingerprint(address),
        lambda: datagen.read(address + ".yaml"),
    ):
        with pytest.raises(AddressError, match=r"[gG]ive a local") as refused:
            act()
        assert refused.value.exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_the_refusal_says_how_the_data_can_get_there() -> None:
    with pytest.raises(AddressError, match="copy it with hdfs dfs -put FOLDER hdfs://n/x"):
        datagen.Dataset(Path("hdfs://n/x"))


@pytest.mark.parametrize("address", ["s3://bucket/x.yaml", Path("s3://bucket/x.yaml")])
def test_what_must_be_local_says_so(address: str | Path) -> None:
    with pytest.raises(AddressError, match=r"'s3://bucket/x.yaml' is not a local file"):
        datagen.read(address)


@pytest.mark.parametrize(
    "address, path",
    [
        ("file:///data/a", "/data/a"),
        ("file:/data/a", "/data/a"),
        ("file://localhost/data/a", "/data/a"),
        ("FILE:///data/a%20b", "/data/a b"),
        ("a:b", "a:b"),
        ("./s3:/x", "./s3:/x"),
        ("c:/x", "c:/x"),
    ],
)
def test_a_file_url_and_a_path_with_a_colon_are_local(address: str, path: str) -> None:
    assert local_path(address) == Path(path)


@pytest.mark.parametrize("address", ["file://host/data", "file:///a?b", "file:///a#b", "a\0b", "file:///a%00b"])
def test_what_names_no_local_file_is_refused(address: str) -> None:
    with pytest.raises(AddressError):
        local_path(address)


def test_data_is_written_to_a_file_url(tmp_path: Path) -> None:
    datagen.generate(DOCUMENT, f"file://{tmp_path}/a%20b")
    assert (tmp_path / "a b" / "_SUCCESS").exists()
    assert datagen.fingerprint(f"file://{tmp_path}/a%20b") == datagen.fingerprint(DOCUMENT)


@pytest.mark.parametrize(
    ("user", "shown"), [("me:secret", "me:***"), ("me:se@c#ret", "me:***"), ("me", "me"), ("me:", "me:***")]
)
def test_messages_do_not_show_the_password_of_a_user(user: str, shown: str) -> None:
    rest = "host:5432/a@b?c=d:e@f"
    assert without_password(f"postgresql://{user}@{rest}") == f"postgresql://{shown}@{rest}"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://host/shop?sslpassword=secret&user=me", "postgresql://host/shop?sslpassword=***&user=me"),
        ("host=there Password = secret user=me", "host=there Password = *** user=me"),
        ("s3://bucket/a:b", "s3://bucket/a:b"),
    ],
)
def test_messages_do_not_show_the_option_of_a_password(url: str, shown: str) -> None:
    assert without_password(url) == shown
