"""Whole networks against central differences, and the check that readers use for it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numeric import central_differences, double, relative_error

from groundup import nn
from groundup.nn import checking

rng = np.random.default_rng(1)
IMAGES, ROWS = rng.normal(size=(4, 6, 6, 2)), rng.normal(size=(6, 4))
LABELS = rng.integers(3, size=6)
TARGETS = {
    "mse": rng.normal(size=(6, 3)),
    "mae": rng.normal(size=(6, 3)),
    "binary_crossentropy": rng.random((6, 3)),
    "categorical_crossentropy": rng.dirichlet(np.ones(3), size=6),
    "sparse_categorical_crossentropy": LABELS,
    "hinge": rng.choice([-1, 1], size=(6, 3)),
    "perceptron": rng.choice([-1, 1], size=(6, 3)),
}
LAST = {
    "mse": [None, "tanh", "softmax"], "mae": [None], "hinge": [None], "perceptron": [None],
    "binary_crossentropy": ["sigmoid", "softmax"],
    "categorical_crossentropy": ["softmax"], "sparse_categorical_crossentropy": ["softmax"],
}  # fmt: skip
HIDDEN = ["tanh", "sigmoid", "relu", "leaky_relu", "elu", "gelu", "silu", "softplus", "softmax"]


def check(model, X, y):
    """Every block within 1e-6 of central differences, and the report says the same."""
    report = nn.gradient_check(model, X, y)
    assert report.errors[report.worst] <= 1e-6, str(report)
    return report


@pytest.mark.parametrize(("loss", "last"), [(loss, g) for loss in LAST for g in LAST[loss]])
def test_every_loss(loss, last):
    model = double(nn.Input((4,)), nn.Dense(5, "tanh"), nn.Dense(3, last), loss=loss)
    check(model, ROWS, TARGETS[loss])


@pytest.mark.parametrize("hidden", HIDDEN)
def test_every_activation(hidden):
    model = double(
        nn.Input((4,)), nn.Dense(5, hidden), nn.Dense(4), nn.Activation(hidden),
        nn.Dense(3, "softmax"), loss="sparse_categorical_crossentropy",
    )  # fmt: skip
    check(model, ROWS, LABELS)


def test_a_gradient_is_that_of_the_loss():
    """Without the report: all parameters as one vector against differences of the loss."""
    model = double(
        nn.Input((4,)), nn.Dense(3, "tanh", kernel_regularizer=nn.L2(0.1)), nn.Dense(2), loss="mse"
    )
    y = TARGETS["mse"][:, :2]
    numeric = central_differences(lambda: model.evaluate(ROWS, y), model.parameters)
    assert relative_error(model.gradients(ROWS, y), numeric) <= 1e-6


@pytest.mark.parametrize(
    "make",
    [
        lambda: [nn.Conv2D(3, 3, activation="tanh"), nn.MaxPooling2D(), nn.Flatten()],
        lambda: [nn.Conv2D(2, 3, padding="same", activation="relu"), nn.Conv2D(2, 2, strides=2),
         nn.Flatten()],
        lambda: [nn.Conv2D(2, 2, use_bias=False), nn.BatchNormalization(), nn.Activation("relu"),
         nn.AveragePooling2D(2), nn.Flatten(), nn.Dropout(0.3)],
        lambda: [nn.Conv2D(3, 2, dilation_rate=2, activation="elu"), nn.GlobalAveragePooling2D()],
        lambda: [nn.Flatten(), nn.Dense(8, "tanh", kernel_regularizer="l2"), nn.Dropout(0.5),
         nn.Reshape((2, 2, 2)), nn.Conv2D(2, 2, activation="tanh"), nn.Flatten()],
        lambda: [nn.MaxPooling2D(), nn.BatchNormalization(), nn.Flatten()],
    ],
    ids=lambda make: " ".join(type(layer).__name__ for layer in make()),
)  # fmt: skip
def test_composed_networks(make):
    model = double(
        nn.Input((6, 6, 2)), *make(), nn.Dense(3, "softmax"), loss="sparse_categorical_crossentropy"
    )
    check(model, IMAGES, LABELS[:4])


@given(
    m=st.integers(1, 7), d=st.integers(1, 5), n=st.integers(1, 5), k=st.integers(2, 5),
    seed=st.integers(0, 100),
)  # fmt: skip
@settings(max_examples=20)
def test_any_shape(m, d, n, k, seed):
    draw = np.random.default_rng(seed)
    model = double(
        nn.Input((d,)), nn.Dense(n, "tanh"), nn.Dense(k, "softmax"),
        loss="sparse_categorical_crossentropy", seed=seed,
    )  # fmt: skip
    X, y = draw.normal(size=(m, d)), draw.integers(k, size=m)
    numeric = central_differences(lambda: model.evaluate(X, y), model.parameters)
    assert np.allclose(model.gradients(X, y), numeric, atol=1e-8)


def test_what_must_be_zero_is_exactly_zero():
    """A dead unit, a pixel that is always off, a step: no gradient passes."""
    model = double(nn.Input((4,)), nn.Dense(3, "relu"), nn.Dense(3), loss="mse")
    first, second = model.layers
    first.b[1] = -1e3
    X = ROWS.copy()
    X[:, 2] = 0
    check(model, X, TARGETS["mse"])
    model.gradients(X, TARGETS["mse"])
    assert (first.dW[:, 1] == 0).all()
    assert first.db[1] == 0
    assert (first.dW[2] == 0).all()
    assert (second.dW[1] == 0).all()
    model = double(nn.Input((4,)), nn.Dense(3, "step"), nn.Dense(3), loss="mse")
    report = check(model, ROWS, TARGETS["mse"])
    assert report.errors["dense/W"] == report.errors["dense/b"] == 0.0
    model.gradients(ROWS, TARGETS["mse"])
    assert (model.layers[0].dW == 0).all()


@pytest.mark.parametrize("scale", [1.0, 1e3])
def test_a_bias_before_batch_normalization_has_no_gradient_but_rounding(scale):
    """Which is larger where the loss is."""
    model = double(nn.Input((4,)), nn.Dense(3), nn.BatchNormalization(), nn.Dense(3), loss="mse")
    assert check(model, ROWS, scale * TARGETS["mse"]).errors["dense/b"] == 0.0


def test_rounding_of_many_entries_is_rounding():
    """Each may be off by as much as one alone."""
    assert checking._error(np.zeros(4), np.ones(4), noise=1.0) == 0.0
    assert checking._error(np.zeros(4), np.full(4, 1.1), noise=1.0) == 1.0


class WrongSign(nn.Dense):
    def backward(self, dZ):
        super().backward(dZ)
        self.db *= -1


class WrongAxis(nn.Dense):
    def backward(self, dZ):
        super().backward(dZ)
        self.db[:] = dZ.sum(axis=1)[: len(self.db)]


class NoDerivative(nn.Tanh):
    def backward(self, dA):
        return dA


@pytest.mark.parametrize(
    ("make", "worst"),
    [
        (lambda: WrongSign(5, "tanh"), "wrong_sign/b"),
        (lambda: WrongAxis(5, "tanh"), "wrong_axis/b"),
        (lambda: nn.Dense(5, NoDerivative()), None),
    ],
)
def test_classic_mistakes_are_found(make, worst):
    model = double(nn.Input((4,)), make(), nn.Dense(3), loss="mse")
    report = nn.gradient_check(model, ROWS, TARGETS["mse"])
    assert report.errors[report.worst] > 1e-3
    assert worst in (None, report.worst)
    assert report.errors["dense/W" if worst else "dense_1/W"] <= 1e-6
    (marked,) = (line for line in str(report).splitlines() if line.endswith("  ← worst"))
    assert marked.startswith(f"{report.worst} ")
    assert len(str(report).splitlines()) == 4


def test_a_gradient_where_there_is_none_is_found():
    class Stubborn(nn.Step):
        def backward(self, dA):
            return dA * 1e-3

    model = double(nn.Input((4,)), nn.Dense(3, Stubborn()), nn.Dense(3), loss="mse")
    report = nn.gradient_check(model, ROWS, TARGETS["mse"])
    assert report.errors["dense/W"] == 1.0


def test_a_check_leaves_all_as_it_was():
    nn.set_random_seed(3)
    model = nn.Sequential(
        [nn.Dense(3, "relu"), nn.Dropout(0.5), nn.BatchNormalization(), nn.Dense(3)]
    )
    model.compile("sgd", "mse")
    model.fit(ROWS, TARGETS["mse"])
    weights, chance = model.get_weights(), nn.random.generator.bit_generator.state
    first = nn.gradient_check(model, ROWS, TARGETS["mse"])
    assert all((a == b).all() for a, b in zip(weights, model.get_weights(), strict=True))
    assert nn.random.generator.bit_generator.state == chance
    assert first == nn.gradient_check(model, ROWS, TARGETS["mse"])
    assert model.parameters.dtype == np.float32


def test_a_check_of_samples_looks_at_that_many_entries(monkeypatch):
    model = nn.Sequential([nn.Dense(3), nn.Dense(3)])
    model.compile("sgd", "mse")
    seen, difference = [], checking._difference
    monkeypatch.setattr(
        checking, "_difference", lambda *a: (seen.append((a[1].size, a[2])), difference(*a))[1]
    )
    report = nn.gradient_check(model, ROWS, TARGETS["mse"], samples=4)
    assert list(report.errors) == ["dense/W", "dense/b", "dense_1/W", "dense_1/b"]
    assert [size for size, _ in seen] == [12] * 4 + [3] * 3 + [9] * 4 + [3] * 3
    assert len({entry for size, entry in seen if size == 12}) == 4
    assert report.errors[report.worst] <= 1e-6


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"samples": 0}, "a number of samples .* got 0"),
        ({"step": 0}, "a step between"),
        ({"step": 1e-300}, "a step between"),
        ({"step": 1e-9}, "a step between 1e-9 and 0.1, got 1e-09"),
        ({"step": 0.1}, "a step between 1e-9 and 0.1, got 0.1"),
        ({"step": 0.5}, "a step between"),
    ],
)
def test_a_check_that_would_see_nothing_is_refused(arguments, message):
    model = double(nn.Input((4,)), nn.Dense(3), loss="mse")
    with pytest.raises(ValueError, match=message):
        nn.gradient_check(model, ROWS, TARGETS["mse"], **arguments)


def test_what_a_check_refuses():
    model = nn.Sequential([nn.Dense(3)])
    with pytest.raises(RuntimeError, match="isn't"):
        nn.gradient_check(model, ROWS, TARGETS["mse"])


def test_layers_before_the_first_with_parameters_need_no_gradient():
    """The data's own gradient would be the most expensive of all, and nobody reads it."""

    class Alarm(nn.Flatten):
        def input_gradient(self, dZ):
            raise AssertionError("nobody needs this")

    model = double(nn.Input((6, 6, 2)), nn.MaxPooling2D(), Alarm(), nn.Dense(3), loss="mse")
    model.gradients(IMAGES, TARGETS["mse"][:4])
    assert model.backward_layers == model.layers[2:]


