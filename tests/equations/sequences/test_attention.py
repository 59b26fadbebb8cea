"""The equations of the chapter on attention, held against the engine, loops, the tape and differences."""

import itertools
import math

import numpy as np
import pytest
from numeric import central_differences, double
from tests.equations.checks import agree, formula, same
from tests.equations.evaluation import Drawn
from tests.equations.worlds import softmax

from groundup import nn, tape
from groundup.models.gpt import make_gpt

RNG = np.random.default_rng(0)
STEPS, WIDTH, D = 5, 6, 3
SOFTMAX = {r"\operatorname{softmax}": softmax}
MASK = np.where(np.tri(STEPS), 0, -1e9)


class Head:
    """The engine's layer with one head, after both its ways, and what one row of weights sees of them."""

    def __init__(self):
        attention = nn.MultiHeadAttention(1, D, use_bias=False, use_causal_mask=True)
        (self.layer,) = double(nn.Input((STEPS, WIDTH)), attention).layers
        self.layer.W_output[0] = np.eye(D, WIDTH)  # what the head says comes out as it is
        self.inputs = RNG.normal(size=(1, STEPS, WIDTH))
        self.dZ = RNG.normal(size=(1, STEPS, WIDTH))
        self.dZ[:, :, D:] = 0
        self.C = self.layer.forward(self.inputs)[0, :, :D]
        self.layer.backward(self.dZ)
        self.dX = self.layer.input_gradient(self.dZ)[0]
        self.X, self.dC = self.inputs[0], self.dZ[0, :, :D]
        self.Q, self.K, self.V, self.P = (getattr(self.layer, name)[0, 0] for name in "QKVP")
        self.W = {
            name: getattr(self.layer, f"W_{name}")[:, 0] for name in ("query", "key", "value")
        }
        self.dQ, self.dK, self.dV = (self.layer.d_heads[name][0] for name in self.W)
        self.S = self.Q @ self.K.T / math.sqrt(D)
        self.dP = self.dC @ self.V.T
        self.dS = self.layer.score_gradient(self.dP[None, None])[0, 0]

    def loss(self):
        return np.sum(self.layer.forward(self.inputs) * self.dZ)


def by_loops(Q, K, V):
    """Attention, number by number: shares and what comes out."""
    P, C = np.zeros((len(Q), len(K))), np.zeros(V.shape)
    for t in range(len(Q)):
        seen = range(t + 1)
        scores = [
            sum(q * k for q, k in zip(Q[t], K[u], strict=True)) / math.sqrt(len(Q[t])) for u in seen
        ]
        total = sum(map(math.exp, scores))
        for u in seen:
            P[t, u] = math.exp(scores[u]) / total
            C[t] += P[t, u] * V[u]
    return P, C


@pytest.mark.equation("attention-score")
def test_score(book):
    q, k = RNG.normal(size=(2, STEPS, D))
    found = np.array([[sum(q_t * k_u) / math.sqrt(D) for k_u in k] for q_t in q])
    places = range(1, STEPS + 1)
    agree(book["attention-score"], {"q": q, "k": k, "d": D, "s": found}, t=places, u=places)


@pytest.mark.equation("attention-look-up")
def test_look_up(book):
    head = Head()
    P, C = by_loops(head.Q, head.K, head.V)
    same(P, head.P, "loops and the engine")
    same(C, head.C, "loops and the engine")
    values = {"s": head.S, "p": P, "v": head.V, "c": C}
    for t in range(1, STEPS + 1):
        agree(book["attention-look-up"], values, t=range(t, t + 1), u=range(1, t + 1))


@pytest.mark.equation("dot-variance")
def test_variance_of_a_dot_product(book):
    """Over all draws of signs, and of three values with mean zero and variance one."""
    three = (-math.sqrt(1.5), 0.0, math.sqrt(1.5))
    for d, drawn in ((1, three), (2, three), (3, (-1.0, 1.0))):
        cases = np.array([*itertools.product(drawn, repeat=2 * d)]).reshape(-1, 2, d)
        assert np.var(drawn) == pytest.approx(1)
        values = {"q": Drawn(list(cases[:, 0])), "k": Drawn(list(cases[:, 1])), "d": d}
        agree(book["dot-variance"], values, code=np.var(np.sum(cases[:, 0] * cases[:, 1], axis=1)))


@pytest.mark.equation("attention-projections", "attention")
def test_matrices(book):
    head = Head()
    weights = {"W_Q": head.W["query"], "W_K": head.W["key"], "W_V": head.W["value"]}
    rows = {"X": head.X, "Q": head.Q, "K": head.K, "V": head.V}
    agree(book["attention-projections"], {**rows, **weights})
    P, C = by_loops(head.Q, head.K, head.V)
    agree(book["attention"], {**rows, **SOFTMAX, "d": D, "M": MASK, "P": P, "C": C})


