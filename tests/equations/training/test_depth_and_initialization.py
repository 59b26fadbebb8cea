"""The equations of the chapter on depth and initialization: expectations over all draws there are."""

import itertools

import numpy as np
import pytest
from scipy.stats import truncnorm
from tests.equations.checks import agree, formula, same
from tests.equations.evaluation import Counted, Drawn

from groundup import nn

X = np.array([[1.0, -0.4]])  # one example
SIZES = (2, 3, 2)  # of the inputs and of two layers: 4,096 draws of twelve signs
SPREADS = {1: 0.7, 2: 1.3}  # of the weights of each layer


def signs(count):
    """All rows of so many signs."""
    return itertools.product((-1.0, 1.0), repeat=count)


def every_draw():
    """The scores of a network of ReLUs for each draw of its weights, and the weights."""
    model = nn.Sequential([nn.Input((2,)), nn.Dense(SIZES[1], "relu"), nn.Dense(SIZES[2])])
    model = model.astype("float64")
    first, second = model.layers
    W, Z = [], []
    for drawn in signs(12):
        first.W[:] = SPREADS[1] * np.reshape(drawn[:6], (2, 3))
        second.W[:] = SPREADS[2] * np.reshape(drawn[6:], (3, 2))
        W.append({1: first.W.copy(), 2: second.W.copy()})
        scores = first.forward(X)
        Z.append({1: scores[0], 2: second.forward(first.activation.forward(scores))[0]})
    return W, Z


@pytest.mark.equation("variance")
def test_variance_is_that_of_numpy(book):
    for cases in ([1.0, 2.0, 6.0, -3.0], [5.0, 5.0], [-2.0, 2.0]):
        agree(book["variance"], {"w": Drawn(cases)}, code=np.var(cases))


@pytest.mark.equation("score-square")
def test_square_of_a_score(book):
    """For given activations; weights needn't have only two values, but their mean is zero."""
    a, values = np.array([0.5, -2.0, 3.0]), (-2.0, -1.0, 3.0)
    layer = nn.Sequential([nn.Input((3,)), nn.Dense(1)]).astype("float64").layers[0]
    w, z = [], []
    for drawn in itertools.product(values, repeat=3):
        layer.W[:, 0] = drawn
        w.append(drawn[0])
        z.append(layer.forward(a[None])[0, 0])
    agree(book["score-square"], {"z": Drawn(z), "w": Drawn(w), "a": a, "n": 3})
    assert np.var(values) != np.mean(np.abs(values))  # nor would any other measure do


@pytest.mark.equation("relu-half")
def test_relu_keeps_half_of_the_squares(book):
    """Of scores that are as likely as their opposites."""
    for half in ([1.0, 2.0, 5.0], [0.0, 0.3]):
        z = np.array([*half, *np.negative(half)])
        a = nn.ReLU().forward(z)
        agree(book["relu-half"], {"a": Drawn(a.tolist()), "z": Drawn(z.tolist())})


@pytest.mark.equation("layer-factor")
def test_squares_from_layer_to_layer(book):
    W, Z = every_draw()
    n = Counted(np.array(SIZES), (0,))
    for j, k in ((0, 0), (2, 1)):  # whichever units
        values = {
            "z": Drawn([{1: z[1][j], 2: z[2][k]} for z in Z]),
            "w": Drawn([{2: drawn[2][j, k]} for drawn in W]),
            "n": n, "l": 2,
        }  # fmt: skip
        agree(book["layer-factor"], values)


@pytest.mark.equation("gradient-factor")
def test_squares_on_the_way_back(book):
    """Where errors above, weights and which units are on are drawn apart."""
    layer = nn.Sequential([nn.Input((1,)), nn.Dense(3)]).astype("float64").layers[0]
    above, below, w = [], [], []
    for errors in itertools.product((-2.0, -1.0, 1.0, 2.0), repeat=3):
        for *weights, z in signs(4):
            layer.W[0] = 0.7 * np.array(weights)
            relu = nn.ReLU()
            relu.forward(np.array([[z]]))
            dZ = relu.backward(layer.input_gradient(np.array([errors])))
            above.append(errors[0])
            below.append(dZ[0, 0])
            w.append(layer.W[0, 0])
    values = {
        "dz": Drawn([{1: b, 2: a} for a, b in zip(above, below, strict=True)]),
        "w": Drawn([{2: weight} for weight in w]),
        "n": Counted(np.array((2, 1, 3)), (0,)), "l": 1,
    }  # fmt: skip
    agree(book["gradient-factor"], values)


