"""The checks of the chapter on convolution: right answers pass, likely mistakes get their hints."""

import numpy as np
import pytest

from groundup.exercises.convolution import convolution as checks

MOVED = np.array([[0, 0, 0], [1, 0, 0], [0, 0, 0]])
LINE = np.array([[-1, 2, -1]] * 3)
BLUR = np.ones((3, 3)) / 9


def margin(q, D):
    missing = D * (q - 1)
    return None if missing % 2 else missing // 2


def field(layers):
    R = J = 1
    for q, S, D in layers:
        R, J = R + D * (q - 1) * J, S * J
    return R


def from_the_end(layers):
    """How many pixels a number needs: backwards, from one."""
    needed = 1
    for q, S, D in reversed(layers):
        needed = (needed - 1) * S + D * (q - 1) + 1
    return needed


def with_mistake(of_q=lambda q: q - 1, dilated=True, jumps=True, late=False, start=1):
    def wrong(layers):
        R, J = start, 1
        for q, S, D in layers:
            J *= S if late else 1
            R += of_q(q) * (D if dilated else 1) * J
            J *= S if jumps and not late else 1
        return R

    return wrong


def back(x, K, dz, S):
    q, dK, dx = len(K), np.zeros(K.shape), np.zeros(x.shape)
    for u, v in np.ndindex(dz.shape):
        rows, columns = slice(S * u, S * u + q), slice(S * v, S * v + q)
        dK += dz[u, v] * x[rows, columns]
        dx[rows, columns] += dz[u, v] * K
    return dK, dx


def by_offsets(x, K, dz, S):
    """Weight by weight, in place of window by window."""
    dK, dx, n = np.zeros(K.shape), np.zeros(x.shape), len(dz)
    for p, r in np.ndindex(K.shape):
        seen = slice(p, p + S * n - S + 1, S), slice(r, r + S * n - S + 1, S)
        dK[p, r] = np.sum(dz * x[seen])
        dx[seen] += K[p, r] * dz
    return [dK, dx]


def going_wrong(of_x=None, stride=None, add=True, last=False, K_of=lambda K: K):
    """The right way back, with one mistake."""

    def wrong(x, K, dz, S):
        q, dK, dx = len(K), np.zeros(K.shape), np.zeros(x.shape)
        for u, v in np.ndindex(dz.shape):
            rows, columns = slice(S * u, S * u + q), slice(S * v, S * v + q)
            if of_x == 1:
                dK += dz[u, v] * x[u : u + q, v : v + q]
            else:
                dK = dz[u, v] * x[rows, columns] + (0 if last else dK)
            if stride == 1:
                rows, columns = slice(u, u + q), slice(v, v + q)
            dx[rows, columns] = dz[u, v] * K_of(K) + (dx[rows, columns] if add else 0)
        return dK, dx

    return wrong


RIGHT = [
    (checks.by_design, [MOVED, LINE, -12]),
    (checks.by_design, [MOVED.tolist(), LINE / 2, -5.0]),
    (checks.by_design, [MOVED, np.array([[-1, 1, -1]] * 3), 0]),
    (checks.by_design, [MOVED, [[0, 0, 0], [-1, 1, -1], [0, 0, 0]], -1]),
    (checks.keep_the_size, [margin]),
    (checks.keep_the_size, [lambda q, D: None if D * (q - 1) % 2 else D * (q - 1) / 2]),
    (checks.far_apart, [15, field]),
    (checks.far_apart, [15.0, from_the_end]),
    (checks.with_a_stride, [back]),
    (checks.with_a_stride, [by_offsets]),
]


@pytest.mark.parametrize(("check", "attempt"), RIGHT)
def test_right_answers_pass(check, attempt):
    assert check(*attempt).hint is None


