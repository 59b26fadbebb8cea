"""Exercises of the chapter on backpropagation."""

import numpy as np

from groundup.exercises.checking import Hint, alike, check, numbers, parts


@check
def two_paths(dx, dy) -> None:
    """The derivatives of L = (x y + y)² with respect to x and y, where x is 2 and y is −1."""
    dx, dy = numbers(dx, called="∂L/∂x"), numbers(dy, called="∂L/∂y")
    if np.allclose((dx, dy), (6, -18)):
        return
    if np.allclose((dx, dy), (-18, 6)):
        raise Hint("both numbers are right, but swapped")
    if np.allclose((dx, dy), (3, -9)):
        raise Hint("both are half of what they should be: the derivative of v² is 2v")
    if np.allclose((dx, dy), (-6, 18)):
        raise Hint("both are right except for the sign: v = u + y is −3, not 3")
    if not np.isclose(dx, 6):
        raise Hint("x enters only u = x y, so ∂L/∂x is ∂L/∂u times y; what does u get from v?")
    if np.isclose(dy, -12):
        raise Hint("∂L/∂x is right; this is what y gets through u, and y enters v = u + y too")
    if np.isclose(dy, -30):
        raise Hint(
            "∂L/∂x is right; y's path through u is in this twice: y's own arrow to v carries one, with "
            "u held still"
        )
    if np.isclose(dy, -6):
        raise Hint("∂L/∂x is right; this is what y gets through v, and y enters u = x y too")
    raise Hint("∂L/∂x is right; two paths lead from y: multiply along each, then add")


@check
def skip_backward(backward) -> None:
    """A function of dA, X, W and b that returns dX, dW and db of the layer A = tanh(X W + b) + X."""
    for m, n in ((5, 3), (2, 4)):
        _judge_skip(backward, m, n)


def _judge_skip(backward, m: int, n: int) -> None:
    rng = np.random.default_rng(0)
    dA, X = rng.normal(size=(2, m, n))
    W, b = rng.normal(size=(n, n)), rng.normal(size=n)
    given = parts(backward(dA.copy(), X.copy(), W.copy(), b.copy()), ("dX", "dW", "db"))
    dZ = dA / np.cosh(X @ W + b) ** 2
    shapes = {"dX": (m, n), "dW": (n, n), "db": (n,)}
    dX, dW, db = (
        numbers(part, shape, name)
        for part, (name, shape) in zip(given, shapes.items(), strict=True)
    )
    if not alike(dW, X.T @ dZ):
        if np.allclose(dW, X.T @ dA):
            raise Hint("dW: between A and Z stands tanh; pass dA through it first")
        if np.allclose(dW, (X.T @ dZ).T):
            raise Hint("dW is transposed; inputs belong to its rows, units to its columns")
        if np.allclose(dW, X.T @ dZ / m):
            raise Hint(
                "dW is divided by the number of examples; dA has the loss's factor 1/m in it already"
            )
        raise Hint("dW: the skip has no weights, so this is as for any layer with tanh")
    if not alike(db, dZ.sum(axis=0)):
        if np.allclose(db, dZ.mean(axis=0)):
            raise Hint("db is a mean; dA has the loss's factor 1/m in it already, so take the sum")
        raise Hint("dW is right; db is the sum of the rows of the same dZ")
    if not alike(dX, dZ @ W.T + dA):
        if np.allclose(dX, dZ @ W.T):
            raise Hint("dW and db are right; two paths lead from X, and the skip is missing in dX")
        if np.allclose(dX, dA):
            raise Hint("dW and db are right; dX has only the skip, but X enters the layer as well")
        if np.allclose(dX, dZ @ W.T + dZ):
            raise Hint("dW and db are right; the skip goes around tanh, so dA itself is added")
        if np.allclose(dX, dZ @ W + dA):
            raise Hint("dW and db are right; in dX the weights have to be transposed")
        if np.allclose(dX, (dZ @ W.T) * dA):
            raise Hint("dW and db are right; multiply along an arrow, add where arrows part")
        raise Hint("dW and db are right; what comes back to X through the layer, and what past it?")


@check
def planted_bug(gradients) -> None:
    """A function of X, Y, W1, b1, W2, b2 that returns dW1, db1, dW2, db2 of a network of two sigmoid
    layers with the binary cross-entropy.
    """
    for m, d, n in ((6, 2, 4), (9, 3, 2)):
        _judge_gradients(gradients, m, d, n)


