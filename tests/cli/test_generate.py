import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import typer

from datagen.cli.options import parse_format
from tests.cli.terminal import Run


def test_a_run_says_in_one_line_what_it_wrote(run: Run, shop: Path, tmp_path: Path) -> None:
    reported = run("generate", shop, "--out", tmp_path / "data", "--seed", 7)
    assert reported.code == 0
    assert reported.out.count("\n") == 1
    assert " rows, " in reported.out
    assert f"files at {tmp_path / 'data'}" in reported.out
    assert reported.err == ""
    assert (tmp_path / "data" / "_SUCCESS").exists()


def test_a_folder_with_a_run_is_refused_unless_one_says_overwrite(run: Run, shop: Path, tmp_path: Path) -> None:
    assert run("generate", shop, "--out", tmp_path / "data").code == 0
    refused = run("generate", shop, "--out", tmp_path / "data")
    assert refused.code == 1
    assert "--overwrite" in refused.err
    assert run("generate", shop, "--out", tmp_path / "data", "--overwrite").code == 0


def test_resume_and_overwrite_exclude_each_other(run: Run, shop: Path) -> None:
    assert run("generate", shop, "--resume", "--overwrite").code == 2


def test_a_wrong_schema_writes_nothing(run: Run, shop: Path, tmp_path: Path) -> None:
    shop.write_text(shop.read_text().replace('"lognormal"', '"lognorml"'))
    reported = run("generate", shop, "--out", tmp_path / "data")
    assert reported.code == 2
    assert "did you mean 'lognormal'?" in reported.err
    assert not (tmp_path / "data").exists()


def test_seed_and_scale_are_applied(run: Run, shop: Path, tmp_path: Path) -> None:
    prints = []
    for number, options in enumerate([(), ("--seed", 0), ("--seed", 1), ("--scale", 2)]):
        folder = tmp_path / str(number)
        assert run("generate", shop, "--out", folder, *options).code == 0
        prints.append(run("fingerprint", folder).out)
    assert prints[0] == prints[1]
    assert len(set(prints)) == 3


@pytest.mark.parametrize("size", ["", "lots", "-1GB", "0", "5XB"])
def test_a_size_that_is_none_is_refused(run: Run, shop: Path, size: str) -> None:
    assert run("generate", shop, "--memory", size).code == 2


def test_an_interrupt_says_how_to_resume_and_ends_with_130(shop: Path, tmp_path: Path) -> None:
    """Ctrl-C in the middle of a run of many partitions; the same command with --resume then finishes."""
    command = [sys.executable, "-c", "from datagen.cli import main; main()", "generate", str(shop)]
    command += ["--out", str(tmp_path / "data"), "--scale", "4000", "--partition-rows", "50000"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    receipts = tmp_path / "data" / "_run" / "receipts"
    until = time.monotonic() + 240
    while not (receipts.is_dir() and any(receipts.iterdir())) and time.monotonic() < until and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=240)
    assert process.returncode == 130
    assert "--resume" in err
    assert "Traceback" not in err
    assert not (tmp_path / "data" / "_SUCCESS").exists()


def test_resume_keeps_what_is_whole_and_tells_what_is_made_again(run: Run, shop: Path, tmp_path: Path) -> None:
    out = tmp_path / "data"
    assert run("generate", shop, "--out", out).code == 0
    part = next((out / "customers").iterdir())
    before, zeros = part.read_bytes(), bytes(part.stat().st_size)
    part.write_bytes(zeros)
    assert run("generate", shop, "--out", out, "--resume=fast").code == 0
    assert part.read_bytes() == zeros
    reported = run("generate", shop, "--out", out, "--resume")
    assert reported.code == 0
    assert "is generated again: customers/" in reported.err
    assert "has another hash than its receipt" in reported.err
    assert part.read_bytes() == before


def test_an_address_of_a_store_is_refused_with_2(run: Run, shop: Path, tmp_path: Path) -> None:
    for command in (
        ("generate", shop, "--out", "hdfs://bucket/x"),
        ("validate", shop, "--data", "wasbs://bucket/x"),
        ("validate", shop, "--data", tmp_path, "--html", "az://x/report.html"),
        ("truth", "abfss://x"),
        ("fingerprint", "hdfs://x"),
        ("export", shop, "--to", "ddl", "--out", "s3://x.sql"),
        ("json-schema", "--out", "s3://x.json"),
        ("check", "s3://bucket/shop.yaml"),
    ):
        reported = run(*command)
        assert (reported.code, reported.out, reported.err.count("\n")) == (2, "", 1)
        assert "ive a local" in reported.err


def test_a_format_may_have_options_on_the_command_line() -> None:
    assert parse_format("csv") == "csv"
    assert parse_format("csv:separator=;,bom=true") == {"type": "csv", "separator": ";", "bom": True}
    assert parse_format("parquet:file_size=64MB,level=3") == {"type": "parquet", "file_size": "64MB", "level": 3}
    divided = parse_format("delta:partition_by=year,month,level=3")
    assert divided == {"type": "delta", "partition_by": ["year", "month"], "level": 3}
    with pytest.raises(typer.BadParameter, match="KEY=VALUE"):
        parse_format("csv:bom")


@pytest.mark.parametrize("command", ["generate", "plan"])
def test_two_formats_are_refused(run: Run, shop: Path, command: str) -> None:
    made = run(command, shop, "--format", "csv", "--format", "parquet")
    assert made.code == 2
    assert "a run writes one" in made.err


def test_a_value_of_a_format_option_may_contain_commas() -> None:
    assert parse_format('csv:separator=;,decimal=",",bom=true') == {
        "type": "csv",
        "separator": ";",
        "decimal": ",",
        "bom": True,
    }
    coded = parse_format('parquet:codecs={"a":"none","b":"zstd"},partition_by=["year","month"]')
    assert coded == {"type": "parquet", "codecs": {"a": "none", "b": "zstd"}, "partition_by": ["year", "month"]}
    for bare in ("csv:decimal=,", "csv:separator=;,decimal=,,bom=true", "csv:"):
        with pytest.raises(typer.BadParameter, match=r'a comma as a value needs quotes, as in .*decimal=","'):
            parse_format(bare)
