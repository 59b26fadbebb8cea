"""The equations of the chapter on the perceptron."""

from itertools import product

import numpy as np
import pytest
import sympy
from numeric import double
from scipy.linalg import hadamard
from scipy.optimize import linprog
from tests.equations.checks import agree, formula
from tests.equations.evaluation import COMPARISONS, evaluate

from groundup import nn

RNG = np.random.default_rng(0)
M, D = 12, 3
X, W, B = RNG.normal(size=(M, D)), RNG.normal(size=D), 0.4
Y = RNG.choice([-1, 1], size=M)
CORNERS, XOR = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([-1, 1, 1, -1])


def neuron(w, b):
    """The engine's neuron in double precision with these weights."""
    model = double(nn.Input((len(w),)), nn.Dense(1), loss="perceptron")
    model.set_weights([np.array(w, float)[:, None], np.array([b], float)])
    return model


def trained(X, y, rate=1.0, epochs=200):
    """The engine's weights, with the bias last, before all updates and after each; and at which example
    each was made, as rows with their 1, and targets.
    """
    model, optimizer = neuron(np.zeros(X.shape[1]), 0), nn.SGD(rate)
    path, at = [model.parameters.copy()], []
    for i in list(range(len(X))) * epochs:
        gradients = model.gradients(X[i : i + 1], y[i : i + 1])
        if gradients.any():
            optimizer.apply(gradients, model.parameters)
            path.append(model.parameters.copy())
            at.append(i)
    right = y * model.predict(X)[:, 0] > 0
    assert right.all(), "the set isn't separable, or the epochs are too few"
    return np.array(path), with_one(X)[at], y[at]


def with_one(X):
    return np.column_stack([X, np.ones(len(X))])


def separable():
    """Examples, and a vector that separates them; the margin isn't the best."""
    w_star = RNG.normal(size=D + 1)
    w_star /= np.linalg.norm(w_star)
    X = RNG.normal(size=(60, D))
    X = X[np.abs(with_one(X) @ w_star) > 0.1]
    return X, np.sign(with_one(X) @ w_star).astype(int), w_star


def at_right_angles():
    """Examples for which everything in the proof is an equality, and their best vector."""
    rows, y = hadamard(8)[:, ::-1], np.array([1, -1, 1, 1, -1, -1, 1, -1])  # the ones come last
    return rows[:, :-1].astype(float), y, y @ rows / 8


class Watched:
    """A run from zero as the proof sees it: its values, by the names of the book; w counts from zero."""

    def __init__(self, X, y, w_star):
        path, x_at, y_at = trained(X, y)
        rows = with_one(X)
        self.T = len(x_at)
        self.gamma = min(t * np.vdot(row, w_star) for row, t in zip(rows, y, strict=True))
        self.R = max(np.vdot(row, row) for row in rows) ** 0.5
        self.values = {
            "w": path[1:], r"w_\star": w_star, r"\gamma": self.gamma, "R": self.R, "x": x_at, "y": y_at,
        }  # fmt: skip
        self.set = {"x": rows, "y": y, r"w_\star": w_star, "i": range(1, len(y) + 1)}

    def later(self):
        """The numbers of all updates but the first, before which the weights are w_0 = 0."""
        return range(2, self.T + 1)


RUNS = [Watched(*separable()), Watched(*at_right_angles())]


def holds(statement, values) -> bool:
    (left, right), (relation,) = statement
    return bool(COMPARISONS[relation](evaluate(left, values), evaluate(right, values)))


@pytest.mark.equation("perceptron-score")
def test_score_is_that_of_a_dense_layer(book):
    scores = neuron(W, B).predict(X)[:, 0]
    for x, z in zip(X, scores, strict=True):
        agree(book["perceptron-score"], {"z": z, "x": x, "w": W, "b": B})


@pytest.mark.equation("perceptron-output")
def test_output_is_the_step_of_mcculloch_and_pitts(book):
    z = np.array([-3, -1e-9, 0, 1e-9, 2.0])
    agree(book["perceptron-output"], {r"\hat y": 2 * nn.Step().forward(z) - 1, "z": z})


