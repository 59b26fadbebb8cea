"""Holds the numbers that the book is known for against what they must reach on the full data.

A chapter's claims keep a margin, so that another processor doesn't break a reader's build; here they
don't. Chapters that there was no time to train are left out.
"""

import json
import sys

from not_trained import STATUS, not_trained

AT_LEAST = {
    ("book/foundations/softmax-regression", "train-accuracy"): 0.925,
    ("book/foundations/softmax-regression", "test-accuracy"): 0.922,
    ("book/foundations/backpropagation", "test-accuracy"): 0.975,
    ("book/convolution/digits", "test-accuracy"): 0.9841,
    ("book/convolution/digits", "better-test-accuracy"): 0.99,
    ("book/convolution/cifar10", "first-accuracy"): 0.70,
    ("book/convolution/cifar10", "best-accuracy"): 0.87,
}
AT_MOST = {
    ("book/sequences/shakespeare", "pair-bits"): 2.52,  # 1.75 nats
    ("book/sequences/attention", "gpt-held"): 1.65,
}
EQUAL_TO_THREE_DIGITS = {
    ("book/foundations/neuron", "w-found"): (1.8, 0.005),
    ("book/foundations/neuron", "b-found"): (32, 0.05),
}

pages, left_out = json.loads(STATUS.read_text())["pages"], not_trained()
failures = []
for page in sorted(
    {page for page, _ in [*AT_LEAST, *AT_MOST, *EQUAL_TO_THREE_DIGITS]}.intersection(left_out)
):
    print(f"{page}: left out, not trained here")
for (page, name), bound in AT_LEAST.items():
    if page in left_out:
        continue
    value = pages[page]["numbers"][name]
    print(f"{page}: {name} {value:.4f}, at least {bound}")
    if not value >= bound:
        failures.append(name)
for (page, name), bound in AT_MOST.items():
    if page in left_out:
        continue
    value = pages[page]["numbers"][name]
    print(f"{page}: {name} {value:.4f}, at most {bound}")
    if not value <= bound:
        failures.append(name)
for (page, name), (expected, tolerance) in EQUAL_TO_THREE_DIGITS.items():
    if page in left_out:
        continue
    value = pages[page]["numbers"][name]
    print(f"{page}: {name} {value:.4f}, within {tolerance} of {expected}")
    if not abs(value - expected) < tolerance:
        failures.append(name)
if failures:
    sys.exit(f"out of bounds: {', '.join(failures)}")
