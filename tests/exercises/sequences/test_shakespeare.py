"""The checks of the chapter on writing: right answers pass, likely mistakes get hints."""

import collections
import math

import numpy as np
import pytest

from groundup.exercises.sequences import shakespeare as checks


def by_table(train, text, kappa):
    counts = np.zeros((65, 65, 65))
    np.add.at(counts, (train[:-2], train[1:-1], train[2:]), 1)
    p = (counts + kappa / 65) / (counts.sum(axis=2, keepdims=True) + kappa)
    return -np.log(p[text[:-2], text[1:-1], text[2:]]).mean()


def by_dictionary(train, text, kappa):
    behind = collections.defaultdict(collections.Counter)
    for a, b, c in zip(train, train[1:], train[2:], strict=False):
        behind[a, b][c] += 1
    lost = 0.0
    for a, b, c in zip(text, text[1:], text[2:], strict=False):
        seen = behind[a, b]
        lost -= math.log((seen[c] + kappa / 65) / (sum(seen.values()) + kappa))
    return lost / (len(text) - 2)


def one_before(train, text, kappa):
    counts = np.zeros((65, 65))
    np.add.at(counts, (train[1:-1], train[2:]), 1)
    p = (counts + kappa / 65) / (counts.sum(axis=1, keepdims=True) + kappa)
    return -np.log(p[text[1:-1], text[2:]]).mean()


def together(train, text, kappa):
    counts = np.zeros((65, 65, 65))
    np.add.at(counts, (train[:-2], train[1:-1], train[2:]), 1)
    p = (counts + kappa / 65) / (counts.sum() + kappa)
    return -np.log(p[text[:-2], text[1:-1], text[2:]]).mean()


def turned(train, text, kappa):
    counts = np.zeros((65, 65, 65))
    np.add.at(counts, (train[:-2], train[1:-1], train[2:]), 1)
    p = (counts + kappa / 65) / (counts.sum(axis=2, keepdims=True) + kappa)
    return -np.log(p[text[1:-1], text[:-2], text[2:]]).mean()


def known_ones(train, text, kappa):
    counts = np.zeros((65, 65, 65))
    np.add.at(counts, (train[:-2], train[1:-1], train[2:]), 1)
    p = (counts + kappa / 65) / (counts.sum(axis=2, keepdims=True) + kappa)
    asked = text[:-2], text[1:-1], text[2:]
    return -np.log(p[asked][counts[asked] > 0]).mean()


def unsmoothed_where_new(train, text, kappa):
    counts = np.zeros((65, 65, 65))
    np.add.at(counts, (train[:-2], train[1:-1], train[2:]), 1)
    p = (counts + (kappa / 65) * (counts > 0)) / (counts.sum(axis=2, keepdims=True) + kappa)
    with np.errstate(divide="ignore"):
        return -np.log(p[text[:-2], text[1:-1], text[2:]]).mean()


def letter_by_letter(text, costs):
    found, place = {1: [], 2: [], 3: [], 4: []}, 0
    for character, cost in zip(text, costs, strict=True):
        place = place + 1 if character.isalpha() else 0
        found.get(place, []).append(cost)
    return [np.mean(found[place]) for place in (1, 2, 3, 4)]


def in_arrays(text, costs):
    is_letter = np.array([c.isalpha() for c in text])
    place = np.zeros(len(text), int)
    for t in range(len(text)):
        place[t] = is_letter[t] and 1 + (place[t - 1] if t else 0)
    return np.array([costs[place == n].mean() for n in range(1, 5)])


def between(gaps, text, costs):
    found, place = {1: [], 2: [], 3: [], 4: []}, 0
    for character, cost in zip(text, costs, strict=True):
        place = 0 if character in gaps else place + 1
        found.get(place, []).append(cost)
    return [np.mean(found[place]) for place in (1, 2, 3, 4)]


def small_only(text, costs):
    found, place = {1: [], 2: [], 3: [], 4: []}, 0
    for character, cost in zip(text, costs, strict=True):
        place = place + 1 if character.islower() else 0
        found.get(place, []).append(cost)
    return [np.mean(found[place]) for place in (1, 2, 3, 4)]


def rows(powers):
    return powers / powers.sum(axis=1, keepdims=True)


def in_logarithms(p, before, after):
    z = np.log(p) * (before / after)
    return rows(np.exp(z - z.max(axis=1, keepdims=True)))


def by_the_largest(p, before, after):
    return rows((p / p.max(axis=1, keepdims=True)) ** (before / after))


RNG = np.random.default_rng(0)
SCORES = 2 * RNG.normal(size=(3000, 8))
CAME = np.array([RNG.choice(8, p=p) for p in rows(np.exp(SCORES / 1.2))])
SAID = rows(np.exp(SCORES))
HEATS = np.arange(0.9, 1.51, 0.05)


def lost(T, power=1.0):
    p = rows(SAID ** (power / T))
    return -np.log(p[np.arange(len(p)), CAME]).mean()


LOSSES = np.array([lost(T) for T in HEATS])

