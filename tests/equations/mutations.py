r"""Small faults in an equation's LaTeX, one at a time: what a slip of the pen changes."""

import re
from collections.abc import Iterator

# What is looked for, and what may stand in its place by mistake.
SLIPS = [
    (r"<", [r"\le ", ">"]),
    (r">", [r"\ge ", "<"]),
    (r"\\le(?![a-zA-Z])", ["<", r"\ge "]),
    (r"\\ge(?![a-zA-Z])", [">", r"\le "]),
    (r"(?<![a-z]=)(?<!\\in)=(?=[^=])", [r"\le ", r"\ge ", r"\leftarrow "]),
    (r"\\leftarrow", ["="]),
    (r"\+", ["-"]),
    (r"-", ["+", ""]),
    (r"\\sqrt", [""]),
    (r"\\(hat|tilde|bar)(?![a-zA-Z])", [""]),
    (r"'", [""]),
    (r"\\odot", [""]),
    (r"\^\{?\\top\}?", [""]),
    (r"\\max", [r"\min"]),
    (r"\\min", [r"\max"]),
    (r"\\sum", [r"\prod"]),
    (r"\\log(?![a-zA-Z])", [r"\exp"]),
    (r"\\exp(?![a-zA-Z])", [r"\log"]),
    (r"\\sin(?![a-zA-Z])", [r"\cos"]),
    (r"\\cos(?![a-zA-Z])", [r"\sin"]),
    (r"\\tanh(?![a-zA-Z])", [r"\sin"]),
    (r"\^(\{[^{}\[\]]*\}|\d|[a-z])", [""]),
    (r"\^2", ["^3"]),
    (r"(?<=\^\{\[)[^\]]*(?=\]\})", ["{}-1", "{}+1"]),
    (r"(?<=[=_{\s(,])\d+(?=[\s,})&\\^]|$)", ["+1"]),
    (r"_([a-z])(?![a-zA-Z])", ["_i", "_j", "_l", "_k", "_1"]),
    (r"_\{([a-z])([a-z])\}", [r"_{\2\1}", r"_{\1\1}", r"_{\2\2}"]),
    (r"_\{([a-z])-1\}", [r"_{\1}", r"_{\1+1}"]),
    (r"(?<=\\sum_\{)([a-z])=(\d)(?=\})", [r"\1=2", r"\1=0"]),
    (r"\\frac\{(\d|[a-z])\}\{(\d|[a-z])\}", [r"\\frac{\2}{\1}"]),
]


def mutants(latex: str) -> Iterator[str]:
    """The LaTeX with one slip in it, for each place and each slip that fits there."""
    seen = {latex}
    for pattern, slips in SLIPS:
        for found in re.finditer(pattern, latex):
            for slip in slips:
                here = found[0]
                if slip == "+1":
                    put = str(int(here) + 1)
                elif slip.startswith("{}"):
                    put = f"{here}{slip[2:]}"
                elif re.search(r"\\\d", slip):
                    put = found.expand(slip)
                else:
                    put = slip
                changed = latex[: found.start()] + put + latex[found.end() :]
                if changed not in seen:
                    seen.add(changed)
                    yield changed