def test_in_a_network_the_way_back_keeps_the_squares():
    """There which units are on depends on the weights; for the mean square it does no harm."""
    kept, rng = [], np.random.default_rng(0)
    for seed in range(200):
        nn.set_random_seed(seed)
        hidden = [nn.Dense(24, "relu", kernel_initializer="he_normal") for _ in range(5)]
        model = nn.Sequential([nn.Input((24,)), *hidden]).astype("float64")
        model.forward(rng.normal(size=(50, 24)))
        dZ = model.layers[-1].activation.backward(rng.choice([-1.0, 1.0], size=(50, 24)))
        for layer, above in zip(model.layers[-2::-1], model.layers[:0:-1], strict=True):
            dZ = layer.activation.backward(above.input_gradient(dZ))
        kept.append(np.mean(dZ**2))
    assert np.mean(kept) == pytest.approx(1 / 2, rel=0.1)


class Highest:
    """A generator that draws the largest number there is between bounds, and ones."""

    def uniform(self, low, high, shape):
        assert low == -high
        return np.full(shape, high)

    def normal(self, size):
        return np.ones(size)


def variance_of(initializer, shape):
    """The variance of what an initializer draws, from its bound or its scale."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("groundup.nn.random.generator", Highest())
        value = initializer(shape).ravel()[0]
    if isinstance(initializer, nn.HeUniform | nn.GlorotUniform):
        return value**2 / 3  # a third of the integral of w² from -1 to 1, divided by 2
    return value**2 * truncnorm(-2, 2).var()


@pytest.mark.equation("he-start", "glorot-start")
def test_starts_are_those_of_the_engine(book):
    starts = {
        "he-start": (nn.HeUniform(), nn.HeNormal()),
        "glorot-start": (nn.GlorotUniform(), nn.GlorotNormal()),
    }
    for label, initializers in starts.items():
        for initializer, shape in itertools.product(initializers, ((5, 3), (2, 7))):
            spread = np.sqrt(variance_of(initializer, shape))
            w = Drawn([{1: spread}, {1: -spread}])
            agree(book[label], {"w": w, "n": Counted(np.array(shape), (0,)), "l": 1})


@pytest.mark.equation("layer-factor", "he-start")
def test_from_his_start_squares_stay(book):
    n = Counted(np.array((7, 4)), (0,))
    variance = formula(book["he-start"])({"n": n, "l": 1})
    w = Drawn([{1: np.sqrt(variance)}, {1: -np.sqrt(variance)}])
    z = Drawn([{0: 3.0}, {0: -3.0}])
    same(formula(book["layer-factor"])({"n": n, "l": 1, "w": w, "z": z}), 9.0, "the squares")


@pytest.mark.equation("fold")
def test_two_units_fold_the_line(book):
    model = nn.Sequential([nn.Input((1,)), nn.Dense(2, "relu"), nn.Dense(1)]).astype("float64")
    model.set_weights([[[1, 1]], [0, -0.5], [[2], [-4]], [0]])
    for x in np.linspace(0, 1, 9):
        tent = np.interp(x, [0, 0.5, 1], [0, 1, 0])
        values = {"a": tent, "x": x, r"\operatorname{ReLU}": nn.ReLU().forward}
        agree(book["fold"], values, code=model.predict(np.array([[x]])).item())


@pytest.mark.equation("square-of-two")
def test_square_of_two_products(book):
    rng = np.random.default_rng(0)
    a, w = rng.normal(size=(2, 2))
    unit = nn.Sequential([nn.Input((2,)), nn.Dense(1)]).astype("float64")
    unit.set_weights([w[:, None], np.zeros(1)])
    agree(book["square-of-two"], {"a": a, "w": w}, code=unit.predict(a[None]).item() ** 2)