RIGHT = [
    (checks.trigram, [by_table]),
    (checks.trigram, [by_dictionary]),
    (checks.by_letter, [letter_by_letter]),
    (checks.by_letter, [in_arrays]),
    (checks.undone, [in_logarithms]),
    (checks.undone, [by_the_largest]),
    (checks.best_temperature, [1.0, HEATS, LOSSES, SAID, CAME]),
    (checks.best_temperature, [2, [*HEATS[::-1]], [*LOSSES[::-1]], SAID, CAME]),
]
WRONG = [
    (checks.trigram, [lambda *given: ...], "put your answer"),
    (checks.trigram, [lambda *given: by_table(*given) / math.log(2)], "in bits"),
    (checks.trigram, [lambda *given: -by_table(*given)], "a minus"),
    (checks.trigram, [lambda *given: math.exp(by_table(*given))], "perplexity"),
    (checks.trigram, [lambda a, b, k: by_table(a, b, k) * (len(b) - 2)], "the sum"),
    (
        checks.trigram,
        [lambda a, b, k: by_table(a, b, k) * (len(b) - 2) / len(b)],
        "have no context",
    ),
    (checks.trigram, [lambda a, b, k: by_table(a, a, k)], "the training text itself"),
    (checks.trigram, [lambda a, b, k: by_table(a, b, 65 * k)], "among the 65"),
    (checks.trigram, [one_before], "this is a bigram"),
    (checks.trigram, [together], "its own sum"),
    (checks.trigram, [turned], "wrong way round"),
    (checks.trigram, [known_ones], "never had"),
    (checks.trigram, [unsmoothed_where_new], "for each character, after each context"),
    (checks.trigram, [lambda *given: 2.0], "for each pair"),
    (checks.by_letter, [lambda *given: ...], "put your answer"),
    (checks.by_letter, [lambda text, costs: np.mean(costs)], "four numbers"),
    (checks.by_letter, [lambda *given: between(" ", *given)], "after anything"),
    (checks.by_letter, [lambda *given: between(" \n", *given)], "commas"),
    (checks.by_letter, [small_only], "capitals"),
    (
        checks.by_letter,
        [lambda text, costs: letter_by_letter(text, [*costs[1:], 0])],
        "next character",
    ),
    (checks.by_letter, [lambda *given: letter_by_letter(*given)[::-1]], "wrong order"),
    (checks.by_letter, [lambda *given: [1, 2, 3, 4]], "go through the text"),
    (checks.undone, [lambda *given: ...], "put your answer"),
    (checks.undone, [lambda p, before, after: in_logarithms(p, after, before)], "changed places"),
    (checks.undone, [lambda p, before, after: in_logarithms(p, 1, after)], "once more"),
    (checks.undone, [lambda p, before, after: in_logarithms(p, before, 1)], "on to the other"),
    (
        checks.undone,
        [lambda p, before, after: in_logarithms(p, before * after, 1)],
        "a quotient",
    ),
    (
        checks.undone,
        [lambda p, before, after: in_logarithms(p, before + 1 / after, 1)],
        "powers multiply",
    ),
    (checks.undone, [lambda p, before, after: p ** (before / after)], "the powers are right"),
    (checks.undone, [lambda p, before, after: rows(p ** (before / after))], "take logarithms"),
    (
        checks.undone,
        [lambda p, before, after: p ** (before / after) / np.sum(p ** (before / after))],
        "by itself",
    ),
    (checks.undone, [lambda p, before, after: p], "which power"),
    (checks.best_temperature, [..., HEATS, LOSSES, SAID, CAME], "put your answer"),
    (checks.best_temperature, [-1, HEATS, LOSSES, SAID, CAME], "positive"),
    (checks.best_temperature, [1, HEATS, LOSSES[1:], SAID, CAME], "a loss for each"),
    (checks.best_temperature, [1, HEATS[:2], LOSSES[:2], SAID, CAME], "at least three"),
    (checks.best_temperature, [1, HEATS, LOSSES / math.log(2), SAID, CAME], "in bits"),
    (checks.best_temperature, [1, HEATS, -LOSSES, SAID, CAME], "wrong sign"),
    (
        checks.best_temperature,
        [1, HEATS, [lost(1 / T) for T in HEATS], SAID, CAME],
        "divided by it",
    ),
    (
        checks.best_temperature,
        [1, HEATS, [lost(1) / T for T in HEATS], SAID, CAME],
        "add up to one",
    ),
    (checks.best_temperature, [1, HEATS, LOSSES + (HEATS > 1.4), SAID, CAME], "isn't"),
    (checks.best_temperature, [1, HEATS[:4], LOSSES[:4], SAID, CAME], "at an end"),
    (checks.best_temperature, [1, HEATS[::3], LOSSES[::3], SAID, CAME], "a twentieth apart"),
]


@pytest.mark.parametrize(("check", "attempt"), RIGHT)
def test_right(check, attempt):
    assert check(*attempt).passed


@pytest.mark.parametrize(("check", "attempt", "hint"), WRONG)
def test_wrong(check, attempt, hint):
    result = check(*attempt)
    assert not result.passed
    assert hint in result.hint
