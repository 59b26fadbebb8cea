"""A grid of runs as a table."""

from types import SimpleNamespace

import numpy as np
import pytest

from groundup import page, runs
from groundup.page import tables

AXES = {"width": (2, 4), "learning_rate": (0.1, 1.0, 10.0), "seed": (0, 1)}
losses = np.arange(12.0).reshape(2, 3, 2)  # each mean is half above an even number
solved = losses > 4


@pytest.fixture
def shown(monkeypatch):
    """What a table shows where there is no HTML, line by line; its cells are two spaces apart or more."""
    lines = []

    def display(content):
        lines.extend(str(content.text).splitlines())

    monkeypatch.setattr(tables, "display", display)
    return lines


def grid(axes=AXES, **measures):
    shape = tuple(map(len, axes.values()))
    measures = measures or {"loss": losses.reshape(shape), "val_accuracy": losses / 100}
    made = np.full(shape, SimpleNamespace(history={"loss": [1.0]}), object)
    return runs.Grid(axes, made, measures)


def stripped(lines):
    return [[cell.strip() for cell in line.split("  ") if cell] for line in lines]


def test_a_row_for_each_combination_with_mean_and_spread(shown):
    page.table(grid(), "Losses", loss=("decimal", 1), val_accuracy="percent")
    caption, head, *rows = shown
    assert caption == "Losses (means of 2 seeds ± standard deviation)"
    assert stripped([head]) == [["width", "learning rate", "loss", "validation accuracy"]]
    assert stripped(rows) == [
        ["2", "0.1", "0.5 ± 0.7", "0.50 ± 0.71%"],
        ["2", "1.0", "2.5 ± 0.7", "2.50 ± 0.71%"],
        ["2", "10.0", "4.5 ± 0.7", "4.50 ± 0.71%"],
        ["4", "0.1", "6.5 ± 0.7", "6.50 ± 0.71%"],
        ["4", "1.0", "8.5 ± 0.7", "8.50 ± 0.71%"],
        ["4", "10.0", "10.5 ± 0.7", "10.50 ± 0.71%"],
    ]


@pytest.mark.parametrize(
    ("across", "rows"),
    [
        (
            "learning_rate",
            [
                ["width", "learning rate 0.1", "learning rate 1.0", "learning rate 10.0"],
                ["2", "0.5 ± 0.7", "2.5 ± 0.7", "4.5 ± 0.7"],
                ["4", "6.5 ± 0.7", "8.5 ± 0.7", "10.5 ± 0.7"],
            ],
        ),
        (
            "width",
            [
                ["learning rate", "width 2", "width 4"],
                ["0.1", "0.5 ± 0.7", "6.5 ± 0.7"],
                ["1.0", "2.5 ± 0.7", "8.5 ± 0.7"],
                ["10.0", "4.5 ± 0.7", "10.5 ± 0.7"],
            ],
        ),
    ],
)
def test_the_values_of_an_axis_may_stand_side_by_side(shown, across, rows):
    page.table(grid(), "Losses", across=across, loss=("decimal", 1))
    assert stripped(shown[1:]) == rows


def test_several_measures_side_by_side_are_told_apart(shown):
    page.table(grid(), "Both", across="width", loss=("decimal", 0), val_accuracy=("percent", 0))
    head = ["learning rate", "loss, width 2", "loss, width 4"]
    both = [f"validation accuracy, width {width}" for width in (2, 4)]
    assert stripped(shown[1:2]) == [head + both]


@pytest.mark.parametrize("axes", [{"seed": (3,)}, {}])
def test_one_seed_has_no_spread(shown, axes):
    axes = {"hidden": ((), (8, 8)), **axes}
    page.table(grid(axes, loss=np.ones([len(v) for v in axes.values()])), "Losses", loss="decimal")
    assert shown[0] == "Losses"
    assert stripped(shown[1:]) == [["hidden", "loss"], ["none", "1.000"], ["8, 8", "1.000"]]


def test_seeds_alone_are_one_row(shown):
    page.table(grid({"seed": (0, 1)}, loss=np.array([1, 3])), "Losses", loss=("decimal", 1))
    assert stripped(shown[1:]) == [["runs", "loss"], ["2", "2.0 ± 1.4"]]


def test_what_is_true_or_false_is_counted_or_a_share(shown):
    found = grid(solved=solved)
    page.table(found, "Solved", across="learning_rate", solved="count")
    page.table(found, "Solved", across="learning_rate", solved=("percent", 0))
    counted, share = shown[:4], shown[4:]
    assert counted[0] == share[0] == "Solved"
    assert stripped(counted[2:]) == [["2", "0 of 2", "0 of 2", "1 of 2"], ["4", *["2 of 2"] * 3]]
    assert stripped(share[2:3]) == [["2", "0%", "0%", "50%"]]


@pytest.mark.parametrize(
    ("results", "options", "error", "message"),
    [
        (grid(), {}, TypeError, "expected a measure and its kind, as in loss='decimal'"),
        (grid(), {"los": "decimal"}, ValueError, "expected one of loss, val_accuracy, got 'los'"),
        (grid(), {"loss": "decimals"}, ValueError, "unknown kind of number 'decimals'"),
        (grid(), {"loss": "decimal", "across": "seed"}, ValueError, "learning_rate; got 'seed'"),
        (grid().at(width=2), {"loss": "decimal", "across": "learning_rate"}, ValueError, "another one"),
        (grid(loss=losses * np.nan), {"loss": "decimal"}, ValueError, r"loss, at place \(0, 0\) of"),
        ({"x": [1]}, {"loss": "decimal"}, TypeError, "a table of columns expected no measures"),
        ({"x": [1]}, {"across": "x"}, TypeError, "a table of columns expected no measures"),
    ],
)  # fmt: skip
def test_what_cannot_be_shown_is_refused(shown, results, options, error, message):
    with pytest.raises(error, match=message):
        page.table(results, "Nothing", **options)
    assert not shown


def test_a_cell_says_what_diverged(shown):
    found = grid(loss=np.where(losses > 9, np.nan, losses))
    found.runs[1, 2] = SimpleNamespace(history={"loss": [1.0, np.nan]})
    page.table(found, "Losses", across="width", loss=("decimal", 0))
    assert shown[-1].rstrip().endswith("2 of 2 diverged")
    shown.clear()
    page.table(found.at(seed=1), "Losses", across="width", loss=("decimal", 0))
    assert shown[-1].rstrip().endswith(" diverged")
    found.runs[1, 2, 0] = found.runs[0, 0, 0]
    shown.clear()
    page.table(found, "Losses", across="width", loss=("decimal", 0))
    assert shown[-1].rstrip().endswith("1 of 2 diverged")
