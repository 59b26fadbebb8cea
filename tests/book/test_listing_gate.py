"""Listings, repetitions and the reference in small books: what passes, and what is refused."""

import pickle
import shutil

from tests.book.small import ROOT, Book, must_fail, must_pass

SIGMOID = (
    "def mine(z):\n    z = floats(z)\n    with np.errstate(over='ignore', under='ignore'):\n"
    "        return 1 / (1 + np.exp(-z))"
)
LABELS = [
    "neuron",
    "dense-forward",
    "dense-backward-weights",
    "dense-backward-bias",
    "dense-backward-input",
]
EQUATIONS = [f"$$\na = b\n$$ ({label})\n\n" for label in LABELS]
NAMES = ", ".join(f'"{label}"' for label in LABELS)
HELD = f"import pytest\n\n\n@pytest.mark.equation({NAMES})\ndef test_nothing():\n    pass\n"
API = (
    "# Layers\n\n```{eval-rst}\n.. currentmodule:: groundup.nn\n\n"
    ".. autoclass:: Dense\n.. autoclass:: Reshape\n```\n"
)
COUNT = "import pathlib; pathlib.Path('count').open('a').write('x')"


def test_what_is_unknown_or_repeated_is_refused(tmp_path):
    book = Book(tmp_path)
    book.cells(
        "import numpy as np\nfrom groundup.nn.arrays import floats",
        SIGMOID,
        prose=f"```{{listing}} groundup.nn.Dense.foward\n```\n\n```python\n{SIGMOID}\n```\n",
    )
    lines = (book.folder / "book" / "chapter.md").read_text().split("\n")
    unknown, typed = (
        lines.index(s) + 1 for s in ("```{listing} groundup.nn.Dense.foward", "```python")
    )
    again = "mine repeats groundup.nn.activations.sigmoid: import it, or show it with {listing}"
    must_fail(
        book,
        f"chapter.md:{unknown}: ERROR: no function, method or class of groundup is called "
        "groundup.nn.Dense.foward where it is defined; did you mean groundup.nn.layers.Dense.forward",
        f"chapter.md: WARNING: cell 2: {again}",
        f"chapter.md:{typed}: WARNING: {again}",
    )


def test_listings_and_reference_follow_the_source_and_the_chapters(tmp_path):
    """Of a copy of the package, which can be changed."""
    book = Book(tmp_path)
    source = tmp_path / "src"
    shutil.copytree(ROOT / "src", source, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "sitecustomize.py").write_text(
        "import atexit, sys\nsaid = lambda: 'keras' in sys.modules and print('Keras', file=sys.stderr)\n"
        "atexit.register(said)\n"
    )
    toc = (tmp_path / "_toc.yml").read_text()
    (tmp_path / "_toc.yml").write_text(f"{toc}  - file: book/api\n")
    shown = "groundup.nn.Dense.forward", "groundup.nn.Reshape"
    listings = "\n\n".join(f"```{{listing}} {name}\n```" for name in shown)
    cells = COUNT, "from groundup import nn\nlayer = nn.Dense(1)"
    book.cells(*cells, prose="\n\n".join([listings, *EQUATIONS]))
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_equations.py").write_text(HELD)
    book.write("api", API)

    def build():
        result = book.build(PYTHONPATH=f"{source}:{tmp_path}")
        must_pass(result)
        assert "Keras" not in result.stderr, "reading the docstrings took a framework"
        assert (book.folder / "book" / "count").read_text() == "x", "it was executed again"
        return {page: book.html(page) for page in ("index", "chapter", "api")}

    def times():
        return {
            path: path.stat().st_mtime for path in (tmp_path / "_build/html").glob("*/**/*.html")
        }

    pages = build()
    assert 'href="api.html#groundup.nn.Dense.forward"' in pages["chapter"]
    assert "src/groundup/nn/layers.py" in pages["chapter"]
    assert (
        ', equations <a class="reference internal" href="#equation-dense-forward">(2)</a>, '
        '<a class="reference internal" href="#equation-neuron">(1)</a>' in pages["chapter"]
    )
    assert "Gives each example another shape" not in pages["chapter"], "docstrings are left out"
    assert 'href="chapter.html#equation-dense-backward-bias">(4)</a>' in pages["api"]
    assert pages["api"].count(">Used in<") == 1, "Dense is used, Reshape isn't"
    assert '<a class="reference internal" href="chapter.html">A chapter</a>' in pages["api"]
    assert 'href="../_modules/groundup/nn/layers.html#Dense.forward"' in pages["api"]
    kept = pickle.loads((tmp_path / "_build/.doctrees/book/api.doctree").read_bytes())
    assert all(node.document is kept for node in kept.findall()), "kept without what Sphinx knows"
    before = times()
    build()
    assert times() == before, "nothing has changed, nothing is written"

    file = source / "groundup" / "nn" / "layers.py"
    file.write_text(
        file.read_text().replace("        self.X = X\n", "        self.X = X  # kept\n")
    )
    text = (book.folder / "book" / "chapter.md").read_text()
    text = text.replace("# A chapter", "# One more")
    text = text.replace("\n\n".join(EQUATIONS), "\n\n".join(reversed(EQUATIONS)))
    book.write("chapter", text)
    pages = build()
    assert "# kept" in pages["chapter"]
    assert 'href="chapter.html#equation-dense-backward-bias">(2)</a>' in pages["api"]
    assert '<a class="reference internal" href="chapter.html">One more</a>' in pages["api"]

    module = tmp_path / "_build/html/_modules/groundup/nn/layers.html"
    assert module.exists()
    book.write("api", "# The code\n")
    build()
    assert not module.exists(), "what no page shows is gone"
