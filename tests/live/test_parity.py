"""What live figures compute in the browser is what the engine computes."""

import itertools
import re
from collections.abc import Iterator

import numpy as np
import pytest
from numeric import double
from scipy.optimize import linprog
from tests.live.conftest import CHARACTERS, FIGURES, SCRIPTS, packed
from tests.site.drawn import drawings

from groundup import data, nn
from groundup.models.gpt import WINDOW, make_gpt
from groundup.page import transformers
from groundup.sphinxext.pages import live

pytestmark = pytest.mark.xdist_group("live")  # they share one small book
CLOSE = 1e-4
ACTIVATIONS = ["sigmoid", "tanh", "relu", "leaky_relu", "elu", "gelu", "silu"]
# A call in the browser, as JavaScript with a place for its arguments, and what it's to give.
Case = tuple[str, list, object]


def neuron() -> Iterator[Case]:
    """One neuron's output, far from its threshold too, and the threshold."""
    parts = 'groundup.live.parts("weights-and-bias")'
    for phi, w, b in itertools.product(
        ("sigmoid", "tanh", "relu"), (-3, -0.5, 0, 0.1, 2.5), (-90, 0, 9.5)
    ):
        layer = nn.Dense(1, activation=phi)
        nn.Sequential([nn.Input((1,)), layer])
        layer.W[:], layer.b[:] = w, b
        state = {"w": w, "b": b, "phi": phi}
        for x in (0, 17, 18, 30):
            (found,) = layer.activation.forward(np.array([[x]]) @ layer.W + layer.b)[0]
            yield f"{parts}.output(...args)", [state, x], found
        if w:
            yield f"{parts}.threshold(...args)", [state], -b / w
            at = layer.activation.forward(layer.W * (-b / w) + layer.b)
            assert abs(at.item() - (phi == "sigmoid") / 2) < 1e-5


def descent() -> Iterator[Case]:
    """Where a neuron's weight and bias are after some steps, for inputs in °C and scaled."""
    parts = 'groundup.live.parts("neuron")'
    celsius = data.load("celsius")
    x, y = (values.astype("float64") for values in (celsius.x_train, celsius.y_train))
    scales = {"celsius": (0, 1), "scaled": (x.mean(), x.std())}
    for (inputs, (shift, size)), rate in itertools.product(scales.items(), (0, 1, 1.52, 3, 5.1)):
        layer = nn.Dense(1)
        model = nn.Sequential([nn.Input((1,)), layer])
        model.compile(nn.SGD(10 ** (rate - 5)), loss="mean_squared_error")
        for steps in (0, 1, 20):
            layer.W[:], layer.b[:] = 0.13 * size, -0.13 + 0.13 * shift
            if inputs == "celsius" and rate > 2 and steps > 1:
                continue  # farther off than single precision reaches
            if steps:
                fed = ((x - shift) / size).astype("float32")
                model.fit(
                    fed,
                    y.astype("float32"),
                    batch_size=len(x),
                    epochs=steps,
                    shuffle=False,
                    verbose=0,
                )
            state = {"inputs": inputs, "rate": rate, "steps": steps}
            found = [layer.W.item(), layer.b.item()]
            yield f"{parts}.path(...args).at(-1)", [state], found
            line = [found[0] / size, found[1] - found[0] * shift / size]
            yield f"{parts}.end(...args)", [state], line
            yield f"{parts}.loss(...args)", [line], np.mean((line[0] * x + line[1] - y) ** 2)


def test_only_scaled_inputs_bring_the_loss_below_one(tab):
    """What the figure says once its task is done."""
    loss = """inputs => {
        const { end, loss } = groundup.live.parts("neuron");
        const rates = [...Array(521).keys()].map(n => n / 100);
        const steps = [...Array(21).keys()];
        const all = rates.flatMap(rate => steps.map(n => loss(end({ inputs, rate, steps: n }))));
        return Math.min(...all);
    }"""
    assert tab.evaluate(loss, "celsius") > 500
    assert tab.evaluate(loss, "scaled") < 1


