"""What a chapter's kernel really used: the files it read, the modules it loaded, its Python.

The build starts every kernel through this module, ``python -m groundup.recorder``, so that its
configuration and its startup files are seen too, and asks at the end. An audit hook hears of each file
that Python opens and of each folder that it lists. It doesn't hear what a library opens in C, such as
HDF5 or TensorFlow, what another process opens, nor whether a file was only looked for.
"""

import contextlib
import importlib.machinery
import importlib.util
import json
import os
import runpy
import site
import stat
import sys

BOOK = "GROUNDUP_BOOK"
SYSTEM = ("/bin", "/dev", "/etc", "/lib", "/lib64", "/proc", "/run", "/sbin", "/sys", "/usr")
LIBRARIES = ("site-packages", "dist-packages")
# Who lists folders to find modules and versions; those are told otherwise.
FINDERS = ("_frozen_importlib", "importlib", "pkgutil", "site", "zipimport", "groundup.")


def signature(path: str) -> list[int] | None:
    """What a file's content can't change without; None where no file is."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return [status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns]


def names(folder: str) -> list[str]:
    """What lies in a folder, for those who don't look for what is hidden; nothing where none is."""
    try:
        found = os.listdir(folder)
    except OSError:
        return []
    # IPython writes a README into a new folder for startup files.
    return sorted(n for n in found if n[0] != "." and n not in ("__pycache__", "README"))


class Recorder:
    """Hears what a process opens, lists and writes, and tells it.

    Args:
        book: the folder of the book, which counts wherever it lies.
    """

    def __init__(self, book: str):
        self.book = os.path.join(book, "")
        self.environ = dict(os.environ)
        self.read: dict[str, list[int] | None] = {}
        self.listed: set[str] = set()
        self.own: set[str] = set()
        self.rewritten: set[str] = set()
        self.left_out: set[str] = set()
        self.settings = _settings()
        libraries = [entry for entry in sys.path if os.path.basename(entry) in LIBRARIES]
        places = [sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix]
        places += [
            os.path.dirname(os.__file__),
            os.path.dirname(__file__),
            site.getusersitepackages(),
        ]
        both = {
            p for place in [*libraries, *places, *SYSTEM] for p in (place, os.path.realpath(place))
        }
        self.elsewhere = tuple(os.path.join(place, "") for place in both)
        self.heard = {
            "open": self.opened,
            "os.link": self.made,
            "os.listdir": self.lists,
            "os.mkdir": self.makes_folder,
            "os.remove": self.removes,
            "os.rename": self.renames,
            "os.scandir": self.lists,
            "os.symlink": self.made,
            "shutil.rmtree": self.removes,
            "sqlite3.connect": self.connects,
        }

    def hook(self, event: str, arguments: tuple) -> None:
        """An audit hook. It is called for everything, so it lets go at once of most."""
        if event in self.heard:
            # Whoever opens something that isn't there hears so from Python.
            with contextlib.suppress(OSError, TypeError, ValueError):
                self.heard[event](*arguments)

    def counts(self, path: str) -> bool:
        """Whether a path lies outside of the environment, or in the book, whichever is nearer."""
        if path.startswith(self.elsewhere):
            nearest = max(len(folder) for folder in self.elsewhere if path.startswith(folder))
            if not path.startswith(self.book) or len(self.book) <= nearest:
                return False
        return not any(part.endswith((".dist-info", ".egg-info")) for part in path.split(os.sep))

    def is_own(self, path: str) -> bool:
        """Whether the chapter made it, or a folder that it's in."""
        while path not in self.own:
            above = os.path.dirname(path)
            if above == path:
                return False
            path = above
        return True

    def opened(self, file, mode, flags: int) -> None:
        """A file is opened, to be read or written."""
        path = _path(file)
        if os.sep + "__pycache__" + os.sep in path:
            if not path.endswith(".pyc"):
                return
            path = importlib.util.source_from_cache(path)
        if not self.counts(path):
            return
        if flags & (os.O_WRONLY | os.O_RDWR):
            if flags & os.O_RDWR and not flags & (os.O_EXCL | os.O_TRUNC) and os.path.exists(path):
                self._reads(path)
            self._writes(path)
        else:
            self._reads(path)

    def _reads(self, path: str) -> None:
        if path not in self.read and not self.is_own(path):
            self.read[path] = signature(path)

    def _writes(self, path: str) -> None:
        (self.rewritten if path in self.read else self.own).add(path)

    def connects(self, database) -> None:
        """A database is opened."""
        if str(database) not in ("", ":memory:") and self.counts(path := _path(database)):
            if os.path.exists(path):
                self._reads(path)
            self._writes(path)

    def made(self, source, target, *_) -> None:
        """A link is made."""
        self._writes(_path(target))

    def renames(self, source, target, *_) -> None:
        """A file becomes another."""
        self._writes(_path(source))
        self._writes(_path(target))

    def removes(self, path, *_) -> None:
        """A file or a folder is removed."""
        self._writes(_path(path))

    def makes_folder(self, path, *_) -> None:
        """A folder is made."""
        if not os.path.isdir(path := _path(path)):
            self._writes(path)

    def lists(self, folder=None) -> None:
        """A folder is listed."""
        if not sys._getframe(2).f_globals.get("__name__", "").startswith(FINDERS):
            path = _path(folder or ".")
            if path not in self.listed and self.counts(path + os.sep) and not self.is_own(path):
                self.listed.add(path)

    def report(self, variables: list[str]) -> dict:
        """All that was heard, and what the process has become.

        Args:
            variables: of the environment, to be told as the process found them.
        """
        modules = {}
        for name, module in list(sys.modules.items()):
            file = getattr(module, "__file__", None)
            if isinstance(file, str) and not name.startswith("__") and self.counts(_path(file)):
                modules[name] = _path(file)
        for path in modules.values():
            self._reads(path)
        for library, looked_for in self.settings.items():
            if library in sys.modules:
                self.read = looked_for | self.read
        for path in self.read:  # what was removed with its folder
            if any(path.startswith(os.path.join(other, "")) for other in self.own | self.rewritten):
                self.rewritten.add(path)
        tops = {name: module for name, module in list(sys.modules.items()) if "." not in name}
        found = {name: getattr(module, "__version__", None) for name, module in tops.items()}
        return {
            "executable": sys.executable,
            "prefix": sys.prefix,
            "python": sys.version.split()[0],
            "versions": {name: v for name, v in found.items() if isinstance(v, str)},
            "variables": {name: self.environ.get(name) for name in variables},
            "modules": modules,
            "read": {p: s for p, s in self.read.items() if not self._is_left_out(p)},
            "rewritten": sorted(self.rewritten),
            "listed": sorted(path for path in self.listed if not self._is_left_out(path)),
            "own": sorted(self.own),
        }

    def _is_left_out(self, path: str) -> bool:
        name, folder = os.path.basename(path), os.path.basename(os.path.dirname(path))
        passing = name.startswith(("<", "fontlist-v")) or folder.startswith("ipykernel_")
        left_out = (path.startswith(os.path.join(other, "")) for other in self.left_out)
        return passing or path in self.left_out or any(left_out)


