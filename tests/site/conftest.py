"""The built site: its pages as files, a browser, a server."""

import contextlib
import functools
import gzip
import http.server
import io
import mimetypes
import os
import threading
from pathlib import Path

import pytest

SITE = Path(
    os.environ.get("GROUNDUP_SITE", Path(__file__).parents[2] / "_build" / "html")
).resolve()
PAGES = sorted(path for path in SITE.rglob("*.html") if "_static" not in path.parts)
MODULES = Path(__file__).parent / "node_modules"  # `make check-site` installs them
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 360, "height": 740}


def name(page: Path) -> str:
    """A page as it's called in a report."""
    return page.relative_to(SITE).as_posix()


class Handler(http.server.SimpleHTTPRequestHandler):
    """A server as sites have it: what is text comes compressed, what is missing is the 404 page."""

    def log_message(self, *args) -> None:
        """Say nothing."""

    def send_head(self):
        """The answer's head; its body as a file."""
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        found = path.is_file()
        path = path if found else SITE / "404.html"
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        body = path.read_bytes()
        self.send_response(200 if found else 404)
        if kind.startswith("text/") or kind.endswith(("javascript", "json", "xml")):
            body = gzip.compress(body, 6)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "max-age=600")
        self.end_headers()
        return io.BytesIO(body)


@contextlib.contextmanager
def served(folder: Path):
    """The address of a folder on a local server."""
    handler = functools.partial(Handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as found:
        threading.Thread(target=found.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{found.server_port}"
        found.shutdown()


@pytest.fixture(scope="session")
def server():
    """The address of the site on a local server."""
    with served(SITE) as address:
        yield address