def perceptron() -> Iterator[Case]:
    """Weights from zero after each update, as the engine makes them, one example after the other."""
    call = """(() => {
        const { path, at, rests } = groundup.live.parts("perceptron").run(...args);
        return [...path.flat(), ...at, Number(rests)];
    })()"""
    rng = np.random.default_rng(0)
    for spread in (0.5, 1, 2) * 5:
        y = np.tile([1, -1], 5)
        X = np.round(rng.normal(size=(10, 2), scale=spread) + y[:, None] * [1, 0.5], 1)
        model, step = double(nn.Input((2,)), nn.Dense(1), loss="perceptron"), nn.SGD(1.0)
        model.parameters[:] = 0
        path, at, right, i = [model.parameters.copy()], [], 0, 0
        while right < 10 and len(at) < 200:
            gradients = model.gradients(X[i : i + 1], y[i : i + 1, None])
            right += 1
            if gradients.any():
                step.apply(gradients, model.parameters)
                path.append(model.parameters.copy())
                at.append(i)
                right = 0
            i = (i + 1) % 10
        yield call, [X.tolist()], [*np.ravel(path), *at, int(right == 10)]


def test_the_perceptron_knows_what_a_line_separates(tab):
    """A linear program decides."""
    rng = np.random.default_rng(1)
    y, found, asked = np.tile([1, -1], 5), [], []
    for gap in np.linspace(0, 2.5, 60):
        X = np.round(rng.normal(size=(10, 2)) + gap * y[:, None] * [0.5, 0.7], 1)
        rows = y[:, None] * np.column_stack([X, np.ones(10)])
        solved = linprog(np.zeros(3), A_ub=-rows, b_ub=-np.ones(10), bounds=(None, None))
        asked.append(X.tolist())
        found.append(solved.status == 0)
    touching = [[float(n), n % 2] for n in range(9)] + [[4.0, 0.0]]  # a dot on a square
    asked.append(touching)
    found.append(False)
    call = "asked => asked.map(groundup.live.parts('perceptron').separable)"
    assert tab.evaluate(call, asked) == found
    assert 20 < sum(found) < 50


def lines() -> Iterator[Case]:
    """Three neurons, given by the places and directions of their lines: what each says of the corners."""
    call = """(() => {
        const { hidden, output } = groundup.live.parts("layers").passes(...args);
        return [...hidden.flat(), ...output];
    })()"""
    rng = np.random.default_rng(0)
    corners = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
    for _ in range(12):
        places, turns = rng.uniform(-0.3, 1.3, size=(3, 2)), rng.integers(0, 360, size=3)
        arrows = 8 * np.column_stack([np.cos(np.radians(turns)), np.sin(np.radians(turns))])
        biases = -np.sum(arrows * places, axis=1)
        model = double(nn.Input((2,)), nn.Dense(2, "sigmoid"), nn.Dense(1, "sigmoid"))
        model.set_weights([arrows[:2].T, biases[:2], arrows[2:].T, biases[2:]])
        hidden = nn.Sigmoid().forward(model.layers[0].forward(corners))
        state = {}
        for n, ((x, y), turn) in enumerate(zip(places.tolist(), turns.tolist(), strict=True), 1):
            state |= {f"x{n}": x, f"y{n}": y, f"t{n}": turn}
        yield call, [state, corners.tolist()], [*hidden.ravel(), *model.predict(corners).ravel()]


def activation() -> Iterator[Case]:
    """Each activation's value and slope, and what twenty layers let through."""
    parts = 'groundup.live.parts("activations")'
    for name in ACTIVATIONS:
        g = nn.Activation(name).activation
        for z in (-4, -1.7, -0.3, 0.05, 1, 4):
            place = np.array([[float(z)]])
            state, value = {"g": name, "z": z}, g.forward(place).item()
            slope = g.backward(np.ones((1, 1))).item()
            yield f"{parts}.value(...args)", [state, z], value
            yield f"{parts}.slope(...args)", [state, z], slope
            yield f"{parts}.passes(...args)", [state, 3], abs(slope) ** 3
    for name, edge in (
        ("sigmoid", 4.36),
        ("tanh", 2.18),
    ):  # where 4 σ′ is 1/20; beyond, it's shaded
        zones = [[-4, -edge], [edge, 4]] if edge < 4 else []
        call = f"{parts}.flat(...args).map(pair => pair.map(z => Math.round(z * 10) / 10))"
        yield call, [{"g": name, "z": 0}], np.round(zones, 1).tolist()


def test_two_of_the_activations_do_what_the_figure_asks_for(tab):
    """What the figure says once its task is done."""
    able = """names => names.filter(g => {
        const { task } = groundup.live.parts("activations");
        const all = [...Array(161).keys()].map(n => ({ g, z: -4 + n / 20 }));
        return all.some(state => task.goals.every(([, holds]) => holds(state)));
    })"""
    assert tab.evaluate(able, ACTIVATIONS) == ["tanh", "elu"]


