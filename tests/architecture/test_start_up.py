"""A process of the platform starts without what few requests need."""

from __future__ import annotations

import subprocess
import sys

#: Each costs a start a tenth of a second or more.
HEAVY = ("openpyxl", "pandas", "pyarrow", "pyogrio", "rasterio", "weasyprint", "xlsxwriter")
LOADED = f"""
import sys
import sen.project.wsgi, sen.project.urls
print([name for name in {HEAVY!r} if name in sys.modules])
"""


def test_the_web_process_starts_without_heavy_libraries() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LOADED], capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "[]", done.stdout + done.stderr