def test_every_block_with_a_gradient_is_checked():
    model = double(
        nn.Input((4,)), nn.Dense(3, "tanh"), nn.BatchNormalization(), nn.Dense(3), loss="mse"
    )
    assert list(check(model, ROWS, TARGETS["mse"]).errors) == [
        "dense/W", "dense/b", "batch_normalization/gamma", "batch_normalization/beta",
        "dense_1/W", "dense_1/b",
    ]  # fmt: skip


def test_a_check_of_one_entry_of_each_block_is_a_check():
    model = double(nn.Input((4,)), WrongSign(3), loss="mse")
    errors = nn.gradient_check(model, ROWS, TARGETS["mse"], samples=1).errors
    assert errors["wrong_sign/W"] <= 1e-6
    assert errors["wrong_sign/b"] == 1.0


def test_samples_are_drawn_once_each():
    model = double(nn.Input((4,)), WrongSign(3), loss="mse")
    whole = nn.gradient_check(model, ROWS, TARGETS["mse"])
    assert nn.gradient_check(model, ROWS, TARGETS["mse"], samples=12) == whole
    assert whole.errors["wrong_sign/b"] == 1.0


class Off(nn.Dense):
    """Whose gradient is off by a little in one entry, and right in all others."""

    def __init__(self, units, error=0.0, entry=0):
        super().__init__(units)
        self.error, self.entry = error, entry

    def backward(self, dZ):
        super().backward(dZ)
        self.dW.flat[self.entry] += self.error


