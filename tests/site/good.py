"""Pages that were found good and haven't changed since: they needn't be opened again.

A page is what its HTML holds and all that the browser asked for when it was found good. Nothing is kept
of a page with a fault.
"""

import contextlib
import functools
import hashlib
import json
import os
import tempfile
import time
import urllib.parse
from collections.abc import Iterable, Iterator
from pathlib import Path

from playwright.sync_api import BrowserContext

KEPT = 90 * 86400  # seconds since it was last asked for


class Good:
    """The pages of a site that were found good, by what they held.

    Args:
        folder: where that is kept.
        site: the site's folder.
        version: what decides, besides a page, what is found on it: the tests, the browser.
        server: the address of the site, where it has one.
    """

    def __init__(self, folder: Path, site: Path, version: str, server: str = ""):
        self.folder, self.site, self.version, self.server = folder, site, version, server
        self.digest = functools.cache(file_digest)

    def has(self, check: str, page: str) -> bool:
        """Whether a check found a page good as it is now."""
        path = self._path(check, page)
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        if kept["content"] != self._content(kept["files"]):
            return False
        with contextlib.suppress(OSError):
            os.utime(path)
        return True

    def put(self, check: str, page: str, addresses: Iterable[str]) -> None:
        """Keep that a check found a page good.

        Args:
            check: its name.
            page: the page's file in the site.
            addresses: what was asked for to show it.
        """
        files = sorted({name for address in addresses if (name := self._name(address))})
        with contextlib.suppress(OSError):  # it costs no more than the next opening
            self.folder.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=self.folder, suffix=".part")
            with open(handle, "w", encoding="utf-8") as file:
                json.dump({"files": files, "content": self._content(files)}, file)
            os.replace(temporary, self._path(check, page))

    @contextlib.contextmanager
    def opening(self, check: str, page: str, context: BrowserContext) -> Iterator[None]:
        """While a check opens a page: keep that it was found good, if nothing is raised."""
        addresses: list[str] = []

        def note(request) -> None:
            addresses.append(request.url)

        context.on("request", note)
        try:
            yield
        finally:
            context.remove_listener("request", note)
        self.put(check, page, addresses)

    def forget(self) -> None:
        """Remove what nobody has asked for in a long time."""
        for path in self.folder.glob("*"):
            with contextlib.suppress(OSError):
                if path.stat().st_mtime < time.time() - KEPT:
                    path.unlink()

    def _path(self, check: str, page: str) -> Path:
        facts = [self.version, check, page, self.digest(self.site / page)]
        return self.folder / f"{hashlib.sha256(json.dumps(facts).encode()).hexdigest()}.json"

    def _name(self, address: str) -> str | None:
        """The file of the site that an address is; None for what is no file of its own."""
        for start in filter(None, (self.server, self.site.as_uri())):
            if address.startswith(f"{start}/"):
                path = urllib.parse.urlsplit(address.removeprefix(f"{start}/")).path
                return urllib.parse.unquote(path)
        return None

    def _content(self, files: list[str]) -> str:
        held = [(name, self.digest(self.site / name)) for name in files]
        return hashlib.sha256(json.dumps(held).encode()).hexdigest()


def file_digest(path: Path) -> str | None:
    """The digest of what a file holds; None where there is none."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None
