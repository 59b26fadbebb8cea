"""One palette, told apart by colour-blind readers, in a light and a dark form.

Figures are drawn in the light form. The dark one is made from it colour by colour, so every colour
that a figure is to change with the page comes from here.
"""

import re

INK, MUTED, GRID = "#1f2933", "#59636e", "#d4dae0"
SERIES = ("#0b63a5", "#b34700", "#0a7558", "#8c3d9e")

LIGHT = {
    "ink": INK,
    "muted": MUTED,
    "grid": GRID,
    **{f"series {i}": c for i, c in enumerate(SERIES)},
}
DARK = {
    "ink": "#e7ebf0",
    "muted": "#a9b4c0",
    "grid": "#414c58",
    "series 0": "#74b9f5",
    "series 1": "#ffab6b",
    "series 2": "#5fd4ae",
    "series 3": "#dba6ea",
}

STYLE = {
    "axes.edgecolor": MUTED,
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.prop_cycle": "cycler('color', [{}])".format(", ".join(repr(c) for c in SERIES)),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": INK,
    "axes.titlesize": "medium",
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "font.size": 11.5,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "savefig.facecolor": "none",
    "svg.fonttype": "path",
    "svg.hashsalt": "groundup",
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
}


def dark(svg: str) -> str:
    """A picture drawn in the light palette, in the dark one."""
    pairs = {LIGHT[name]: DARK[name] for name in LIGHT}
    return re.sub("|".join(pairs), lambda match: pairs[match[0]], svg)
