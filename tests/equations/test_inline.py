"""Every formula in a line that states a relation is read, and computed where the notation says how."""

import re
from pathlib import Path

import pytest
import yaml
from tests.equations import chapters
from tests.equations.inline import Formula, Unheld, cells, formulas, hold, sets, unheld

BOOK = chapters.read()
LISTED = yaml.safe_load(Path(__file__).with_name("inline_formulas.yml").read_text("utf-8"))
CONFIG = yaml.safe_load((chapters.ROOT / "_config.yml").read_text("utf-8"))["sphinx"]["config"]
OLD = {f"{page}.md" for page in CONFIG["groundup_without_limits"]}
LEFT = 0  # of the old chapters; the number only falls
SIGN = re.compile(r"(?<![{\[^_(=])\s[+-]\s|\^2|\\sqrt")


@pytest.mark.parametrize("path", sorted(BOOK.texts))
def test_a_formula_in_a_line_holds_or_is_listed(path):
    text = (chapters.ROOT / path).read_text("utf-8")
    code = None if path in OLD else {path: cells(text)}
    found = {
        f.latex: f"{path}:{f.line}: {why}" for f, why in unheld({path: BOOK.texts[path]}, code)
    }
    listed = set(LISTED.get(path, ()))
    assert {latex: why for latex, why in found.items() if latex not in listed} == {}
    assert listed <= found.keys(), "these hold, or are gone: remove them from the list"


def test_the_list_has_reasons_and_that_of_the_old_chapters_does_not_grow():
    without = {path: entries for path, entries in LISTED.items() if isinstance(entries, list)}
    assert without.keys() <= OLD
    assert sum(map(len, without.values())) <= LEFT
    for path in LISTED.keys() - without.keys():
        assert all(isinstance(why, str) and why for why in LISTED[path].values())


def test_a_lost_sign_square_or_root_is_noticed_wherever_a_formula_is_computed():
    listed = {(path, latex) for path, entries in LISTED.items() for latex in entries}
    tried = 0
    for path, text in BOOK.texts.items():
        for formula in formulas(path, text):
            if (path, formula.latex) in listed or sets(formula):
                continue
            for found in SIGN.finditer(formula.latex):
                other = {"+": " - ", "-": " + "}.get(found[0].strip(), " ")
                wrong = f"{formula.latex[: found.start()]}{other}{formula.latex[found.end() :]}"
                if formula.latex == "y^2 = 1":  # y is 1 or -1 there
                    continue
                with pytest.raises(Unheld):
                    hold(formula._replace(latex=wrong))
                tried += 1
    assert tried > 20


def held(latex, code=None):
    try:
        hold(Formula(latex, "chapter.md", 1, False), code)
    except Unheld as error:
        return str(error)
    return True


# What is right, and the small faults that turn it wrong: an exponent, a sign, a square, a root lost.
PLANTED = [
    (r"p(y_i \mid x_i) = \hat y_i^{\,y_i} (1 - \hat y_i)^{1 - y_i}",
     r"p(y_i \mid x_i) = \hat y_i^{\,y_i} (1 - \hat y_i)^{y_i}"),
    (r"-\log \hat y_i = \log(1 + e^{-z_i}) = \log(1 + e^{z_i}) - z_i",
     r"-\log \hat y_i = \log(1 + e^{-z_i}) = \log(1 + e^{z_i}) + z_i"),
    (r"\tau = -b / w", r"\tau = b / w"),
    (r"\varphi(z) = e^{-z^2 / 2} / \sqrt{2 \pi}", r"\varphi(z) = e^{-z / 2} / \sqrt{2 \pi}"),
    (r"\varphi(z) = e^{-z^2 / 2} / \sqrt{2 \pi}", r"\varphi(z) = e^{-z^2 / 2} / {2 \pi}"),
    (r"\sigma(-z) = 1 - \sigma(z)", r"\sigma(-z) = 1 + \sigma(z)"),
    (r"\sigma'(z) \le 1/4", r"\sigma'(z) < 1/8"),
    (r"\lVert w \rVert = \sqrt{w^\top w}", r"\lVert w \rVert = w^\top w"),
    (r"\partial \hat y_i / \partial z_i = \hat y_i (1 - \hat y_i)",
     r"\partial \hat y_i / \partial z_i = \hat y_i (1 + \hat y_i)"),
    (r"\partial L / \partial w_{jl} = \sum_i x_{ij} \, dz_{il}",
     r"\partial L / \partial w_{jl} = \sum_i x_{ij} \, dz_{il}^2"),
    (r"Z^{[l]} = A^{[l-1]} W^{[l]} + b^{[l]}", r"Z^{[l]} = A^{[l-1]} W^{[l-1]} + b^{[l]}"),
    (r"1 - (3/4)^2 = 7/16", r"1 - (3/4)^2 = 9/16"),
    (r"\sqrt{2} \approx 1.414", r"\sqrt{2} \approx 1.2"),
    (r"e^2 \ne 7", r"2^2 \ne 4"),
    (r"y_i \in \{0, 1\}", r"y_i \in \{0, 1"),
    (r"1 + 1 \geq 2", r"1 + 1 \leq 1"),
    (r"db = \sum_i dz_i", r"db = \frac{1}{m} \sum_i dz_i"),
]  # fmt: skip


@pytest.mark.parametrize(("right", "wrong"), PLANTED)
def test_a_small_fault_is_noticed(right, wrong):
    assert held(right) is True
    assert held(wrong) is not True


@pytest.mark.parametrize(
    ("latex", "why"),
    [
        (r"w x + b = 0", "isn't so"),  # a condition has a reason
        (r"F = 1.8 x", "can't be read: 'F = 1.8 x'"),
        (r"u = v + 1", "nothing says what its symbols are"),
        (r"\tau = -9 / (-0.5) = 17", "isn't so"),
        (r"w, b = 1", "a list, of which only a part states something"),
    ],
)
def test_what_is_not_held_says_why(latex, why):
    assert held(latex) == why


@pytest.mark.parametrize(
    ("latex", "holds"),
    [(r"w = -0.5", True), ("w = 0.5", False), (r"\eta = 0.05", False), ("m = 60", True), ("m = 6", True),
     ("m = 600", False), ("w_1 = w_2 = 2", True), ("z > 0", True)],
)  # fmt: skip
def test_a_setting_stands_in_a_cell(latex, holds):
    assert (held(latex, "w, m = -0.5, 60\nrate = 0.005") is True) == holds


def test_formulas_in_lines_are_found():
    text = (
        "A $x$ and $x = 1$, `$y = 1$`, \\$5 = $z <\n0$.\n\n$$\nv = 1\n$$ (a)\n\n"
        "$w =$ {glue:text}`w` and $b =$ 2"
    )
    found = [(f.latex, f.line, f.opens) for f in formulas("chapter.md", text)]
    assert found == [("x = 1", 1, False), ("z < 0", 1, False), ("w =", 8, True), ("b =", 8, False)]
