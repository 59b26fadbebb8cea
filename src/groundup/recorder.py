"""What a chapter's kernel really used: the files it read, the modules it loaded, its Python.

The build starts every kernel through this module, ``python -m groundup.recorder``, so that its
configuration and its startup files are seen too, and asks at the end. An audit hook hears of each file
that Python opens and of each folder that it lists, in the kernel and in processes that it forks. It
doesn't hear what a library opens in C, such as HDF5 or TensorFlow, what any other process opens (one that
is started anew, as ``subprocess`` and ``spawn`` do, is another), nor whether a file was only looked for,
nor, where the system has no ``/proc``, what is opened relative to an open folder.
"""

import contextlib
import fnmatch
import importlib.machinery
import importlib.util
import json
import os
import re
import runpy
import site
import stat
import sys
import tempfile
import urllib.parse
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping

import platformdirs

BOOK = "GROUNDUP_BOOK"
# What the system and its packages bring. The rest of /usr/local, such as its share, somebody put there.
SYSTEM = (
    *("/bin", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/proc", "/sbin", "/sys"),
    *(f"/usr/{name}" for name in ("bin", "include", "lib", "lib32", "lib64", "libexec", "sbin")),
    *("/usr/share", "/usr/src", "/usr/X11", "/usr/X11R6", "/usr/local/share/fonts"),
    *(f"/usr/local/{name}" for name in ("bin", "etc", "include", "lib", "lib64", "libexec")),
    "/usr/local/sbin",
)
MEMORY = "/dev/shm"  # no device: files that somebody put there
# Prefixes of a Python that share their folder with others.
SHARED = ("/", "/usr", "/usr/local")
# Who lists folders to find modules and versions; those are told otherwise.
FINDERS = ("importlib", "pkgutil", "site", "zipimport", "groundup")
IMPORTER = ("_frozen_importlib_external", "importlib._bootstrap_external")
# Who lists folders for others, which then take names from it and no sizes.
LISTERS = ("glob", "os", "pathlib", "shutil")
# Who asks for variables for others.
ASKERS = ("_collections_abc", "collections.abc", "ntpath", "os", "posixpath")
# What systems, editors and Python leave in folders.
LITTER = ("__pycache__", ".ipynb_checkpoints", ".DS_Store", "Thumbs.db")
LITTER += (".*.sw?", "*~", ".#*", "#*#")
IS_LITTER = re.compile("|".join(map(fnmatch.translate, LITTER)))
# What a folder was listed for, each more than the one before: names of modules, names, sizes too.
MODULES, NAMES, SIZES = "modules", "names", "sizes"
KINDS = (MODULES, NAMES, SIZES)
MODULE = tuple(importlib.machinery.all_suffixes())


def signature(path: str) -> list[int] | None:
    """What a file's content can't change without; None where no file is."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return [status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns]


def entries(folder: str, kind: str = NAMES) -> dict[str, str]:
    """The names in a folder with what each is, but for litter; nothing where no folder is.

    Args:
        folder: its path.
        kind: ``MODULES``, only what can be a module; ``NAMES``, all; ``SIZES``, with the sizes of files.
    """
    found = {}
    try:
        inside = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return {}
    above, last = os.path.split(folder)
    # IPython writes a README into a new folder for startup files.
    startup = last == "startup" and os.path.basename(above).startswith("profile_")
    for entry in inside:
        is_folder = os.path.isdir(entry.path)
        if IS_LITTER.match(entry.name) or (startup and entry.name == "README"):
            continue
        if kind == MODULES and not (is_folder or entry.name.endswith(MODULE)):
            continue
        size = signature(entry.path) if kind == SIZES else None
        found[entry.name] = "folder" if is_folder else f"file {size[1]}" if size else "file"
    return found


def variable(name: str, environ: Mapping[str, str] = os.environ) -> str | None:
    """The value of a variable; for a name with a star at its end, all that begin so, in any case."""
    if not name.endswith("*"):
        return environ.get(name)
    begin = name[:-1].casefold()
    named = (n for n in environ if n.casefold().startswith(begin))
    found = sorted(n for n in named if not n.startswith(("GROUNDUP_", "JPY_")))
    return "\n".join(f"{n}={environ[n]}" for n in found) or None


class Recorder:
    """Hears what a process opens, lists and writes, and tells it.

    What the process put somewhere is kept by where that really lies; what it read, by the name that it
    used, for a link may lead elsewhere tomorrow; a link of its own making leads where it made it lead.

    Args:
        book: the folder of the book, which counts wherever it lies.
    """

    def __init__(self, book: str):
        self.inside = (os.path.join(book, ""), os.path.join(MEMORY, ""))
        self.environ = dict(os.environ)
        self.path = {_path(entry or ".") for entry in sys.path}
        # All that is kept, each by path. What is in ``whole`` is its own with all that is in it; to what
        # is in ``added`` it wrote without emptying it: the signature is the one from before.
        self.read: dict[str, list[int] | None] = {}
        self.rewritten: dict[str, None] = {}
        self.own: dict[str, None] = {}
        self.whole: dict[str, None] = {}
        self.added: dict[str, list[int] | None] = {}
        self.listed: dict[str, str] = {}
        self.asked: dict[str, None] = {}
        self.given: dict[str, None] = {}  # variables that it set
        self.passed: deque[str] = deque()  # variables whose names somebody went through
        self.names: defaultdict[str, set[str]] = defaultdict(set)  # as what it read a file
        self.left_out: set[str] = set()
        self.settings = _settings()
        self.forked, self.is_child, self.heard_of_children = False, False, 0
        with tempfile.TemporaryFile() as file:  # which forked children write into
            self.children = os.dup(file.fileno())
        prefixes = [sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix]
        places = [place for place in prefixes if place not in SHARED]
        places += [os.path.dirname(os.__file__), os.path.dirname(__file__)]
        places += [*site.getsitepackages(), site.getusersitepackages(), *SYSTEM]
        both = {p for place in places for p in (place, os.path.realpath(place))}
        self.elsewhere = tuple(os.path.join(place, "") for place in both)
        self.heard = {
            "open": self.opened,
            "os.link": self.links,
            "os.listdir": self.lists,
            "os.mkdir": self.makes_folder,
            "os.remove": self.removes,
            "os.rename": self.renames,
            "os.scandir": self.scans,
            "os.symlink": self.links_symbolically,
            "shutil.rmtree": self.removes_folder,
            "sqlite3.connect": self.connects,
            "tempfile.mkdtemp": self.takes_folder,
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
            if not any(path.startswith(f) and len(f) > nearest for f in self.inside):
                return False
        return not any(part.endswith((".dist-info", ".egg-info")) for part in path.split(os.sep))

    def is_own(self, path: str) -> bool:
        """Whether the chapter made what really lies there, or has its folder for itself."""
        return path in self.own or self.has_to_itself(path)

    def has_to_itself(self, path: str) -> bool:
        """Whether nobody else can have put anything there."""
        return any(above in self.whole for above in _with_above(path))

    def opened(self, file, mode, flags: int) -> None:
        """A file is opened, to be read or written."""
        paths = [_path(file)]
        if mode is None and not os.path.isabs(os.fsdecode(file)):
            # ``os.open``, which doesn't say relative to which open folder: it may be any of them.
            paths += [os.path.abspath(os.path.join(f, os.fsdecode(file))) for f in _open_folders()]
            paths = list(filter(os.path.exists, dict.fromkeys(paths))) or paths[:1]
        for path in paths:
            self._opened(path, flags if len(paths) == 1 else flags & ~os.O_TRUNC)

    def _opened(self, path: str, flags: int) -> None:
        if os.sep + "__pycache__" + os.sep in path:
            if not path.endswith(".pyc"):
                return
            path = importlib.util.source_from_cache(path)
        if not self.counts(path) or os.path.isdir(path):
            return
        there = os.path.exists(path)
        if not flags & (os.O_WRONLY | os.O_RDWR):
            self._reads(path)
        elif there and (flags & os.O_EXCL or not os.access(path, os.W_OK)):
            return  # it fails
        elif not there or flags & os.O_TRUNC:
            self._writes(os.path.realpath(path))
        else:
            if flags & os.O_RDWR:
                self._reads(path)
            self._adds(os.path.realpath(path))

    def _reads(self, path: str) -> None:
        if path in self.read or not self.counts(path):
            return
        self._hear_children()
        real = os.path.realpath(path)
        if not self.is_own(real) and (name := self._name(path)) not in self.read:
            self._keep("read", name, self.added.get(real, signature(name)))
            if real in self.added:
                self._keep("rewritten", name)

    def _name(self, path: str) -> str:
        """What a path is kept as."""
        made = (os.path.islink(p) and _place(p) in self.own for p in _with_above(path))
        return os.path.realpath(path) if any(made) else path

    def _writes(self, place: str) -> None:
        """What lies there from now on is the process's own, and what it read there was before."""
        self.added.pop(place, None)
        if not self._rewrites(place):
            self._keep("own", place)

    def _makes(self, path: str) -> None:
        """Something is made, which fails where something is."""
        if not os.path.lexists(path):
            self._writes(_place(path))

    def _adds(self, real: str) -> None:
        """Something is written to what's there: if it's read later, what was there before counts."""
        if not self._rewrites(real) and not self.is_own(real):
            self._keep("added", real, signature(real))

    def _rewrites(self, place: str) -> bool:
        """Whether what lies there was read before, which is kept then."""
        names = tuple(self.names.get(place, ()))
        for name in names:
            self._keep("rewritten", name)
        return bool(names)

    def _keep(self, what: str, path: str, value=None) -> None:
        """Keep what was heard; a child tells it to the process that it was forked from."""
        if self.is_child and path not in getattr(self, what):
            os.write(self.children, json.dumps([what, path, value]).encode() + b"\n")
        getattr(self, what).setdefault(path, value)
        if what == "read":
            self.names[os.path.realpath(path)].add(path)

    def _hear_children(self) -> None:
        if not self.forked or self.is_child:
            return
        size = os.fstat(self.children).st_size
        said = os.pread(self.children, size - self.heard_of_children, self.heard_of_children)
        lines = said[: said.rfind(b"\n") + 1]
        self.heard_of_children += len(lines)
        for line in lines.splitlines():
            what, path, value = json.loads(line)
            if what == "own":
                self._writes(path)
            elif what == "listed":
                self._lists(path, value)
            elif what != "read" or not self.is_own(os.path.realpath(path)):
                self._keep(what, path, value)

    def forks(self) -> None:
        """This process will have a child."""
        self.forked = True

    def is_forked(self) -> None:
        """This process is a child."""
        self.is_child = True

    def connects(self, database) -> None:
        """A database is opened."""
        database, options = os.fsdecode(database), {}
        if database.startswith("file:"):
            parts = urllib.parse.urlsplit(database)
            options = dict(urllib.parse.parse_qsl(parts.query))
            database = urllib.parse.unquote(parts.path)
        if database in ("", ":memory:") or options.get("mode") == "memory":
            return
        if self.counts(path := _path(database)):
            reads = options.get("mode") == "ro" or options.get("immutable") == "1"
            if reads or os.path.exists(path):
                self._reads(path)
            if not reads:
                self._writes(os.path.realpath(path))

    def links(self, source, target, source_folder=-1, target_folder=-1) -> None:
        """A file gets another name, and so its content another place."""
        self._reads(_path(source, source_folder))
        self._makes(_path(target, target_folder))

    def links_symbolically(self, source, target, folder=-1) -> None:
        """A link is made."""
        self._makes(_path(target, folder))

    def renames(self, source, target, source_folder=-1, target_folder=-1) -> None:
        """A file or a folder becomes another, which has what it holds."""
        source, target = _path(source, source_folder), _path(target, target_folder)
        if os.sep + "__pycache__" + os.sep in source:
            return
        if os.path.isdir(source) and not os.path.islink(source):
            for folder, _, files in os.walk(source):  # which is heard
                for file in files:
                    self._reads(os.path.join(folder, file))
        else:
            self._reads(source)
            if not os.path.lexists(source):
                return
        for place in (_place(source), _place(target)):
            self._writes(place)
            self._keep("whole", place)

    def removes(self, path, folder=-1) -> None:
        """A file is removed."""
        self._writes(_place(_path(path, folder)))

    def removes_folder(self, path, folder=-1) -> None:
        """A folder is removed with all that's in it."""
        self._keep("whole", _place(_path(path, folder)))
        self.removes(path, folder)

    def makes_folder(self, path, mode=0, folder=-1) -> None:
        """A folder is made. What others put into it counts all the same."""
        self._makes(_path(path, folder))

    def takes_folder(self, path) -> None:
        """A folder is made with a name that nobody can know."""
        self._keep("whole", _place(_path(path)))

    def lists(self, folder=None) -> None:
        """A folder is listed, for names."""
        self._listed_by(sys._getframe(2), folder, NAMES)

    def scans(self, folder=None) -> None:
        """A folder is listed, with what more is known of what is in it."""
        caller = sys._getframe(2)
        self._listed_by(caller, folder, NAMES if _is_of(caller, LISTERS) else SIZES)

    def _listed_by(self, caller, folder, kind: str) -> None:
        path = _path(".", folder) if isinstance(folder, int) else _path(folder or ".")
        if _is_of(caller, IMPORTER):
            # Where it looked from the start, the build looks too.
            added = {_path(entry or ".") for entry in sys.path} - self.path
            above = {*_with_above(path)}
            if above & added or not above & self.path:
                self._lists(path, MODULES)
        elif not _is_of(caller, FINDERS):
            self._lists(path, kind)

    def _lists(self, path: str, kind: str) -> None:
        if not self.counts(os.path.join(path, "")) or self.has_to_itself(os.path.realpath(path)):
            return
        name = self._name(path)
        before = self.listed.get(name)
        if before is None or KINDS.index(before) < KINDS.index(kind):
            self.listed.pop(name, None)
            self._keep("listed", name, kind)

    def asks(self, name, caller) -> None:
        """A variable of the environment is asked for."""
        while caller is not None and _is_of(caller, ASKERS):
            if caller.f_code.co_name == "expanduser":  # a home is what everybody calls ``~``
                return
            caller = caller.f_back
        name = os.fsdecode(name)
        if self.passed and self.passed[0] == name:  # going through all with their values
            self.passed.popleft()
            return
        if caller is None or name in self.given or name == "_":  # a shell sets it for each command
            return
        file = caller.f_code.co_filename
        is_cell = caller.f_globals.get("__name__") == "__main__"
        if is_cell or (not file.startswith("<") and self.counts(_path(file))):
            self._keep("asked", name)

    def report(self, variables: list[str]) -> dict:
        """All that was heard, and what the process has become.

        Args:
            variables: of the environment, to be told as the process found them.
        """
        self._hear_children()
        modules = {}
        for name, module in list(sys.modules.items()):
            file = getattr(module, "__file__", None)
            if isinstance(file, str) and not name.startswith("__") and self.counts(_path(file)):
                modules[name] = _path(file)
        for path in modules.values():
            self._reads(path)
        for entry in {_path(entry or ".") for entry in sys.path} - self.path:
            if not os.path.isfile(entry):  # a folder that isn't there yet wasn't listed
                self._lists(entry, MODULES)
        for library, looked_for in self.settings.items():
            if library in sys.modules:
                self.read = looked_for | self.read
        gone = tuple(os.path.join(folder, "") for folder in self.whole)
        rewritten = {*self.rewritten, *(path for path in self.read if path.startswith(gone))}
        tops = {name: module for name, module in list(sys.modules.items()) if "." not in name}
        found = {name: getattr(module, "__version__", None) for name, module in tops.items()}
        return {
            "executable": sys.executable,
            "prefix": sys.prefix,
            "python": sys.version.split()[0],
            "versions": {name: v for name, v in found.items() if isinstance(v, str)},
            "variables": {name: variable(name, self.environ) for name in variables},
            "added": sorted(self.added),
            "asked": sorted(self.asked),
            "modules": modules,
            "read": {p: s for p, s in self.read.items() if not self._is_left_out(p)},
            "rewritten": sorted(rewritten),
            "listed": {p: k for p, k in sorted(self.listed.items()) if not self._is_left_out(p)},
            "own": sorted(p for p in {**self.own, **self.whole} if p not in self.names),
        }

    def _is_left_out(self, path: str) -> bool:
        name, folder = os.path.basename(path), os.path.basename(os.path.dirname(path))
        passing = name.startswith(("<", "fontlist-v")) or folder.startswith("ipykernel_")
        left_out = (path.startswith(os.path.join(other, "")) for other in self.left_out)
        return passing or path in self.left_out or any(left_out)


class Environment(type(os.environ)):
    """The variables of the environment, which say who asks for them."""

    def __getitem__(self, name):
        """The value of a variable."""
        with contextlib.suppress(TypeError):
            _recorder.asks(name, sys._getframe(1))
        return super().__getitem__(name)

    def __setitem__(self, name, value):
        """Set a variable, which is the process's own then."""
        with contextlib.suppress(TypeError):
            _recorder.given[os.fsdecode(name)] = None
        super().__setitem__(name, value)

    def __iter__(self) -> Iterator:
        """All names. Who goes through them asks for none, but may know what it looks for."""
        _recorder.passed.clear()
        for name in super().__iter__():
            _recorder.passed.append(os.fsdecode(name))
            yield name


_recorder: Recorder | None = None


def _path(file, folder: int | None = -1) -> str:
    """A path as it's seen from anywhere; links stay links, for they may lead elsewhere tomorrow.

    Args:
        file: it.
        folder: the number of the open folder that it's relative to, if that isn't the current one.

    Raises:
        TypeError: it's the number of an open file.
    """
    inside = "" if folder in (-1, None) else os.readlink(f"/proc/self/fd/{folder}")
    return os.path.abspath(os.path.join(inside, os.fsdecode(file)))


def _place(path: str) -> str:
    """Where something really lies; a link lies where it is, not where it leads."""
    return os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))


def _with_above(path: str) -> Iterator[str]:
    """A path and all folders that it's in."""
    while True:
        yield path
        above = os.path.dirname(path)
        if above == path:
            return
        path = above


def _open_folders() -> list[str]:
    """The folders that are open; none where the system doesn't tell."""
    try:
        numbers = os.listdir("/proc/self/fd")
    except OSError:
        return []
    found = []
    for number in numbers:
        with contextlib.suppress(OSError):
            found.append(os.readlink(f"/proc/self/fd/{number}"))
    return [path for path in found if os.path.isabs(path) and os.path.isdir(path)]


def _is_of(caller, packages: tuple[str, ...]) -> bool:
    """Whether a frame runs code of one of these packages."""
    name = caller.f_globals.get("__name__", "")
    return any(name == package or name.startswith(f"{package}.") for package in packages)


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
    # The engine's loops as machine code, each in a folder that is named by what it is made of.
    leave_out(platformdirs.user_cache_path("groundup", appauthor=False) / "compiled")
    _compile_anew(_recorder)
    for environ in (os.environ, getattr(os, "environb", None)):
        if environ is not None:
            environ.__class__ = Environment
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=_recorder.forks, after_in_child=_recorder.is_forked)
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