_recorder: Recorder | None = None


def _path(file) -> str:
    """A path as it's seen from anywhere; links stay links, for they may lead elsewhere tomorrow.

    Raises:
        TypeError: it's the number of an open file.
    """
    return os.path.abspath(os.fsdecode(file))


def _settings() -> dict[str, dict[str, list[int] | None]]:
    """Where libraries look for settings, which they don't open where they aren't."""
    home, environ = os.path.expanduser("~"), os.environ
    ipython = environ.get("IPYTHONDIR") or os.path.join(home, ".ipython")
    config = environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")
    folders = [environ.get("MATPLOTLIBRC"), environ.get("MPLCONFIGDIR"), os.getcwd()]
    folders += [os.path.join(config, "matplotlib")]
    files = {
        "IPython": [
            os.path.join(ipython, "profile_default", f"{name}.{form}")
            for name in ("ipython_config", "ipython_kernel_config")
            for form in ("json", "py")
        ],
        "matplotlib": [os.path.join(folder, "matplotlibrc") for folder in folders if folder],
    }
    return {name: {path: signature(path) for path in paths} for name, paths in files.items()}


def _compile_anew(recorder: Recorder) -> None:
    """Let modules outside of the environment be compiled from what their files hold.

    What Python has compiled before it takes for a file of the same size and the same second.
    """
    loader = importlib.machinery.SourceFileLoader
    path_stats, ours = loader.path_stats, os.path.join(os.path.dirname(__file__), "")

    def without(self, path: str) -> dict:
        if recorder.counts(_path(path)) or path.startswith(ours):
            raise OSError("what was compiled before isn't used")
        return path_stats(self, path)

    loader.path_stats = without


def leave_out(path: str | os.PathLike) -> None:
    """Say that a file, or what lies in a folder, is known otherwise, or decides nothing."""
    if _recorder is not None:
        _recorder.left_out.add(_path(path))


def start() -> None:
    """Begin to listen, for as long as this process lives."""
    global _recorder
    _recorder = Recorder(os.environ[BOOK])
    keras = os.environ.get("KERAS_HOME") or os.path.expanduser("~/.keras")
    leave_out(os.path.join(keras, "keras.json"))  # Keras writes it where it's missing
    leave_out(os.environ["GROUNDUP_SLOTS"])
    _compile_anew(_recorder)
    sys.addaudithook(_recorder.hook)


def tell(path: str, variables: list[str]) -> None:
    """Write a report to a file."""
    report = _recorder.report(variables)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(report, file)


if __name__ == "__main__":
    from groundup import recorder  # the module that chapters can import; this one is no module

    recorder.start()
    recorder.leave_out(sys.argv[sys.argv.index("-f") + 1])
    runpy.run_module("ipykernel_launcher", run_name="__main__", alter_sys=True)
