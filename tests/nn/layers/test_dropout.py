"""Dropout."""

import numpy as np

from groundup import nn


def test_dropout_keeps_the_mean_while_training_and_does_nothing_else():
    nn.set_random_seed(0)
    layer, X = nn.Dropout(0.25), np.ones((200, 100), np.float32)
    assert layer.forward(X) is X
    dropped = layer.training_forward(X)
    assert dropped.dtype == np.float32
    assert set(np.unique(dropped)) == {np.float32(0), np.float32(1 / 0.75)}
    assert abs((dropped == 0).mean() - 0.25) < 0.01
    assert (layer.training_forward(X) != dropped).any(), "each time another mask"
    assert (nn.Dropout(0.0).training_forward(X) == X).all()


def test_dropout_drops_what_is_drawn_below_its_rate(monkeypatch):
    """At it, not: numbers are drawn from 0 on, so that a rate of 0 drops nothing and one half, half."""

    class Drawn:
        def random(self, shape, dtype):
            assert dtype == np.float32, "in half the time of double precision"
            return np.array([[0.0, 0.25, 0.5, 0.75]], dtype)

    monkeypatch.setattr(nn.random, "generator", Drawn())
    X = np.ones((1, 4), np.float32)
    assert (nn.Dropout(0.0).training_forward(X) == 1).all()
    assert (nn.Dropout(0.5).training_forward(X) == [[0, 0, 2, 2]]).all()
