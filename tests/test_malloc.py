import subprocess
import sys

import pytest

CODE = """
import resource
import numpy as np
from datagen.malloc import keep_freed_memory

keep_freed_memory()
keep_freed_memory()
np.ones(2_000_000)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    np.ones(2_000_000)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a setting of the C library of Linux")
def test_an_array_takes_the_pages_that_the_last_one_released() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 4000  # of 78,000 pages