def _judge_gradients(gradients, m: int, d: int, n: int) -> None:
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(m, d)), rng.integers(2, size=(m, 1)).astype(float)
    blocks = {
        "W1": rng.normal(size=(d, n)),
        "b1": rng.normal(size=n),
        "W2": rng.normal(size=(n, 1)),
        "b2": rng.normal(size=1),
    }
    given = gradients(X.copy(), Y.copy(), *(block.copy() for block in blocks.values()))
    given = parts(given, tuple(f"d{name}" for name in blocks))
    errors = {}
    for (name, block), found in zip(blocks.items(), given, strict=True):
        analytic = numbers(found, block.shape, f"d{name}")
        numeric = _numeric(X, Y, blocks, name)
        size = np.linalg.norm(analytic) + np.linalg.norm(numeric)
        errors[name] = np.linalg.norm(analytic - numeric) / size
    wrong = [f"{name} ({error:.2g})" for name, error in errors.items() if error > 1e-6]
    if wrong:
        right = [name for name in blocks if errors[name] <= 1e-6]
        beside = f"; right: {', '.join(right)}" if right else "; none is right"
        raise Hint(f"the relative error is too large in {', '.join(wrong)}{beside}")


def _numeric(X, Y, blocks: dict[str, np.ndarray], name: str) -> np.ndarray:
    """The derivatives of the loss with respect to a block of parameters, as central differences."""

    def loss(block: np.ndarray) -> float:
        W1, b1, W2, b2 = (blocks | {name: block}).values()
        hidden = 1 / (1 + np.exp(-(X @ W1 + b1)))
        z = hidden @ W2 + b2
        return float(np.mean(np.logaddexp(0, z) - Y * z))

    block, step = blocks[name], 1e-5
    numeric = np.empty_like(block)
    for place in np.ndindex(block.shape):
        moved = np.zeros_like(block)
        moved[place] = step
        numeric[place] = (loss(block + moved) - loss(block - moved)) / (2 * step)
    return numeric


@check
def one_layer(first_alone, second_alone, W, b, X, Y) -> None:
    """The probabilities of the class in Y after a step of 0.01 on X, (1, d), with one layer alone.

    The network of W and b, two dictionaries by the number of the layer, has ReLU units and a softmax.
    """
    found = numbers(first_alone, called="first_alone"), numbers(second_alone, called="second_alone")
    W, b = ({n: np.array(blocks[n], float) for n in (1, 2)} for blocks in (W, b))

    def read(W, b):
        Z1 = X @ W[1] + b[1]
        A1 = np.maximum(Z1, 0)
        scores = A1 @ W[2] + b[2]
        E = np.exp(scores - scores.max())
        return Z1, A1, E / E.sum()

    Z1, A1, Y_hat = read(W, b)
    dZ2 = Y_hat - Y
    dZ1 = (dZ2 @ W[2].T) * (Z1 > 0)
    gradients = {1: (X.T @ dZ1, dZ1[0]), 2: (A1.T @ dZ2, dZ2[0])}

    def after(layers, eta=0.01, biases=True):
        moved_W, moved_b = dict(W), dict(b)
        for layer in layers:
            moved_W[layer] = W[layer] - eta * gradients[layer][0]
            moved_b[layer] = b[layer] - eta * biases * gradients[layer][1]
        return np.sum(read(moved_W, moved_b)[-1] * Y)

    first, second = after([1]), after([2])
    if np.allclose(found, (first, second), rtol=0, atol=6e-4):  # to three places is enough
        return
    if np.allclose(found, (second, first), atol=1e-4):
        raise Hint("both are right, but swapped")
    if np.allclose(found, after([1, 2]), atol=1e-4):
        raise Hint("here both layers moved each time; the other one has to stay as it was")
    if np.allclose(found, after([]), atol=1e-4):
        raise Hint("nothing has moved yet: this is the probability before the step")
    if np.allclose(found, (1 - first, 1 - second), atol=1e-4):
        raise Hint("give the probability of the true class, not that of all the others")
    if np.allclose(found, (after([1], -0.01), after([2], -0.01)), atol=1e-4):
        raise Hint("these are steps *up*: against the gradient means minus")
    if np.allclose(found, (after([1], biases=False), after([2], biases=False)), atol=1e-4):
        raise Hint("only the weights have moved here; the biases of that layer move too")
    if np.isclose(found[0], first, atol=1e-4):
        raise Hint(
            "first_alone is right; now move the second layer, from where it was, and leave the first as "
            "it was"
        )
    if np.isclose(found[1], second, atol=1e-4):
        raise Hint(
            "second_alone is right; now move the first layer, from where it was, and leave the second as "
            "it was"
        )
    raise Hint(
        "take W and b from before the step, but one layer's from after it; then go forward once more"
    )
