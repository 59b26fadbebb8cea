"""Exercises of the chapter on layers and forward propagation."""

import itertools
import math

import numpy as np

from groundup import nn
from groundup.exercises.checking import Hint, alike, check, numbers, parts, rounded, trained

CORNERS = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
XOR = np.array([0.0, 1, 1, 0])


@check
def reordered(rearrange, orders) -> None:
    """A function of W1, b1, W2, b2 and an order that gives the same network with its units in that order.

    Args:
        rearrange: returns the four arrays.
        orders: in how many orders eight units can stand.
    """
    _judge_order(rearrange, [1, 2, 0])
    _judge_order(rearrange, [3, 0, 4, 1, 2])
    _judge_orders(numbers(orders, called="the number of orders"))


def _judge_order(rearrange, order: list[int]) -> None:
    rng = np.random.default_rng(0)
    n = len(order)
    W1, b1, W2, b2 = (rng.normal(size=shape) for shape in ((2, n), (n,), (n, 4), (4,)))
    arrays = [array.copy() for array in (W1, b1, W2, b2)]
    found = parts(rearrange(*arrays, list(order)), ("W1", "b1", "W2", "b2"))
    names = "the new W1", "the new b1", "the new W2", "the new b2"
    found = [
        numbers(array, before.shape, called)
        for array, before, called in zip(found, (W1, b1, W2, b2), names, strict=True)
    ]
    X = rng.normal(size=(20, 2))
    before, after = (
        np.maximum(X @ V1 + c1, 0) @ V2 + c2 for V1, c1, V2, c2 in ((W1, b1, W2, b2), found)
    )
    backwards = np.argsort(order)
    if np.allclose(found[0], W1):
        raise Hint("the hidden units stand where they stood; they are the columns of W1")
    if not alike(after, before):
        if not np.allclose(found[1], b1[order]) and not np.allclose(found[1], b1[backwards]):
            raise Hint("the network computes something else: each hidden unit takes its bias along")
        if np.allclose(found[2], W2):
            raise Hint(
                "the network computes something else: the rows of W2 belong to the hidden units too"
            )
        raise Hint(
            "the network computes something else; a hidden unit is a column of W1, an entry of b1 and a "
            "row of W2"
        )
    if not alike(found[0], W1[:, order]):
        raise Hint(
            "it computes the same, but in another order: the new unit 0 is the old unit order[0]"
        )


def _judge_orders(count) -> None:
    if count == math.factorial(8):
        return
    if count in (64, 256):
        raise Hint(
            "the function is right; for the first place there are 8 units, for the second 7 are left"
        )
    if count == 8**8:
        raise Hint("the function is right; no unit can stand in two places at once")
    if count in (8, 28, 56):
        raise Hint("the function is right; all eight places are to be filled, not one or two")
    raise Hint("the function is right; in how many orders can 2 units stand, or 3? Go on to 8")


@check
def xor_of_relus(W1, b1, W2, b2) -> None:
    """Weights of a 2-2-1 network with two ReLU units and no other activation that gives XOR."""
    W1, b1 = numbers(W1, (2, 2), "the first matrix"), np.squeeze(numbers(b1, None, "the biases"))
    numbers(b1, (2,), "the row of hidden biases")
    W2, b2 = numbers(W2, None, "the second matrix"), numbers(b2, called="the output's bias")
    if W2.shape not in ((2, 1), (2,)):
        raise Hint(f"the second matrix leads from two units to one: (2, 1), and this is {W2.shape}")
    Z = CORNERS @ W1 + b1

    def answers(hidden):
        return hidden @ W2.reshape(2) + b2

    found = answers(np.maximum(Z, 0))
    if np.allclose(found, XOR, atol=1e-6):
        return
    said = ", ".join(f"{value:.4g}" for value in found)
    if np.allclose(answers((Z >= 0).astype(float)), XOR) or np.allclose(
        answers((Z >= 0).astype(float)) >= 0, XOR
    ):
        raise Hint(f"with steps this would do; with ReLU the answers are {said}")
    if np.allclose(found, 1 - XOR, atol=1e-6):
        raise Hint("this is the opposite of XOR: 1, 0, 0, 1")
    if np.array_equal(found > 0.5, XOR > 0.5):
        raise Hint(f"the answers, {said}, are on the right sides; make them 0, 1, 1, 0 exactly")
    if (Z <= 0).all(axis=0).any():
        raise Hint("one of the hidden units is silent at all four corners")
    raise Hint(
        f"at the corners the answers are {said}; let both units look at x₁ + x₂, one from 0 on and one "
        "from 1 on"
    )


@check
def tanh_units(solved, runs) -> None:
    """How many of the seeds 0 to 19 solve XOR with two tanh units.

    The last digits of a run depend on the processor, so a seed may go the other way there; therefore the
    number is compared with the runs that it comes from.

    Args:
        solved: the number.
        runs: the twenty runs in the order of their seeds, a grid or a list.
    """
    found = numbers(solved, called="the number of seeds")
    if 0 < found < 1:
        raise Hint("this looks like a share; how many of the twenty seeds is it?")
    if found > 20:
        raise Hint("there are only twenty seeds")
    if found != np.round(found):
        raise Hint("the number of seeds is a whole number")
    runs = trained(runs, number=20, epochs=1000)
    if [run.seed for run in runs] != [*range(20)]:
        raise Hint("the runs are to have the seeds 0 to 19, in this order")
    right = sum(_solves_xor(run.model) for run in runs)
    if found != right:
        raise Hint(
            f"of the runs that you handed in another number than {found:g} solves XOR: all four answers "
            "are to be on the right side of 1/2, by more than 0.1"
        )


