"""Finds the book's display equations: their LaTeX, label, file and line."""

import re
from pathlib import Path
from typing import NamedTuple

from tests.equations.latex import Statement, Vocabulary, parse, vocabulary

ROOT = Path(__file__).parents[2]

# The symbols of the notation page, and letters that one paragraph needs.
NOTATION = vocabulary(
    r"m, d, k, i, j, l, n, X, Y, \hat Y, x, y, \hat y, W, b, Z, A, w, \theta, dW, db, dZ, dA, dX, dz, "
    r"\eta, H, \lambda, \varepsilon, \mu, s, \tilde x, \tilde w, \tilde b, z, \varsigma, \delta, e, \pi, "
    r"K, q, c, f, a, h, u, v, p, r, S, t, \tau, dw, \bar y, \alpha, da, "
    r"w_\star, \gamma, R, N, \beta, \beta_1, \beta_2, \rho, d\theta, \hat u, \hat v, \eta_t, s_m, T, "
    r"B, C, V, \varepsilon_t, M, "
    r"dK, dx, P, D, J, "
    r"L_\delta, \kappa, \tilde A, \tilde z, \hat z, d\tilde z, d\hat z, d\gamma, d\beta, "
    r"\tilde y, \operatorname{ECE}, "
    r"U, dU, dH, dh, du, d\hat y, d\hat Y, \omega, "
    r"Q, W_Q, W_K, W_V, dQ, dV, dP, dC, dS, dp, ds, dW_Q, d\tilde x, "
    + "".join(  # of each gate
        rf"{letter}^{{\mathrm{{{gate}}}}}, "
        for gate in "ifgozru"
        for letter in ("W", "U", "b", "dz", "dW", "dU", "db")
    )
    + r"o, U, dh, dc, \hat x",
    functions=r"L, \nabla L, p, g, g', \sigma, \sigma', \operatorname{softmax}, \operatorname{ReLU}, "
    r"\Phi, \varphi, \operatorname{erf}, "
    r"\operatorname{recall}, \operatorname{precision}, \operatorname{F1}, "
    r"\operatorname{E}, \operatorname{Var}",
)

FENCED = re.compile(
    r"^(?P<opens>(?P<fence>`{3,})[ ]*(?P<info>[^`\n]*)\n)(?P<body>.*?)^(?P<closes>(?P=fence)`*[ ]*)$",
    re.DOTALL | re.MULTILINE,
)
CODE = re.compile(r"\w*|\{(code-cell|listing)\}.*")
DISPLAY = re.compile(r"\$\$(?P<latex>.*?)\$\$(?:[ ]*\((?P<label>[^)\s]+)\))?", re.DOTALL)


class Equation(NamedTuple):
    """A display equation of a chapter.

    Args:
        latex: what stands between the dollar signs.
        label: its label, or None.
        path: the chapter, from the repository's root.
        line: the line where the LaTeX begins.
        start: the place in the chapter's text where it begins.
    """

    latex: str
    label: str | None
    path: str
    line: int
    start: int

    @property
    def name(self) -> str:
        return f"{self.path} ({self.label or self.line})"

    def statements(self, vocabulary: Vocabulary = NOTATION) -> list[Statement]:
        """What it states; ``LatexError`` with label, file and line if it can't be read."""
        return parse(self.latex, vocabulary, self.name, self.line)


class Book:
    """The equations of some chapters.

    Args:
        texts: each chapter's text by its path.

    Raises:
        ValueError: two equations have one label, or dollar signs are left over.
    """

    def __init__(self, texts: dict[str, str]):
        self.texts = {path: FENCED.sub(_prose, text) for path, text in texts.items()}
        self.equations = [e for path, text in self.texts.items() for e in _equations(path, text)]
        self.labelled = {e.label: e for e in self.equations if e.label}
        if len(self.labelled) < sum(e.label is not None for e in self.equations):
            raise ValueError("two equations have one label")

    def __getitem__(self, label: str) -> Equation:
        return self.labelled[label]

    def after(self, words: str) -> Equation:
        """The first display equation after these words, which stand in one place of the book only."""
        ((path, start),) = (
            (path, found.end())
            for path, text in self.texts.items()
            for found in re.finditer(r"\s+".join(map(re.escape, words.split())), text)
        )
        return next(e for e in self.equations if e.path == path and e.start > start)

    def altered(self, label: str, before: str, after: str) -> "Book":
        """The same book with a typo, the first time that ``before`` stands in an equation.

        Raises:
            ValueError: it doesn't stand there.
        """
        equation = self[label]
        if before not in equation.latex:
            raise ValueError(f"{before!r} doesn't stand in {equation.name}")
        return self.rewritten(equation, equation.latex.replace(before, after, 1))

    def rewritten(self, equation: Equation, latex: str) -> "Book":
        """The same book with other LaTeX in the place of an equation's."""
        text, end = self.texts[equation.path], equation.start + len(equation.latex)
        return Book(self.texts | {equation.path: text[: equation.start] + latex + text[end:]})


def read() -> Book:
    """The whole book, without drafts."""
    paths = [p for p in sorted((ROOT / "book").rglob("*.md")) if "drafts" not in p.parts]
    return Book({path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in paths})


def _equations(path: str, text: str) -> list[Equation]:
    if DISPLAY.sub("", text).count("$$"):
        raise ValueError(f"{path} has dollar signs left over")
    return [
        Equation(
            found["latex"],
            found["label"],
            path,
            text.count("\n", 0, found.start("latex")) + 1,
            found.start("latex"),
        )
        for found in DISPLAY.finditer(text)
    ]


def _prose(fenced: re.Match) -> str:
    """What isn't code of what stands in a fence, with as many lines as before."""
    if CODE.fullmatch(fenced["info"].strip()):
        return "\n" * fenced[0].count("\n")
    return fenced["opens"] + FENCED.sub(_prose, fenced["body"]) + fenced["closes"]