@pytest.mark.parametrize("error", [1e-6, 1e-3, 1.0])
def test_a_small_error_is_no_noise_where_there_is_no_gradient(error):
    """Rounding, in a difference, is 1e-10 here; a gradient of 1e-6 where there is none is a mistake."""
    model = double(nn.Input((4,)), Off(3, error), nn.Activation("step"), nn.Dense(3), loss="mse")
    report = nn.gradient_check(model, ROWS, TARGETS["mse"])
    assert report.errors["off/W"] == 1.0
    assert report.errors["off/b"] == 0.0


def test_a_small_error_in_one_entry_is_seen_in_size():
    model = double(nn.Input((4,)), Off(3, 1e-4, entry=7), nn.Dense(3), loss="mse")
    error = nn.gradient_check(model, ROWS, TARGETS["mse"]).errors["off/W"]
    gradient = np.linalg.norm(model.gradients(ROWS, TARGETS["mse"])[:12])
    assert np.isclose(error, 1e-4 / (2 * gradient), rtol=1e-3)


def test_samples_are_the_same_each_time_and_other_entries_in_each_block(monkeypatch):
    model = double(
        nn.Input((40,)), nn.Dense(40, "tanh"), nn.Dense(40, "tanh"), nn.Dense(1), loss="mse"
    )
    difference = checking._difference

    def entries():
        seen = []
        with monkeypatch.context() as context:
            context.setattr(
                checking,
                "_difference",
                lambda *a: (seen.append((a[1].size, a[2])), difference(*a))[1],
            )
            nn.gradient_check(model, rng.normal(size=(2, 40)), [[1.0], [2.0]], samples=9)
        return [entry for size, entry in seen if size == 1600]

    first = entries()
    nn.random.generator.random(3)
    assert first == entries()
    one, two = first[:9], first[9:]
    assert one != two
    for sample in (one, two):
        assert len({*sample}) == 9
        assert max(sample) > 400, "not the first ones"