def classes() -> Iterator[Case]:
    """Ten probabilities of ten scores at a temperature, and the loss of the true class."""
    parts = 'groundup.live.parts("softmax-regression")'
    rng = np.random.default_rng(0)
    true = np.eye(10)[[3]]
    for size, T in itertools.product((0, 1, 5, 500), (0.1, 1, 4.9)):
        Z = size * rng.normal(size=(1, 10))
        state = {f"z{k}": score for k, score in enumerate(Z[0])} | {"T": T}
        yield f"{parts}.predictions(...args)", [state], nn.Softmax().forward(Z / T)[0]
        if size < 500:
            loss = nn.CategoricalCrossentropy().of_scores(true, Z / T)
            yield f"{parts}.loss(...args)", [state], loss


def six_weights(W: list, v: list, x: list, y: float) -> tuple:
    """The network with two inputs, two hidden units and one output: its outputs, errors and gradients."""
    hidden, output = nn.Dense(2, activation="sigmoid"), nn.Dense(1, activation="sigmoid")
    model = double(nn.Input((2,)), hidden, output, loss="binary_crossentropy")
    hidden, output = model.layers
    hidden.W[:], hidden.b[:] = W, [-0.6, 0.5]
    output.W[:], output.b[:] = np.transpose([v]), 0.4
    X = np.array([x])
    a = hidden.activation.forward(X @ hidden.W + hidden.b)
    (says,) = model.predict(X)[0]
    model.gradients(X, np.array([[y]]))
    return a[0], says, [*hidden.dW.ravel(), *output.dW.ravel()], hidden.db


def sweep() -> Iterator[Case]:
    """What the backward sweep finds on its way."""
    call = """(() => {
        const found = groundup.live.parts("backpropagation").sweep(...args);
        const { hidden, says, error, handed, errors, gradients } = found;
        return [...hidden, says, error, ...handed, ...errors, ...Object.values(gradients)];
    })()"""
    rng = np.random.default_rng(0)
    cases = [([[0.5, 2.0], [-1.5, 1.0]], [3.0, -0.2], [1.0, 0.5], 0.0)]
    for _ in range(10):
        W, v, x = rng.normal(size=(2, 2)), rng.normal(size=2), rng.normal(size=2)
        cases.append((W.tolist(), v.tolist(), x.tolist(), float(rng.integers(2))))
    for W, v, x, y in cases:
        a, says, gradients, errors = six_weights(W, v, x, y)
        layers = [
            {"W": W, "b": [-0.6, 0.5], "activation": "sigmoid"},
            {"W": np.transpose([v]).tolist(), "b": [0.4], "activation": "sigmoid"},
        ]
        handed = (says - y) * np.array(v)
        yield call, [layers, x, y], [*a, says, says - y, *handed, *errors, *gradients]


def edges() -> Iterator[Case]:
    """The small network's gradients as its numbers are changed."""
    call = """(() => {
        const { hidden, says, gradients } = groundup.live.parts("gradients").found(...args);
        return [...hidden, says, ...gradients];
    })()"""
    targets = {"four": 0.0, "nine": 1.0}
    for (target, y), x, w, v in itertools.product(targets.items(), (0, 0.7), (-10, 0.5), (-4, 3)):
        a, says, gradients, _ = six_weights([[w, 2.0], [-1.5, 1.0]], [v, -0.2], [x, 0.5], y)
        yield call, [{"target": target, "x": x, "w": w, "v": v}], [*a, says, *gradients]


def read() -> Iterator[Case]:
    """What small networks of the kind that reads digits say of pictures, first and last."""
    call = """((facts, text, picture) => {
        groundup.live.weights("digits", facts, text);
        const all = groundup.live.parts("digits").passes(picture);
        return [...all[0], ...all.at(-1)];
    })(...args)"""
    rng = np.random.default_rng(0)
    for padding, activation, pool in itertools.product(
        ("valid", "same"), ("relu", "tanh", "linear"), (2, 3)
    ):
        model = double(
            nn.Input((28, 28, 1)),
            nn.Conv2D(9, 3, padding=padding, activation=activation),
            nn.MaxPooling2D(pool),
            nn.Conv2D(4, 4, padding=padding, activation="relu"),
            nn.Flatten(),
            nn.Dense(6, activation="sigmoid"),
            nn.Dense(10, activation="softmax"),
        )
        arrays = [0.3 * rng.normal(size=w.shape).astype("float16") for w in model.get_weights()]
        arrays = [array.astype("float16") for array in arrays]
        model.set_weights([array.astype("float64") for array in arrays])
        same = padding == "same"
        side = (28 if same else 26) // pool - (0 if same else 3)
        layers = [
            {"shape": [3, 3, 1, 9], "same": same, "activation": activation},
            {"pool": pool},
            {"shape": [4, 4, 9, 4], "same": same, "activation": "relu"},
            {"shape": [side, side, 4, 6], "same": False, "activation": "sigmoid"},
            {"shape": [1, 1, 6, 10], "same": False, "activation": "softmax"},
        ]
        picture = rng.random((1, 28, 28, 1)) * (rng.random((1, 28, 28, 1)) > 0.6)
        first, last = model.layers[0].forward(picture).copy(), model.predict(picture)
        if activation != "linear":  # which a layer leaves to the network
            first = nn.Activation(activation).activation.forward(first)
        found = np.concatenate([first.ravel(), last.ravel()])
        yield call, [*packed(layers, *arrays), picture.ravel().tolist()], found


