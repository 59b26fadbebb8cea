"""Work whose time is told is done as often as it is said."""

import numpy as np
import pytest

from groundup import nn, timing


def test_an_activation_goes_forward_and_back_each_round(monkeypatch):
    done = []
    for way in ("forward", "backward"):
        computed = getattr(nn.activations.Tanh, way)

        def counted(self, Z, way=way, computed=computed):
            done.append(way)
            return computed(self, Z)

        monkeypatch.setattr(nn.activations.Tanh, way, counted)
    timing.forward_and_back("tanh", np.ones((2, 3)), 3)
    assert done == ["forward", "backward"] * 3


def test_an_activation_that_there_is_not_is_refused():
    with pytest.raises(ValueError, match="unknown activation 'tang'; did you mean 'tanh'"):
        timing.forward_and_back("tang", np.ones((2, 3)), 1)
