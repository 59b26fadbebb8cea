"""The equations of the chapter on optimizers: what the engine's do with random gradients."""

import numpy as np
import pytest
from tests.equations.checks import agree, same

from groundup import nn

SIZE = 5


def ways(optimizer, steps=4):
    """Parameters, gradients and what is remembered, before and after each of some steps."""
    rng = np.random.default_rng(0)
    theta = rng.normal(size=SIZE)
    optimizer.build(theta)
    for t in range(1, steps + 1):
        d = rng.normal(size=SIZE)
        memory = {name: optimizer.variables[name].copy() for name in optimizer.remembers}
        before = theta.copy()
        optimizer.apply(d, theta)
        now = {name: optimizer.variables[name].copy() for name in optimizer.remembers}
        yield t, d, before, theta.copy(), memory, now


@pytest.mark.equation("momentum")
def test_momentum(book):
    for _, d, before, after, memory, now in ways(nn.SGD(0.3, momentum=0.8)):
        values = {
            "u": memory["velocity"],
            r"\beta": 0.8,
            r"\eta": 0.3,
            r"d\theta": d,
            r"\theta": before,
        }
        agree(book["momentum"], values, after={"u": now["velocity"], r"\theta": after})


@pytest.mark.equation("nesterov")
def test_nesterov(book):
    for _, d, before, after, memory, now in ways(nn.SGD(0.3, momentum=0.8, nesterov=True)):
        values = {
            "u": memory["velocity"],
            r"\beta": 0.8,
            r"\eta": 0.3,
            r"d\theta": d,
            r"\theta": before,
        }
        agree(book["nesterov"], values, after={"u": now["velocity"], r"\theta": after})


def test_nesterov_is_momentum_with_the_gradient_ahead():
    """On a bowl: the engine's parameters are the places ahead of the published rule's."""
    curvatures, eta, beta = np.array([1.0, 0.1, 3.0]), 0.2, 0.9
    start = np.array([1.0, -2.0, 0.5])
    theta, optimizer = start.copy(), nn.SGD(eta, momentum=beta, nesterov=True)
    published, u = start.copy(), np.zeros(3)
    for _ in range(10):
        optimizer.apply(curvatures * theta, theta)
        u = beta * u - eta * curvatures * (published + beta * u)
        published = published + u
        same(theta, published + beta * u, "the engine's and the place ahead")


@pytest.mark.equation("terminal-velocity")
def test_velocity_under_a_steady_gradient(book):
    theta, d, optimizer = np.zeros(SIZE), np.arange(1.0, SIZE + 1), nn.SGD(0.3, momentum=0.8)
    for _ in range(200):
        optimizer.apply(d, theta)
    u = optimizer.variables["velocity"]
    agree(book["terminal-velocity"], {"u": u, r"\eta": 0.3, r"\beta": 0.8, r"d\theta": d})


def heavy_ball(curvature, eta, beta, steps):
    """Distances in a direction of this curvature, the start twice."""
    theta, found = np.ones(1), [1.0, 1.0]
    optimizer = nn.SGD(eta, momentum=beta)
    for _ in range(steps):
        optimizer.apply(curvature * theta, theta)
        found.append(theta.item())
    return np.array(found)


@pytest.mark.equation("heavy-ball")
def test_distances_of_the_heavy_ball(book):
    for curvature in (0.5, 2.0, 7.0):
        r = heavy_ball(curvature, 0.3, 0.8, 20)
        values = {"r": r, r"\beta": 0.8, r"\eta": 0.3, r"\lambda": curvature}
        agree(book["heavy-ball"], values, recurs=True, t=range(2, 21))


def holds(relation, values):
    try:
        agree(relation, values, slack=False)
    except AssertionError:
        return False
    return True


@pytest.mark.equation("momentum-window")
def test_within_the_window_every_direction_shrinks_by_the_root(book):
    beta, eta = 0.8, 0.3

    def shrinks(curvature):
        """By how much a step shortens the distance, in the long run: the largest root's size."""
        return np.abs(np.roots([1, -(1 + beta - eta * curvature), beta])).max()

    low, high = (1 - beta**0.5) ** 2 / eta, (1 + beta**0.5) ** 2 / eta
    for curvature in (1.001 * low, 0.5, 5.0, 0.999 * high):
        values = {r"\beta": beta, r"\eta": eta, r"\lambda": curvature}
        agree(book["momentum-window"], values, slack=True)
        same(shrinks(curvature), beta**0.5, "the factor and the root of β")
        r = heavy_ball(curvature, eta, beta, 400)
        assert np.log(np.abs(r[-40:]).max()) / 400 == pytest.approx(np.log(beta) / 2, abs=0.02)
    for curvature in (0.9 * low, 1.1 * high):
        assert shrinks(curvature) > 1.01 * beta**0.5
        values = {r"\beta": beta, r"\eta": eta, r"\lambda": curvature}
        with pytest.raises(AssertionError):
            agree(book["momentum-window"], values, slack=True)
    for curvature in (0.5, 4.5):  # at the ends both solutions are one, and real
        assert (1 + 0.25 - 0.5 * curvature) ** 2 == 4 * 0.25
        values = {r"\beta": 0.25, r"\eta": 0.5, r"\lambda": curvature}
        assert not holds(book["momentum-window"], values)


