"""Exercises of the chapter on writing like Shakespeare."""

import numpy as np

from groundup.exercises.checking import Hint, alike, check, numbers

CHARACTERS = 65


@check
def trigram(loss) -> None:
    """A model by counting, whose context is the two characters before, :eq:`add-k`.

    Args:
        loss: a function of the training text and another text, both numbers of characters, and of κ,
            that returns the loss on the other text in nats per character.
    """
    rng = np.random.default_rng(0)
    for kappa in (1.0, 6.5):
        # Some characters are frequent, and the same ones follow each other.
        known, text = (
            (np.cumsum(rng.integers(1, 4, size=size)) % 9).astype(np.uint8) for size in (900, 300)
        )
        text[100:103] = 20, 3, 40  # what training lacks: two characters, and contexts with them
        with np.errstate(divide="ignore", invalid="ignore"):
            found = loss(known.copy(), text.copy(), kappa)
        if isinstance(found, float) and not np.isfinite(found):
            raise Hint(
                "it isn't finite: what training never had got the probability zero, or a context without "
                "counts was divided by nothing; κ/65 is for each character, after each context"
            )
        found = numbers(found, called="the loss")
        truth = _trigram(known, text, kappa)
        if alike(found, truth):
            continue
        for wrong, hint in (
            (truth / np.log(2), "that's in bits; a nat has the natural logarithm"),
            (-truth, "a minus in front of it, and it's right"),
            (np.exp(truth), "that's the perplexity; its logarithm was asked for"),
            (
                truth * (len(text) - 2),
                "this is the sum over all characters; the loss is their mean",
            ),
            (
                truth * (len(text) - 2) / len(text),
                "the first two characters have no context: divide by as many as you have added up",
            ),
            (_trigram(known, known, kappa), "this is the loss on the training text itself"),
            (
                _trigram(known, text, kappa, known_only=True),
                "what training never had is left out; smoothing is there to give it a probability, too",
            ),
            (
                _trigram(known, text, CHARACTERS * kappa),
                "every character got all of κ; share it out among the 65",
            ),
            (
                _trigram(known, text, kappa, backwards=True),
                "the context is taken the wrong way round in one of the two texts",
            ),
            (
                _trigram(known, text, kappa, last=True),
                "this is a bigram: the context is the two characters before, in their order",
            ),
            (
                _trigram(known, text, kappa, joint=True),
                "each row of 65 is to be divided by its own sum: what comes, if the context is there",
            ),
        ):
            if np.isclose(found, wrong, rtol=1e-4):
                raise Hint(hint)
        raise Hint(
            "count, for each pair of characters, what comes after it in training; smooth each row by "
            "add-k; then look up what the other text has, and take the mean of −log p"
        )


def _trigram(
    known, text, kappa, backwards=False, last=False, joint=False, known_only=False
) -> float:
    """The loss, or with a mistake in it, by plain counting."""
    counts = np.zeros((CHARACTERS,) * 3)
    for place in range(2, len(known)):
        counts[known[place - 2], known[place - 1], known[place]] += 1
    if last:
        counts = np.broadcast_to(counts.sum(axis=0), counts.shape)
    seen = counts.sum() if joint else counts.sum(axis=2, keepdims=True)
    p = (counts + kappa / CHARACTERS) / (seen + kappa)
    first, second = (1, 2) if backwards else (2, 1)
    asked = [(text[t - first], text[t - second], text[t]) for t in range(2, len(text))]
    return -np.mean([np.log(p[place]) for place in asked if counts[place] or not known_only])


@check
def by_letter(means) -> None:
    """What letters cost, by their place in a word.

    Args:
        means: a function of a text and of the cost of each of its characters, that returns the mean cost
            of the letters that stand first, second, third and fourth in a word.
    """
    rng = np.random.default_rng(0)
    for text in (
        "To be,\nor not to be: that is the question.",
        "KING LEAR:\nNothing will come of nothing; speak again!\n\nI can't heave my heart",
    ):
        costs = rng.uniform(0.5, 5, size=len(text))
        found = numbers(means(text, costs.copy()), None, "what by_letter returns")
        if found.shape != (4,):
            raise Hint(
                "it's to return four numbers: of the letters that stand first, second, third and fourth"
            )
        truth = _by_letter(text, costs)
        if alike(found, truth):
            continue
        for wrong, hint in (
            (
                _by_letter(text, costs, between=" "),
                "a word begins after anything that is no letter: a new line or an apostrophe, too",
            ),
            (
                _by_letter(text, costs, between=" \n"),
                "commas, colons and apostrophes are no letters either",
            ),
            (_by_letter(text, costs, lower=True), "capitals are letters, too"),
            (
                _by_letter(text, np.append(costs[1:], 0)),
                "these are the costs of the next character; cost number t is that of character number t",
            ),
            (
                _by_letter(text, costs, shift=1),
                "the first of the four is to be the letter that begins a word",
            ),
            (_by_letter(text, costs, add=True), "these are sums; the means were asked for"),
        ):
            if alike(found, wrong):
                raise Hint(hint)
        if alike(found, truth[::-1]):
            raise Hint("the four are in the wrong order: the first letter comes first")
        raise Hint(
            "go through the text: at a letter the place is one more than at the character before, at "
            "anything else it's zero; then take the mean cost of each place from 1 to 4"
        )


