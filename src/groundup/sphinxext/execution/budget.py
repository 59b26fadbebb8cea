"""How long a build may train, which chapters come first in it, and which were left over.

``GROUNDUP_BUDGET`` is in minutes. A chapter that needs a run which isn't known when they are over is
built on stand-ins, and tried again in the next build. Those that ``GROUNDUP_FIRST`` names come first,
and the build fails if one of them is left over.
"""

import contextlib
import json
import math
import os
import time
from collections.abc import Iterable, Iterator

from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.errors import ConfigError
from sphinx.util import logging

from groundup.data import STAND_IN
from groundup.runs.store import Store
from groundup.sphinxext.execution.chapter import Chapter

logger = logging.getLogger(__name__)

MINUTES, FIRST = "GROUNDUP_BUDGET", "GROUNDUP_FIRST"
LEFT_OVER = "left-over.json"  # in the folder of the runs that it waits for


def minutes() -> float | None:
    """How many minutes of training a build has; None where it takes as long as it takes.

    Raises:
        ConfigError: ``GROUNDUP_BUDGET`` isn't a number of minutes.
    """
    named = os.environ.get(MINUTES)
    if not named:
        return None
    with contextlib.suppress(ValueError):
        if 0 <= (number := float(named)) < math.inf:
            return number
    raise ConfigError(f"{MINUTES} expected a number of minutes, at least 0, got {named!r}")


def deadline() -> float | None:
    """When a build that begins to train now must stop, in seconds since the epoch."""
    return None if (left := minutes()) is None else time.time() + 60 * left


def first() -> frozenset[str]:
    """The pages that come first, whether they're named as pages or as files."""
    return frozenset(name.removesuffix(".md") for name in os.environ.get(FIRST, "").split())


def in_turn(
    chapters: Iterable[Chapter], env: BuildEnvironment, seconds: dict[str, float]
) -> list[list[Chapter]]:
    """Chapters in groups, of which one is executed after the other.

    Without a budget they are one group, in which those that took longest begin. With one those that must
    be trained share the machine with no others, then come those left over, then all others.

    Args:
        chapters: they.
        env: what is known of the pages.
        seconds: how long each took the last time, by its path.
    """
    if minutes() is None:
        longest = sorted(
            chapters, key=lambda c: seconds.get(str(c.path), float("inf")), reverse=True
        )
        return [longest]
    must, waited = first(), left_over()
    order = {docname: place for place, docname in enumerate(_in_order(env.config))}
    groups: list[list[Chapter]] = [[], [], []]
    for chapter in sorted(chapters, key=lambda c: order.get(c.docname, len(order))):
        name = chapter.docname
        groups[0 if name in must else 1 if name in waited else 2].append(chapter)
    return [group for group in groups if group]


def _in_order(config: Config, docname: str | None = None) -> Iterator[str]:
    """The pages of the table of contents; no page has been read yet that could tell."""
    docname = docname or config.external_site_map.root.docname
    yield docname.removesuffix(".md")
    for child in config.external_site_map[docname].child_files():
        yield from _in_order(config, child)


def stands_on_originals(chapter: Chapter) -> bool:
    """Whether there are data of a chapter's for which others can stand in."""
    found = chapter.standing["facts"]["data"].values()
    return any(identity and identity[0] != STAND_IN for identity in found)


def left_over() -> list[str]:
    """The pages for which the last build with a budget had no time."""
    with contextlib.suppress(OSError, ValueError):
        return json.loads((Store().folder / LEFT_OVER).read_text(encoding="utf-8"))
    return []


def remember(docnames: Iterable[str]) -> None:
    """Keep the pages for which there was no time, where the runs are kept that they lack."""
    path = Store().folder / LEFT_OVER
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(sorted(docnames)), encoding="utf-8")
    except OSError as error:
        logger.info("%s can't be written (%s): the next build takes chapters in order", path, error)