WRONG = [
    (checks.by_design, [..., ..., ...], "put your answer"),
    (checks.by_design, [np.eye(3)[1] * np.eye(3)[:, [1]], LINE, -12], "where it is"),
    (checks.by_design, [MOVED[:, ::-1], LINE, -12], "moves it to the left"),
    (checks.by_design, [MOVED.T, LINE, -12], "moves it down"),
    (checks.by_design, [MOVED.T[::-1], LINE, -12], "moves it up"),
    (checks.by_design, [2 * MOVED, LINE, -12], "where is it to stand"),
    (checks.by_design, [BLUR, LINE, -12], "the ink of one pixel"),
    (checks.by_design, [MOVED[0], LINE, -12], "of shape (3, 3)"),
    (checks.by_design, [MOVED, LINE, 0], "to a left edge, too; a bias can"),
    (checks.by_design, [MOVED, LINE, -18], "a vertical line, and that isn't positive"),
    (checks.by_design, [MOVED, -LINE, 0], "a vertical line, and that isn't positive"),
    (checks.by_design, [MOVED, LINE, 1], "to paper, too"),
    (checks.by_design, [MOVED, np.ones((3, 3)), -1], "to plain ink, too"),
    (checks.by_design, [MOVED, [[-1, 1, 0]] * 3, -1], "to a left edge, too"),
    (checks.by_design, [MOVED, [[-1, 1, -1], [0, 3, 0], [-1, 1, -1]], -8], "to a left edge, too"),
    (checks.by_design, [MOVED, [[-2, 1, -2], [0, 3, 0], [-2, 1, -2]], -3], "to a horizontal line, too"),
    (checks.keep_the_size, [lambda q, D: ...], "put your answer"),
    (checks.keep_the_size, [lambda q, D: D * (q - 1)], "half on each side"),
    (checks.keep_the_size, [lambda q, D: D * (q - 1) // 2], "return None"),
    (checks.keep_the_size, [lambda q, D: None if q % 2 == 0 else margin(q, D)], "there is one"),
    (checks.keep_the_size, [lambda q, D: margin(q, D) and (q - 1) // 2], "the dilation is left out"),
    (checks.keep_the_size, [lambda q, D: None], "there is one, and it gave None"),
    (checks.keep_the_size, [lambda q, D: D * q / 2], "q minus 1"),
    (checks.keep_the_size, [lambda q, D: 9], "what must 2P be"),
    (checks.far_apart, [..., field], "put your answer"),
    (checks.far_apart, [7, field], "without the dilation"),
    (checks.far_apart, [14, field], "sees one pixel, itself"),
    (checks.far_apart, [21, field], "but they overlap"),
    (checks.far_apart, [225, field], "the side was asked for"),
    (checks.far_apart, [27, field], "they don't multiply"),
    (checks.far_apart, [16, field], "from its filter's first weight to its last"),
    (checks.far_apart, [15, with_mistake(dilated=False)], "the dilation is left out"),
    (checks.far_apart, [15, with_mistake(jumps=False)], "two pixels apart"),
    (checks.far_apart, [15, with_mistake(late=True)], "for those behind it"),
    (checks.far_apart, [15, with_mistake(start=0)], "begins at zero"),
    (checks.far_apart, [15, with_mistake(of_q=lambda q: q)], "it should be 3"),
    (checks.with_a_stride, [lambda x, K, dz, S: (..., ...)], "put your answer"),
    (checks.with_a_stride, [going_wrong(of_x=1)], "dK takes its windows one pixel apart"),
    (checks.with_a_stride, [going_wrong(last=True)], "the last window's share only"),
    (checks.with_a_stride, [going_wrong(add=False)], "the later one overwrites"),
    (checks.with_a_stride, [going_wrong(stride=1)], "lays the filter down one pixel apart"),
    (checks.with_a_stride, [going_wrong(K_of=lambda K: K[::-1, ::-1])], "turned round"),
    (checks.with_a_stride, [going_wrong(K_of=lambda K: 2 * K)], "lay the filter down at each"),
    (checks.with_a_stride, [lambda *given: [2 * part for part in back(*given)]], "dK isn't right"),
    (checks.with_a_stride, [lambda *given: back(*given)[0]], "two things"),
]  # fmt: skip


@pytest.mark.parametrize(("check", "attempt", "hint"), WRONG)
def test_a_likely_mistake_gets_its_hint(check, attempt, hint):
    assert hint in check(*attempt).hint
