"""The reading of LaTeX: what formulas come to, and what is refused."""

import math

import numpy as np
import pytest
import sympy
from tests.equations.evaluation import Counted, Drawn, evaluate
from tests.equations.latex import LatexError, parse, vocabulary

from groundup import nn

WORDS = vocabulary(
    r"x, y, z, \hat y, a, b, i, j, l, m, n, t, A, W, Z, dZ, dA, e, v, \pi, \alpha, \beta_1, \beta_2, "
    r"\hat m, \hat v, \theta, \eta, \eta_0, \varepsilon, T",
    functions=r"f, g, g', \nabla L, \operatorname{softplus}, \operatorname{E}, \operatorname{Var}",
)
MATRIX = np.arange(1.0, 7).reshape(2, 3)


def value(text, **values):
    """What LaTeX with one side comes to."""
    (((side,), _),) = parse(text, WORDS)
    return evaluate(side, values)


def right(text, values, **indices):
    """What the right side of LaTeX with two sides comes to."""
    (((_, side), _),) = parse(text, WORDS)
    return evaluate(side, values, **indices)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2 x y", 12),
        ("-x + 3 - y", -2),
        (r"2 \cdot 3 \, x\;y \quad", 36),
        ("x^2 y", 12),
        ("x^{y-1}", 4),
        ("x^{-1}", 0.5),
        (r"x / 4", 0.5),
        (r"-\frac{x - 1}{2 y}", -1 / 6),
        (r"\sqrt{x + 7}", 3),
        (r"\lfloor 2.7 \rfloor", 2),
        (r"\lvert x - y \rvert", 1),
        (r"\lVert 2 A_1 \rVert / 2", math.sqrt(14)),
        (r"2 \lVert A_1 \rVert^2", 2 * (1 + 4 + 9)),
        (r"\bigl( x + \left( y \right) \bigr) 2", 10),
        (r"x (y + 1)", 8),  # x is no function
        (r"f(x, y)", 23),
        (r"f(x \mid y)", 23),
        (r"\log x + \exp(y) \, e^{-y}", math.log(2) + 1),
        (r"1 - \tanh^2 x", 1 / math.cosh(2) ** 2),
        (r"\cos(\pi) + \sin(0)", -1),
        (r"\max(0, -x, y) \min(x, y)", 6),
        (r"\sum_{i=1}^{3} i x + y", 15),  # takes in its term, not what is added
        (r"\sum_{i=1}^{2} \sum_{j=0}^i x^j", 3 + 7),
        (r"\prod_{i=1}^4 i", 24),
        (r"\max_{i, j \in \{0, 1, 2\}} (i - j^2)", 2),
        (r"\min_{i \in \{3, x\}} i", 2),
        (r"\sum_l l", 5 + 6),
        ("A_{2,1} + A_{1,3} + A_{2,x}", 4 + 3 + 5),
        ("A_2", MATRIX[1]),
        (r"A A^\top", MATRIX @ MATRIX.T),
        (r"A \odot A", MATRIX**2),
        (r"2 A_1^2", 2 * MATRIX[0] ** 2),
        (r"\begin{pmatrix} 1 & x \\ y & 0 \end{pmatrix}", np.array([[1, 2], [3, 0]])),
        (r"\frac{\partial}{\partial x} x^3", 12),
        (r"\frac{\partial z}{\partial x} + \frac{\partial y}{\partial x}", 4),  # z is x²
        (r"\frac{\partial}{\partial A_{1,2}} \sum_{i=1}^2 A_{i2}^2", 4),
    ],
)
def test_values(text, expected):
    found = value(
        text, x=2, y=3, A=MATRIX, l=range(5, 7), f=lambda a, b: 10 * a + b, z=lambda v: v["x"] ** 2
    )
    assert np.shape(found) == np.shape(expected)
    np.testing.assert_allclose(np.asarray(found, float), expected)


def test_spellings_of_a_name():
    values = {r"\hat y": 1, r"\beta_1": 20, "x": np.array([300])}
    for text in (
        r"\hat y + \beta_1 + x_1",
        r"\hat{y} + \beta_{1} + x_{1}",
        r"\hat { y }+\beta_1+x_1",
    ):
        assert value(text, **values) == 321


def test_an_axis_counts_from_where_it_is_said_to():
    counted = Counted(MATRIX, (0, 1))
    assert value("A_{1,3}", A=counted) == 6
    assert value("A_{0,1}", A=counted) == 1
    for outside in ("A_{2,1}", "A_{0,0}", "A_{0,4}", "A_{0-1,1}", "A_{1,1,1}"):
        with pytest.raises(LatexError, match="has no entry"):
            value(outside, A=counted)


