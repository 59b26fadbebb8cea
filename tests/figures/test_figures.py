"""Figures have words, look the same each time, and change with the page."""

import re

import numpy as np
import pytest

from groundup import figures
from groundup.figures import figure, palette, stepper


@pytest.fixture
def shown(monkeypatch):
    """What was displayed: a list of (data, metadata)."""
    calls = []
    for module in (figure, stepper):
        monkeypatch.setattr(
            module, "display", lambda data, raw, metadata: calls.append((data, metadata))
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


def test_a_figure_carries_its_caption_its_words_and_its_size(shown):
    ax = figures.axes(height=2)
    ax.plot([1, 2], [3, 4])
    figures.show(ax, "The line\n rises <fast>.", "A line from 3 to 4.")
    (picture, facts), (below, below_facts) = shown
    assert picture["image/svg+xml"].lstrip().startswith("<?xml")
    assert facts["image/svg+xml"] == {
        "alt": "A line from 3 to 4.", "width": 634, "height": 192, "caption": "The line rises <fast>.",
    }  # fmt: skip
    assert picture["text/plain"] == "The line rises <fast>.\nA line from 3 to 4."
    assert below["text/html"] == "<p>The line rises &lt;fast&gt;.</p>"
    assert below["text/plain"] == below_facts["text/html"]["caption"] == "The line rises <fast>."


def test_a_text_that_stands_alone_is_the_words(shown):
    figures.show(figures.axes(height=2), "A line from 3 to 4.")
    ((_, metadata),) = shown
    assert metadata["image/svg+xml"] == {"alt": "A line from 3 to 4.", "width": 634, "height": 192}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([""], "expected words"),
        (["  \n"], "expected words"),
        (["A caption.", " "], "expected words"),
        (["", "Words."], "expected a sentence"),
        (["Accuracy by epoch", "Words."], "expected a sentence"),
        (["It rises.", "It rises. "], "say more than its caption"),
    ],
)
def test_a_figure_without_words_or_whose_caption_is_no_sentence_is_refused(shown, said, expected):
    with pytest.raises(ValueError, match=expected):
        figures.show(figures.axes(), *said)
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
    ("colours", "page"), [(palette.LIGHT, "#ffffff"), (palette.DARK, "#14181d")]
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


def test_regions_are_divided_where_the_score_crosses_the_threshold():
    X, y = np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 2.0]]), np.array([-1, 1, 1])
    ax = figures.axes()
    figures.regions(ax, lambda places: places[:, 0], X, y, threshold=3.0, names=("left", "right"))
    filled, line, *marks = ax.collections
    boundary = np.concatenate(line.get_paths()[0].to_polygons(closed_only=False))
    assert np.allclose(boundary[:, 0], 3)
    left, right = (area.get_extents() for area in filled.get_paths())
    assert np.isclose(left.x1, 3)
    assert np.isclose(right.x0, 3)
    assert [len(of_class.get_offsets()) for of_class in marks] == [1, 2]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["left", "right"]


def test_regions_of_a_classifier_that_always_says_the_same():
    X = np.array([[0.0, 0.0], [1.0, 1.0]])
    ax = figures.axes()
    figures.regions(ax, lambda places: np.ones(len(places)), X, np.array([0, 1]))
    left, right = ax.collections[0].get_paths()
    assert len(left.vertices) == 0 < len(right.vertices)


def test_a_network_has_a_circle_for_each_unit_and_a_line_for_each_weight():
    ax = figures.axes()
    figures.network(ax, [2, 3, 1], ["in", "hidden", "out"])
    assert len(ax.patches) == 2 + 3 + 1
    assert len(ax.lines) == 2 * 3 + 3 * 1
    assert [text.get_text() for text in ax.texts] == ["in", "hidden", "out"]


def test_of_a_large_layer_some_units_are_drawn_with_their_own_weights():
    W = np.zeros((20, 1))
    W[19] = -5
    ax = figures.axes()
    figures.network(ax, [20, 1], weights=[W], most=4)
    assert len(ax.patches) == 4 + 1
    assert max(line.get_linewidth() for line in ax.lines) == ax.lines[-1].get_linewidth() > 3
    assert ax.lines[-1].get_color() == palette.SERIES[1]
    assert "⋮" in [text.get_text() for text in ax.texts]


def test_a_network_of_one_layer_or_with_a_name_too_many_is_refused():
    with pytest.raises(ValueError, match="at least two layers"):
        figures.network(figures.axes(), [3])
    with pytest.raises(ValueError, match="expected 2 of these"):
        figures.network(figures.axes(), [3, 1], ["a", "b", "c"])


def stills(*heights):
    return [figures.axes(height=height) for height in heights]


def test_steps_carry_every_still_with_its_caption_and_its_words(shown):
    flat, rising = stills(2, 2)
    rising.plot([1, 2])
    figures.steps(
        [flat, rising], ["Flat & <still>.", "It rises."], ["Nothing.", "A line from 1 to 2."]
    )
    ((data, metadata),) = shown
    facts = metadata["text/html"]["steps"]
    assert facts[1] == {
        "caption": "It rises.",
        "alt": "A line from 1 to 2.",
        "width": 634,
        "height": 192,
    }
    pictures = stepper.pictures(data["text/html"])
    assert [picture.count(figures.SERIES[0]) for picture in pictures] == [0, 1]
    assert pictures[0] == figure.svg(*(ax.get_figure() for ax in stills(2)))
    assert "<figcaption>Flat &amp; &lt;still&gt;.</figcaption>" in data["text/html"]
    assert data["text/plain"].split("\n")[1] == "2. It rises. [A line from 1 to 2.]"


def test_a_caption_that_says_it_all_is_the_words_too(shown):
    figures.steps(stills(2, 2), ["One.", "Two."])
    ((data, metadata),) = shown
    assert [of["alt"] for of in metadata["text/html"]["steps"]] == ["One.", "Two."]
    assert data["text/plain"] == "1. One.\n2. Two."


@pytest.mark.parametrize(
    ("heights", "captions", "words", "said"),
    [
        ([2], ["a"], None, "at least two stills, got 1"),
        ([2, 2], ["a"], None, "expected 2 captions, one for each still, got 1"),
        ([2, 2], "ab", None, "expected 2 captions, one for each still, got one string"),
        ([2, 2], ["a.", " "], None, "captions that say something, got none for still 2"),
        ([2, 2], ["a.", "b"], None, "sentences as captions, got 'b' for still 2"),
        ([2, 2], ["a.", "b."], ["c"], "expected 2 words"),
        ([2, 2], ["a.", "b."], ["", "c"], "words that say something, got none for still 1"),
        ([2, 3], ["a.", "b."], None, "stills of one size"),
    ],
)
def test_steps_that_would_jump_or_say_nothing_are_refused(shown, heights, captions, words, said):
    with pytest.raises(ValueError, match=said):
        figures.steps(stills(*heights), captions, words)
    assert not shown
