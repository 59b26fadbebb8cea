"""What the engine computes, against calculations by hand and identities."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from groundup import nn

scores = arrays(np.float64, (3, 4), elements=st.floats(-1e300, 1e300))


@given(scores)
def test_softmax_gives_probabilities_for_any_scores(Z):
    with np.errstate(over="ignore"):
        A = nn.Softmax().forward(Z)
    assert (A >= 0).all()
    assert np.allclose(A.sum(axis=1), 1)
    assert (np.take_along_axis(A, Z.argmax(axis=1)[:, None], axis=1)[:, 0] == A.max(axis=1)).all()


@given(arrays(np.float64, (2, 3), elements=st.floats(-50, 50)), st.floats(-1000, 1000))
def test_softmax_depends_on_differences_only(Z, shift):
    assert np.allclose(nn.Softmax().forward(Z + shift), nn.Softmax().forward(Z))


def test_softmax_by_hand():
    A = nn.Softmax().forward(np.log([[1.0, 2.0, 5.0]]))
    assert np.allclose(A, [[1 / 8, 2 / 8, 5 / 8]])


def test_mean_squared_error_by_hand():
    assert (
        nn.MeanSquaredError().forward(np.array([[1.0, 2], [3, 4]]), np.array([[2.0, 2], [3, 1]]))
        == 2.5
    )


def test_cross_entropy_by_hand():
    Y, Y_hat = np.array([[0.0, 1], [1, 0]]), np.array([[0.75, 0.25], [0.5, 0.5]])
    assert np.isclose(nn.CategoricalCrossentropy().forward(Y, Y_hat), (np.log(4) + np.log(2)) / 2)


def test_cross_entropy_of_a_sure_mistake_is_finite():
    loss = nn.CategoricalCrossentropy()
    Y, Y_hat = np.array([[0.0, 1]]), np.array([[1.0, 0]])
    assert np.isfinite(loss.forward(Y, Y_hat))
    assert np.isfinite(loss.backward(Y, Y_hat)).all()


def test_labels_are_one_hot_rows():
    sparse, categorical = nn.SparseCategoricalCrossentropy(), nn.CategoricalCrossentropy()
    labels = np.array([2, 0, 1], dtype=np.uint8)
    assert (sparse.encode(labels, 3, np.float32) == np.eye(3)[labels]).all()
    assert (sparse.encode(labels[:, None], 3, np.float32) == np.eye(3)[labels]).all()
    Y_hat = np.full((3, 3), 1 / 3)
    assert sparse.forward(np.eye(3)[labels], Y_hat) == categorical.forward(np.eye(3)[labels], Y_hat)


def test_dense_by_hand():
    model = nn.Sequential([nn.Input((2,)), nn.Dense(2)])
    model.parameters[:] = [1, 2, 3, 4, 10, 20]
    assert (model.predict(np.array([[1.0, 1], [0, 2]])) == [[14, 26], [16, 28]]).all()


def test_a_step_of_sgd():
    parameters = np.array([1.0, 2.0])
    nn.SGD(0.5).update(parameters, np.array([2.0, -2.0]))
    assert (parameters == [0.0, 3.0]).all()


def test_glorot_keeps_to_its_limit_and_fills_it():
    nn.set_random_seed(0)
    W = nn.GlorotUniform()((300, 100))
    limit = np.sqrt(6 / 400)
    assert np.abs(W).max() <= limit
    assert np.isclose(W.std(), limit / np.sqrt(3), rtol=0.02)
    assert abs(W.mean()) < 0.02 * limit
    assert (nn.Zeros()((2, 3)) == np.zeros((2, 3))).all()


def test_layers_are_views_into_the_flat_vectors():
    model = nn.Sequential([nn.Input((2,)), nn.Dense(3), nn.Dense(1)])
    assert model.count_params() == 2 * 3 + 3 + 3 + 1
    model.parameters[:] = np.arange(13)
    first, second = model.layers
    assert (first.W == [[0, 1, 2], [3, 4, 5]]).all()
    assert (first.b == [6, 7, 8]).all()
    assert (second.W == [[9], [10], [11]]).all()
    assert (second.b == [12]).all()
    second.db[:] = 7
    assert model.parameter_gradients[-1] == 7


def test_a_model_trains_in_single_precision():
    model = nn.Sequential([nn.Input((2,)), nn.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(np.ones((4, 2)), np.ones(4))
    assert model.parameters.dtype == np.float32
    assert model.predict(np.ones((1, 2))).dtype == np.float32


@pytest.mark.parametrize("made", [nn.Dense(3, activation="softmax"), nn.SGD(0.5), nn.Zeros()])
def test_a_repr_makes_the_same_again(made):
    again = eval(repr(made), vars(nn))
    assert again.get_config() == made.get_config()
