"""Builds the book once more and fails if a chapter was executed again or another run was used."""

import json
import subprocess
import sys
from pathlib import Path

STATUS = Path("_build/html/status.json")

before = json.loads(STATUS.read_text())
subprocess.run(["make", "book"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
after = json.loads(STATUS.read_text())
if before != after:
    changed = [name for name, facts in after["pages"].items() if facts != before["pages"].get(name)]
    sys.exit(f"a second build of the same book executed again: {', '.join(changed)}")
print(f"{len(after['pages'])} chapters unchanged")