@pytest.mark.equation(
    "attention-mixture-back",
    "attention-score-back",
    "attention-softmax-back",
    "attention-input-back",
)
def test_way_back(book):
    head = Head()
    same(central_differences(head.loss, head.inputs)[0], head.dX, "differences and the engine")
    dW_Q = central_differences(head.loss, head.layer.W_query)
    same(dW_Q, head.layer.dW_query, "differences and the engine")
    Q, K, V = (tape.Value(A) for A in (head.Q, head.K, head.V))
    S = Q @ tape.transpose(K, (1, 0)) / math.sqrt(D)
    E = S.exp() * np.tri(STEPS)
    P = E / E.sum(axis=1)
    (P @ V).backward(head.dC)
    for value, gradient in ((Q, head.dQ), (K, head.dK), (V, head.dV), (S, head.dS)):
        same(value.gradient, gradient, "the tape and the engine")
    same(np.tril(P.gradient), np.tril(head.dP), "the tape and the engine")
    gradients = {name: getattr(head, name) for name in ("dC", "dP", "dS", "dQ", "dK", "dV", "dX")}
    values = {**gradients, "P": head.P, "Q": head.Q, "K": head.K, "V": head.V, "X": head.X, "d": D}
    agree(book["attention-mixture-back"], values)
    agree(book["attention-score-back"], values)
    weights = {"W_Q": head.W["query"], "W_K": head.W["key"], "W_V": head.W["value"]}
    agree(book["attention-input-back"], {**values, **weights, "dW_Q": dW_Q[:, 0]})
    entries = {"p": head.P, "dp": head.dP, "ds": head.dS}
    for t in range(1, STEPS + 1):
        agree(book["attention-softmax-back"], entries, t=range(t, t + 1), u=range(1, t + 1))


@pytest.mark.equation("attention-softmax-parts")
def test_softmax_of_one_row(book):
    s, dp = RNG.normal(size=(2, STEPS))
    ds = central_differences(lambda: softmax(s) @ dp, s)
    values = {"p": softmax(s), "dp": dp, "ds": ds, "t": STEPS}
    agree(book["attention-softmax-parts"], values, u=range(1, STEPS + 1))


@pytest.mark.equation("layer-norm", "layer-norm-back")
def test_layer_normalization(book):
    (layer,) = double(nn.Input((STEPS, WIDTH)), nn.LayerNormalization()).layers
    X, dZ = RNG.normal(size=(2, 1, STEPS, WIDTH))
    (Z,) = layer.forward(X)
    layer.backward(dZ)
    dX = layer.input_gradient(dZ)
    differences = central_differences(lambda: np.sum(layer.forward(X) * dZ), X)
    same(differences, dX, "differences and the engine")
    layer.forward(X)
    x = X[0]
    scaled = (x - x.mean(axis=1, keepdims=True)) / np.sqrt(x.var(axis=1, keepdims=True) + 0.001)
    values = {
        "x": x, r"\mu": x.mean(axis=1), "s": x.std(axis=1), r"\varepsilon": 0.001, "z": Z,
        r"\tilde x": scaled, r"\gamma": layer.gamma, r"\beta": layer.beta, "n": WIDTH,
        "dx": dX[0], r"d\tilde x": layer.gamma * dZ[0],
    }  # fmt: skip
    where = {"t": range(1, STEPS + 1), "j": range(1, WIDTH + 1)}
    agree(book["layer-norm"], values, **where)
    agree(book["layer-norm-back"], values, **where)


@pytest.mark.equation("gpt-parameters")
def test_parameters(book):
    agree(book["gpt-parameters"], {"n": 64}, code=make_gpt(1).count_params())


class Tally(np.ndarray):
    """Numbers that count with how many multiplications products of matrices are made of them."""

    made = 0

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **more):
        plain = [np.asarray(i) if isinstance(i, np.ndarray) else i for i in inputs]
        if out is not None:
            more["out"] = tuple(np.asarray(o) for o in out)
        found = getattr(ufunc, method)(*plain, **more)
        if ufunc is np.matmul:
            Tally.made += found.size * plain[0].shape[-1]
        return found.view(Tally) if isinstance(found, np.ndarray) else found

    def __array_function__(self, *call):
        found = super().__array_function__(*call)
        return found.view(Tally) if isinstance(found, np.ndarray) else found


def tallied(model, t):
    """The multiplications in which a network reads so many characters with a cache."""
    embedding = model.layers[0]
    vars(embedding)["W"] = embedding.W.view(Tally)
    Tally.made = 0
    model.reset_states()
    for symbol in range(t):
        model.step(np.array([symbol]))
    return Tally.made


@pytest.mark.equation("reading-cost", "writing-cost")
def test_costs(book):
    """What the engine multiplies, step by step; without a cache it begins anew for each character."""
    for blocks, width, heads in ((2, 8, 2), (3, 4, 1)):
        model = make_gpt(1, blocks=blocks, width=width, heads=heads)
        given = {"B": blocks, "n": width}
        reading = [tallied(model, t) for t in range(1, 8)]
        for t, found in enumerate(reading, start=1):
            same(
                formula(book["reading-cost"])({**given, "t": t}),
                found,
                "the formula and the engine",
            )
            agree(book["reading-cost"], {**given, "R": np.array(reading)}, t=range(1, 8))
            values = {"R": np.array(reading), "D": np.cumsum(reading)}
            agree(book["writing-cost"], values, t=range(1, 8))
