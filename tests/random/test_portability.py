import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

HERE = Path(__file__).parent
GOLDEN = json.loads((HERE / "golden.json").read_text())
PLAIN = {
    # What the machine has is what can be switched off; other names make numpy warn.
    "NPY_DISABLE_CPU_FEATURES": " ".join(
        name
        for name in np._core._multiarray_umath.__cpu_dispatch__
        if np._core._multiarray_umath.__cpu_features__.get(name)
    ),
    "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA",
}


def run(**environment):
    command = [sys.executable, str(HERE / "fingerprints.py")]
    paths = {"PYTHONPATH": str(HERE.parents[1])}
    done = subprocess.run(
        command, env={**os.environ, **paths, **environment}, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


@pytest.mark.golden
def test_values_are_the_golden_ones_on_this_python_and_numpy():
    assert run() == GOLDEN


@pytest.mark.golden
@pytest.mark.skipif(
    platform.machine() != "x86_64" or sys.platform != "linux", reason="the switches are for x86-64 Linux"
)
def test_values_are_the_same_with_cpu_features_switched_off():
    assert run(**PLAIN) == GOLDEN