def _solves_xor(model) -> bool:
    hidden, output = model.layers
    if hidden.units != 2 or not isinstance(hidden.activation, nn.Tanh):
        raise Hint("each network is to have two hidden units, and these tanh")
    if not isinstance(output.activation, nn.Sigmoid):
        raise Hint("the output's activation is to stay a sigmoid")
    if np.any(hidden.bias_initializer((2,))):
        raise Hint("the hidden biases are to start at zero")
    if not isinstance(model.optimizer, nn.SGD) or model.optimizer.learning_rate != 0.5:
        raise Hint("the recipe is to stay the same: SGD with a learning rate of 0.5")
    return np.abs(model.predict(CORNERS)[:, 0] - XOR).max() < 0.4


@check
def folds(pieces, deep_units, shallow_units) -> None:
    """Of the fold applied five times: its straight pieces, the hidden units of the deep network, and the
    least number of hidden units of one with a single hidden layer that agrees with it from 0 to 1.
    """
    found = numbers(pieces, called="the number of pieces")
    if found != 32:
        if found in (10, 6):
            raise Hint(
                "each fold doubles the number of pieces, for it maps each half onto everything"
            )
        if found in (16, 64):
            raise Hint("one fold has two pieces, two folds have four; and five?")
        if found == 31:
            raise Hint("these are the bends between the pieces")
        raise Hint("draw the fold once and twice; by how much does the number of pieces grow?")
    if numbers(deep_units, called="the number of deep units") != 10:
        raise Hint("the pieces are right; each of five hidden layers has two units")
    bends = numbers(shallow_units, called="the number of units in one layer")
    if bends == 32:
        return
    if bends == 31:
        raise Hint(
            "almost: each of the 31 bends needs a unit, but a unit is flat on one side of its bend; "
            "could the slopes be 32 and -32?"
        )
    if bends == 33:
        raise Hint(
            "33 agree with it on the whole line, where it bends at 0 and at 1 too; they need only agree "
            "between these"
        )
    raise Hint("the first two are right; each ReLU unit bends the line at one place at most")


# Two exercises that no chapter has yet: they lie in book/foundations/drafts/layers-left.md.


@check
def by_hand(a1, a2, z, answer) -> None:
    """What the chapter's 2-2-1 network computes for the example (1, 1).

    Args:
        a1, a2: the hidden activations.
        z: the pre-activation of the output.
        answer: its activation, to three digits.
    """
    hidden = [numbers(a1, called="the first activation"), numbers(a2, called="the second one")]
    _judge_hidden(np.array(hidden))
    found = numbers(z, called="the pre-activation of the output")
    if not np.isclose(found, -0.2):
        if np.isclose(found, 0.1):
            raise Hint("the hidden activations are right; the output has a bias too, -0.3")
        if np.isclose(found, 0):
            raise Hint("the hidden activations are right; the output unit has no ReLU")
        raise Hint(
            "the hidden activations are right; the output multiplies them by 1.5 and by -0.5, and adds "
            "its bias"
        )
    found, truth = numbers(answer, called="the answer"), 1 / (1 + np.exp(0.2))
    if rounded(found, truth, to=0.001):
        return
    if rounded(found, 1 - truth, to=0.001):
        raise Hint(
            "all but the answer is right; mind the sign: σ(z) = 1 / (1 + e^-z), and z is -0.2"
        )
    if np.isclose(found, -0.2) or np.isclose(found, 0):
        raise Hint("all but the answer is right; the output's activation function is the sigmoid")
    raise Hint("all but the answer is right; it is 1 / (1 + e^0.2)")


def _judge_hidden(found: np.ndarray) -> None:
    if np.allclose(found, (0.2, 0.4)):
        return
    if np.allclose(found, (0.4, 0.2)):
        raise Hint("both hidden activations are right, but they have changed places")
    if np.allclose(found, (0.1, 0.5)):
        raise Hint("the hidden units have a bias too, 0.1 and -0.1")
    if np.allclose(found, (0.3, 0.3)):
        raise Hint("a unit's weights are a column of the first matrix, not a row")
    if np.isclose(found[0], 0.2):
        raise Hint("the first activation is right; the second unit's weights are -0.3 and 0.8")
    if np.isclose(found[1], 0.4):
        raise Hint("the second activation is right; the first unit's weights are 0.5 and -0.4")
    raise Hint("each unit adds up its two weights, for both inputs are 1, and its bias")


@check
def parameters(two_layers, one_layer) -> None:
    """How many parameters a 5-7-7-2 network has, and how many a 5-14-2 network."""
    networks = (5, 7, 7, 2), (5, 14, 2)
    names = "the first number", "the second number"
    found = [
        numbers(attempt, called=called)
        for attempt, called in zip((two_layers, one_layer), names, strict=True)
    ]
    for value, sizes, called in zip(found, networks, names, strict=True):
        pairs = [*itertools.pairwise(sizes)]
        weights, biases = sum(n * after for n, after in pairs), sum(sizes[1:])
        if value == weights + biases:
            continue
        if np.isclose(value, weights):
            raise Hint(f"{called} counts the weights only; every unit has a bias too")
        if np.isclose(value, weights + biases + sizes[0]):
            raise Hint(f"{called} gives the inputs a bias; they are no units")
        if np.isclose(value, weights + len(pairs)):
            raise Hint(f"{called} has one bias for each layer; every unit has one")
        if np.isclose(value, weights + biases - sizes[-1]):
            raise Hint(f"{called} is without the biases of the output units")
        raise Hint(
            f"{called} isn't {value:g}; a layer of n units that looks at d inputs has (d + 1) n"
        )