@pytest.mark.equation("perceptron-update", "perceptron-loss")
def test_update_is_a_step_of_gradient_descent_for_one_wrong_example(book):
    model = neuron(W, B)
    z = model.predict(X)[:, 0]
    wrong = np.flatnonzero(Y * z <= 0)
    assert 0 < len(wrong) < M
    for i in range(M):
        model = neuron(W, B)
        nn.SGD(0.7).apply(model.gradients(X[i : i + 1], Y[i : i + 1]), model.parameters)
        *w, b = model.parameters
        if i in wrong:
            agree(
                book["perceptron-update"],
                {"w": W, "b": B, r"\eta": 0.7, "x": X[i], "y": Y[i]},
                after={"w": np.array(w), "b": b},
            )
        else:
            assert np.array_equal(model.parameters, [*W, B])


@pytest.mark.equation("perceptron-update")
def test_on_the_boundary_there_is_an_update(book):
    x = np.array([1.0, 2, 3])
    for at, y in product(([0.0, 0, 0], [2.0, -1, 0]), (-1, 1)):
        model = neuron(at, 0)
        nn.SGD(0.7).apply(model.gradients(x[None], np.array([y])), model.parameters)
        *w, b = model.parameters
        agree(
            book["perceptron-update"],
            {"w": np.array(at), "b": 0, r"\eta": 0.7, "x": x, "y": y},
            after={"w": np.array(w), "b": b},
        )


@pytest.mark.equation("perceptron-gain", "perceptron-update")
def test_what_an_update_does_to_the_score(book):
    for x, y in zip(X, Y, strict=True):
        model = neuron(W + 0.7 * y * x, B + 0.7 * y)
        code = y * model.predict(x[None])[0, 0]
        values = {"x": x, "y": y, "w": W, "b": B, r"\eta": 0.7}
        agree(book["perceptron-gain"], values, code=code)


@pytest.mark.equation("perceptron-loss")
def test_loss(book):
    scores = RNG.normal(size=M)
    for z in (scores, -scores):  # each example is wrong once
        code = nn.PerceptronLoss().forward(Y[:, None], z[:, None])
        agree(book["perceptron-loss"], {"L": code, "m": M, "y": Y, "z": z})


@pytest.mark.equation("perceptron-gradient-weight", "perceptron-gradient-bias", "perceptron-score")
def test_gradient_for_one_example(book):
    model, score = neuron(W, B), formula(book["perceptron-score"])
    for x, y in zip(X, Y, strict=True):
        *dw, db = model.gradients(x[None], np.array([y]))
        values = {"x": x, "y": int(y), "w": W, "b": B, "z": score}
        weights = book["perceptron-gradient-weight"]
        agree(weights, values, code=dw, j=range(1, D + 1))
        agree(book["perceptron-gradient-bias"], values, code=db)


@pytest.mark.equation("perceptron-gradient-weight", "perceptron-gradient-bias")
def test_in_the_kink_the_engine_takes_the_slope_of_the_wrong_side(book):
    """The book's first case, continued to y z = 0, where the book gives none, for there is no derivative;
    and a little on the right side its second.
    """
    for y in (-1, 1):
        for z, beside in ((0.0, -1e-9 * y), (1e-9 * y, 1e-9 * y)):
            code = nn.PerceptronLoss().backward(np.array([[y]]), np.array([[z]])).item()
            for part, x in (("weight", np.array([1.0])), ("bias", None)):
                ((sides, _),) = book[f"perceptron-gradient-{part}"].statements()
                assert evaluate(sides[-1], {"x": x, "y": y, "z": beside, "j": 1}) == code
                in_the_kink = evaluate(sides[-1], {"x": x, "y": y, "z": z, "j": 1})
                assert np.isnan(in_the_kink) == (z == 0)


@pytest.mark.equation("perceptron-margin")
def test_margin(book):
    for run in RUNS:
        agree(book["perceptron-margin"], {r"\gamma": run.gamma, **run.set})
        assert run.gamma > 0


@pytest.mark.equation("perceptron-radius")
def test_radius(book):
    for run in RUNS:
        agree(book["perceptron-radius"], {"R": run.R, **run.set})


@pytest.mark.equation("perceptron-progress")
def test_progress_along_a_separating_vector(book):
    for run, slack in zip(RUNS, (True, False), strict=True):
        agree(book["perceptron-progress"], run.values, slack=slack, t=run.later())
        assert run.values["w"][0] @ run.values[r"w_\star"] >= run.gamma * (1 - 1e-12)
    tight(book["perceptron-progress"])


