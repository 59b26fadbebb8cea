"""Exercises of the chapter on one network in three frameworks."""

import numpy as np
import pandas as pd

from groundup.exercises.checking import Hint, alike, check, numbers, rounded


@check
def carried_over(from_torch) -> None:
    """A function that makes the engine's arrays of those of a PyTorch network.

    Args:
        from_torch: takes ``[V1, b1, V2, b2, …]``, weights with a row for each unit, and returns
            ``[W1, b1, W2, b2, …]``, weights with a row for each input.
    """
    rng = np.random.default_rng(0)
    arrays = []
    for inputs, units in ((3, 4), (4, 4), (4, 2)):
        arrays += [rng.normal(size=(units, inputs)), rng.normal(size=units)]
    given = from_torch([array.copy() for array in arrays])
    if given is Ellipsis:
        raise Hint("put your answer in place of the ...")
    if not isinstance(given, list | tuple):
        raise Hint(
            f"the function is to return a list of arrays, and this is a {type(given).__name__}"
        )
    if len(given) != len(arrays):
        raise Hint(
            f"there are {len(arrays)} arrays, biases too, and the function gave {len(given)}"
        )
    for number, (found, array) in enumerate(zip(given, arrays, strict=True)):
        name = f"{'Vb'[number % 2]}{number // 2 + 1}"
        if np.shape(found) != array.T.shape:
            raise Hint(
                f"what became of {name}, of shape {array.shape}, is to be of shape {array.T.shape}; it "
                f"is of shape {np.shape(found)}"
            )
        if not alike(numbers(found, array.T.shape, f"what became of {name}"), array.T):
            if array.shape == array.T.shape and alike(found, array):
                raise Hint(
                    f"{name} is square, so it fits either way; it has to be transposed all the same"
                )
            if array.ndim == 2 and alike(np.ravel(found), np.ravel(array)):
                raise Hint("reshape keeps the numbers in their order; rows are to become columns")
            raise Hint(
                f"{name} is to have rows and columns exchanged and to stay the same otherwise"
            )


@check
def forgotten(beta, largest) -> None:
    """Plain descent that never empties its gradients, on θ²/2 from 1 with the rate 0.01.

    Args:
        beta: the share of its velocity that momentum keeps, to take the same steps.
        largest: the largest θ in the last hundred of a thousand steps, to two digits.
    """
    share = numbers(beta, called="β")
    if not alike(share, 1.0):
        if share == 0:
            raise Hint("β = 0 forgets every gradient at once: that is what zero_grad does")
        if 0 < share < 1:
            raise Hint(f"with β = {share:g} old gradients fade; which β keeps them whole?")
        raise Hint(
            "every gradient stays in the sum, whole: by what is the sum multiplied in each step?"
        )
    found = numbers(largest, called="the largest θ")
    theta, added, way = 1.0, 0.0, []
    for _ in range(1000):
        added += theta
        theta -= 0.01 * added
        way.append(theta)
    truth = max(way[-100:])
    if rounded(found, truth, 0.01):
        return
    if abs(found) < 0.01:
        raise Hint("so small it is where the gradients are emptied; add each to those before it")
    if abs(found - 0.99**901) < 0.001:
        raise Hint("this is plain descent; add each gradient to those before it")
    if rounded(found, way[-1], 0.01):
        raise Hint("this is where the last step ends; the largest of the last hundred is asked for")
    if found > 2:
        raise Hint("this grows; the step is minus the rate times the sum of all gradients")
    raise Hint("β is right; in each step add θ to the sum, then take 0.01 times the sum from θ")


@check
def which_part(guilty, weights_alone, biases_alone) -> None:
    """Which of two differences between PyTorch's start and Keras's costs digits.

    Args:
        guilty: ``"weights"`` or ``"biases"``.
        weights_alone: five accuracies with PyTorch's weights and Keras's biases.
        biases_alone: five accuracies with Keras's weights and PyTorch's biases.
    """
    if guilty is Ellipsis or weights_alone is Ellipsis or biases_alone is Ellipsis:
        raise Hint("put your answer in place of the ...")
    if guilty not in ("weights", "biases"):
        raise Hint(f"the answer is to be 'weights' or 'biases', and this is {guilty!r:.40}")
    found = {}
    for name, given in (("weights", weights_alone), ("biases", biases_alone)):
        found[name] = numbers(given, None, f"what you found with PyTorch's {name} alone").ravel()
        if len(found[name]) != 5:
            raise Hint(
                f"there are to be five accuracies with PyTorch's {name} alone, and these are "
                f"{len(found[name])}"
            )
        if (found[name] < 0).any() or (found[name] > 1).any():
            raise Hint("an accuracy lies between 0 and 1; are these percentages, or losses?")
        if found[name].std() == 0:
            raise Hint(
                f"the five accuracies with PyTorch's {name} alone are all the same; are these five seeds?"
            )
    means = {name: accuracies.mean() for name, accuracies in found.items()}
    if np.array_equal(found["weights"], found["biases"]):
        raise Hint(
            "both sets are the same; change only the weights in one and only the biases in the other"
        )
    costs_more = min(means, key=means.get)
    if guilty != costs_more:
        raise Hint(
            f"you found {means['weights']:.1%} with PyTorch's weights and {means['biases']:.1%} with its "
            "biases: which of the two costs digits?"
        )


@check
def one_flat(encode) -> None:
    """A function that encodes districts as columns, the same ones for every table.

    Args:
        encode: takes a table with a column ``district``, (m,), and the names of the k districts that the
            network knows, and returns an array, (m, k).
    """
    districts = ["Harbour", "Mill", "North", "Old Town"]
    for rows, what in (
        (["Mill", "Harbour", "Old Town", "North", "Mill"], "a table with every district"),
        (["North"], "a single flat"),
        (["Mill", "Harbour"], "a table with two of the districts"),
        (["Mill", "Airport"], "a flat in a district that the network doesn't know"),
    ):
        truth = np.array([[name == district for district in districts] for name in rows], float)
        given = encode(pd.DataFrame({"district": rows}), list(districts))
        if given is Ellipsis:
            raise Hint("put your answer in place of the ...")
        found = numbers(given, None, "what it returns")
        if found.shape != truth.shape:
            raise Hint(
                f"for {what} the array is to be of shape {truth.shape}, one column for each of "
                f"`districts`, and it is of shape {found.shape}"
            )
        if not np.array_equal(found, truth):
            if np.array_equal(np.sort(found), np.sort(truth)):
                raise Hint(
                    f"for {what} the ones stand in the wrong columns; the order is that of `districts`"
                )
            raise Hint(
                f"for {what} each row is to have a one where the flat lies, and zeros elsewhere"
            )
