"""Look for secrets in the files that git would publish: ``python tools/scan_secrets.py [FILE …]``.

Reports private keys, well-known token shapes, addresses with a password, and random-looking values
given to names such as ``password`` or ``secret``. A line that is meant to hold such a value (a
test's own password) says so with the comment ``secret-scan: allow`` and why.
"""

from __future__ import annotations

import math
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ALLOW = "secret-scan: allow"
BINARY = {".png", ".jpg", ".webp", ".woff2", ".ico", ".gz", ".zip", ".gpkg", ".pbf", ".xlsx", ".mo"}
LOCKS = {"package-lock.json", "run.lock", "dev.lock", "bootstrap.lock", "node.lock"}
LARGEST_BYTES = 2_000_000
SHAPES = {
    "private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "AWS access key": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "GitHub token": re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36,}\b"),
    "GitLab token": re.compile(r"\bglpat-[A-Za-z0-9_-]{20,}\b"),
    "Slack token": re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{10,}\b"),
    "Google API key": re.compile(r"\bAIza[0-9A-Za-z_-]{35}\b"),
    "JSON web token": re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[\w-]{10,}"),
    "npm token": re.compile(r"_authToken\s*=\s*[A-Za-z0-9-]{20,}"),
}
ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s/:@'\"{}<>]+:([^\s/:@'\"{}<>@]+)@")
ASSIGNED = re.compile(
    r"(?i)\b[\w.-]*(?:secret|token|passw(?:or)?d|api_?key|credential)[\w.-]*['\"]?\s*[:=]\s*"
    r"['\"]([^'\"\s]{16,})['\"]"
)
PLACEHOLDERS = {"mat_khau", "password", "secret", "changeme"}
RANDOM_BITS = 3.5


def entropy(text: str) -> float:
    """Bits for each character, by Shannon."""
    counts = Counter(text)
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts.values())


def looks_random(value: str) -> bool:
    """Whether a value is a secret rather than words or a placeholder."""
    if value.lower() in PLACEHOLDERS or value.startswith("@@"):
        return False
    mixed = any(c.isdigit() for c in value) and any(c.isalpha() for c in value)
    return mixed and " " not in value and entropy(value) > RANDOM_BITS


def findings(text: str) -> Iterator[tuple[int, str]]:
    """Line number and kind of each finding."""
    for number, line in enumerate(text.splitlines(), start=1):
        if ALLOW in line:
            continue
        for kind, shape in SHAPES.items():
            if shape.search(line):
                yield number, kind
        if any(len(v) >= 8 and looks_random(v) for v in ADDRESS.findall(line)):
            yield number, "address with a password"
        if any(looks_random(v) for v in ASSIGNED.findall(line)):
            yield number, "random value given to a secret's name"


def published_files() -> list[Path]:
    """What git tracks, and what it would add."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    output = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [ROOT / name for name in output.split("\0") if name]


def is_text(path: Path) -> bool:
    """Whether the file is worth reading."""
    if path.suffix.lower() in BINARY or path.name in LOCKS or not path.is_file():
        return False
    return path.stat().st_size <= LARGEST_BYTES


def main(arguments: Sequence[str]) -> int:
    """Scan the files given, or all that git would publish; 1 when something was found."""
    files = [Path(name).resolve() for name in arguments] or published_files()
    found = 0
    for path in filter(is_text, files):
        text = path.read_text(encoding="utf-8", errors="replace")
        for number, kind in findings(text):
            shown = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
            print(f"{shown}:{number}: {kind}")
            found += 1
    print(f"{len(files)} files, {found} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
