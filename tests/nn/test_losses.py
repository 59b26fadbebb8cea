"""Losses: values by hand and at the extremes, gradients against central differences, targets refused."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numeric import central_differences, relative_error

from groundup import nn

rng = np.random.default_rng(4)
DISTRIBUTIONS = rng.dirichlet(np.ones(3), size=5)
P = rng.dirichlet(np.ones(3), size=5)
Z = rng.normal(scale=3, size=(5, 3))
SIGNS = rng.choice([-1.0, 1.0], size=(5, 3))
CASES = [
    (nn.MeanSquaredError(), Z, rng.normal(size=(5, 3))),
    (nn.MeanAbsoluteError(), Z, rng.normal(size=(5, 3))),
    (nn.BinaryCrossentropy(), P, rng.random((5, 3))),
    (nn.BinaryCrossentropy(from_logits=True), Z, rng.random((5, 3))),
    (nn.BinaryCrossentropy(label_smoothing=0.2), P, rng.random((5, 3))),
    (nn.BinaryCrossentropy(True, 0.2), Z, rng.random((5, 3))),
    (nn.CategoricalCrossentropy(), P, DISTRIBUTIONS),
    (nn.CategoricalCrossentropy(label_smoothing=0.2), P, DISTRIBUTIONS),
    (nn.CategoricalCrossentropy(True, 0.2), Z, DISTRIBUTIONS),
    (nn.CategoricalCrossentropy(), 3 * rng.random((5, 3)), DISTRIBUTIONS),
    (nn.CategoricalCrossentropy(from_logits=True), Z, DISTRIBUTIONS),
    (nn.SparseCategoricalCrossentropy(), P, np.eye(3)[[0, 2, 1, 1, 0]]),
    (nn.SparseCategoricalCrossentropy(from_logits=True), Z, np.eye(3)[[0, 2, 1, 1, 0]]),
    (nn.Hinge(), Z, SIGNS),
    (nn.PerceptronLoss(), Z, SIGNS),
]


@pytest.mark.parametrize(("loss", "Y_hat", "Y"), CASES, ids=lambda v: repr(v)[:40])
def test_gradients(loss, Y_hat, Y):
    Y_hat = Y_hat.copy()
    numeric = central_differences(lambda: loss.forward(Y, Y_hat), Y_hat, step=1e-6)
    assert relative_error(loss.backward(Y, Y_hat), numeric) <= 1e-6


@pytest.mark.parametrize(("loss", "Y_hat", "Y"), CASES, ids=lambda v: repr(v)[:40])
def test_each_example_counts_by_its_weight(loss, Y_hat, Y):
    """Weights of one and zero pick examples, of which the loss alone is the loss of one."""
    alone = [loss.forward(Y[[i]], Y_hat[[i]]) for i in range(5)]
    for i, one in enumerate(np.eye(5)):
        assert math.isclose(5 * loss.forward(Y, Y_hat, one), alone[i])
    weights = rng.uniform(0, 3, size=5)
    assert math.isclose(loss.forward(Y, Y_hat, weights), np.mean(weights * alone))
    assert math.isclose(loss.forward(Y, Y_hat, np.ones(5)), loss.forward(Y, Y_hat))
    for wrong in (np.ones(4), np.ones((5, 1)), 1.0):
        with pytest.raises(ValueError, match=r"sample_weight of shape \(5,\), .* got"):
            loss.forward(Y, Y_hat, wrong)
    with pytest.raises(TypeError, match="sample_weight that are real numbers"):
        loss.forward(Y, Y_hat, ["a"] * 5)


def test_a_weight_counts_at_every_place_of_its_example():
    Y, Y_hat = DISTRIBUTIONS[:4].reshape(2, 2, 3), P[:4].reshape(2, 2, 3)
    for loss in (nn.CategoricalCrossentropy(), nn.BinaryCrossentropy(), nn.MeanSquaredError()):
        parts = [loss.forward(Y[[i]], Y_hat[[i]]) for i in range(2)]
        expected = (3 * parts[0] + 0.5 * parts[1]) / 2
        assert math.isclose(loss.forward(Y, Y_hat, [3, 0.5]), expected)


def test_smoothed_labels_by_hand():
    """0.7 of a label stays; of the rest every outcome has the same."""
    yes, loss = np.array([[0.0, 1.0, 0.0]]), nn.CategoricalCrossentropy(label_smoothing=0.3)
    expected = nn.CategoricalCrossentropy().forward(np.array([[0.1, 0.8, 0.1]]), P[:1])
    assert math.isclose(loss.forward(yes, P[:1]), expected)
    loss = nn.BinaryCrossentropy(label_smoothing=0.3)
    expected = nn.BinaryCrossentropy().forward(np.array([[0.15, 0.85, 0.15]]), P[:1])
    assert math.isclose(loss.forward(yes, P[:1]), expected)
    with pytest.raises(TypeError, match="label_smoothing"):
        nn.SparseCategoricalCrossentropy(label_smoothing=0.3)


def test_metrics_count_labels_as_they_are():
    model = nn.Sequential([nn.Input((3,)), nn.Dense(3, "softmax")])
    model.compile("sgd", nn.CategoricalCrossentropy(label_smoothing=0.9), metrics=["accuracy"])
    expected = np.mean(model.predict(Z).argmax(axis=1) == [0, 2, 1, 1, 0])
    measured = model.evaluate(Z, np.eye(3)[[0, 2, 1, 1, 0]], verbose=0, return_dict=True)
    assert math.isclose(measured["accuracy"], expected)


@pytest.mark.parametrize(
    ("loss", "Y", "Y_hat", "value"),
    [
        (nn.MeanSquaredError(), [[1, 2], [3, 4]], [[2, 2], [3, 1]], 2.5),
        (nn.MeanAbsoluteError(), [[1, 2], [3, 4]], [[2, 2], [3, 1]], 1.0),
        (nn.BinaryCrossentropy(), [[1], [0]], [[0.25], [0.5]], (math.log(4) + math.log(2)) / 2),
        (nn.BinaryCrossentropy(True), [[1], [0]], [[-math.log(3)], [0]], (math.log(4) + math.log(2)) / 2),
        (nn.CategoricalCrossentropy(), [[0, 1], [1, 0]], [[0.75, 0.25], [0.5, 0.5]],
         (math.log(4) + math.log(2)) / 2),
        (nn.CategoricalCrossentropy(True), [[0, 1], [1, 0]], [[math.log(3), 0], [7, 7]],
         (math.log(4) + math.log(2)) / 2),
        (nn.Hinge(), [[1], [-1], [1], [-1]], [[2], [0.5], [1], [0]], (0 + 1.5 + 0 + 1) / 4),
        (nn.PerceptronLoss(), [[1], [-1], [1], [-1]], [[2], [0.5], [-3], [0]], (0.5 + 3) / 4),
    ],
)  # fmt: skip
def test_values(loss, Y, Y_hat, value):
    assert math.isclose(loss.forward(np.array(Y, float), np.array(Y_hat, float)), value)


def test_the_perceptron_moves_at_a_score_of_zero_and_the_hinge_not_at_its_margin():
    Y, zero = np.array([[1.0], [-1.0]]), np.zeros((2, 1))
    assert (nn.PerceptronLoss().backward(Y, zero) == -Y / 2).all()
    assert (nn.Hinge().backward(Y, Y) == 0).all()
    assert (nn.MeanAbsoluteError().backward(Y, Y) == 0).all()


@pytest.mark.parametrize(
    ("activation", "loss", "Y"),
    [
        (nn.Softmax(), nn.CategoricalCrossentropy(), DISTRIBUTIONS),
        (nn.Sigmoid(), nn.BinaryCrossentropy(), rng.random((5, 3))),
    ],
)
def test_the_output_error_is_the_way_through_the_derivatives(activation, loss, Y):
    Y_hat = activation.forward(Z)
    through = activation.backward(loss.backward(Y, Y_hat))
    assert np.allclose(loss.output_error(Y, Y_hat), through, rtol=1e-12)
    scored = type(loss)(from_logits=True)
    assert np.allclose(scored.backward(Y, Z), through, rtol=1e-12)
    assert math.isclose(loss.forward(Y, Y_hat), loss.of_scores(Y, Z))
    assert math.isclose(scored.forward(Y, Z), loss.of_scores(Y, Z))
    assert type(activation) is loss.canonical
    assert scored.canonical is None


def test_half_a_squared_error_has_the_same_output_error():
    Y = rng.normal(size=(5, 3))
    assert np.allclose(nn.MeanSquaredError().backward(Y, Z), 2 * (Z - Y) / 15)


extreme = arrays(np.float64, (2, 3), elements=st.floats(-1e30, 1e30))


@given(extreme, st.sampled_from([np.float32, np.float64]))
@settings(max_examples=40)
def test_losses_of_scores_are_finite_and_right_for_any_scores(scores, dtype):
    scores = scores.astype(dtype)
    Y = np.eye(3, dtype=dtype)[[0, 2]]
    categorical, binary = nn.CategoricalCrossentropy(True), nn.BinaryCrossentropy(True)
    right = scores[[0, 1], [0, 2]]
    assert categorical.forward(Y, scores) >= 0
    least = np.mean(scores.max(axis=1) - right, dtype=np.float64)
    assert np.isclose(categorical.forward(Y, scores), least, rtol=1e-5, atol=math.log(3) * 1.01)
    least = np.mean(
        np.where(Y > 0, np.maximum(-scores, 0), np.maximum(scores, 0)), dtype=np.float64
    )
    assert np.isclose(binary.forward(Y, scores), least, rtol=1e-5, atol=math.log(2) * 1.01)
    for loss in (categorical, binary):
        assert np.abs(loss.backward(Y, scores)).max() <= 0.5


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_probabilities_of_zero_and_one_give_a_finite_loss(dtype):
    Y, P = np.array([[0, 1], [1, 0]], dtype), np.array([[1, 0], [1, 0]], dtype)
    loss = nn.CategoricalCrossentropy()
    assert np.isclose(loss.forward(Y, P), -math.log(1e-7) / 2)
    assert np.isfinite(loss.backward(Y, P)).all()
    assert loss.backward(Y, P)[0, 1] == 0, "where it's clipped the loss doesn't change"
    loss = nn.BinaryCrossentropy()
    assert np.isclose(loss.forward(Y, P), -math.log(1e-7) / 2, rtol=1e-2)
    assert (loss.backward(Y, P) == 0).all()


def test_labels_are_one_hot_rows():
    sparse, labels = nn.SparseCategoricalCrossentropy(), np.array([2, 0, 1], dtype=np.uint8)
    assert (sparse.encode(labels, (3,), np.float32) == np.eye(3)[labels]).all()
    assert (sparse.encode(labels[:, None], (3,), np.float32) == np.eye(3)[labels]).all()
    assert sparse.encode(labels, (3,), np.float32).dtype == np.float32
    places = sparse.encode(np.array([[0, 1], [2, 0]]), (2, 3), np.float64)
    assert (places == np.eye(3)[[[0, 1], [2, 0]]]).all()


def test_a_loss_is_the_mean_over_examples_and_places():
    """A batch of images of distributions counts each place once."""
    Y, Y_hat = DISTRIBUTIONS[:4].reshape(2, 2, 3), P[:4].reshape(2, 2, 3)
    loss = nn.CategoricalCrossentropy()
    assert math.isclose(loss.forward(Y, Y_hat), loss.forward(DISTRIBUTIONS[:4], P[:4]))
    expected = loss.backward(DISTRIBUTIONS[:4], P[:4]).reshape(2, 2, 3)
    assert np.allclose(loss.backward(Y, Y_hat), expected)
    expected = loss.output_error(DISTRIBUTIONS[:4], P[:4]).reshape(2, 2, 3)
    assert np.allclose(loss.output_error(Y, Y_hat), expected)


@pytest.mark.parametrize(
    "loss",
    [nn.MeanSquaredError(), nn.BinaryCrossentropy(), nn.CategoricalCrossentropy(), nn.Hinge()],
)
def test_targets_come_in_the_precision_of_the_model(loss):
    y = np.array([[0, 1], [1, 0]])
    for dtype in (np.float32, np.float64):
        assert loss.encode(y, (2,), dtype).dtype == dtype


def test_targets_of_a_single_output_may_be_a_row_or_a_column():
    loss = nn.MeanSquaredError()
    for y in ([1, 2, 3], [[1], [2], [3]]):
        assert np.array_equal(loss.encode(y, (1,), float), [[1], [2], [3]])


def test_distributions_may_be_rounded_but_not_wrong():
    loss = nn.CategoricalCrossentropy()
    loss.encode([[0.333, 0.333, 0.333]], (3,), np.float32)
    with pytest.raises(ValueError, match=r"^CategoricalCrossentropy .* got one with sum 0\.99"):
        loss.encode([[[0.5, 0.5, 0], [0.33, 0.33, 0.33]]], (2, 3), np.float32)
    with pytest.raises(
        ValueError, match=r"^CategoricalCrossentropy expected an output for each class"
    ):
        loss.encode([[1]], (1,), np.float32)
    with pytest.raises(ValueError, match=r"^BinaryCrossentropy expected targets from 0"):
        nn.BinaryCrossentropy().encode([2], (1,), np.float32)


def test_hinge_takes_zeros_and_ones_too():
    assert (nn.Hinge().encode([0, 1, 1], (1,), float) == [[-1], [1], [1]]).all()
    assert (nn.PerceptronLoss().encode([-1, 1, 1], (1,), float) == [[-1], [1], [1]]).all()
    assert (nn.Hinge().encode([1, 1], (1,), float) == [[1], [1]]).all()


@pytest.mark.parametrize(
    ("loss", "y", "outputs", "error", "message"),
    [
        (nn.MeanSquaredError(), [1.0, 2.0], (2,), ValueError, r"shape \(examples, 2\), got \(2,\)"),
        (nn.MeanSquaredError(), [[1.0]], (2, 2), ValueError, r"\(examples, 2, 2\), got \(1, 1\)"),
        (nn.MeanSquaredError(), [np.nan], (1,), ValueError, "targets that are finite .*, got nan"),
        (nn.MeanSquaredError(), ["a"], (1,), TypeError, "targets that are real numbers, got dtype <U1"),
        (nn.MeanSquaredError(), [1j], (1,), TypeError, "got dtype complex128"),
        (nn.BinaryCrossentropy(), [0, 2], (1,), ValueError, "from 0 to 1, got targets from 0.0 to 2.0"),
        (nn.BinaryCrossentropy(), [-1, 1], (1,), ValueError, "got targets from -1.0 to 1.0"),
        (nn.CategoricalCrossentropy(), [[1, 1]], (2,), ValueError, "sum one, got one with sum 2.0"),
        (nn.CategoricalCrossentropy(), [[1, 0], [0, 0.5]], (2,), ValueError, "with sum 0.5"),
        (nn.CategoricalCrossentropy(), [[1]], (1,), ValueError, "for each class, got a single"),
        (nn.SparseCategoricalCrossentropy(), [0], (1,), ValueError, "for each class, got a single"),
        (nn.SparseCategoricalCrossentropy(), [0, 3], (3,), ValueError, "from 0 to 2 .* from 0 to 3"),
        (nn.SparseCategoricalCrossentropy(), [-1, 2], (3,), ValueError, "labels from -1 to 2"),
        (nn.SparseCategoricalCrossentropy(), [0.0], (3,), TypeError, "whole numbers, got dtype float64"),
        (nn.SparseCategoricalCrossentropy(), [[0, 1]], (3,), ValueError, r"labels of shape .* \(1, 2\)"),
        (nn.Hinge(), [-1, 2], (1,), ValueError, "Hinge expected targets −1 and 1, .*; got -1.0, 2.0"),
        (nn.PerceptronLoss(), [-1, 0, 1], (1,), ValueError, "PerceptronLoss expected targets"),
    ],
)  # fmt: skip
def test_targets_that_are_refused(loss, y, outputs, error, message):
    with pytest.raises(error, match=message):
        loss.encode(np.array(y), outputs, np.float64)


SINGLE = (
    "expected an output for each class, got a single output; for yes or no there is BinaryCross"
)


@pytest.mark.parametrize(
    ("cls", "y", "outputs", "message"),
    [
        (nn.SparseCategoricalCrossentropy, [0], (1,), rf"Sparse\w* {SINGLE}entropy"),
        (nn.CategoricalCrossentropy, [[1]], (1,), rf"Categorical\w* {SINGLE}entropy"),
        # Labels of places, such as those of an image, and one-hot rows of them.
        (nn.CategoricalCrossentropy, [[0, 2]], (2, 3),
         r"Cat\w* .* shape \(examples, 2, 3\), got \(1, 2\); for labels there is Sparse\w*"),
        (nn.CategoricalCrossentropy, [[[0], [2]]], (2, 3),
         r"Cat\w* .* shape \(examples, 2, 3\), got \(1, 2, 1\); for labels there is Sparse\w*"),
        (nn.SparseCategoricalCrossentropy, np.eye(3)[[[0, 2]]], (2, 3),
         r"expected labels of shape \(examples, 2\), got \(1, 2, 3\); for one-hot rows there is Cat\w*"),
        (nn.CategoricalCrossentropy, [[1.0, 1.0], [0.4, 0.5], [1.0, 0.0]], (2,), r".* with sum 2\.0"),
        (nn.Hinge, [2, 3, 4, 5, 6, 7], (1,), r".* 0 and 1; got 2\.0, 3\.0, 4\.0, 5\.0, 6\.0"),
    ],
)  # fmt: skip
def test_what_is_said_of_targets_to_its_end(cls, y, outputs, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        cls().encode(np.array(y), outputs, np.float64)


def test_targets_of_text_are_called_targets():
    with pytest.raises(TypeError, match=r"^expected targets that are real numbers, got dtype <U1$"):
        nn.CategoricalCrossentropy().encode(np.array([["a", "b"]]), (2,), np.float64)


class Smoothed(nn.SparseCategoricalCrossentropy):
    def encode(self, y, output_shape, dtype):
        return 0.7 * super().encode(y, output_shape, dtype) + dtype(0.1)


@pytest.mark.parametrize("cls", [nn.SparseCategoricalCrossentropy, Smoothed])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_labels_become_rows_in_the_precision_of_the_model(cls, dtype):
    loss, labels = cls(), np.array([2, 0, 1])
    rows = loss.expanded(loss.compact(labels, (3,), dtype), (3,), dtype)
    assert rows.dtype == dtype
    assert (rows == loss.encode(labels, (3,), dtype)).all()


NAMES = {
    "mse": nn.MeanSquaredError, "mean_squared_error": nn.MeanSquaredError,
    "mae": nn.MeanAbsoluteError, "mean_absolute_error": nn.MeanAbsoluteError,
    "hinge": nn.Hinge, "perceptron": nn.PerceptronLoss, "binary_crossentropy": nn.BinaryCrossentropy,
    "categorical_crossentropy": nn.CategoricalCrossentropy,
    "sparse_categorical_crossentropy": nn.SparseCategoricalCrossentropy,
}  # fmt: skip


@pytest.mark.parametrize(("name", "cls"), NAMES.items())
def test_names(name, cls):
    model = nn.Sequential([nn.Dense(1)])
    model.compile(loss=name)
    assert type(model.loss) is cls


def test_yes_and_no_lose_no_digits():
    loss = nn.BinaryCrossentropy(from_logits=True)
    yes, no = (loss.forward(np.array([[y]], np.float32), np.array([[z]], np.float32))
               for y, z in ((1, 17), (0, -17)))  # fmt: skip
    assert yes == no == pytest.approx(math.exp(-17), rel=1e-5)


def test_a_loss_of_ones_own_counts():
    class Flat(nn.BinaryCrossentropy):
        def forward(self, Y, Y_hat):
            return 0.0

        def backward(self, Y, Y_hat):
            return np.zeros_like(Y)

    assert Flat().canonical is None
    model = nn.Sequential([nn.Input((1,)), nn.Dense(1, "sigmoid")])
    model.compile("sgd", Flat())
    assert (model.gradients([[1.0]], [1]) == 0).all()


def test_a_formula_of_ones_own_for_probabilities_counts():
    class Doubled(nn.BinaryCrossentropy):
        def of_probabilities(self, Y, P, sample_weight=None):
            return 2 * super().of_probabilities(Y, P, sample_weight)

    X, y = np.ones((3, 2)), np.array([0, 1, 1])
    losses = []
    for loss in (nn.BinaryCrossentropy(), Doubled()):
        model = nn.Sequential([nn.Dense(1, "sigmoid", kernel_initializer="ones")])
        model.compile("sgd", loss)
        losses.append(model.evaluate(X, y, verbose=0))
    assert np.isclose(losses[1], 2 * losses[0], rtol=1e-5)
