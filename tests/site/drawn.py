"""A hundred digits drawn by code, as strokes: none of them is MNIST's."""

import itertools
import math
from collections.abc import Iterator

Stroke = list[tuple[float, float]]


def line(*points: tuple[float, float]) -> Stroke:
    """Straight from point to point."""
    found = [points[0]]
    for (x, y), (u, v) in itertools.pairwise(points):
        found += [(x + (u - x) * n / 8, y + (v - y) * n / 8) for n in range(1, 9)]
    return found


def arc(x: float, y: float, across: float, down: float, start: float, end: float) -> Stroke:
    """A part of an ellipse, between angles in degrees: 0 is to the right, 90 below."""
    steps = max(6, round(abs(end - start) / 12))
    angles = [math.radians(start + (end - start) * n / steps) for n in range(steps + 1)]
    return [(x + across * math.cos(a), y + down * math.sin(a)) for a in angles]


# Each digit in shapes of one or more strokes, in a box from 0 to 1, across and down.
SHAPES: dict[int, dict[str, list[Stroke]]] = {
    0: {
        "round": [arc(0.5, 0.5, 0.4, 0.48, -90, 270)],
        "narrow": [arc(0.5, 0.5, 0.27, 0.5, -60, 300)],
        "not quite closed": [arc(0.5, 0.5, 0.36, 0.5, -60, 275)],
    },
    1: {
        "a bar": [line((0.5, 0), (0.5, 1))],
        "with an upstroke": [line((0.3, 0.22), (0.55, 0), (0.55, 1))],
        "with a foot": [line((0.32, 0.2), (0.52, 0), (0.52, 1)), line((0.28, 1), (0.76, 1))],
    },
    2: {
        "flat": [arc(0.5, 0.28, 0.36, 0.28, -170, 30) + line((0.81, 0.42), (0.15, 1), (0.9, 1))],
        "with a loop": [
            arc(0.5, 0.26, 0.32, 0.26, -160, 40)
            + line((0.74, 0.43), (0.3, 0.86))
            + arc(0.24, 0.88, 0.1, 0.09, -40, -330)
            + line((0.34, 0.88), (0.9, 0.98))
        ],
        "angular": [line((0.15, 0.12), (0.5, 0), (0.82, 0.15), (0.78, 0.42), (0.14, 1), (0.88, 1))],
    },
    3: {
        "two bows": [arc(0.45, 0.25, 0.33, 0.25, -150, 90) + arc(0.45, 0.75, 0.4, 0.25, -90, 150)],
        "flat above": [
            line((0.15, 0), (0.82, 0), (0.45, 0.4)) + arc(0.45, 0.7, 0.38, 0.3, -90, 150)
        ],
        "with a nose": [
            arc(0.46, 0.26, 0.32, 0.26, -160, 70)
            + line((0.57, 0.5), (0.34, 0.48), (0.57, 0.5))
            + arc(0.46, 0.75, 0.38, 0.25, -70, 160)
        ],
    },
    4: {
        "open": [line((0.25, 0), (0.12, 0.58), (0.9, 0.58)), line((0.7, 0.22), (0.66, 1))],
        "closed": [line((0.66, 1), (0.66, 0), (0.08, 0.66), (0.92, 0.66))],
        "open, round": [
            line((0.2, 0), (0.18, 0.3)) + arc(0.44, 0.32, 0.26, 0.24, 180, 20),
            line((0.74, 0), (0.7, 1)),
        ],
    },
    5: {
        "with a roof": [
            line((0.24, 0.02), (0.2, 0.46)) + arc(0.44, 0.68, 0.38, 0.3, -120, 150),
            line((0.24, 0.02), (0.84, 0)),
        ],
        "in one": [
            line((0.82, 0.02), (0.3, 0.02), (0.24, 0.44)) + arc(0.46, 0.68, 0.34, 0.3, -125, 145)
        ],
        "angular": [
            line((0.85, 0), (0.22, 0), (0.2, 0.42), (0.66, 0.44), (0.82, 0.68), (0.6, 0.98), (0.14, 0.95))
        ],
    },
    6: {
        "bent": [
            arc(0.85, 0.62, 0.68, 0.62, -95, -180) + arc(0.5, 0.7, 0.33, 0.3, 180, -180)
        ],
        "straight": [line((0.62, 0), (0.2, 0.66)) + arc(0.5, 0.72, 0.31, 0.28, 190, -170)],
        "with a small loop": [
            arc(0.9, 0.7, 0.72, 0.7, -105, -180)
            + arc(0.46, 0.78, 0.28, 0.21, 180, -170)
        ],
    },
    7: {
        "plain": [line((0.12, 0.02), (0.86, 0.02), (0.42, 1))],
        "with a bar": [
            line((0.12, 0.04), (0.86, 0), (0.4, 1)),
            line((0.32, 0.52), (0.8, 0.48)),
        ],
        "with a hook": [line((0.14, 0.18), (0.16, 0.02), (0.84, 0.02), (0.56, 0.44), (0.48, 1))],
    },
    8: {
        "two rings": [arc(0.5, 0.25, 0.27, 0.25, 90, 450), arc(0.5, 0.75, 0.34, 0.25, -90, 270)],
        "in one": [
            line((0.78, 0.14)) + arc(0.5, 0.24, 0.28, 0.24, -30, -250)
            + arc(0.5, 0.74, 0.32, 0.26, -65, 240)
            + line((0.36, 0.5), (0.76, 0.18))
        ],
        "narrow": [arc(0.5, 0.23, 0.2, 0.23, 90, 450), arc(0.5, 0.73, 0.24, 0.27, -90, 270)],
    },
    9: {
        "with a stem": [arc(0.48, 0.3, 0.3, 0.3, 0, -360), line((0.78, 0.1), (0.76, 1))],
        "bent": [
            arc(0.48, 0.29, 0.31, 0.29, -10, -370) + arc(0.2, 0.36, 0.59, 0.64, -10, 75)
        ],
        "leaning": [arc(0.5, 0.28, 0.29, 0.28, -20, -380) + line((0.78, 0.2), (0.5, 1))],
    },
}  # fmt: skip

# How each is drawn: leaning by so many degrees, with a pen of what width, how large, and where.
HANDS = [
    (0, 3.0, 0.7, (0.5, 0.5)),
    (-20, 3.0, 0.7, (0.5, 0.5)),
    (20, 3.0, 0.7, (0.5, 0.5)),
    (-10, 1.5, 0.6, (0.5, 0.5)),
    (10, 1.5, 0.8, (0.5, 0.5)),
    (0, 5.0, 0.7, (0.5, 0.5)),
    (10, 4.5, 0.6, (0.45, 0.55)),
    (0, 3.0, 0.12, (0.5, 0.5)),
    (20, 2.0, 0.15, (0.85, 0.12)),
    (-20, 4.0, 0.35, (0.25, 0.75)),
]  # fmt: skip


def drawings() -> Iterator[tuple[int, str, list[Stroke], float]]:
    """A hundred: the digit, how it's drawn, its strokes on a pad from 0 to 1, and the pen's width."""
    for digit, shapes in SHAPES.items():
        names = list(shapes)
        for n, (slant, pen, size, (x, y)) in enumerate(HANDS):
            name = names[(n + digit) % len(names)]
            lean = math.tan(math.radians(slant))
            strokes = [
                [(x + size * (u - 0.5 + lean * (0.5 - v)), y + size * (v - 0.5)) for u, v in stroke]
                for stroke in shapes[name]
            ]
            yield digit, f"{name}, {slant}°, pen {pen}, size {size}", strokes, pen
