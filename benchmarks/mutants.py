"""The record of the engine's mutants, after `mutmut run` and `mutmut export-cicd-stats`."""

import json
from pathlib import Path

from benchmarks.report import ENGINE, ROOT, digests

HERE = Path(__file__).parent


def table(record: dict) -> str:
    """The record as Markdown; a fault with which the tests never end counts as found."""
    found = (record["killed"] + record["timeout"]) / record["total"]
    return (
        "| small faults | a test fails | no end of the tests | nobody notices | share found |\n"
        "| ---: | ---: | ---: | ---: | ---: |\n"
        f"| {record['total']:,} | {record['killed']:,} | {record['timeout']:,} | "
        f"{record['survived']:,} | {found:.1%} |\n"
    )


def about() -> dict[str, str]:
    """What the record is about: the engine and its tests."""
    return digests(ENGINE, "tests/nn/**/*.py")


def main() -> None:
    """Write the record and the table."""
    stats = json.loads((ROOT / "mutants" / "mutmut-cicd-stats.json").read_text())
    kinds = {kind: stats[kind] for kind in ("total", "killed", "timeout")}
    survived = kinds["total"] - kinds["killed"] - kinds["timeout"]
    record = {"about": about(), **kinds, "survived": survived}
    (HERE / "mutants.json").write_text(json.dumps(record, indent=1) + "\n")
    (HERE / "mutants.md").write_text(table(record))
    print(table(record))


if __name__ == "__main__":
    main()