def test_statements():
    first, second = parse(
        r"x = y = 2, \qquad \theta \leftarrow \theta - \eta \, \nabla L(\theta).", WORDS
    )
    assert (len(first.sides), first.relations) == (3, ["=", "="])
    assert (len(second.sides), second.relations) == (2, [r"\leftarrow"])
    one, other = parse(r"\begin{gathered} x = y, \quad \\ y = 1 \end{gathered}", WORDS)
    assert one.relations == other.relations == ["="]
    (chain,) = parse(r"x < y = z \le 2 a", WORDS)
    assert (len(chain.sides), chain.relations) == (4, ["<", "=", r"\le"])


def test_a_chain_over_lines_is_one_statement():
    (chain,) = parse(r"\begin{aligned} x &= y \\ &\le z. \end{aligned}", WORDS)
    assert chain == parse(r"x = y \le z", WORDS)[0]
    (two_lines,) = parse(r"\begin{aligned} & x \\ & \qquad = y \end{aligned}", WORDS)
    assert two_lines == parse("x = y", WORDS)[0]
    both = parse(r"\begin{aligned} x &= y, \\ y &= z \end{aligned}", WORDS)
    assert both == parse("x = y, y = z", WORDS)
    for torn in (r"x &= y \\ z", r"x & y", r"x = y \\ + z"):
        with pytest.raises(LatexError, match="can't read"):
            parse(rf"\begin{{aligned}} {torn} \end{{aligned}}", WORDS)


def test_formulas_become_sympys():
    x, n = sympy.symbols("x n", positive=True)
    sigmoid = value(r"\frac{1}{1 + e^{-x}}", x=x)
    assert sympy.simplify(sympy.diff(sigmoid, x) - sigmoid * (1 - sigmoid)) == 0
    assert value(r"\log(x^n) / n", x=x, n=n).equals(sympy.log(x))
    assert value(r"\max(0, x)", x=x) == x
    assert value(r"\frac{\partial}{\partial x} x^2 n", x=x, n=n).equals(2 * x * n)
    ramp = value(
        r"\begin{cases} x & \text{if } x > 1 \\ n x & \text{otherwise} \end{cases}", x=x, n=n
    )
    assert sympy.diff(ramp, x).subs(x, 2) == 1
    assert sympy.diff(ramp, x).subs(x, sympy.Rational(1, 2)) == n


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x = ",
        "x = y +",
        "x y)",
        "(x + y",
        r"\frac{x}{y",
        r"\frac{x}",
        "{x",
        "x}",
        r"x \\ y",
        "q",  # not in the vocabulary
        "dW",  # neither is d
        r"\hat x",
        r"\frob x",
        r"\alphax",
        "x = y; z",
        r"x \text{and} y",
        "x^23",  # in LaTeX, x²3
        "x_12",
        "x^2^2",
        "x_1_2",
        "x^2_1",
        r"\log x y",
        "x / y z",
        r"\sum_{i}^{m} x",
        r"\sum^{m}_{i=1} x",
        r"A \odot x y",
        r"\begin{pmatrix} x & y",
        r"\begin{cases} x \end{cases}",
        "W^{[l}",
        "x ? y",
        r"x \le",
        r"x \leq y",
        r"\lVert x \rvert",
        "x == y",
        "x = y, , z",
        "x = y..",
    ],
)
def test_what_cannot_be_read_is_refused(text):
    with pytest.raises(LatexError, match="can't read"):
        parse(text, WORDS)


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("x = y q + x", "line 7, column 7: can't read 'q + x'"),
        ("x = \n\n (y", "line 9, column 4: can't read 'the end'"),
    ],
)
def test_an_error_says_from_where_on(text, rest):
    with pytest.raises(LatexError) as error:
        parse(text, WORDS, "book/chapter.md (label)", 7)
    assert str(error.value) == f"book/chapter.md (label), {rest}"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("z", "no value for z"),
        ("f(x)", "no value for the function f"),
        ("A_{31}", "no entry"),
        (r"A_{i1}", "no value for i"),
        ("A A", "can't compute"),
        ("A^2", "power of a matrix"),
        (r"A \odot A^\top", "elementwise product"),
        (r"\lVert A \rVert", "isn't a vector"),
        (r"A_{x}", "can't compute"),  # x isn't whole
        (r"\sum_{x=1}^2 x", "taken already"),
        (r"\sum_{i=1}^2 \sum_{i=1}^2 i", "taken already"),
        (r"\sum_{i=1}^0 i", "no terms"),
        (r"\sum_j j", "no value for j"),
        (r"\log(x, x)", "of 2 numbers"),
        (r"\log(0 x)", "can't compute"),
        ("W", "layer"),
        ("W^{[3]}", "layer"),
        ("x^{[1]}", "layer"),
        ("l", "range"),
        (r"\frac{\partial A}{\partial x}", "derivative of an array"),
        (r"\frac{\partial x}{\partial W_{1,2}^{[3]}}", "layer"),
        (r"\lVert A \rVert", "the length of what isn't a vector"),
    ],
)
def test_what_cannot_be_computed_is_refused(text, reason):
    with pytest.raises(LatexError, match=reason):
        value(text, x=2.5, A=MATRIX, W={1: MATRIX}, l=range(3))


