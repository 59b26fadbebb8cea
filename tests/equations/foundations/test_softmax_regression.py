"""The equations of the chapter on losses and softmax regression."""

from statistics import NormalDist

import numpy as np
import pytest
import sympy
from numeric import central_differences, double
from tests.equations.checks import agree, formula, same

from groundup import nn

RNG = np.random.default_rng(0)
M, D, K = 4, 2, 3  # all different, so that no matrix fits where another belongs
EXAMPLES, CLASSES = range(1, M + 1), range(1, K + 1)
X, W, B = RNG.normal(size=(M, D)), RNG.normal(size=(D, K)), RNG.normal(size=K)
Z, DZ = RNG.normal(size=(M, K)), RNG.normal(size=(M, K))
Y = RNG.dirichlet(np.ones(K), size=M)  # not one-hot, so that every entry counts
Y_HAT = nn.Softmax().forward(Z)


def dense() -> nn.Dense:
    layer = double(nn.Input((D,)), nn.Dense(K)).layers[0]
    layer.W[:], layer.b[:] = W, B
    return layer


@pytest.mark.equation("negative-log-likelihood")
def test_likelihood_of_classes_gives_the_cross_entropy(book):
    model = double(
        nn.Input((D,)), nn.Dense(K, activation="softmax"), loss="sparse_categorical_crossentropy"
    )
    labels = np.array([2, 0, 2, 1])
    agree(
        book["negative-log-likelihood"],
        {
            "L": model.training_loss(X, labels),
            "p": lambda y, x: model.predict(x[None])[0, y],
            "m": M, "x": X, "y": labels,
        },
    )  # fmt: skip


@pytest.mark.equation("negative-log-likelihood")
def test_likelihood_of_yes_or_no_gives_the_binary_cross_entropy(book):
    model = double(nn.Input((D,)), nn.Dense(1, activation="sigmoid"), loss="binary_crossentropy")
    answers = np.array([1, 0, 0, 1])

    def probability(y, x):
        ((yes,),) = model.predict(x[None])
        return yes if y else 1 - yes

    agree(
        book["negative-log-likelihood"],
        {"L": model.training_loss(X, answers), "p": probability, "m": M, "x": X, "y": answers},
    )


def test_likelihood_of_a_number_with_noise(book):
    prediction = {1: 0.3, 2: -1.2, 3: 2.5}
    agree(
        book.after("minus the logarithm of its density is"),
        {
            "p": lambda y, x: NormalDist(prediction[x], 0.7).pdf(y),
            "x": np.array([*prediction]), r"\hat y": np.array([*prediction.values()]),
            "y": np.array([0.1, 1.0, 2.0]), r"\varsigma": 0.7,
        },
        i=range(1, 4),
    )  # fmt: skip


@pytest.mark.equation("binary-cross-entropy")
def test_binary_cross_entropy(book):
    y, y_hat = RNG.uniform(size=M), RNG.uniform(size=M)
    loss = nn.BinaryCrossentropy().forward(y[:, None], y_hat[:, None])
    agree(book["binary-cross-entropy"], {"L": loss, "m": M, "y": y, r"\hat y": y_hat})


@pytest.mark.equation("cross-entropy")
def test_cross_entropy(book):
    agree(
        book["cross-entropy"],
        {
            "L": nn.CategoricalCrossentropy().forward(Y, Y_HAT),
            "m": M, "K": K, "y": Y, r"\hat y": Y_HAT,
        },
    )  # fmt: skip


def test_two_classes_are_yes_or_no(book):
    """Cross-entropy with the second probability one minus the first is the binary one."""
    y, y_hat = RNG.uniform(size=M), RNG.uniform(size=M)
    two = {"y": np.stack([y, 1 - y], 1), r"\hat y": np.stack([y_hat, 1 - y_hat], 1)}
    same(
        formula(book["cross-entropy"])({"m": M, "K": 2, **two}),
        formula(book["binary-cross-entropy"])({"m": M, "y": y, r"\hat y": y_hat}),
        "the two cross-entropies",
    )


