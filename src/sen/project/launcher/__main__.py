"""``python3 -P src/sen/project/launcher …``: what the ``./sen`` script runs."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from sen.project.launcher.cli import main

if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
