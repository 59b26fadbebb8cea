"""Clipping by hand: what is too long, and what isn't."""

import numpy as np
import pytest

from groundup import nn

GRADIENTS = np.array([3.0, 4.0, 0.0, 0.6, -0.8])
PARTS = [slice(0, 3), slice(3, 5)]


def step(parts=PARTS, gradients=GRADIENTS, **clipping):
    """What is taken away, with a learning rate of one."""
    parameters = np.zeros_like(gradients)
    nn.SGD(1.0, **clipping).apply(gradients, parameters, parts)
    return -parameters


def test_each_array_is_shortened_by_itself():
    assert np.allclose(step(clipnorm=2.5), [1.5, 2.0, 0.0, 0.6, -0.8])


def test_all_are_shortened_together():
    longer = np.sqrt(26) / 2.6
    assert np.allclose(step(global_clipnorm=2.6), GRADIENTS / longer)
    assert np.allclose(step([PARTS[0]], global_clipnorm=2.5), [1.5, 2.0, 0.0, 0.0, 0.0])


def test_each_number_is_limited():
    assert np.allclose(step(clipvalue=0.7), [0.7, 0.7, 0.0, 0.6, -0.7])


@pytest.mark.parametrize("clipping", ["clipnorm", "clipvalue", "global_clipnorm"])
def test_what_is_short_stays_as_it_is(clipping):
    assert (step(**{clipping: 6.0}) == GRADIENTS).all()
    assert (step(gradients=np.zeros(5), **{clipping: 6.0}) == 0).all()


def test_the_gradients_that_were_handed_in_stay_as_they_are():
    before = GRADIENTS.copy()
    for clipping in ("clipnorm", "clipvalue", "global_clipnorm"):
        step(**{clipping: 0.1})
        assert (before == GRADIENTS).all()


def test_whole_numbers_are_clipped_too():
    for clipping in ("clipnorm", "clipvalue", "global_clipnorm"):
        whole = np.array([3, 4, 0, 0, 0])
        expected = [0.5, 0.5, 0, 0, 0] if clipping == "clipvalue" else [0.3, 0.4, 0, 0, 0]
        parameters = np.zeros(5)
        nn.SGD(1.0, **{clipping: 0.5}).apply(whole, parameters)
        assert np.allclose(-parameters, expected)


def test_a_length_whose_square_is_beyond_single_precision_is_clipped_too():
    huge = np.array([3e30, 4e30, 0, 0, 0], np.float32)
    for clipping in ("clipnorm", "global_clipnorm"):
        assert np.allclose(step(gradients=huge, **{clipping: 5.0}), [3, 4, 0, 0, 0])


def test_arrays_are_those_of_the_layers():
    """A model's weights and biases are clipped each by itself, as if there were no other."""
    nn.set_random_seed(0)
    model = nn.Sequential([nn.Input((2,)), nn.Dense(3), nn.BatchNormalization(), nn.Dense(1)])
    model.compile(nn.SGD(1.0, clipnorm=0.1), "mse")
    x, y = np.array([[1.0, 2.0], [3.0, -4.0], [0.0, 1.0]]), np.array([9.0, -9.0, 5.0])
    before = [block.values.copy() for block in model.blocks() if block.gradient is not None]
    model.fit(x, y, verbose=0, shuffle=False)
    moved = [
        np.linalg.norm(block.values - was)
        for block, was in zip(
            (b for b in model.blocks() if b.gradient is not None), before, strict=True
        )
    ]
    assert len(moved) == 6
    assert max(moved) == pytest.approx(0.1, rel=1e-4)
    assert sum(m == pytest.approx(0.1, rel=1e-4) for m in moved) > 2


@pytest.mark.parametrize(
    ("clipping", "error", "message"),
    [
        ({"clipnorm": 0}, ValueError, "clipnorm above 0, got 0"),
        ({"clipvalue": -1.0}, ValueError, "clipvalue above 0, got -1.0"),
        ({"global_clipnorm": float("inf")}, ValueError, "global_clipnorm above 0, got inf"),
        ({"clipnorm": "1"}, TypeError, "clipnorm above 0, got '1'"),
        ({"clipnorm": 1.0, "clipvalue": 1.0}, ValueError,
         "one of clipnorm, clipvalue, global_clipnorm, got clipnorm and clipvalue"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("cls", [nn.SGD, nn.RMSprop, nn.Adam, nn.AdamW])
def test_limits_that_are_refused(cls, clipping, error, message):
    with pytest.raises(error, match=message):
        cls(**clipping)


def test_a_limit_can_be_set_later_and_is_saved():
    optimizer = nn.Adam()
    optimizer.clipnorm = 2
    assert optimizer.get_config()["clipnorm"] == 2.0
    with pytest.raises(ValueError, match="got clipnorm and clipvalue"):
        optimizer.clipvalue = 1.0