def test_momentum_bears_a_rate_up_to_twice_one_plus_beta_over_the_curvature(book):
    """A little below it the way ends at the floor, a little above it leads away; Nesterov's sooner."""
    for nesterov in (False, True):
        beta, curvature = 0.6, 3.0
        largest = 2 * (1 + beta) / curvature / (1 + 2 * beta if nesterov else 1)
        for share, arrives in ((0.98, True), (1.02, False)):
            optimizer, r = nn.SGD(share * largest, beta, nesterov), np.array([1.0])
            for _ in range(1500):
                optimizer.apply(curvature * r, r)
            assert (np.abs(r[0]) < 1e-6) == arrives


@pytest.mark.equation("rmsprop")
def test_rmsprop(book):
    for _, d, before, after, memory, now in ways(nn.RMSprop(0.3, rho=0.7, epsilon=0.02)):
        values = {"v": memory["v"], r"\rho": 0.7, r"\eta": 0.3, r"\varepsilon": 0.02, r"d\theta": d,
                  r"\theta": before}  # fmt: skip
        agree(book["rmsprop"], values, after={"v": now["v"], r"\theta": after})


@pytest.mark.equation("cosine-decay")
def test_cosine_decay(book):
    schedule = nn.CosineDecay(0.3, decay_steps=40)
    for t in (0, 1, 13, 40):
        agree(
            book["cosine-decay"],
            {r"\eta_t": schedule(t), r"\eta": 0.3, "t": t, "T": 40, r"\pi": np.pi},
        )


BETAS = {r"\beta_1": 0.7, r"\beta_2": 0.95}


def adam_values(t, d, before, memory):
    return {"u": memory["m"], "v": memory["v"], **BETAS, "t": t, r"d\theta": d, r"\theta": before,
            r"\eta": 0.3, r"\varepsilon": 0.0}  # fmt: skip


@pytest.mark.equation("adam-averages", "adam-correction", "adam")
def test_adam(book):
    """Without ε, which Keras and the paper add in different places."""
    for t, d, before, after, memory, now in ways(nn.Adam(0.3, 0.7, 0.95, epsilon=0)):
        values = adam_values(t, d, before, memory)
        agree(book["adam-averages"], values, after={"u": now["m"], "v": now["v"]})
        hats = {r"\hat u": now["m"] / (1 - 0.7**t), r"\hat v": now["v"] / (1 - 0.95**t)}
        agree(book["adam-correction"], values | {"u": now["m"], "v": now["v"]} | hats)
        agree(book["adam"], values | hats, after={r"\theta": after})


@pytest.mark.equation("adam")
def test_epsilon_of_the_paper(book):
    """The engine's ε is the paper's times the root of 1 − β₂ᵗ."""
    before, d = np.array([1.0, -2.0]), np.array([0.03, -0.5])
    after = before.copy()
    nn.Adam(0.3, 0.7, 0.95, epsilon=0.1 * np.sqrt(1 - 0.95)).apply(d, after)
    values = {r"\theta": before, r"\eta": 0.3, r"\hat u": d, r"\hat v": d**2, r"\varepsilon": 0.1}
    agree(book["adam"], values, after={r"\theta": after})


@pytest.mark.equation("adam-bias")
def test_averages_of_a_steady_gradient(book):
    optimizer, theta, d = nn.Adam(0.3, 0.7, 0.95), np.zeros(3), np.array([1.0, -2.0, 0.5])
    for t in range(1, 6):
        optimizer.apply(d, theta)
        agree(book["adam-bias"], {"u": optimizer.variables["m"], **BETAS, "t": t, r"d\theta": d})


@pytest.mark.equation("adamw")
def test_adamw(book):
    for t, _, before, after, _, now in ways(nn.AdamW(0.3, 0.1, 0.7, 0.95, epsilon=0)):
        values = {r"\theta": before, r"\eta": 0.3, r"\delta": 0.1, r"\varepsilon": 0.0,
                  r"\hat u": now["m"] / (1 - 0.7**t), r"\hat v": now["v"] / (1 - 0.95**t)}  # fmt: skip
        agree(book["adamw"], values, after={r"\theta": after})


@pytest.mark.equation("batch-spread")
def test_spread_of_a_mean(book):
    """Exactly, over all draws of three from four numbers."""
    numbers = np.array([1.0, 4.0, -2.0, 0.5])
    means = [np.mean(numbers[list(draw)]) for draw in np.ndindex(4, 4, 4)]
    agree(book["batch-spread"], {"s_m": np.std(means), "s": np.std(numbers), "m": 3})