def test_strokes_become_pictures_as_mnist_has_them(tab):
    """Fitted into 20 by 20 pixels, their mass at pixel 14, wherever and however large they're drawn."""
    asked = [(strokes, pen) for _, _, strokes, pen in drawings()]
    seen = """asked => {
        const { seen, write } = groundup.live.parts("digits");
        return asked.map(([strokes, pen]) => seen(write(strokes), pen));
    }"""
    pictures = np.array(tab.evaluate(seen, asked)).reshape(-1, 28, 28)
    assert pictures.min() == 0
    assert pictures.max() == 1
    places = np.arange(28)
    for picture in pictures:
        ink = picture.sum()
        for axis in (0, 1):
            assert (picture.sum(axis=1 - axis) * places).sum() / ink == pytest.approx(14, abs=0.2)
        sides = [np.ptp(np.flatnonzero(picture.max(axis=axis) >= 0.5)) + 1 for axis in (0, 1)]
        assert 19 <= max(sides) <= 21
        assert 0.01 < ((picture > 0) & (picture < 1)).mean() < 0.3, "edges are grey"
    thin, thick = (tab.evaluate(seen, [[asked[0][0], pen]])[0] for pen in (2, 4))
    assert sum(thick) / sum(thin) == pytest.approx(2 * 16 / 18, rel=0.05), "a pen's width is pixels"


def valley() -> Iterator[Case]:
    """Where each optimizer takes the neuron in degrees Celsius, its loss there, and on the way."""
    parts = 'groundup.live.parts("optimizers")'
    celsius = data.load("celsius")
    x, y = (values[:, 0].astype("float64") for values in (celsius.x_train, celsius.y_train))

    def loss(theta):
        return np.mean((theta[0] * x + theta[1] - y) ** 2)

    made = {
        "plain": lambda rate, beta: nn.SGD(rate),
        "momentum": lambda rate, beta: nn.SGD(rate, momentum=beta),
        "nesterov": lambda rate, beta: nn.SGD(rate, momentum=beta, nesterov=True),
        "rmsprop": lambda rate, beta: nn.RMSprop(rate),
        "adam": lambda rate, beta: nn.Adam(rate, beta_1=beta),
    }
    scales = {"nesterov": 0.5, "rmsprop": 1000, "adam": 1000}
    for rule, make in made.items():
        last = 20 if rule == "rmsprop" else 90  # it shakes on the floor, and rounding grows
        for rate, beta, steps in itertools.product((0.5, 1.4), (0.5, 0.95), (0, 1, 7, last)):
            optimizer = make(scales.get(rule, 1) * 10 ** (rate - 5), beta)
            theta = np.array([0.13, -0.13])
            for _ in range(steps):
                error = theta[0] * x + theta[1] - y
                optimizer.apply(2 * np.array([np.mean(error * x), np.mean(error)]), theta)
            state = {"rule": rule, "rate": rate, "beta": beta, "steps": steps}
            yield f"{parts}.end(...args)", [state], theta
            yield f"{parts}.loss(...args)", [theta.tolist()], loss(theta)