# Two dice with three sides each, all nine throws; and a matrix that is one of two.
THROWS = [(a, b) for a in (1, 2, 6) for b in (-1, 0, 4)]
DICE = {"a": Drawn([a for a, _ in THROWS]), "b": Drawn([b for _, b in THROWS])}
MATRICES = Drawn([MATRIX, -MATRIX])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"\operatorname{E}(a)", 3),
        (r"\operatorname{E}(a^2)", 41 / 3),
        (r"\operatorname{E}(a)^2", 9),
        (r"\operatorname{E}(2 a + x)", 8.5),
        (r"\operatorname{E}(a b)", 3),  # apart from each other, the product of the means
        (r"\operatorname{E}(a a) - \operatorname{E}(a) \operatorname{E}(a)", 41 / 3 - 9),
        (r"\operatorname{Var}(a)", 14 / 3),
        (r"\operatorname{Var}\bigl(2 a - x\bigr)", 4 * 14 / 3),
        (r"\operatorname{Var}(a + b)", 14 / 3 + 14 / 3),
        (r"\operatorname{Var}(a + a)", 4 * 14 / 3),
        (r"\operatorname{E}\bigl( (a - \operatorname{E}(a))^2 \bigr)", 14 / 3),
        (r"\operatorname{E}\Bigl( \sum_{i=1}^2 a i \Bigr)", 9),
        (r"\sum_{i=1}^2 \operatorname{E}(a i)", 9),
        (r"\frac{\operatorname{E}(a)}{2}", 1.5),
    ],
)
def test_expectations_run_over_all_cases(text, expected):
    assert value(text, **DICE, x=2.5) == pytest.approx(expected)


def test_expectations_of_arrays():
    assert value(r"\operatorname{E}(A_{2,3}^2) + \operatorname{E}(A_{2,3})", A=MATRICES) == 36
    np.testing.assert_array_equal(value(r"\operatorname{Var}(A_1)", A=MATRICES), [1, 4, 9])
    layers = Drawn([{1: 2.0}, {1: 4.0}])
    assert value(r"\operatorname{E}(W^{[l]}) \operatorname{Var}(W^{[1]})", W=layers, l=1) == 3


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a", "a is drawn at random"),
        (r"\operatorname{E}(a) + b", "b is drawn at random"),
        (r"\operatorname{E}(a, b)", "of 2 sides"),
        (r"\operatorname{E}(A_1)", r"over \[2, 9\] cases"),
        (r"\operatorname{Var}(z)", "no value for z"),
    ],
)
def test_what_is_drawn_stands_in_expectations_only(text, reason):
    others = {"A": MATRICES} if "A" in text else {}
    with pytest.raises(LatexError, match=reason):
        value(text, **DICE, **others)


def test_an_expectation_of_what_is_not_drawn_is_refused():
    with pytest.raises(LatexError, match=r"over \[\] cases"):
        value(r"\operatorname{E}(x)", x=2.5)


