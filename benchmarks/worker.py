"""One peer in a process of its own: told ``epoch`` or ``end`` on its input, answers in JSON."""

import contextlib
import json
import resource
import sys
import time
from pathlib import Path

import numpy as np

from benchmarks.peers import PEERS
from benchmarks.tasks import TASKS, load


def most_memory() -> float:
    """The most memory that the process had since it was asked to forget, in MiB."""
    status = Path("/proc/self/status")
    if status.exists():
        (peak,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(peak.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def forget_most_memory() -> None:
    """Let the most memory be what there is now; only Linux can, elsewhere it counts from the start."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def main(task_name: str, peer_name: str, seed: str) -> None:
    """Answer until told to end."""
    answers = sys.stdout
    sys.stdout = sys.stderr  # what a library prints is no answer
    task = TASKS[task_name]
    x_train, y_train, x_test, y_test = load(task)
    try:
        peer = PEERS[peer_name](task, x_train, y_train, int(seed))
    except ImportError as error:
        print(json.dumps({"missing": str(error)}), file=answers, flush=True)
        return
    forget_most_memory()
    before = most_memory()
    print(json.dumps({"ready": peer_name}), file=answers, flush=True)
    for line in sys.stdin:
        if line.strip() == "epoch":
            clock = time.perf_counter()
            peer.epoch()
            answer = {
                "seconds": time.perf_counter() - clock,
                "training_mib": most_memory() - before,
            }
        else:
            right = peer.predict(x_test).argmax(axis=-1) == y_test
            answer = {"accuracy": float(np.mean(right))}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
