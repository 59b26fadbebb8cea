"""Listings, what counts as a repetition, and what the reference has."""

import ast
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

import groundup.data
import groundup.figures
import groundup.nn
import groundup.page
import groundup.runs
import groundup.tape
from groundup.runs import source_files
from groundup.sphinxext.checks import repetition
from groundup.sphinxext.pages import listing

API = Path(__file__).parents[3] / "book" / "reference" / "api"
EVERY = [
    (module, name)
    for module in sorted(source_files.submodules("groundup.nn"))
    for name, _ in listing.definitions(source_files.tree(module))
]
SIGMOID_OF_OURS = '''
def mine(z: float) -> float:
    """My own."""
    # A comment.
    z = floats(z)
    with np.errstate(over="ignore", under="ignore"):
        return 1 / (1 + np.exp(-z))
'''


def test_a_listing_is_the_source_of_the_module_that_defines_the_name():
    found = listing.find("groundup.nn.Dense.forward")
    assert (found.module, found.name) == ("groundup.nn.layers.dense", "Dense.forward")
    assert found.file == "src/groundup/nn/layers/dense.py"
    assert found.text() == "def forward(self, X):\n    self.X = X\n    return X @ self.W + self.b"
    assert ast.get_docstring(ast.parse(found.text(docstring=True)).body[0])
    assert found.equations == ["dense-forward", "neuron"]


def test_every_definition_can_be_shown_with_its_syntax_and_without_docstrings():
    for module, name in EVERY:
        found = listing.find(f"{module}.{name}")
        (shown,) = ast.parse(found.text()).body
        for node in ast.walk(shown):
            if isinstance(node, listing.DEFINITIONS):
                assert ast.get_docstring(node) is None
        (whole,) = ast.parse(found.text(docstring=True)).body
        forms = {repetition.form(definition) for definition in (shown, whole, found.node)}
        assert len(forms) == 1, found


def test_a_decorator_is_shown():
    assert (
        listing.find("groundup.nn.GradientReport.worst").text().startswith("@property\ndef worst")
    )


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("groundup.nn.Dense.foward", "groundup.nn.layers.dense.Dense.forward"),
        ("groundup.nn.Sequential.backpropagate", "groundup.nn.network.Network.backpropagate"),
        ("groundup.nn.layers.Dense", "did you mean groundup.nn.layers.dense.Dense"),
        ("groundup.nn.Densee", "groundup.nn.layers.dense.Dense"),
        ("groundup.nn.qqqqqqqqqqqqqqqqqqqqqqq", "there is nothing like it"),
        ("groundup.nn", "there is nothing like it"),
        ("numpy.linalg.norm", "there is nothing like it"),
    ],
)
def test_an_unknown_name_says_what_there_is_instead(name, instead):
    with pytest.raises(listing.Unknown, match=re.escape(name)) as raised:
        listing.find(name)
    assert instead in str(raised.value)


@pytest.fixture(scope="module")
def ours():
    return repetition.ours(SimpleNamespace())


def test_what_is_ours_is_found_anew_only_if_it_has_changed(monkeypatch):
    env, asked = SimpleNamespace(), []
    monkeypatch.setattr(
        repetition.source_files, "submodules", lambda package: asked.append(package) or []
    )
    for digest in ("one", "one", "two"):
        monkeypatch.setattr(repetition.code, "files_digest", lambda package, now=digest: now)
        repetition.ours(env)
    assert len(asked) == 2


def test_a_repetition_is_seen_under_other_names_and_words(ours):
    assert list(repetition.repeated(SIGMOID_OF_OURS, ours)) == [
        ("mine", "groundup.nn.activations.sigmoid")
    ]
    inside = f"if True:{SIGMOID_OF_OURS}".replace("\n", "\n    ")
    assert list(repetition.repeated(f"%matplotlib inline\n{inside}", ours))


@pytest.mark.parametrize(
    "code",
    [
        SIGMOID_OF_OURS.replace("-z", "z"),
        SIGMOID_OF_OURS.replace("over", "under"),
        SIGMOID_OF_OURS.replace("np.exp", "np.expm1"),
        "def forward(self, Z):\n    return Z",
        "def half a function",
        "class Scale:\n    twice = staticmethod(lambda x: 2 * x + 3 * x + 4 * x)",
        "x = 1",
    ],
)
def test_what_does_something_else_or_is_small_is_no_repetition(code, ours):
    assert list(repetition.repeated(code, ours)) == []


def test_a_class_is_repeated_as_a_whole(ours):
    source = listing.find("groundup.nn.layers.reshaping.Reshape").text(docstring=True)
    assert "Mine" in dict(repetition.repeated(source.replace("class Reshape", "class Mine"), ours))
    less = source.replace("        self.input_shape = input_shape\n", "")
    assert "Reshape" not in dict(repetition.repeated(less, ours))


@pytest.mark.parametrize("room", ["nn", "tape", "runs", "data", "figures", "page"])
def test_the_reference_has_every_public_function_and_class_once(room):
    documented = []
    for page in API.glob("*.md"):
        for what, name in re.findall(r"^\.\. (current|auto)\w+:: (\S+)", page.read_text(), re.M):
            if what == "current":
                module = name
            else:
                documented.append(name if "." in name else f"{module}.{name}")
    assert len(documented) == len(set(documented))
    package = getattr(groundup, room)
    public = {name for name in package.__all__ if callable(getattr(package, name))}
    public -= {"SIGNED"}  # a colour map
    assert {f"groundup.{room}.{name}" for name in public} <= set(documented)