@pytest.mark.equation("perceptron-growth")
def test_growth_of_the_length(book):
    for run, slack in zip(RUNS, (True, False), strict=True):
        agree(book["perceptron-growth"], run.values, slack=slack, t=run.later())
        assert np.linalg.norm(run.values["w"][0]) <= run.R * (1 + 1e-12)
        before, x, y = run.values["w"][:-1], run.values["x"][1:], run.values["y"][1:]
        assert (y * np.sum(x * before, axis=1) <= 0).all()  # each was a mistake
    tight(book["perceptron-growth"])


@pytest.mark.equation("perceptron-squeeze")
def test_both_together(book):
    for run, slack in zip(RUNS, (True, False), strict=True):
        agree(book["perceptron-squeeze"], run.values, slack=slack, t=range(1, run.T + 1))
    tight(book["perceptron-squeeze"], ends=True)


@pytest.mark.equation("perceptron-bound")
def test_bound_on_updates(book):
    for run, slack in zip(RUNS, (True, False), strict=True):
        agree(book["perceptron-bound"], run.values | {"t": run.T}, slack=slack)
    assert RUNS[1].T == 8
    tight(book["perceptron-bound"], ends=True)


def tight(equation, ends=False):
    """At right angles all sides are equal, at least at the last update: nothing tighter is true."""
    run = RUNS[1]
    ((sides, _),) = equation.statements()
    found = [evaluate(side, run.values | {"t": run.T}) for side in sides]
    np.testing.assert_allclose(found, found[0], rtol=1e-9)
    if not ends:
        found = [evaluate(side, run.values, t=run.later()) for side in sides]
        np.testing.assert_allclose(found, [found[0]] * len(found), rtol=1e-9)


@pytest.mark.equation("perceptron-sum")
def test_learning_rate_stretches_the_weights_and_no_more(book):
    X, y, _ = separable()
    for rate in (0.25, 1, 8):
        path, x_at, y_at = trained(X, y, rate)
        values = {"w": path[1:], r"\eta": rate, "x": x_at, "y": y_at}
        agree(book["perceptron-sum"], values, t=range(1, len(x_at) + 1))
        np.testing.assert_array_equal(x_at, trained(X, y)[1])


def solutions():
    """Many weights and biases, among them some on the edges of the four conditions."""
    return [*product((-1.5, -1, -0.5, 0, 0.5, 1, 1.5), repeat=3)]


@pytest.mark.equation("xor-demands")
def test_demands_are_that_each_corner_is_right(book):
    demands = book["xor-demands"].statements()
    assert len(demands) == 4
    seen = set()
    for w1, w2, b in solutions():
        values = {"w": np.array([w1, w2]), "b": b}
        answers = 2 * nn.Step().forward(neuron([w1, w2], b).predict(CORNERS)[:, 0]) - 1
        right = answers == XOR
        assert [holds(demand, values) for demand in demands] == right.tolist()
        seen.add(tuple(right.tolist()))
    assert len(seen) == 14  # each set of right corners, but for all four and none


@pytest.mark.equation("xor-contradiction")
def test_contradiction_is_the_sum_of_the_demands(book):
    demands = book["xor-demands"].statements()
    first, second = book["xor-contradiction"].statements()
    w1, w2, b = sympy.symbols("w1 w2 b")
    values = {"w": np.array([w1, w2]), "b": b}
    for found, (one, other) in ((first, (1, 2)), (second, (0, 3))):
        added = evaluate(demands[one].sides[0], values) + evaluate(demands[other].sides[0], values)
        assert sympy.expand(evaluate(found.sides[0], values) - added) == 0
        assert evaluate(found.sides[1], values) == 0
        assert found.relations == demands[one].relations == demands[other].relations
    assert {first.relations[0], second.relations[0]} == {"<", r"\ge"}
    assert first.sides == second.sides


def test_no_weights_meet_the_demands():
    """By linear programming, with the scores a unit away from zero."""
    found = linprog(
        np.zeros(3), -XOR[:, None] * with_one(CORNERS), -np.ones(4), bounds=(None, None)
    )
    assert found.status == 2  # infeasible
    weak = linprog(np.ones(3), -XOR[:, None] * with_one(CORNERS), np.zeros(4), bounds=(-1, 1))
    np.testing.assert_allclose(weak.x, 0, atol=1e-9)  # if zero were right, only zero would do