@pytest.mark.equation("dense-forward")
def test_dense_layer(book):
    agree(book["dense-forward"], {"Z": dense().forward(X), "X": X, "W": W, "b": B})


@pytest.mark.equation("softmax")
def test_softmax(book):
    agree(book["softmax"], {r"\hat y": Y_HAT, "z": Z, "K": K}, i=EXAMPLES, k=CLASSES)


@pytest.mark.equation("softmax-shift")
def test_softmax_of_shifted_scores(book):
    shift = RNG.normal(size=M)
    code = nn.Softmax().forward(Z + shift[:, None])
    values = {"z": Z, "t": shift, "K": K}
    agree(book["softmax-shift"], values, code=code, i=EXAMPLES, k=CLASSES)


def one_example(book):
    """Values for one example: scores, targets, and what the book's softmax makes of the scores."""
    softmax = formula(book["softmax"], i=range(1, 2), k=CLASSES)
    return {
        "z": Z[0], "y": Y[0], "K": K, r"\delta": np.eye(K), "S": np.exp(Z[0]).sum(),
        r"\hat y": lambda values: softmax(values | {"z": values["z"][None]})[0],
    }  # fmt: skip


@pytest.mark.equation("softmax-jacobian", "softmax")
def test_derivative_of_softmax(book):
    softmax = nn.Softmax()
    softmax.forward(Z[:1])
    jacobian = np.concatenate([softmax.backward(row[None]) for row in np.eye(K)])
    agree(book["softmax-jacobian"], one_example(book), code=jacobian, k=CLASSES, c=CLASSES)


def test_derivation_of_the_output_error(book):
    steps = book.after("it reaches the loss along $K$ paths, and the chain rule adds them up")
    code = nn.CategoricalCrossentropy().output_error(Y[:1], Y_HAT[:1])[0]
    agree(steps, one_example(book) | {"k": CLASSES}, code=code, c=CLASSES)


@pytest.mark.equation("output-error", "softmax", "cross-entropy")
def test_output_error(book):
    dZ = nn.CategoricalCrossentropy().output_error(Y, Y_HAT)
    agree(book["output-error"], {"dZ": dZ, "m": M, r"\hat Y": Y_HAT, "Y": Y})
    loss = formula(book["cross-entropy"])
    scores = Z.copy()
    values = {"m": M, "K": K, "y": Y, "z": scores}
    values[r"\hat y"] = formula(book["softmax"], i=EXAMPLES, k=CLASSES)
    same(central_differences(lambda: loss(values), scores), dZ, "the loss's derivative and dZ")


def test_curvature_of_softmax_is_a_variance(book):
    v = RNG.normal(size=K)
    t, small = 0.4, 1e-4
    softmax = formula(book["softmax"], i=range(1, 2), k=CLASSES)
    values = one_example(book) | {
        "v": v, "t": t,
        r"\hat y": lambda values: softmax({"z": (Z[0] + values["t"] * v)[None], "K": K})[0],
    }  # fmt: skip
    there = nn.Softmax().forward(Z[:1] + t * v)[0]
    mean = np.average(v, weights=there)
    agree(book.after("By the chain rule its slope along the way is"), values, code=mean)
    below, above = (
        np.average(v, weights=nn.Softmax().forward(Z[:1] + at * v)[0])
        for at in (t - small, t + small)
    )
    numeric = (above - below) / (2 * small)
    variance = np.average((v - mean) ** 2, weights=there)
    agree(book.after("so the curvature is"), values, code=variance)
    same(np.array(numeric), np.array(variance), "central differences and the variance")


@pytest.mark.equation("linear-output-error")
def test_mean_squared_error_of_a_linear_output(book):
    dZ = nn.MeanSquaredError().backward(Y, Z)
    agree(book["linear-output-error"], {"dZ": dZ, "m": M, "K": K, r"\hat Y": Z, "Y": Y})
    scores = Z.copy()
    numeric = central_differences(lambda: np.mean((scores - Y) ** 2), scores)
    same(numeric, dZ, "central differences and dZ")


