"""The command line: ``python -m groundup --help``."""

import contextlib
import io
import json
import logging
import os
import random
import sys
import tempfile
import time
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from groundup.nn import console
from groundup.runs.store import Damaged, Store, differences, read

DAY = 86400  # seconds


def say(facts, as_json: bool, show) -> None:
    """Print facts for programs, or show them to people."""
    if as_json:
        click.echo(json.dumps(facts, indent=1, default=str))
    else:
        show(facts)


def table(heads: list[str], rows: list[list], empty: str) -> None:
    """Print a table, as wide as it needs to be where no terminal limits it."""
    if not rows:
        click.echo(empty)
        return
    shown = Table(*heads, box=None, pad_edge=False)
    for row in rows:
        shown.add_row(*map(str, row))
    Console(width=None if Console().is_terminal else 250, highlight=False).print(shown)


def headline(history: dict[str, list]) -> str:
    """The last value that says most about a run."""
    for name in ("val_accuracy", "accuracy", "val_loss", "loss"):
        if history.get(name):
            return f"{name} {history[name][-1]:.4f}"
    return "–"


def when(seconds: float) -> str:
    """A time as people write it."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))


as_json = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
in_book = click.option(
    "--book",
    type=click.Path(path_type=Path, file_okay=False),
    default=".",
    help="The book's folder.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Deep Learning from the Ground Up: its training runs, its data, its build."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=console.ERRORS)
    logging.basicConfig(format="%(message)s")


@main.group()
def runs() -> None:
    """The training runs that are remembered (GROUNDUP_RUNS names another folder)."""


def matching(name_or_key: str) -> list[dict]:
    """The records with that name, or whose key begins so; the newest first.

    Raises:
        ClickException: there is none.
    """
    store = Store()
    headers = list(store.headers())
    found = [header for header in headers if header["name"] == name_or_key]
    if not found and len(name_or_key) >= 6:
        found = [header for header in headers if header["key"].startswith(name_or_key)]
    if not found:
        raise click.ClickException(
            f"no run is called {name_or_key!r}, and no key begins so (6 digits at least), "
            f"in {store.folder}; a run keeps the name that it was first made under, and "
            "`runs list` shows them all"
        )
    return sorted(found, key=lambda header: header["provenance"].get("started", ""), reverse=True)


@runs.command("list")
@as_json
def list_runs(as_json: bool) -> None:
    """List every run: name, seed, when it was made, how long that took, how it ended, its key."""
    found = [
        {
            "name": header["name"],
            "seed": header["inputs"].get("seed"),
            "started": header["provenance"].get("started"),
            "seconds": header["seconds"],
            "result": headline(header["history"]),
            "key": header["key"],
            "bytes": header["bytes"],
        }
        for header in Store().headers()
    ]
    found.sort(key=lambda run: (str(run["name"]), run["seed"] or 0, run["started"] or ""))

    def show(found: list[dict]) -> None:
        heads = ["name", "seed", "made (UTC)", "took", "at its end", "key"]
        rows = [
            [
                r["name"],
                r["seed"],
                (r["started"] or "")[:16],
                f"{r['seconds']:.1f} s",
                r["result"],
                r["key"][:12],
            ]
            for r in found
        ]
        table(heads, rows, f"no runs in {Store().folder}")

    say(found, as_json, show)


@runs.command()
@click.argument("name")
@as_json
def show(name: str, as_json: bool) -> None:
    """Show all that is kept of the newest run of that NAME (or with that key)."""
    header = matching(name)[0]
    facts = {
        n: header.get(n)
        for n in ("name", "key", "seconds", "provenance", "history", "result", "inputs")
    }
    try:
        record = read(header["path"])
        facts["arrays"] = {n: list(array.shape) for n, array in record.arrays.items()}
    except Damaged as error:
        raise click.ClickException(f"{header['path']} is damaged: {error}") from None
    say(facts, as_json, lambda facts: click.echo(json.dumps(facts, indent=1, ensure_ascii=False)))


@runs.command()
@click.argument("name")
@as_json
def why(name: str, as_json: bool) -> None:
    """Say why runs of that NAME (or with that key) were made: what is different from one before."""
    asked = {header["key"] for header in matching(name)}
    found = matching(matching(name)[0]["name"])
    facts = []
    for place, header in enumerate(found):
        if header["key"] not in asked:
            continue
        seed = header["inputs"].get("seed")
        others = [o for o in found[place + 1 :] if o["inputs"].get("seed") == seed]
        said = [differences(other["inputs"], header["inputs"]) for other in others]
        facts.append({
            "key": header["key"],
            "started": header["provenance"].get("started"),
            "seed": seed,
            "why": min(said, key=len) if said else ["it was the first of its name and seed"],
        })  # fmt: skip

    def show(facts: list[dict]) -> None:
        for run in facts:
            click.echo(f"{run['key'][:12]}, made {run['started']}, seed {run['seed']}:")
            for line in run["why"]:
                click.echo(f"    {line}")

    say(facts, as_json, show)


@runs.command()
@click.argument("names", nargs=-1)
@click.option("--sample", type=click.IntRange(1), help="Draw so many runs of the book at random.")
@click.option(
    "--limit",
    type=click.FloatRange(0),
    help="A sample takes no longer together, in seconds; a longer run is verified by its name.",
)
@in_book
def verify(names: tuple[str, ...], sample: int | None, limit: float | None, book: Path) -> None:
    """Train runs of the book again, and hold them against their records.

    The chapters that make them are executed anew, apart from the book. On the same kind of processor
    every variable and every metric must be equal bit for bit, elsewhere the last metrics within 0.01.
    Takes the NAMES of runs, or a sample, or else every run of the book as it was last built.
    """
    from groundup.sphinxext.execution import book as books
    from groundup.sphinxext.execution.cache import Cache
    from groundup.sphinxext.execution.chapter import read, traces
    from groundup.sphinxext.execution.display import Display
    from groundup.sphinxext.execution.executor import Executor

    with open_book(books, book) as app:
        known = {(run["key"], run["page"]): run for run in books.runs(app)}
        chosen = list(known.values())
        if names:
            chosen = [run for run in chosen if run["name"] in names]
            if missing := set(names) - {run["name"] for run in chosen}:
                raise click.ClickException(
                    f"no chapter shows a run called {', '.join(sorted(missing))}"
                )
        if sample:
            chosen = draw(chosen, sample, limit)
        if not chosen:
            raise click.ClickException(
                f"expected a run that takes at most {limit:g} seconds, each takes longer"
                if known and limit is not None
                else "the book shows no runs; build it first"
            )
        for run in chosen:
            click.echo(f"{run['page']}: {run['name']}, seed {run['seed']}, {run['key'][:12]}")
        os.environ["GROUNDUP_RETRAIN"] = ",".join({run["key"] for run in chosen})
        known = Cache(app.env.mystnb_config.execution_cache_path)
        chapters = [read(app.env, page, known) for page in sorted({run["page"] for run in chosen})]
        with tempfile.TemporaryDirectory() as folder, Display(len(chapters)) as display:
            cache = Cache(Path(folder) / "cache")
            executor = Executor(cache, Path(folder), display)
            executor.run(chapters)
    for failure in executor.failures.values():
        click.echo(str(failure), err=True)
    if executor.failures:
        raise click.ClickException(f"{len(executor.failures)} of {len(chapters)} chapters failed")
    used = {run["key"] for chapter in chapters for run in traces(chapter.notebook, "run")}
    if unused := {run["name"] for run in chosen if run["key"] not in used}:
        raise click.ClickException(
            f"not trained again, for the chapters now make other runs: {', '.join(sorted(unused))}; "
            "expected the data, versions and settings that the book was built with"
        )
    click.echo(f"{len(chosen)} equal to their records")


def draw(runs: list[dict], count: int, limit: float | None) -> list[dict]:
    """Some runs by chance, together within the limit."""
    chosen: list[dict] = []
    left = float("inf") if limit is None else limit
    for run in random.sample(runs, len(runs)):
        if len(chosen) < count and run["seconds"] <= left:
            chosen.append(run)
            left -= run["seconds"]
    return chosen


@contextlib.contextmanager
def open_book(books, folder: Path):
    """The book in a folder.

    Raises:
        ClickException: there is none, or a page of it can't be read.
    """
    from sphinx.errors import SphinxError

    if not (folder / "_config.yml").exists() or not (folder / "_toc.yml").exists():
        raise click.ClickException(
            f"{folder.resolve()} is no book: expected _config.yml and _toc.yml there (see --book)"
        )
    try:
        with books.opened(folder) as app:
            yield app
    except SphinxError as error:
        raise click.ClickException(f"{error.category}: {error}") from None


@runs.command()
@click.option(
    "--days", type=click.FloatRange(0), default=90, show_default=True, help="Unused for so long."
)
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
@as_json
def prune(days: float, dry_run: bool, as_json: bool) -> None:
    """Remove runs that nobody has used for a while, and what is damaged or was never finished."""
    store = Store()
    limit = time.time() - days * DAY
    old = [
        {"name": h["name"], "path": h["path"], "bytes": h["bytes"]}
        for h in store.headers()
        if h["used"] < limit
    ]
    left = [*store.folder.glob("*.damaged")]
    left += [path for path in store.folder.glob(".*.part") if path.stat().st_mtime < limit]
    aside = [
        {"name": path.suffix[1:], "path": path, "bytes": path.stat().st_size}
        for path in sorted(left)
    ]
    for found in [*old, *aside]:
        if not dry_run:
            with store.lock(found["path"].stem):
                found["path"].unlink(missing_ok=True)

    def show(found: list[dict]) -> None:
        for run in found:
            click.echo(f"{run['name']}  {run['path'].name}")
        verb = "would be removed" if dry_run else "removed"
        click.echo(f"{len(found)} {verb}, {sum(run['bytes'] for run in found) / 2**20:.1f} MiB")

    say([*old, *aside], as_json, show)


@main.group()
def data() -> None:
    """The data sets (GROUNDUP_DATA names a mirror)."""


def origins() -> list[dict]:
    """Where each data set comes from now, and why not from a better place."""
    from groundup.data import catalogue

    found = []
    for name in catalogue.names():
        if name in catalogue.IN_CODE:
            origin = catalogue.IN_CODE[name].load().origin
            found.append({"name": name, "origin": origin, "path": None, "notes": []})
        else:
            origin, path, notes = catalogue.locate(name)
            found.append({"name": name, "origin": origin, "path": path, "notes": list(notes)})
    return found


def show_origins(found: list[dict]) -> None:
    rows = [[d["name"], d["origin"], d["path"] or "–", "; ".join(d["notes"])] for d in found]
    table(["data set", "comes from", "file", "because"], rows, "no data sets")


@data.command("list")
@as_json
def list_data(as_json: bool) -> None:
    """List the data sets, and where each would come from."""
    say(origins(), as_json, show_origins)


@data.command("fetch")
@as_json
def fetch(as_json: bool) -> None:
    """Download what isn't there yet; the exit status is 1 if a stand-in is left."""
    found = origins()  # looking for the original downloads it
    say(found, as_json, show_origins)
    if any(d["origin"] == "stand-in" for d in found):
        raise SystemExit(1)


