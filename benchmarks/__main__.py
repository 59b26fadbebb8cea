"""Train every network with every peer, epochs taken in turn, and write down what was measured.

python -m benchmarks [--rounds 3] [--threads 2] [--task mlp-20 …]
"""

import argparse
import contextlib
import datetime
import json
import os
import platform
import statistics
import subprocess
import sys
from importlib import metadata
from pathlib import Path

from benchmarks import report
from benchmarks.peers import OURS, PEERS, THREADS
from benchmarks.tasks import TASKS

HERE = Path(__file__).parent


@contextlib.contextmanager
def workers(task: str, seed: int, threads: int):
    """A process for each peer that is installed, ready to train."""
    environment = os.environ | dict.fromkeys(THREADS, str(threads)) | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    found = {}
    try:
        for peer in PEERS:
            process = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.worker", task, peer, str(seed)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=environment | OURS.get(peer, {}),
                cwd=HERE.parent,
            )
            found[peer] = process
            if "missing" in answer(process):
                del found[peer]
        yield found
    finally:
        for process in found.values():
            process.stdin.close()
        for process in found.values():
            process.wait()


def answer(process: subprocess.Popen) -> dict:
    """What a worker says next.

    Raises:
        RuntimeError: it died.
    """
    line = process.stdout.readline()
    if not line:
        raise RuntimeError(f"a worker stopped: {' '.join(process.args[-3:])}")
    return json.loads(line)


def ask(process: subprocess.Popen, what: str) -> dict:
    """Tell a worker what to do, and wait."""
    print(what, file=process.stdin, flush=True)
    return answer(process)


def measure(task: str, rounds: int, threads: int) -> dict[str, dict]:
    """For each peer its seconds for every epoch but the first, its memory, its accuracies."""
    results: dict[str, dict] = {}
    for seed in range(rounds):
        with workers(task, seed, threads) as peers:
            for epoch in range(TASKS[task].epochs):
                for name, process in peers.items():
                    said = ask(process, "epoch")
                    kept = results.setdefault(
                        name, {"seconds": [], "training_mib": 0.0, "accuracy": []}
                    )
                    if epoch:  # in the first, frameworks compile
                        kept["seconds"].append(round(said["seconds"], 3))
                    kept["training_mib"] = round(max(kept["training_mib"], said["training_mib"]), 1)
                print(f"{task}: round {seed + 1}, epoch {epoch + 1}", flush=True)
            for name, process in peers.items():
                results[name]["accuracy"].append(ask(process, "end")["accuracy"])
    for kept in results.values():
        kept["median"] = round(statistics.median(kept["seconds"]), 3)
    return results


def main() -> None:
    """Measure, and write the record, the table and the figure."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__.split("\n")[0]
    )
    parser.add_argument("--rounds", type=int, default=3, help="seeds, each with new processes")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--task", nargs="*", choices=TASKS, default=list(TASKS))
    arguments = parser.parse_args()
    path = HERE / "results.json"
    about = report.digests(report.ENGINE, "benchmarks/peers.py", "benchmarks/tasks.py")
    record = json.loads(path.read_text()) if path.exists() else {}
    if record.get("about") != about or record.get("threads") != arguments.threads:
        record = {"about": about, "threads": arguments.threads, "tasks": {}}
    libraries = ("numpy", "numba", "keras", "tensorflow", "scikit-learn", "torch")
    installed = {d.metadata["Name"].lower() for d in metadata.distributions()}
    record["versions"] = {n: metadata.version(n) for n in libraries if n in installed}
    record["versions"]["python"] = platform.python_version()
    record["cores"] = os.cpu_count()
    for task in arguments.task:
        record["tasks"][task] = {
            "measured": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            "peers": measure(task, arguments.rounds, arguments.threads),
        }
        path.write_text(json.dumps(record, indent=1) + "\n")
    report.write(record, HERE)
    print((HERE / "results.md").read_text())


if __name__ == "__main__":
    main()
