"""The equations of the chapter on gated recurrent networks.

What stands in them is computed by the tape, month by month, and held against the engine and Keras.
"""

import keras
import numpy as np
import pytest
from numeric import central_differences
from tests.equations.checks import agree, formula, same
from tests.equations.evaluation import Counted
from tests.equations.worlds import sigmoid

from groundup import nn
from groundup.tape import Value

RNG = np.random.default_rng(0)
N = D = 3  # so that one range does for j
T = 4
MONTHS, UNITS = range(1, T + 1), range(1, N + 1)
X, OUT = RNG.normal(size=(T, D)), RNG.normal(size=(1, N))
LSTM, GRU = "ifgo", "zrg"


def gate(z: Value) -> Value:
    return 1 / (1 + (-z).exp())


def drawn(gates: str) -> dict[str, Value]:
    """Weights and biases of each gate, as ``W^f``."""
    sizes = {"W": (D, N), "U": (N, N), "b": (1, N)}
    return {
        f"{name}^{which}": Value(RNG.normal(size=size))
        for which in gates
        for name, size in sizes.items()
    }


def lstm() -> tuple[dict, dict[str, list[Value]]]:
    """An LSTM month by month: its weights, and all that it computes, after a way back."""
    weights = drawn(LSTM)
    kept = {name: [] for name in ("zi", "zf", "zg", "zo", "i", "f", "g", "o")}
    h, c = [Value(np.zeros((1, N)))], [Value(np.zeros((1, N)))]
    for x in X:
        for which in LSTM:
            W, U, b = (weights[f"{name}^{which}"] for name in "WUb")
            z = x[None] @ W + h[-1] @ U + b
            kept[f"z{which}"].append(z)
            kept[which].append(z.tanh() if which == "g" else gate(z))
        i, f, g, o = (kept[which][-1] for which in LSTM)
        c.append(f * c[-1] + i * g)
        h.append(o * c[-1].tanh())
    (h[-1] * OUT).sum().backward([[1.0]])
    return weights, {**kept, "h": h, "c": c}


def gru() -> tuple[dict, dict[str, list[Value]]]:
    """A GRU in the same way; ``b^u`` is its second bias."""
    weights = {**drawn(GRU), "b^u": Value(RNG.normal(size=(1, N)))}
    kept = {name: [] for name in ("zz", "zr", "zg", "z", "r", "g", "inner")}
    h = [Value(np.zeros((1, N)))]
    for x in X:
        parts = {}
        for which in "zr":
            W, U, b = (weights[f"{name}^{which}"] for name in "WUb")
            kept[f"z{which}"].append(x[None] @ W + h[-1] @ U + b)
            parts[which] = gate(kept[f"z{which}"][-1])
        inner = h[-1] @ weights["U^g"] + weights["b^u"]
        kept["zg"].append(x[None] @ weights["W^g"] + weights["b^g"] + parts["r"] * inner)
        parts["g"] = kept["zg"][-1].tanh()
        h.append(parts["z"] * h[-1] + (1 - parts["z"]) * parts["g"])
        for which, value in {**parts, "inner": inner}.items():
            kept[which].append(value)
    (h[-1] * OUT).sum().backward([[1.0]])
    return weights, {**kept, "h": h}


WEIGHTS, KEPT = lstm()
GRU_WEIGHTS, GRU_KEPT = gru()


def upright(name: str) -> str:
    """``W^f`` as LaTeX has it."""
    letter, _, which = name.partition("^")
    return rf"{letter}^{{\mathrm{{{which}}}}}" if which else letter


def rows(values: list[Value], back=False, first=1):
    """A row for each month, of the values or of their gradients."""
    array = np.concatenate([value.gradient if back else value.data for value in values])
    return array if first == 1 else Counted(array, (first, 1))


def of_weights(weights: dict[str, Value]) -> dict:
    found = {name: value.data[0] if "b" in name else value.data for name, value in weights.items()}
    return {upright(name): array for name, array in found.items()}