@data.command("verify")
@as_json
def verify_data(as_json: bool) -> None:
    """Compare each file with the original's checksum; exit status 1 if one is missing or another."""
    found = origins()
    say(found, as_json, show_origins)
    if any(
        d["notes"] and (d["origin"] == "stand-in" or os.environ.get("GROUNDUP_DATA")) for d in found
    ):
        raise SystemExit(1)


@main.command()
@in_book
@as_json
def doctor(book: Path, as_json: bool) -> None:
    """Say what is installed, which data would be used, and what the next build would execute and why."""
    from groundup.runs import slots
    from groundup.sphinxext.execution import book as books
    from groundup.sphinxext.execution import freshness

    try:
        workers = slots.workers()
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    store = Store()
    facts = {
        "versions": freshness.listed_versions(),
        "workers": workers,
        "runs": {"folder": store.folder, "count": sum(1 for _ in store.headers())},
        "data": origins(),
        "next build": None,
    }
    if (book / "_config.yml").exists():
        with open_book(books, book) as app:
            facts["next build"] = books.to_execute(app)

    def show(facts: dict) -> None:
        click.echo(", ".join(f"{name} {version}" for name, version in facts["versions"].items()))
        click.echo(f"{facts['workers']} workers; {facts['runs']['count']} runs in {store.folder}\n")
        show_origins(facts["data"])
        pages = facts["next build"]
        if pages is None:
            click.echo(f"\n{book.resolve()} is no book (see --book)")
        elif not pages:
            click.echo("\nThe next build executes nothing.")
        for page, reasons in (pages or {}).items():
            click.echo(f"\nThe next build executes {page}, because of")
            for reason in reasons:
                click.echo(f"    {reason}")

    say(facts, as_json, show)


if __name__ == "__main__":
    main(prog_name="python -m groundup")