def sigmoid(values):
    return 1 / (1 + sympy.exp(-values["z"]))


def yes_or_no(y: float, z: float):
    """Values for one answer y and one score z, and both as the code takes them."""
    return {"y": y, "z": z, r"\hat y": sigmoid}, np.array([[y]]), np.array([[z]])


ANSWERS = [(0.0, -1.3), (1.0, -2.2), (0.3, 0.8)]


@pytest.mark.equation("sigmoid-output-error")
def test_output_error_of_a_sigmoid(book):
    for y, z in ANSWERS:
        values, answer, score = yes_or_no(y, z)
        loss = nn.BinaryCrossentropy()
        code = loss.output_error(answer, nn.Sigmoid().forward(score)).item()
        agree(book["sigmoid-output-error"], values, code=code)
        numeric = central_differences(lambda: loss.of_scores(answer, score), score)  # noqa: B023
        same(numeric.item(), code, "central differences and the code")


@pytest.mark.equation("binary-cross-entropy-scores")
def test_binary_cross_entropy_of_scores(book):
    for y, z in ANSWERS:
        values, answer, score = yes_or_no(y, z)
        code = nn.BinaryCrossentropy().of_scores(answer, score)
        agree(book["binary-cross-entropy-scores"], values, code=code)


@pytest.mark.equation("sigmoid-squared-error")
def test_squared_error_of_a_sigmoid(book):
    for y, z in ANSWERS:
        values, answer, score = yes_or_no(y, z)
        activation = nn.Sigmoid()
        prediction = activation.forward(score)
        half = nn.MeanSquaredError().backward(answer, prediction) / 2
        agree(book["sigmoid-squared-error"], values, code=activation.backward(half).item())


@pytest.mark.equation("softmax-squared-error", "softmax")
def test_squared_error_of_softmax(book):
    """With targets of an example that add up to anything, for nothing in it needs that they make one."""
    example = one_example(book) | {"y": RNG.normal(size=K), "k": CLASSES}
    mean = nn.MeanSquaredError().backward(example["y"][None], Y_HAT[:1])
    softmax = nn.Softmax()
    softmax.forward(Z[:1])
    agree(book["softmax-squared-error"], example, code=K * softmax.backward(mean)[0], c=CLASSES)


@pytest.mark.equation("dense-backward-weights", "dense-backward-bias", "dense-backward-input")
def test_dense_layer_backward(book):
    layer = dense()
    layer.forward(X)
    layer.backward(DZ)
    values = {"X": X.copy(), "W": W.copy(), "b": B.copy(), "m": M, "dZ": DZ, "dz": DZ}
    gradients = {"dW": layer.dW, "db": layer.db, "dX": layer.input_gradient(DZ)}
    for part, name in {"weights": "dW", "bias": "db", "input": "dX"}.items():
        agree(book[f"dense-backward-{part}"], values | gradients, code=gradients[name])
    forward = formula(book["dense-forward"])
    for name, gradient in gradients.items():
        numeric = central_differences(lambda: np.vdot(DZ, forward(values)), values[name[1:]])
        same(numeric, gradient, f"central differences of the forward equation and {name}")


@pytest.mark.equation("log-softmax")
def test_log_softmax(book):
    loss = nn.CategoricalCrossentropy()
    code = [[-loss.of_scores(y[None], z[None]) for y in np.eye(K)] for z in Z]
    values = {r"\hat y": Y_HAT, "z": Z, "K": K}
    agree(book["log-softmax"], values, code=code, i=EXAMPLES, k=CLASSES)


def test_rows_and_columns(book):
    """The notation page's layer, for examples as rows and as columns; there b is a matrix of one row."""
    values = {"Z": dense().forward(X), "X": X, "W": W, "b": B[None]}
    agree(book.after("A layer with $n$ units computes"), values)
    agree(book.after("and the same layer reads"), values)
