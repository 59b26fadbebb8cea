"""Exercises of the chapter on attention."""

import math

import numpy as np

from groundup.exercises.checking import Hint, alike, check, numbers, rounded

SYMBOLS, STEPS, PLACES = 5, 8, 6
NOISE = "noise"  # in place of a leak


@check
def looks_ahead(finds) -> None:
    """A function of a network's ``predict`` and of some windows that returns whether what the network
    says at any place depends on a later character.

    Args:
        finds: gets ``predict``, (m, steps) -> (m, steps, symbols), and windows, (m, steps).
    """
    x = np.random.default_rng(0).integers(0, SYMBOLS, size=(3, STEPS))
    pairs = [(t, u) for t in range(STEPS) for u in range(t + 1, STEPS)]
    for leak, hint in (
        ((), "it says so of a network that doesn't; what comes after a change may change"),
        (
            NOISE,
            "it says so of a network whose floats differ in the seventh digit; allow for that much",
        ),
        ([(t, t + 1) for t in range(STEPS - 1)], "it doesn't find a network that looks one ahead"),
        ([(0, STEPS - 1)], "it misses a network whose first place looks at the last character"),
        ([(2, 4)], "it misses a network of which one place in the middle looks two ahead"),
        ([(5, 6)], "it misses a network that looks ahead late in the window only"),
        *(
            ([(t, u)], f"it misses a network in which place {t} alone sees place {u}, from zero")
            for t, u in pairs
        ),
    ):
        found = finds(_network(leak), x.copy())
        if not isinstance(found, bool | np.bool_):
            raise Hint(f"return True or False; this is {found!r:.40}")
        if found != (leak not in ((), NOISE)):
            raise Hint(hint)


def _network(leak):
    """A network whose places see themselves and what is before; where there's a leak they look ahead,
    but behind the symbol 0 they don't. In place of a leak there can be noise, as sums of floats have."""
    leaks = np.zeros((STEPS, STEPS))
    for place, ahead in () if leak == NOISE else leak:
        leaks[place, ahead] = 1
    rng = np.random.default_rng(1)
    vectors, weights = rng.normal(size=(SYMBOLS, 4)), rng.normal(size=(4, SYMBOLS))

    def predict(x):
        x = np.asarray(x).astype(int) % SYMBOLS
        seen = np.tri(STEPS) + leaks * (x > 0)[..., None]
        Z = seen * strengths @ vectors[x] @ weights
        E = np.exp(Z - Z.max(axis=-1, keepdims=True))
        noise = 1e-7 * np.sin(x @ np.arange(1.0, STEPS + 1)) if leak == NOISE else np.zeros(len(x))
        return E / E.sum(axis=-1, keepdims=True) * (1 + noise[:, None, None])

    strengths = rng.uniform(0.5, 1.5, size=(STEPS, STEPS))
    return predict


@check
def sharpness(derivative) -> None:
    """A function of dS, the gradient of scores, and of Q and K that returns the derivative of the loss
    with respect to the number a by which all dot products are multiplied.
    """
    rng = np.random.default_rng(0)
    for steps, d in ((5, 3), (4, 4), (7, 2)):
        Q, K = rng.normal(size=(2, steps, d))
        dS = np.tril(rng.normal(size=(steps, steps)))
        parts = dS * (Q @ K.T)
        found = derivative(dS.copy(), Q.copy(), K.copy())
        if np.shape(found) == parts.shape:
            raise Hint("a is one number, used in every score: what happens to its parts?")
        found = numbers(found, called="the derivative")
        if alike(found, parts.sum()):
            continue
        for wrong, hint in (
            (parts.mean(), "this is the mean; whatever is used several times gets the sum back"),
            (parts.sum() / math.sqrt(d), "the root is gone: a stands in its place"),
            (np.trace(parts), "this has the diagonal only; a stands in every score"),
            (
                np.sum(dS * (K @ Q.T)),
                "in row t stands the query of t, and in column u the key of u",
            ),
            (dS.sum(), "the derivative of a score with respect to a is the dot product there"),
            (np.sum(Q @ K.T), "where does dS come in?"),
            (-parts.sum(), "right but for the sign"),
        ):
            if alike(found, wrong):
                raise Hint(hint)
        raise Hint("each score gives its dS times what a is multiplied by there; add these up")


@check
def one_before(W_Q, W_K) -> None:
    """Matrices for queries and keys with which each of six characters looks at the one before it, where
    row t of X is a one at place t and zeros elsewhere, and nothing is masked.
    """
    W_Q = numbers(W_Q, (PLACES, PLACES), "W_Q")
    W_K = numbers(W_K, (PLACES, PLACES), "W_K")
    S = W_Q @ W_K.T / math.sqrt(PLACES)
    E = np.exp(S - S.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    share = np.diagonal(P, -1)
    if (share > 0.99).all():
        return
    looks = P[1:].argmax(axis=1)
    before = np.arange(PLACES - 1)
    if (looks == before).all():
        raise Hint(
            f"all look where they should, but the smallest share is {share.min():.2f}; what makes "
            "softmax sharper?"
        )
    if (looks == before + 1).all():
        raise Hint("each looks at itself")
    if (looks[:-1] == before[:-1] + 2).all():
        raise Hint("each looks at the one after it; a row of W_Q is the query of that place")
    if np.ptp(S) < 1e-9:
        raise Hint("all scores are alike, so all shares are")
    wrong = int(np.flatnonzero(looks != before)[0])
    raise Hint(
        f"character {wrong + 2} looks most at {looks[wrong] + 1}; its query is row {wrong + 2} of W_Q, "
        f"and it's to fit the key in row {wrong + 1} of W_K"
    )


@check
def missed(extra, model, x, y) -> None:
    """How much higher the loss of a GPT is when one of its heads is switched off.

    Args:
        extra: for each block and each of its heads.
        model: the GPT.
        x, y: windows, and for each character the next one.
    """
    attentions = _attentions(model)
    heads = attentions[0].num_heads
    found = numbers(extra, (len(attentions), heads), "extra")
    base, truth = _loss(model, x, y), np.zeros((len(attentions), heads))
    for i, attention in enumerate(attentions):
        for h in range(heads):
            kept = attention.W_output[h].copy()
            attention.W_output[h] = 0
            truth[i, h] = _loss(model, x, y) - base
            attention.W_output[h] = kept
    to = 0.01
    if rounded(found, truth, to):
        return
    if rounded(found, -truth, to):
        raise Hint("the sign is turned: how much higher is the loss without the head?")
    if rounded(found, truth + base, to):
        raise Hint("these are the losses; take away that of the whole network")
    if rounded(found, truth[::-1], to):
        raise Hint("the blocks are in the wrong order")
    if rounded(found, truth[:, ::-1], to):
        raise Hint("the two heads of each block have changed places")
    if abs(found[0, 0] - truth[0, 0]) <= to and not rounded(found[0, 1:], truth[0, 1:], to):
        raise Hint("the first one is right; was it put back before the next was switched off?")
    raise Hint(
        "some aren't what we find; set W_output[h] to zero, compare the mean losses, and put it back"
    )


def _attentions(model) -> list:
    parts = [part for layer in model.layers for part in getattr(layer, "layers", ())]
    return [part for part in parts if type(part).__name__ == "MultiHeadAttention"]


def _loss(model, x, y) -> float:
    p = model.predict(x, batch_size=100)
    return float(-np.log(np.take_along_axis(p, y[..., None], 2)).mean())