def sliding() -> Iterator[Case]:
    """A filter's map of the digit, for all strides and margins, and the answer in the window."""
    parts = 'groundup.live.parts("convolution")'
    rows = re.findall(r'"([0-3]{28})"', SCRIPTS["convolution.data"].read_text())
    digit = np.array([[*row] for row in rows], dtype=float)
    rng = np.random.default_rng(0)
    for stride, margin in itertools.product((1, 2, 3), (0, 1, 2)):
        padded = np.pad(digit, margin)
        layer = nn.Conv2D(1, 3, strides=stride, use_bias=False)
        (layer,) = double(nn.Input((*padded.shape, 1)), layer).layers
        for _ in range(3):
            layer.W[:] = rng.integers(-2, 3, size=layer.W.shape)
            found = layer.forward(padded[None, :, :, None])[0, :, :, 0]
            u, v = rng.integers(len(found), size=2)
            state = {
                "K": "_".join(str(int(weight)) for weight in layer.W.ravel()),
                "S": str(stride), "P": str(margin),
                "row": int(u * stride - margin), "column": int(v * stride - margin),
            }  # fmt: skip
            yield f"{parts}.map(...args)", [state], found
            yield f"{parts}.answer(...args)", [state], found[u, v]


def writer() -> tuple[nn.Sequential, dict, str]:
    """A small network that writes, in double precision, and its file."""
    rng = np.random.default_rng(0)
    layers = [nn.Embedding(65, 3), nn.LSTM(5, return_sequences=True), nn.Dense(65, "softmax")]
    model = double(nn.Input((4,)), *layers)
    arrays = [rng.normal(size=w.shape).astype("float16") for w in model.get_weights()]
    model.set_weights([array.astype("float64") for array in arrays])
    told = [{"embedding": [65, 3]}, {"lstm": [3, 5]}, {"dense": [5, 65]}]
    return model, *packed(told, *arrays)


def tempered(p, T):
    return p ** (1 / T) / np.sum(p ** (1 / T))


def next_characters() -> Iterator[Case]:
    """What a small network gives to each character behind some texts, at some temperatures."""
    call = """((facts, text, begin, T) => {
        groundup.live.weights("writing", facts, text);
        return groundup.live.parts("writing").next(begin, T);
    })(...args)"""
    model, facts, text = writer()
    for begin, T in itertools.product(("", "R", "ROMEO:", "What, so? 3 & $"), (0.2, 1, 2)):
        model.reset_states()
        for c in begin or "\n":
            (p,) = model.step(np.array([CHARACTERS.index(c)]))
        yield call, [facts, text, begin, T], tempered(p, T)


def test_characters_come_as_often_as_the_probabilities_say(tab):
    """What the figure writes, one character at a time, against what the engine gives."""
    model, facts, text = writer()
    call = """([facts, text, T]) => {
        groundup.live.weights("writing", facts, text);
        const { write } = groundup.live.parts("writing");
        return [...Array(4000).keys()].map(n => write("To be", T, n + 1, 2).text);
    }"""
    found = tab.evaluate(call, [facts, text, 0.5])
    model.reset_states()
    for c in "To be":
        (p,) = model.step(np.array([CHARACTERS.index(c)]))
    p = tempered(p, 0.5)
    counts = np.bincount([CHARACTERS.index(written[0]) for written in found], minlength=65)
    assert np.abs(counts / 4000 - p).max() < 4 * np.sqrt(p.max() / 4000)
    most = CHARACTERS[p.argmax()]
    (p,) = model.step(np.array([CHARACTERS.index(most)]))
    p = tempered(p, 0.5)
    after = [CHARACTERS.index(written[1]) for written in found if written[0] == most]
    counts = np.bincount(after, minlength=65)
    assert np.abs(counts / len(after) - p).max() < 4 * np.sqrt(p.max() / len(after))


def heads() -> Iterator[Case]:
    """What small transformers say after each character of a line, and where each of their heads looks."""
    call = """((facts, text, line) => {
        const figure = groundup.live.parts("attention");
        figure.take(facts, text);
        const { seen, p } = figure.passes(line);
        return [...seen.flat(2), ...p.flatMap((row) => [...row])];
    })(...args)"""
    rng = np.random.default_rng(0)
    for (blocks, width, count), steps in itertools.product(
        ((1, 4, 1), (2, 8, 2), (3, 6, 3), (4, 8, 2)), (1, 7, 40)
    ):
        model = make_gpt(1, blocks=blocks, width=width, heads=count).astype("float64")
        moved = [w + 0.3 * rng.normal(size=w.shape) for w in model.get_weights()]
        model.set_weights([w.astype("float16").astype("float64") for w in moved])
        layers, arrays = zip(
            *((told, arrays) for told, *arrays in transformers.layers(model)), strict=True
        )
        file = packed([*layers], *(array for of_layer in arrays for array in of_layer))
        window = np.zeros((1, WINDOW))
        window[0, :steps] = rng.integers(65, size=steps)
        p = model.predict(window)[0, :steps]
        shares = [
            layer.layers[1].P[0, h, t, : t + 1]
            for layer in model.layers[2:-2:2]
            for h in range(count)
            for t in range(steps)
        ]
        found = np.concatenate([*shares, p.ravel()])
        yield call, [*file, window[0, :steps].astype(int).tolist()], found