def _by_letter(text, costs, between=None, lower=False, shift=0, add=False) -> np.ndarray:
    """The means, or with a mistake in them."""
    of_place, place = [[] for _ in range(6)], 0
    for character, cost in zip(text, costs, strict=True):
        if between is not None:
            is_letter = character not in between
        else:
            is_letter = character.islower() if lower else character.isalpha()
        place = place + 1 if is_letter else 0
        if 0 < place < len(of_place):
            of_place[place].append(cost)
    chosen = of_place[1 + shift : 5 + shift]
    return np.array([(np.sum if add else np.mean)(found) if found else 0.0 for found in chosen])


@check
def undone(again) -> None:
    """Probabilities from one temperature to another, :eq:`tempered`.

    Args:
        again: a function of rows of probabilities, of the temperature that they were made at, and of the
            one that is wanted.
    """
    rng = np.random.default_rng(0)
    z = rng.normal(size=(4, 6))
    for before, after in ((0.5, 0.8), (2.0, 1.0), (1.0, 0.0002), (0.7, 0.7)):
        p, truth = _softmax(z / before), _softmax(z / after)
        where = f"from temperature {before:g} to {after:g} "
        with np.errstate(all="ignore"):
            found = np.asarray(again(p.copy(), before, after))
        if found.dtype.kind == "f" and found.shape == p.shape and not np.isfinite(found).all():
            raise Hint(
                where + "something vanishes or overflows: take logarithms, and the largest off them"
            )
        found = numbers(found, p.shape, "what undone returns")
        if alike(found, truth):
            continue
        powers = {
            "the two temperatures have changed places": after / before,
            "this makes them once more colder or warmer, as if they were at temperature one": 1
            / after,
            "this brings them back to temperature one; from there on to the other": before,
            "one power takes them to temperature one, the next to the other; powers of powers multiply": (
                before + 1 / after
            ),
            "what is multiplied has to be divided: the power is a quotient": before * after,
        }
        for hint, power in powers.items():
            if alike(found, _softmax(np.log(p) * power)):
                raise Hint(where + hint)
            with np.errstate(under="ignore"):
                if np.allclose(found, p**power, rtol=1e-6, atol=0):
                    raise Hint(where + f"{hint}; and each row is to add up to one")
        with np.errstate(under="ignore"):
            if np.allclose(found, p ** (before / after), rtol=1e-6, atol=0):
                raise Hint(where + "the powers are right; now each row has to add up to one")
        columns = p ** (before / after)
        if alike(found, columns / columns.sum()) or alike(
            found, columns / columns.sum(axis=0, keepdims=True)
        ):
            raise Hint(where + "each row is to add up to one, by itself")
        raise Hint(
            where + "it isn't right: which power of q is p before, and which is it to be after?"
        )


def _softmax(z: np.ndarray) -> np.ndarray:
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@check
def best_temperature(predicted, temperatures, losses, said, came) -> None:
    """At which temperature a text has the lowest loss.

    Args:
        predicted: what the reader thought.
        temperatures: those that were tried.
        losses: the loss at each.
        said: probabilities, (m, k).
        came: which of the k came, (m,).
    """
    guess = numbers(predicted, called="what you predicted")
    if guess <= 0:
        raise Hint("a temperature is positive; what did you predict?")
    T = numbers(temperatures, None, "the temperatures")
    found = numbers(losses, None, "the losses")
    if T.ndim != 1 or found.shape != T.shape:
        raise Hint("hand in a row of temperatures, and a loss for each of them")
    if len(T) < 3 or (T <= 0).any():
        raise Hint("try at least three temperatures, all of them positive")
    z = np.log(np.maximum(said, 1e-30, dtype=float))
    rows = np.arange(len(came))

    def truth(T, rows=rows):
        return -np.log(np.maximum(_softmax(z / T)[rows, came], 1e-300)).mean()

    truths = np.array([truth(one) for one in T])
    if not np.allclose(found, truths, rtol=1e-3):
        slips = {
            "the losses are in bits": truths / np.log(2),
            "the scores are multiplied by T; they are to be divided by it": [
                truth(1 / one) for one in T
            ],
            "the losses have the wrong sign": -truths,
            "the probabilities are raised to the power 1/T, but then each row is to add up to one": [
                -np.mean(z[rows, came]) / one for one in T
            ],
        }
        for hint, slip in slips.items():
            if np.allclose(found, slip, rtol=1e-3):
                raise Hint(hint)
        wrong = int(np.argmax(np.abs(found - truths)))
        raise Hint(
            f"at T = {T[wrong]:g} the loss isn't {found[wrong]:.4g}: at_temperature gives the "
            "probabilities, and −log of what came is to be averaged"
        )
    order = np.argsort(T)
    lowest = int(np.argmin(truths[order]))
    if lowest in (0, len(T) - 1):
        raise Hint("the lowest loss is at an end of your temperatures: try on beyond it")
    ordered = T[order]
    if max(ordered[lowest + 1] - ordered[lowest], ordered[lowest] - ordered[lowest - 1]) > 0.0501:
        raise Hint("around the lowest loss the temperatures are to be a twentieth apart or closer")
