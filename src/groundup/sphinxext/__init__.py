"""What lets the book check itself while it builds: a Sphinx extension."""

import io
import os
import sys

from sphinx.application import Sphinx

from groundup import data
from groundup.sphinxext.checks import (
    claimed,
    equations,
    exercises,
    limits,
    privacy,
    prose,
    repetition,
    strictness,
)
from groundup.sphinxext.execution import changes, executed, freshness, rounds, sources
from groundup.sphinxext.pages import (
    appearance,
    captions,
    code,
    contents,
    counted,
    folds,
    front_door,
    heads,
    links,
    listing,
    live,
    mathematics,
    measured,
    notebooks,
    numbering,
    optional,
    originals,
    pasted,
    provenance,
    questions,
    reference,
    sections,
    site,
    statements,
    stylesheet,
)

# One thread for each run makes its numbers independent of how many cores a machine has.
ONE_THREAD = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
)


# Chapters run in their own folders, where a relative path would mean another place.
FOLDERS = ("GROUNDUP_DATA", "GROUNDUP_RUNS")


def setup(app: Sphinx) -> dict:
    """Connect the parts to the build."""
    for stream in (sys.stdout, sys.stderr):  # a page's name is no reason to fail
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="replace")
    for variable in ONE_THREAD:
        os.environ.setdefault(variable, "1")
    for variable in FOLDERS:
        if os.environ.get(variable) and os.environ[variable] != data.STAND_IN:
            os.environ[variable] = os.path.abspath(os.path.expanduser(os.environ[variable]))
    parts = (
        mathematics,
        sources,
        changes,
        site,
        freshness,
        rounds,
        executed,
        numbering,
        equations,
        exercises,
        pasted,
        front_door,
        privacy,
        prose,
        provenance,
        contents,
        counted,
        measured,
        listing,
        live,
        links,
        reference,
        repetition,
        heads,
        sections,
        limits,
        notebooks,
        appearance,
        stylesheet,
        code,
        captions,
        folds,
        questions,
        optional,
        originals,
        claimed,
        statements,
        strictness,
    )
    for part in parts:
        part.setup(app)
    return {"env_version": 9, "parallel_read_safe": True, "parallel_write_safe": True}