def forward(kept: dict) -> dict:
    one = {name: rows(kept[name]) for name in kept if len(name) == 1 and name not in "hc"}
    two = {name: rows(kept[name], first=0) for name in "hc" if name in kept}
    return {**one, **two, "x": X, r"\sigma": sigmoid, "T": T}


def scores_back(kept: dict, gates: str) -> dict:
    return {upright(f"dz^{which}"): rows(kept[f"z{which}"], back=True) for which in gates}


def after_the_last(array: np.ndarray) -> np.ndarray:
    """With a month more, of which nothing comes back."""
    return np.concatenate([array, np.zeros((1, N))])


def engine(layer, weights: dict[str, Value], gates: str):
    """The engine's layer and Keras's with these weights."""
    model = nn.Sequential([nn.Input((T, D)), layer]).astype("float64")
    W, U, b = (
        np.concatenate([weights[f"{name}^{which}"].data for which in gates], axis=1)
        for name in "WUb"
    )
    if "b^u" in weights:
        b = np.concatenate([b, np.concatenate([np.zeros((1, 2 * N)), weights["b^u"].data], axis=1)])
    model.set_weights([W, U, b if len(b) == 2 else b[0]])
    theirs = getattr(keras.layers, type(layer).__name__)(N, dtype="float64")
    theirs.build((None, T, D))
    theirs.set_weights(model.get_weights())
    return model.layers[0], theirs


def test_the_tape_computes_what_keras_and_the_engine_do():
    layer, theirs = engine(nn.LSTM(N), WEIGHTS, LSTM)
    same(layer.forward(X[None]), KEPT["h"][-1].data, "the engine and the tape")
    same(np.asarray(theirs(X[None])), KEPT["h"][-1].data, "Keras and the tape")
    layer.backward(OUT)
    dZ = np.concatenate([rows(KEPT[f"z{which}"], back=True) for which in LSTM], axis=1)
    same(layer.dZ[:, 0], dZ, "the engine's gradients and the tape's")


def test_of_a_gru_too():
    layer, theirs = engine(nn.GRU(N), GRU_WEIGHTS, GRU)
    same(layer.forward(X[None]), GRU_KEPT["h"][-1].data, "the engine and the tape")
    same(np.asarray(theirs(X[None])), GRU_KEPT["h"][-1].data, "Keras and the tape")
    layer.backward(OUT)
    dZ = np.concatenate([rows(GRU_KEPT[f"z{which}"], back=True) for which in GRU], axis=1)
    same(layer.dZ[:, 0], dZ, "the engine's gradients and the tape's")


@pytest.mark.equation("lstm-gates", "lstm-cell", "lstm-output")
def test_a_step_of_an_lstm(book):
    values = {**of_weights(WEIGHTS), **forward(KEPT)}
    agree(book["lstm-gates"], values, t=MONTHS)
    agree(book["lstm-cell"], values, t=MONTHS, recurs=True)
    agree(book["lstm-output"], values, t=MONTHS)


@pytest.mark.equation("lstm-parameters")
def test_parameters_of_an_lstm(book):
    for d, n in ((1, 4), (3, 5), (2, 1)):
        found = nn.Sequential([nn.Input((T, d)), nn.LSTM(n)]).count_params()
        assert formula(book["lstm-parameters"])({"d": d, "n": n}) == found


@pytest.mark.equation("gru")
def test_a_step_of_a_gru(book):
    agree(book["gru"], {**of_weights(GRU_WEIGHTS), **forward(GRU_KEPT)}, t=MONTHS, recurs=True)


@pytest.mark.equation("lstm-back-cell", "lstm-back-output", "lstm-back-gates")
def test_the_way_back_of_an_lstm(book):
    values = {
        **of_weights(WEIGHTS), **forward(KEPT), **scores_back(KEPT, LSTM),
        "f": after_the_last(rows(KEPT["f"])),
        "dc": after_the_last(rows(KEPT["c"][1:], back=True)),
        "dh": rows(KEPT["h"][1:], back=True),
    }  # fmt: skip
    agree(book["lstm-back-cell"], values, t=MONTHS, recurs=True)
    agree(book["lstm-back-output"], values, t=MONTHS[:-1])  # the loss sees the last
    agree(book["lstm-back-gates"], values, t=MONTHS)