CASES = {
    "attention": heads,
    "convolution": sliding,
    "activations": activation,
    "backpropagation": sweep,
    "digits": read,
    "gradients": edges,
    "layers": lines,
    "neuron": descent,
    "optimizers": valley,
    "perceptron": perceptron,
    "softmax-regression": classes,
    "weights-and-bias": neuron,
    "writing": next_characters,
}


def network(hidden: str, output: str, loss: str) -> Iterator[Case]:
    """A small network of the library: outputs, loss, gradients, and where 20 steps lead."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(6, 2)).astype(np.float32)
    Y = rng.integers(0, 2, size=(6, 1)).astype(np.float32)
    nn.set_random_seed(0)
    layers = [nn.Dense(3, activation=hidden), nn.Dense(1, activation=output)]
    model = nn.Sequential([nn.Input((2,)), *layers])
    model.compile(nn.SGD(0.1), loss=loss)

    def written():
        return [
            {"W": layer.W.tolist(), "b": layer.b.tolist(), "activation": activation}
            for layer, activation in zip(layers, (hidden, output), strict=True)
        ]

    def flat(gradient):
        return gradient.ravel().tolist()

    start, x, y = written(), X.tolist(), Y.tolist()
    yield "groundup.live.nn.outputs(...args)", [start, x], model.predict(X)
    predicted = model.predict(X).tolist()
    yield "groundup.live.nn.loss(...args)", [loss, y, predicted], model.training_loss(X, Y)
    gradients = "groundup.live.nn.gradients(...args).flatMap(({ dW, db }) => [...dW.flat(), ...db])"
    yield gradients, [start, x, y, loss], model.gradients(X, Y)
    model.fit(X, Y, batch_size=len(X), epochs=20, shuffle=False)
    after = """(() => {
        const { gradients, step } = groundup.live.nn;
        let [layers, x, y, loss] = args;
        for (let n = 0; n < 20; n++) layers = step(layers, gradients(layers, x, y, loss), 0.1);
        return layers.flatMap(({ W, b }) => [...W.flat(), ...b]);
    })()"""
    yield after, [start, x, y, loss], model.parameters


NETWORKS = [
    ("tanh", "sigmoid", "binary_crossentropy"),
    ("relu", "linear", "mse"),
    ("sigmoid", "sigmoid", "mse"),
    ("tanh", "tanh", "mse"),
]


@pytest.fixture(scope="module")
def tab(browser):
    """A page with all scripts of the live figures and nothing else."""
    found = browser.new_page()
    for loaded in (live.needed, live.fetched):
        for name in dict.fromkeys(script for f in FIGURES for script in loaded(SCRIPTS, f)):
            found.add_script_tag(path=SCRIPTS[name])
    yield found
    found.close()


def differences(tab, cases: list[Case]) -> list[str]:
    """The cases in which the browser says something else."""
    body = ", ".join(f"(args => {call})(all[{i}])" for i, (call, _, _) in enumerate(cases))
    said = tab.evaluate(f"all => [{body}]", [args for _, args, _ in cases])
    return [
        f"{call} of {args}: {found}, not {expected}"
        for (call, args, expected), found in zip(cases, said, strict=True)
        if np.shape(found) != np.shape(expected)
        or not np.allclose(found, expected, rtol=CLOSE, atol=CLOSE)
    ]


def test_every_figure_has_its_cases():
    assert set(FIGURES) == set(CASES), "a live figure expected its cases in CASES, and no other"


@pytest.mark.parametrize("name", CASES)
def test_a_figure_computes_what_the_engine_computes(tab, name):
    cases = list(CASES[name]())
    assert len(cases) >= 10
    assert differences(tab, cases) == []


@pytest.mark.parametrize(("hidden", "output", "loss"), NETWORKS)
def test_a_small_network_learns_as_in_the_engine(tab, hidden, output, loss):
    assert differences(tab, list(network(hidden, output, loss))) == []


def test_a_small_difference_is_found(tab):
    (call, args, expected), *_ = neuron()
    found = differences(tab, [(call, args, expected + 3e-4), (call, args, [expected])])
    assert len(found) == 2