def test_two_layers_back():
    rng = np.random.default_rng(0)
    X, dA = rng.normal(size=(4, 2)), rng.normal(size=(4, 5))
    model = nn.Sequential([nn.Input((2,)), nn.Dense(3, activation="tanh"), nn.Dense(5)])
    model = model.astype("float64")
    first, second = model.layers
    model.forward(X)
    model.backpropagate(dA)
    values = {
        "l": 2,
        "A": {0: X, 1: first.activation.A},
        "W": {1: first.W, 2: second.W},
        "b": {1: first.b, 2: second.b},
        "dZ": {2: dA},
        "Z": {1: first.forward(X)},
        "g'": lambda Z: 1 - np.tanh(Z) ** 2,
    }
    forward = right("Z^{[l]} = A^{[l-1]} W^{[l]} + b^{[l]}", values)
    np.testing.assert_allclose(forward, model.forward(X))
    for transpose in (r"W^{[l]\top}", r"{W^{[l]}}^\top", r"(W^{[l]})^{\top}"):
        text = rf"dZ^{{[l-1]}} = dZ^{{[l]}} {transpose} \odot g'(Z^{{[l-1]}})"
        dZ = right(text, values)
        np.testing.assert_allclose(X.T @ dZ, first.dW)
    assert right("a = W^{[1]}_{2,3} - W_{2,3}^{[1]}", values) == 0


def test_a_derivative_by_an_entry_of_a_layer():
    """The other layers, and the layer's other entries, stay as they are."""
    W = {1: MATRIX, 2: MATRIX.T.copy()}
    summed = r"\sum_{i=1}^{2} W_{2,1}^{[1]} W_{1,i}^{[2]} W_{1,2}^{[l]}"
    text = rf"\frac{{\partial}}{{\partial W_{{1,2}}^{{[2]}}}} {summed}"
    assert value(text, W=W, l=2) == MATRIX[1, 0] * (MATRIX[0, 0] + 2 * MATRIX[1, 0])
    assert value(text, W=W, l=1) == MATRIX[1, 0] * MATRIX[0, 1]
    depends = r"\frac{\partial x}{\partial W_{2,1}^{[1]}}"
    assert value(depends, W=W, x=lambda v: v["W"][1][1, 0] ** 2 * v["W"][2][0, 1]) == 2 * 4.0 * 4
    assert W[1] is MATRIX


def test_adam():
    g, theta = np.array([0.3, -2.0]), np.array([1.0, 2.0])
    values = {
        r"\eta": 0.1,
        r"\beta_1": 0.8,
        r"\beta_2": 0.9,
        r"\varepsilon": 1e-300,
        "t": 1,
        "g": g,
        r"\theta": theta,
    }
    for text in (
        r"m \leftarrow \beta_1 m + (1 - \beta_1) g",
        r"v \leftarrow \beta_2 v + (1 - \beta_2) \, g \odot g",
        r"\hat m = \frac{m}{1 - \beta_1^t}",
        r"\hat v = \frac{v}{1 - \beta_2^t}",
        r"\theta \leftarrow \theta - \eta \frac{\hat m}{\sqrt{\hat v} + \varepsilon}",
    ):
        name = text.split(r" \left")[0].split(" =")[0]
        values[name] = right(text, {"m": np.zeros(2), "v": np.zeros(2)} | values)
    adam = nn.Adam(0.1, 0.8, 0.9, epsilon=0)
    adam.apply(g, theta)
    np.testing.assert_allclose(values[r"\theta"], theta)


@pytest.mark.parametrize(
    ("text", "activation"),
    [
        (
            r"g(z) = \begin{cases} z & \text{if } z > 0, \\ \alpha z & \text{otherwise}. \end{cases}",
            nn.LeakyReLU(0.3),
        ),
        (r"g(z) = \begin{cases} z & z > 0 \\ \alpha (e^z - 1) & z \le 0 \end{cases}", nn.ELU(0.3)),
        (r"g(z) = \operatorname{softplus}(z) = \log (1 + e^z)", nn.Softplus()),
        (r"g(z) = \frac{e^z - e^{-z}}{e^z + e^{-z}} = \tanh z", nn.Tanh()),
    ],
)
def test_activations(text, activation):
    z = np.linspace(-2, 2, 9)
    values = {"z": z, r"\alpha": 0.3, r"\operatorname{softplus}": nn.Softplus().forward}
    ((sides, _),) = parse(text, WORDS)
    for side in sides[1:]:
        np.testing.assert_allclose(evaluate(side, values), activation.forward(z))


def test_schedules():
    cosine = r"\eta = \frac{\eta_0}{2} \Bigl( 1 + \cos \frac{\pi t}{T} \Bigr)"
    stairs = r"\eta = \eta_0 \, a^{\lfloor t / T \rfloor}"
    for t in range(9):
        values = {"t": t, "T": 8, r"\eta_0": 0.3, "a": 0.5}
        assert right(cosine, values) == pytest.approx(nn.CosineDecay(0.3, 8)(t))
        staircase = nn.ExponentialDecay(0.3, 4, 0.5, staircase=True)
        assert right(stairs, values | {"T": 4}) == pytest.approx(staircase(t))