def test_an_error_in_any_entry_is_seen_by_a_check_of_all():
    for entry in range(12):
        model = double(nn.Input((4,)), Off(3, 0.1, entry), nn.Dense(3), loss="mse")
        assert nn.gradient_check(model, ROWS, TARGETS["mse"]).worst == "off/W"


def test_gradients_are_a_copy():
    model = double(nn.Input((4,)), nn.Dense(3, "tanh"), nn.Dense(3), loss="mse")
    first = model.gradients(ROWS, TARGETS["mse"])
    kept = first.copy()
    model.gradients(-ROWS, TARGETS["mse"])
    assert (first == kept).all()
    assert not any(
        np.shares_memory(first, v) for v in vars(model).values() if isinstance(v, np.ndarray)
    )
    first[:] = 0
    assert (model.parameter_gradients != 0).any()


def test_gradients_are_of_this_batch_alone():
    """Nothing adds up from call to call, in no layer: not penalties, biases, filters, scales."""
    model = double(
        nn.Input((6, 6, 2)), nn.Conv2D(2, 3, kernel_regularizer="l2"), nn.BatchNormalization(),
        nn.MaxPooling2D(), nn.Flatten(), nn.Dense(3, "softmax", kernel_regularizer="l2"),
        loss="sparse_categorical_crossentropy",
    )  # fmt: skip
    first = model.gradients(IMAGES, LABELS[:4])
    model.gradients(2 * IMAGES, LABELS[:4])
    assert np.allclose(model.gradients(IMAGES, LABELS[:4]), first, rtol=1e-10, atol=1e-14)


def test_a_penalty_counts_on_whatever_block_it_stands():
    class Scale(nn.Layer):
        def build(self, input_shape):
            self.blocks = {
                "shift": nn.Block(input_shape, nn.Zeros()),
                "scale": nn.Block(input_shape, nn.Ones(), nn.L2(0.5)),
            }
            return input_shape

        def forward(self, X):
            self.X = X
            return X * self.scale + self.shift

        def backward(self, dZ):
            self.dscale, self.dshift = (dZ * self.X).sum(axis=0), dZ.sum(axis=0)

    model = nn.Sequential([nn.Input((4,)), Scale()])
    model.compile("sgd", "mse")
    assert model.evaluate(np.zeros((2, 4)), np.zeros((2, 4))) == 0.5 * 4
    check(model, ROWS, ROWS[::-1])


def test_the_way_back_is_that_of_the_way_forward_before_it():
    """Also after inference: dropout then does nothing, batch normalization says what is missing."""
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(6, 4)), rng.normal(size=(6, 1))
    nn.set_random_seed(0)
    model = nn.Sequential([nn.Dense(5), nn.Dropout(0.5), nn.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(X, Y, verbose=0)
    model.backward(Y, model.forward(X))
    found = model.parameter_gradients.copy()
    model.layers[1].rate = 0.0
    assert np.allclose(found, model.gradients(X, Y), atol=1e-6)

    model = nn.Sequential([nn.Input((4,)), nn.Dense(5), nn.BatchNormalization(), nn.Dense(1)])
    model.compile("sgd", "mse")
    for _ in range(2):
        with pytest.raises(RuntimeError, match="expected the way forward of training"):
            model.backward(Y, model.forward(X))
        model.fit(X, Y, verbose=0)
    model.gradients(X, Y)
