"""Builds the book once more and fails if a chapter was executed again or another run was used.

But for chapters that there was no time to train: every build tries them again, this one in no time.
"""

import json
import os
import subprocess
import sys

from not_trained import STATUS, not_trained

left_out, before = not_trained(), json.loads(STATUS.read_text())
environment = os.environ | {"GROUNDUP_BUDGET": "0"}
quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
subprocess.run(["make", "book"], check=True, env=environment, **quiet)
after = json.loads(STATUS.read_text())
names = [name for name in {**before["pages"], **after["pages"]} if name not in left_out]
changed = [name for name in names if before["pages"].get(name) != after["pages"].get(name)]
if changed or before["versions"] != after["versions"]:
    sys.exit(f"a second build of the same book executed again: {', '.join(changed)}")
print(f"{len(names)} chapters unchanged" + (f", {len(left_out)} left out" if left_out else ""))