@pytest.mark.equation("lstm-back-weights")
def test_the_gradients_of_an_lstms_weights(book):
    """As they stand there, of the forget gate; and so of the others."""
    for which in LSTM:
        as_f = {
            upright(f"d{name}^f"): np.squeeze(WEIGHTS[f"{name}^{which}"].gradient) for name in "WUb"
        }
        dz = {upright("dz^f"): rows(KEPT[f"z{which}"], back=True)}
        agree(book["lstm-back-weights"], {**forward(KEPT), **dz, **as_f}, j=UNITS, k=UNITS)


@pytest.mark.equation("gru-back-gates", "gru-back-output")
def test_the_way_back_of_a_gru(book):
    values = {
        **of_weights(GRU_WEIGHTS), **forward(GRU_KEPT), **scores_back(GRU_KEPT, GRU),
        "dh": rows(GRU_KEPT["h"], back=True, first=0),
    }  # fmt: skip
    agree(book["gru-back-gates"], values, t=MONTHS)
    agree(book["gru-back-output"], values, t=MONTHS, recurs=True)
    r_dz = rows(GRU_KEPT["r"]) * rows(GRU_KEPT["zg"], back=True)
    h = rows(GRU_KEPT["h"], first=0).array[:-1]
    same(GRU_WEIGHTS["U^g"].gradient, h.T @ r_dz, "what the text says of the candidate's U")
    same(GRU_WEIGHTS["b^u"].gradient[0], r_dz.sum(axis=0), "and of its second bias")


@pytest.mark.equation("carousel")
def test_what_a_belt_lets_through(book):
    """By central differences, with the gates held still."""
    f, added = RNG.uniform(0.2, 0.9, size=(T, N)), RNG.normal(size=(T, N))
    for t in range(1, T):
        for unit in range(N):
            c = np.array(RNG.normal())

            def end(c=c, t=t, unit=unit):
                kept = float(c)
                for u in range(t, T):
                    kept = f[u, unit] * kept + added[u, unit]
                return kept

            derivative = float(central_differences(end, c))
            agree(book["carousel"], {"f": f[:, unit], "T": T, "t": t}, code=derivative)


@pytest.mark.equation("root-mean-square")
def test_root_mean_square(book):
    y_hat, y = RNG.normal(size=(2, 5))
    values = {r"\hat y": y_hat, "y": y, "m": 5}
    agree(book["root-mean-square"], values, code=np.linalg.norm(y_hat - y) / np.sqrt(5))


@pytest.mark.equation("last-years-step")
def test_a_line_and_a_season_are_continued_without_an_error(book):
    season, t = RNG.normal(size=12), np.arange(30)
    y = 2.5 * t + season[t % 12]
    values = {"y": y, r"\hat y": Counted(y[13:], (14,))}
    agree(book["last-years-step"], values, t=range(14, 31))


@pytest.mark.equation("thirteen-lags")
def test_a_series_that_follows_the_rule_is_continued_without_an_error(book):
    w, b, y = RNG.normal(size=13) / 5, 0.7, list(RNG.normal(size=13))
    for _ in range(6):
        y.append(b + np.dot(w, y[:-14:-1]))
    values = {"y": np.array(y), r"\hat y": Counted(np.array(y[13:]), (14,)), "w": w, "b": b}
    agree(book["thirteen-lags"], values, t=range(14, 20))


@pytest.mark.equation("log-step", "from-log-step")
def test_steps_of_logarithms_and_back(book):
    y = RNG.uniform(1, 5, size=7)
    x = Counted(np.diff(np.log(y)), (2,))
    agree(book["log-step"], {"y": y, "x": x}, t=range(2, 8))
    values = {"y": y, r"\hat y": Counted(y[1:], (2,)), r"\hat x": x}
    agree(book["from-log-step"], values, t=range(2, 8))
