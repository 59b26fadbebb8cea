"""Figures have words, look the same each time, and change with the page."""

import re

import numpy as np
import pytest

from groundup import figures
from groundup.figures import figure, palette


@pytest.fixture
def shown(monkeypatch):
    """What was displayed: a list of (data, metadata)."""
    calls = []
    monkeypatch.setattr(
        figure, "display", lambda data, raw, metadata: calls.append((data, metadata))
    )
    return calls


def luminance(colour):
    """The relative luminance of the Web Content Accessibility Guidelines."""
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return linear @ (0.2126, 0.7152, 0.0722)


def contrast(a, b):
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_a_figure_carries_its_words_and_its_size(shown):
    ax = figures.axes(height=2)
    ax.plot([1, 2], [3, 4])
    figures.show(ax, "A line from 3 to 4.")
    ((data, metadata),) = shown
    assert data["image/svg+xml"].lstrip().startswith("<?xml")
    assert metadata["image/svg+xml"] == {"alt": "A line from 3 to 4.", "width": 634, "height": 192}


@pytest.mark.parametrize("words", ["", "  \n"])
def test_a_figure_without_words_is_refused(shown, words):
    with pytest.raises(ValueError, match="expected words"):
        figures.show(figures.axes(), words)
    assert not shown


def test_the_same_figure_gives_the_same_text():
    def draw():
        ax = figures.axes()
        figures.curves(ax, {"a": [[1, 2], [2, 3]], "b": [[3, 1], [2, 2]]}, "epoch", "loss")
        return figure.svg(ax.get_figure())

    assert draw() == draw()


def test_the_dark_form_has_no_colour_of_the_light_one_left():
    ax = figures.axes()
    for colour in palette.LIGHT.values():
        ax.plot([0, 1], color=colour)
    light = figure.svg(ax.get_figure())
    dark = palette.dark(light)
    for name in palette.LIGHT:
        assert palette.LIGHT[name] in light
        assert palette.LIGHT[name] not in dark
        assert palette.DARK[name] in dark
    assert len(re.findall("<path", light)) == len(re.findall("<path", dark))


@pytest.mark.parametrize(
    ("colours", "page"), [(palette.LIGHT, "#ffffff"), (palette.DARK, "#121212")]
)
def test_text_and_lines_stand_out_from_the_page(colours, page):
    for name, colour in colours.items():
        if name != "grid":
            assert contrast(colour, page) >= 4.5, name


def test_curves_name_their_lines_without_overlap():
    ax = figures.axes()
    figures.curves(ax, {"a": [[1.0, 2.0]], "b": [[1.0, 2.01]]}, "epoch", "loss")
    heights = sorted(text.xy[1] for text in ax.texts)
    low, high = ax.get_ylim()
    assert heights[1] - heights[0] >= 0.069 * (high - low)
    assert {text.get_text() for text in ax.texts} == {"a", "b"}
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "loss")


def test_a_line_without_a_colour_is_refused():
    with pytest.raises(ValueError, match="at most 4 series, got 5"):
        figures.curves(figures.axes(), {name: [[1, 2]] for name in "abcde"}, "epoch", "loss")


def test_pictures_show_the_arrays():
    pictures = np.arange(24.0).reshape(2, 3, 4)
    grid = figures.images(pictures, titles=["a", "b"], columns=3)
    assert grid.shape == (1, 3)
    assert [ax.get_title() for ax in grid[0]] == ["a", "b", ""]
    assert (grid[0, 1].images[0].get_array() == pictures[1]).all()


def test_weights_have_zero_in_the_middle():
    grid = figures.weights(np.array([[[-1.0, 3.0]], [[0.0, 2.0]]]), columns=2)
    assert [ax.images[0].get_clim() for ax in grid.flat] == [(-3, 3), (-3, 3)]


def test_a_confusion_matrix_writes_its_counts():
    ax = figures.axes()
    figures.confusion(ax, np.array([[1200, 3], [0, 7]]), ["a", "b"])
    assert sorted(text.get_text() for text in ax.texts) == ["1,200", "3", "7"]
