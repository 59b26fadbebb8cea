"""Trains some of the book's runs again, chosen at random, and holds them against their records.

The chapters that made them are executed anew, with GROUNDUP_RETRAIN naming the keys; all other runs
are restored. A run that differs from its record fails its cell.
"""

import json
import os
import random
import sys
import time
from pathlib import Path

import nbformat
from myst_nb.core.config import NbParserConfig
from myst_nb.core.read import create_nb_reader
from myst_parser.config.main import MdParserConfig
from nbclient import NotebookClient

from groundup import trace
from groundup.sphinxext import ONE_THREAD

LIMIT = 120  # seconds, as recorded

count = int(sys.argv[1])
pages = json.loads(Path("_build/html/status.json").read_text())["pages"]
runs = sorted(
    {
        (run["key"], run["name"], run["seed"], page, run["seconds"])
        for page in pages
        for run in pages[page]["runs"]
    }
)
chosen, budget = [], LIMIT
for *run, seconds in random.sample(runs, len(runs)):
    # The first may be as long as it likes; the others together stay within the limit.
    if not chosen:
        chosen.append(run)
    elif len(chosen) < count and seconds <= budget:
        chosen.append(run)
        budget -= seconds
for key, name, seed, page in chosen:
    print(f"{page}: {name}, seed {seed}, {key[:12]}", flush=True)

os.environ["GROUNDUP_RETRAIN"] = ",".join(key for key, *_ in chosen)
for variable in ONE_THREAD:
    os.environ[variable] = "1"
for page in sorted({page for *_, page in chosen}):
    path = Path(f"{page}.md")
    text = path.read_text(encoding="utf-8")
    reader = create_nb_reader(str(path), MdParserConfig(), NbParserConfig(), text)
    notebook = nbformat.from_dict(reader.read(text))
    start = time.perf_counter()
    NotebookClient(
        notebook, timeout=None, resources={"metadata": {"path": str(path.parent)}}
    ).execute()
    used = {
        left["key"]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if (left := output.get("data", {}).get(trace.MIME_TYPE)) and left["kind"] == "run"
    }
    wanted = {key for key, _, _, of in chosen if of == page}
    if not wanted <= used:
        sys.exit(
            f"{page} didn't use {len(wanted - used)} of the runs that were to be trained again: "
            "expected the data, versions and settings that the book was built with"
        )
    print(f"{page}: {len(wanted)} equal to their records, {time.perf_counter() - start:.0f} s")
