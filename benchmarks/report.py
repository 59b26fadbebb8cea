"""The record as a table and as a figure."""

import statistics
from pathlib import Path

from benchmarks.peers import FLOOR, OURS
from benchmarks.tasks import TASKS
from groundup.runs import code

ROOT = Path(__file__).parents[1]
ENGINE = "src/groundup/nn/**/*.py"


def digests(*patterns: str) -> dict[str, str]:
    """What a record is about: the files that match, each with the digest of its syntax."""
    paths = sorted(path for pattern in patterns for path in ROOT.glob(pattern))
    return {path.relative_to(ROOT).as_posix(): code.syntax_digest(path) for path in paths}


def fastest_peer(peers: dict[str, dict]) -> float:
    """The median epoch of the fastest that isn't ours, in seconds."""
    return min(kept["median"] for name, kept in peers.items() if name not in {*OURS, FLOOR})


def table(record: dict) -> str:
    """The record as Markdown."""
    versions = ", ".join(f"{name} {version}" for name, version in record["versions"].items())
    lines = [
        f"{record['threads']} threads on {record['cores']} cores where nothing else is said; {versions}.",
        "",
        "Median seconds for an epoch of MNIST, or of 262,144 characters, and as a multiple of the",
        "fastest peer's; memory that training took on top of data and libraries; test accuracy after",
        "equal epochs, mean over seeds.",
    ]
    for name, measured in record["tasks"].items():
        task, peers = TASKS[name], measured["peers"]
        least = fastest_peer(peers)
        lines += [
            "",
            f"**{task.title}**",
            "",
            "| | s/epoch | ratio | MiB | accuracy, % |",
            "| --- | ---: | ---: | ---: | ---: |",
        ]
        for peer, kept in sorted(peers.items(), key=lambda item: item[1]["median"]):
            accuracy = f"{100 * statistics.mean(kept['accuracy']):.2f}" if peer != FLOOR else ""
            lines.append(
                f"| {peer} | {kept['median']:.2f} | {kept['median'] / least:.2f} | "
                f"{kept['training_mib']:.0f} | {accuracy} |"
            )
    return "\n".join(lines) + "\n"


def figure(record: dict):
    """The ratios to the fastest peer, one panel for each task."""
    import matplotlib.pyplot as plt

    tasks = record["tasks"]
    heights = [0.6 + 0.22 * len(measured["peers"]) for measured in tasks.values()]
    drawn, panels = plt.subplots(
        len(tasks), 1, figsize=(7, sum(heights)), height_ratios=heights, squeeze=False
    )
    for ax, (name, measured) in zip(panels[:, 0], tasks.items(), strict=True):
        peers = sorted(measured["peers"].items(), key=lambda item: -item[1]["median"])
        least = fastest_peer(measured["peers"])
        ratios = [kept["median"] / least for _, kept in peers]
        colors = ["#0b6e99" if peer in OURS else "#9aa5ad" for peer, _ in peers]
        bars = ax.barh([peer for peer, _ in peers], ratios, color=colors)
        ax.bar_label(bars, fmt="%.2f", padding=3)
        ax.set_title(TASKS[name].title, loc="left", fontsize=10)
        ax.spines[["top", "right"]].set_visible(False)
    panels[-1, 0].set_xlabel("time for an epoch, the fastest peer's is 1")
    drawn.tight_layout()
    return drawn


def write(record: dict, folder: Path) -> None:
    """Write the table and the figure beside the record."""
    (folder / "results.md").write_text(table(record))
    figure(record).savefig(folder / "results.svg", metadata={"Date": None})
