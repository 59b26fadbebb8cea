"""The compiled forms are equal to what they stand for."""

import contextlib
import copy
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from groundup import nn
from groundup.nn import fused
from groundup.nn.fused import compiling

RNG = np.random.default_rng()
# Where a pass goes wrong if it does: NaN, infinities, what isn't of full precision, a zero's sign.
ODD = [np.nan, np.inf, -np.inf, 1e-42, -1e-42, 0.0, -0.0, 1.0, -1.0]
MODULES = [path.stem for path in sorted(Path(fused.__file__).parent.glob("[a-z]*.py"))]
LOOPS = [
    (module, name)
    for module in MODULES
    for name, value in vars(getattr(fused, module)).items()
    if name.endswith("_loop")
]


of_whole_loops = pytest.mark.skipif(
    "MUTANT_UNDER_TEST" in os.environ,
    reason="what stands in a changed loop's place can't be compiled",
)


@pytest.fixture(autouse=True)
def computed_by(monkeypatch):
    """These tests say themselves which form they mean; their numbers are the same each time."""
    monkeypatch.setenv("GROUNDUP_FUSED", "1")
    RNG.bit_generator.state = np.random.default_rng(7).bit_generator.state


@pytest.fixture(params=[pytest.param("compiled", marks=of_whole_loops), "plain"])
def way(request, monkeypatch):
    """Loops are right as they are written, and as they are compiled."""
    if request.param == "plain":
        as_written(monkeypatch)


def as_written(monkeypatch):
    """Let loops run as they are written."""
    for module in MODULES:
        monkeypatch.setattr(getattr(fused, module), "compiled", lambda loop: loop, raising=False)


def built(layer, *shape):
    """A layer in a model that takes examples of this shape, with weights that are all different."""
    model = nn.Sequential([nn.Input(shape), layer, nn.BatchNormalization()])
    model.parameters = RNG.standard_normal(model.parameters.size)
    if isinstance(layer, nn.BatchNormalization):
        layer.moving_variance = 0.5 + RNG.random(layer.moving_variance.shape)
    return model


def rows(m: int, k: int, dtype) -> np.ndarray:
    return np.eye(k, dtype=dtype)[RNG.integers(0, k, m)]


def images(*shape, dtype):
    return RNG.standard_normal(shape).astype(dtype)


# What each case does: for a precision, an object and what is called on it in turn, each with arguments.
# The last call's method is the one that the case is about; it's the same one in both forms.
def optimizer_case(make, memory, size=37):
    def case(dtype):
        optimizer = make()
        w, dw = (RNG.standard_normal(size).astype(dtype) for _ in range(2))
        kept = [RNG.random(size).astype(dtype) for _ in range(memory)]
        if not memory or optimizer.remembers == ("velocity",):
            kept = [array - 0.5 for array in kept]
        optimizer.variables = {"iterations": np.array(3)}
        return optimizer, [("update", (w, dw, 0.01, *kept))]

    return case


def activation_case(make, method, *shape):
    def case(dtype):
        Z, dA = images(*shape, dtype=dtype), images(*shape, dtype=dtype)
        steps = [("forward", (Z,)), ("backward", (dA,))]
        return make(), steps[: 1 + (method == "backward")]

    return case


def layer_case(make, shape, *methods, m=3, ready=lambda layer: None):
    def case(dtype):
        layer = make()
        model = built(layer, *shape).astype(dtype)
        layer = model.layers[0]
        ready(layer)
        X, dZ = images(m, *shape, dtype=dtype), images(m, *model.output_shape, dtype=dtype)
        return layer, [(name, (X if name.endswith("forward") else dZ,)) for name in methods]

    return case


KEPT = "what the step forward kept"


def step_case(cls, m, method, use_bias):
    def case(dtype):
        layer = cls(5, use_bias=use_bias)
        built(layer, 3, 2).astype(dtype)
        if use_bias:
            layer = copy.deepcopy(layer)
            vars(layer)["b"] = images(*layer.b.shape, dtype=dtype)
        Z, R = (images(m, layer.gates * 5, dtype=dtype) for _ in range(2))
        state, d_state = (
            tuple(images(m, 5, dtype=dtype) for _ in range(layer.memories)) for _ in range(2)
        )
        steps = [("step", (Z, R, state)), ("step_back", (KEPT, d_state))]
        return layer, steps[: 1 + (method == "step_back")]

    return case


def attention_case(m, method, causal):
    def case(dtype):
        layer = nn.MultiHeadAttention(2, 3, use_causal_mask=causal)
        seen = np.tri(4, dtype=bool) if causal else np.ones((1, 1), bool)
        S, dP = (images(m, 2, 4, 4, dtype=dtype) for _ in range(2))
        if method == "weights":
            return layer, [("weights", (S, seen))]
        vars(layer)["P"] = layer.weights(S, seen)
        return layer, [("score_gradient", (dP,))]

    return case


def loss_case(m, k, weighted=False):
    def case(dtype):
        weights = (RNG.random(m).astype(dtype),) if weighted else ()
        return nn.CategoricalCrossentropy(), [
            ("of_scores", (rows(m, k, dtype), images(m, k, dtype=dtype), *weights)),
        ]

    return case


PASSES = ("forward", "backward", "input_gradient")
NORMALIZATION = ("training_forward", "backward", "input_gradient")
CASES = {
    "SGD": optimizer_case(nn.SGD, 0),
    "SGD, momentum": optimizer_case(lambda: nn.SGD(momentum=0.9), 1),
    "SGD, Nesterov": optimizer_case(lambda: nn.SGD(momentum=0.9, nesterov=True), 1),
    "RMSprop": optimizer_case(lambda: nn.RMSprop(rho=0.8), 1),
    "Adam": optimizer_case(lambda: nn.Adam(beta_1=0.8, beta_2=0.95), 2),
    "AdamW": optimizer_case(lambda: nn.AdamW(weight_decay=0.3), 2),
    "one parameter": optimizer_case(nn.Adam, 2, size=1),
    "no parameter": optimizer_case(nn.Adam, 2, size=0),
    **{
        f"{make.__name__}, {method}": activation_case(make, method, 3, 5)
        for make in (nn.ReLU, nn.Sigmoid, nn.Tanh, nn.GELU, nn.Softmax)
        for method in ("forward", "backward")
    },
    "ReLU of images": activation_case(nn.ReLU, "backward", 2, 3, 4, 5),
    "softmax of one row": activation_case(nn.Softmax, "forward", 1, 7),
    "softmax at places": activation_case(nn.Softmax, "forward", 2, 3, 4),
    "softmax of nothing": activation_case(nn.Softmax, "forward", 0, 4),
    "cross-entropy": loss_case(5, 4),
    "cross-entropy of one row": loss_case(1, 3),
    "cross-entropy, weighted": loss_case(4, 3, weighted=True),
    "Dense": layer_case(lambda: nn.Dense(4), (6,), *PASSES),
    "Dense, one row": layer_case(lambda: nn.Dense(4), (6,), *PASSES, m=1),
    "Dense, no bias": layer_case(lambda: nn.Dense(4, use_bias=False), (6,), *PASSES),
    "Conv2D": layer_case(lambda: nn.Conv2D(4, (2, 3)), (5, 7, 2), *PASSES),
    "Conv2D, one image": layer_case(lambda: nn.Conv2D(4, 3), (5, 7, 1), *PASSES, m=1),
    "Conv2D, many channels": layer_case(lambda: nn.Conv2D(2, (2, 3)), (5, 7, 6), *PASSES),
    "Conv2D, many channels, strides": layer_case(
        lambda: nn.Conv2D(2, (3, 2), (2, 3), "same"), (5, 7, 4), *PASSES
    ),
    "Conv2D, many channels, dilated": layer_case(
        lambda: nn.Conv2D(2, (2, 3), dilation_rate=(3, 2)), (7, 8, 5), *PASSES
    ),
    "Conv2D, strides and margins": layer_case(
        lambda: nn.Conv2D(3, (3, 2), (2, 3), "same"), (6, 7, 2), *PASSES
    ),
    "Conv2D, dilated": layer_case(
        lambda: nn.Conv2D(3, (2, 3), dilation_rate=(3, 2)), (7, 8, 2), *PASSES
    ),
    "Conv2D, no bias": layer_case(
        lambda: nn.Conv2D(3, 2, use_bias=False), (4, 5, 2), *PASSES
    ),
    "MaxPooling2D": layer_case(
        nn.MaxPooling2D, (5, 7, 3), "forward", "input_gradient"
    ),
    "MaxPooling2D, each entry once": layer_case(
        lambda: nn.MaxPooling2D((3, 2)), (6, 4, 3), "forward", "input_gradient"
    ),
    "MaxPooling2D, overlapping": layer_case(
        lambda: nn.MaxPooling2D((3, 2), (1, 2)), (5, 7, 3), "forward", "input_gradient"
    ),
    "MaxPooling2D, margins": layer_case(
        lambda: nn.MaxPooling2D((2, 3), padding="same"), (5, 7, 3), "forward", "input_gradient"
    ),
    "MaxPooling2D, large": layer_case(
        lambda: nn.MaxPooling2D(17), (17, 18, 1), "forward", "input_gradient"
    ),
    "BatchNormalization": layer_case(nn.BatchNormalization, (4,), *NORMALIZATION, m=6),
    "BatchNormalization of images": layer_case(nn.BatchNormalization, (3, 2, 4), *NORMALIZATION),
    "BatchNormalization, frozen": layer_case(
        nn.BatchNormalization, (4,), *NORMALIZATION, m=6,
        ready=lambda layer: setattr(layer, "trainable", False),
    ),
    "LayerNormalization": layer_case(nn.LayerNormalization, (5,), *PASSES),
    "LayerNormalization of one row": layer_case(nn.LayerNormalization, (5,), *PASSES, m=1),
    "LayerNormalization at places": layer_case(nn.LayerNormalization, (3, 2, 7), *PASSES),
    "Dense at places": layer_case(lambda: nn.Dense(4), (3, 6), *PASSES),
    **{
        f"{cls.__name__}, {method}, {m}, bias {bias}": step_case(cls, m, method, bias)
        for cls in (nn.LSTM, nn.GRU)
        for method in ("step", "step_back")
        for m in (3, 1)
        for bias in (True, False)
    },
    "Embedding": layer_case(
        lambda: nn.Embedding(5, 4), (3,), "backward",
        ready=lambda layer: layer.forward(np.array([[0.0, 1, 1], [4, 1, 2], [0, 0, 2]])),
    ),
    **{
        f"attention, {method}, causal {causal}, {m}": attention_case(m, method, causal)
        for causal in (False, True)
        for method in ("weights", "score_gradient")
        for m in (3, 1)
    },
}  # fmt: skip


def arrays_of(thing) -> list[np.ndarray]:
    """What an object keeps, and the object's parts."""
    return [np.asarray(v) for _, v in sorted(vars(thing).items()) if isinstance(v, np.ndarray)]


def computed(thing, steps, *, forms: bool) -> list[np.ndarray]:
    """What calls give, leave in their arguments and keep on the object."""
    given, result = [], None
    with fused.taken(forced=True) if forms else contextlib.nullcontext(), np.errstate(all="ignore"):
        for name, arguments in steps:
            method = getattr(thing, name)
            arguments = [result[1] if argument is KEPT else argument for argument in arguments]
            result = (fused.form(method) if forms else method)(*arguments)
            passed = [
                a for a in leaves(arguments) if isinstance(a, np.ndarray) and a.dtype.kind == "f"
            ]
            given += [np.array(a) for a in [*leaves(result), *passed]]
    return given + [array.copy() for array in arrays_of(thing)]


def leaves(value) -> list:
    """What is in tuples, in tuples of tuples and so on; nothing of None."""
    if isinstance(value, tuple | list):
        return [leaf for inner in value for leaf in leaves(inner)]
    return [] if value is None else [value]


def cast(value, dtype):
    """The same with arrays of another precision."""
    if isinstance(value, tuple):
        return tuple(cast(inner, dtype) for inner in value)
    return (
        value.astype(dtype) if isinstance(value, np.ndarray) and value.dtype.kind == "f" else value
    )


def in_precision(thing, steps, dtype):
    """The same object and calls in another precision, for a reference."""
    thing, steps = copy.deepcopy((thing, steps))
    for name, value in vars(thing).items():
        if isinstance(value, np.ndarray) and value.dtype.kind == "f":
            vars(thing)[name] = value.astype(dtype)
    return thing, [(name, cast(arguments, dtype)) for name, arguments in steps]


def expect_equal(thing, steps, dtype):
    """The form is as near to a reference of higher precision as the method is, within a factor of two."""
    reference = np.float64 if dtype == np.float32 else np.longdouble
    exact = computed(*in_precision(thing, steps, reference), forms=False)
    by_numpy = computed(*copy.deepcopy((thing, steps)), forms=False)
    by_form = computed(*copy.deepcopy((thing, steps)), forms=True)
    assert len(exact) == len(by_numpy) == len(by_form)
    for right, usual, found in zip(exact, by_numpy, by_form, strict=True):
        assert (found.dtype, found.shape) == (usual.dtype, usual.shape)
        assert np.array_equal(np.isnan(found), np.isnan(usual))
        assert np.array_equal(np.isposinf(found), np.isposinf(usual))
        assert np.array_equal(np.isneginf(found), np.isneginf(usual))
        finite = np.isfinite(usual) & np.isfinite(right)
        if not finite.any():
            continue
        largest = np.abs(right[finite]).max()
        error, allowed = (np.abs(a[finite] - right[finite]).max() for a in (found, usual))
        assert error <= 2 * max(allowed, np.finfo(dtype).eps * largest)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("case", CASES)
def test_a_form_equals_its_method(case, dtype, way):
    if case.startswith("GELU") and dtype == np.float64:
        pytest.skip("doubles are left to the method; no error function is more precise")
    thing, steps = CASES[case](dtype)
    expect_equal(thing, steps, dtype)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("odd", ODD, ids=str)
def test_a_form_equals_its_method_at_odd_numbers(case, odd, way):
    """An odd number in the first, a middle or the last place of each argument."""
    if odd == -np.inf and case.startswith("attention, weights, causal True"):
        pytest.skip("a row whose only score is −∞ sees nothing, and then any weights will do")
    for place in (0, 0.5, 1):
        thing, steps = CASES[case](np.float32)
        for _, arguments in steps:
            for array in leaves(arguments):
                if isinstance(array, np.ndarray) and array.size and array.dtype.kind == "f":
                    array.flat[int(place * (array.size - 1))] = odd
        expect_equal(thing, steps, np.float32)


# What forms leave to the method, step by step: without a bias, frozen, with weights, of nothing.
LEFT = {
    "softmax of nothing": {"forward"},
    "cross-entropy, weighted": {"of_scores"},
    "Dense, no bias": {"forward", "backward"},
    "Conv2D, no bias": {"forward", "backward"},
    "BatchNormalization, frozen": set(NORMALIZATION),
    **{case: {"step"} for case in CASES if case.startswith("GRU") and case.endswith("False")},
    "GRU, step_back, 3, bias False": {"step", "step_back"},  # columns of a larger array
}


@pytest.mark.parametrize("case", CASES)
def test_loops_get_what_suits_them_and_nothing_else(case, monkeypatch):
    """A form takes its loops unless it has a reason, and asks about all that it hands to them."""
    asked, taken, suits = [], [], fused.suits

    def asking(*arrays):
        asked.extend(arrays)
        return suits(*arrays)

    def noting(loop):
        def run(*arguments):
            taken.extend(a for a in arguments if isinstance(a, np.ndarray))
            return loop(*arguments)

        return run

    monkeypatch.setattr(fused, "suits", asking)
    for module in MODULES:
        monkeypatch.setattr(getattr(fused, module), "compiled", noting, raising=False)
    thing, steps = CASES[case](np.float32)
    result = None
    with fused.taken(forced=True):
        for name, arguments in steps:
            arguments = [result[1] if argument is KEPT else argument for argument in arguments]
            asked.clear()
            taken.clear()
            # The blocks of a layer are of one kind: who asks about one has asked about all.
            blocks = {
                n: a for n, a in vars(thing).items() if n in (getattr(thing, "blocks", None) or ())
            }
            of_blocks = {*blocks, *(f"d{n}" for n in blocks), "moving_mean", "moving_variance"}
            of_blocks.add("deviation")  # made together with X_hat
            given = [a for a in leaves(arguments) if isinstance(a, np.ndarray)]
            given += [a for n, a in vars(thing).items() if n not in of_blocks]
            given = [a for a in given if isinstance(a, np.ndarray) and a.dtype.kind == "f"]
            method = getattr(thing, name)
            form = fused.form(method)
            result = form(*arguments)
            by_products_alone = name == "input_gradient" and isinstance(thing, nn.Dense)
            left = form == method or by_products_alone or name in LEFT.get(case, ())
            assert bool(taken) != left
            for array in taken:
                for one in given:
                    if np.shares_memory(array, one):
                        assert any(np.shares_memory(one, a) for a in asked)


@pytest.mark.parametrize("place", range(3))
@pytest.mark.parametrize("case", ["Softmax, forward", "cross-entropy", "attention, weights"])
def test_large_scores_do_not_overflow_wherever_they_stand(case, place, way):
    """The largest of a row is subtracted first."""
    scores = np.zeros((1, 3), np.float32)
    scores[0, place] = 1000
    if case == "Softmax, forward":
        expect_equal(nn.Softmax(), [("forward", (scores,))], np.float32)
    elif case == "cross-entropy":
        targets = np.float32([[0.2, 0.3, 0.5]])
        expect_equal(nn.CategoricalCrossentropy(), [("of_scores", (targets, scores))], np.float32)
    else:
        for causal in (False, True):
            layer = nn.MultiHeadAttention(1, 2, use_causal_mask=causal)
            seen = np.tri(3, dtype=bool) if causal else np.ones((1, 1), bool)
            S = np.tile(scores, (1, 1, 3, 1)).reshape(1, 1, 3, 3)
            expect_equal(layer, [("weights", (S, seen))], np.float32)


def test_statistics_far_from_zero_are_precise(way):
    thing, steps = CASES["BatchNormalization"](np.float32)
    steps[0][1][0][...] += 1000
    expect_equal(thing, steps, np.float32)


def test_masks_of_each_example_are_left_to_the_method(monkeypatch):
    as_written(monkeypatch)
    S = images(2, 2, 3, 3, dtype=np.float32)
    seen = np.array([[True, True, False], [True, False, False]])[:, None, None, :]
    layer = nn.MultiHeadAttention(2, 3)
    for mask in (seen, seen[:1, 0]):  # with and without an axis of heads
        with fused.taken(forced=True):
            found = fused.form(layer.weights)(S, mask)
        assert np.array_equal(found, layer.weights(S, mask))
    assert not found[..., 2].any()


def test_every_form_has_a_case(monkeypatch):
    """A form that nobody compares with its method fails here."""
    as_written(monkeypatch)
    met, form = {nn.Layer.training_forward}, fused.form

    def noted(method):
        met.add(getattr(method, "__func__", None))
        return form(method)

    monkeypatch.setattr(fused, "form", noted)
    for case in CASES.values():
        computed(*case(np.float32), forms=True)
    classes = {base for c in vars(nn).values() if isinstance(c, type) for base in c.__mro__}
    forms = {method for cls in classes for method, _ in vars(cls).get("forms", ())}
    assert met >= forms > {nn.Adam.update}


def test_gelu_is_right_as_far_as_single_precision_goes(way):
    """Its fit ends at 5.5; here are places all over it, and beyond."""
    Z = np.concatenate([np.linspace(-7, 7, 20_001), [-1e30, 1e30]]).astype(np.float32)
    gelu, exact = nn.GELU(), nn.GELU()
    with fused.taken(forced=True), np.errstate(over="ignore", invalid="ignore"):
        A = fused.form(gelu.forward)(Z)
        dZ = fused.form(gelu.backward)(np.ones_like(Z))
    right = exact.forward(Z.astype(np.float64))
    assert np.abs(gelu.Phi - exact.Phi).max() <= 2.4e-7  # two units in the last place of one
    assert np.all(np.abs(A - right) <= 2.4e-7 * np.abs(Z))
    assert dZ == pytest.approx(exact.backward(np.ones(Z.shape)), abs=1e-6)
    assert (A[-2], A[-1]) == (0, Z[-1])


@pytest.mark.parametrize("equal", [0.0, -2.0, 3.0])
def test_the_first_of_equal_entries_is_the_largest(equal, way):
    layer = nn.MaxPooling2D()
    layer.build((4, 4, 2))
    X = np.full((1, 4, 4, 2), equal, np.float32)
    with fused.taken():
        fused.form(layer.forward)(X)
    assert not layer.largest.any()


@of_whole_loops
@pytest.mark.parametrize(("module", "name"), LOOPS)
def test_a_loop_stands_on_nothing_but_its_arguments(module, name):
    """What is compiled is kept by the text of its file alone."""
    code = getattr(getattr(fused, module), name).__code__
    assert not code.co_freevars
    allowed = {"range", "abs", "exp", "log", "sqrt", "np", "zeros", "float64"}
    allowed |= {"shape", "size", "dtype", "type"}
    assert set(code.co_names) <= allowed


def test_infinities_and_nan_are_numbers_like_others():
    assert not compiling.FREEDOM & {"nnan", "ninf", "fast", "afn"}


@pytest.mark.parametrize("case", CASES)
def test_what_a_form_cannot_take_its_method_computes(case):
    """Numbers of another precision, to the last bit."""
    if case.startswith("GELU"):  # SciPy knows no error function of such
        odd, steps = CASES[case](np.float64)
    else:
        odd, steps = in_precision(*CASES[case](np.float64), np.longdouble)
    by_numpy = computed(*copy.deepcopy((odd, steps)), forms=False)
    by_form = computed(odd, steps, forms=True)
    assert all(map(np.array_equal, by_numpy, by_form))
    assert [array.dtype for array in by_numpy] == [array.dtype for array in by_form]


# Memory and gradient of three parameters: one fades, one is too large to, one has a gradient.
FADING = np.float32([1e-33, 1e-30, 1e-33]), np.float32([0, 0, 1e-34])


@pytest.mark.parametrize("nesterov", [False, True])
def test_a_velocity_fades_where_nothing_is_left_of_it(nesterov, way):
    velocity, dw = FADING[0].copy(), FADING[1]
    optimizer = nn.SGD(momentum=0.5, nesterov=nesterov)
    with fused.taken(forced=True):
        fused.form(optimizer.update)(np.ones(3, np.float32), dw, 0.1, velocity)
    assert velocity == pytest.approx([0, 5e-31, 4.9e-34], rel=1e-6, abs=0)


def test_averages_of_gradients_fade_where_nothing_is_left_of_them(way):
    m, dw = FADING[0].copy(), FADING[1]
    v = np.float32([1e-38, 1e-30, 1e-38])
    optimizer = nn.Adam(beta_1=0.5, beta_2=0.5)
    optimizer.variables = {"iterations": np.array(3)}
    w = np.ones(3, np.float32)
    with fused.taken(forced=True):
        fused.form(optimizer.update)(w, dw, 0.1, m, v)
        assert m == pytest.approx([0, 5e-31, 5.5e-34], rel=1e-5, abs=0)
        assert v == pytest.approx([0, 5e-31, 5e-39], rel=1e-5, abs=0)
        v = np.float32([1e-38, 1e-30])
        fused.form(nn.RMSprop(rho=0.5).update)(
            np.ones(2, np.float32), np.zeros(2, np.float32), 0.1, v
        )
    assert v == pytest.approx([0, 5e-31], rel=1e-6, abs=0)


def test_what_loops_cannot_take_is_computed_by_the_method():
    Z = np.asfortranarray(RNG.standard_normal((3, 4)).astype(np.float32))
    for odd in (Z, Z[:, ::2], Z.astype(np.float16), Z.astype(">f4")):
        with fused.taken():
            found = fused.form(nn.ReLU().forward)(odd)
        assert np.array_equal(found, np.maximum(odd, 0))


def test_a_subclass_with_a_method_of_its_own_has_no_form():
    class Doubled(nn.ReLU):
        def forward(self, Z):
            return 2 * super().forward(Z)

    with fused.taken():
        found = fused.form(Doubled().forward)(np.float32([[-1, 2]]))
    assert found.tolist() == [[0, 4]]


def small_network():
    nn.set_random_seed(3)
    model = nn.Sequential(
        [
            nn.Input((6, 6, 1)),
            nn.Conv2D(3, 3, activation="relu"),
            nn.MaxPooling2D(),
            nn.Flatten(),
            nn.Dense(5, activation="tanh"),
            nn.BatchNormalization(),
            nn.Dense(3, activation="softmax"),
        ]
    )
    model.compile(nn.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model, RNG.standard_normal((40, 6, 6, 1)), RNG.integers(0, 3, 40)


def trained(setting: str, monkeypatch):
    monkeypatch.setenv("GROUNDUP_FUSED", setting)
    model, x, y = small_network()
    history = model.fit(x, y, batch_size=7, epochs=3, validation_data=(x, y))
    return model.parameters, model.state, history.history


@of_whole_loops
def test_training_is_the_same_to_rounding(monkeypatch):
    before = RNG.bit_generator.state
    parameters, state, history = trained("0", monkeypatch)
    RNG.bit_generator.state = before
    others, other_state, other_history = trained("1", monkeypatch)
    assert np.abs(parameters - others).max() < 1e-5
    assert np.abs(state - other_state).max() < 1e-5
    assert not np.array_equal(parameters, others)  # or the forms weren't taken
    assert other_history["loss"] == pytest.approx(history["loss"], abs=1e-5)


@of_whole_loops
def test_only_training_takes_forms():
    """What a model says doesn't depend on whether something has been trained in the same process."""
    model, x, y = small_network()
    same = copy.deepcopy(model)
    before = model.predict(x), model.evaluate(x, y), model.gradients(x, y)
    small_network()[0].fit(x, y)
    after = same.predict(x), same.evaluate(x, y), same.gradients(x, y)
    assert all(map(np.array_equal, before, after))


def in_new_process(code: str, cache: Path, **variables: str) -> subprocess.CompletedProcess:
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache), **variables}
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )


FIT = """
import sys
from groundup import nn
import numpy as np
model = nn.Sequential([nn.Input((3,)), nn.Dense(2, activation="relu")])
model.compile("sgd", "mse")
x = np.ones((4, 3))
model.predict(x, verbose=0), model.evaluate(x, x[:, :2], verbose=0)
assert "numba" not in sys.modules
model.fit(x, x[:, :2], verbose=0)
print("numba" in sys.modules)
"""


@of_whole_loops
def test_only_who_trains_waits_for_the_compiler(tmp_path):
    """The first process that trains says that it compiles; a later one finds what was kept."""
    first = in_new_process(FIT, tmp_path)
    kept = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.nbc")}
    assert first.stdout.strip() == "True"
    assert "compiles its loops" in first.stderr
    assert kept
    second = in_new_process(FIT, tmp_path)
    assert second.stderr == ""
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.nbc")} == kept


def test_nothing_is_compiled_if_the_setting_says_so(tmp_path):
    found = in_new_process(FIT, tmp_path, GROUNDUP_FUSED="0")
    assert found.stdout.strip() == "False"
    assert not [*tmp_path.iterdir()]


def test_the_compiler_is_named_where_training_uses_it(monkeypatch):
    assert fused.compiler() == compiling.version()
    monkeypatch.setenv("GROUNDUP_FUSED", "0")
    assert fused.compiler() is None


def test_code_is_kept_by_the_text_of_its_file(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    files = tmp_path / "first.py", tmp_path / "second.py"
    for file in files:
        file.write_text(f"text of {file}")

    def some_loop():
        pass

    kept = [compiling.Locator.from_function(some_loop, str(file)) for file in files]
    assert kept[0].folder == compiling.code_folder(files[0].read_bytes()) != kept[1].folder
    assert kept[0].get_cache_path() == str(kept[0].folder)
    assert kept[0].get_source_stamp() == kept[0].folder.name
    assert kept[0].get_disambiguator() == "some_loop"
    nested = compiling.Locator(tmp_path / "a" / "b", "some_loop")
    nested.ensure_cache_path()
    nested.ensure_cache_path()  # another process may have been first
    assert nested.folder.is_dir()


def test_a_forms_forward_is_what_training_calls(monkeypatch):
    """Layers without a way of their own in training go forward by their form, with their mask."""
    as_written(monkeypatch)
    thing, [(_, (X,)), *_] = CASES["Dense"](np.float32)
    monkeypatch.setattr(nn.Dense, "forms", ((nn.Dense.forward, lambda layer, X, *mask: (X, mask)),))
    fused._form.cache_clear()
    try:
        with fused.taken(forced=True):
            assert fused.forward(thing, X)[0] is X
            assert fused.forward(thing, X, "mask")[1] == ("mask",)
    finally:
        fused._form.cache_clear()


def test_nothing_is_compiled_without_numba(monkeypatch):
    monkeypatch.setattr(compiling, "version", lambda: None)
    assert not compiling.wanted()


@pytest.mark.parametrize("found", ["0.61.2", "0.9"])
def test_a_numba_that_is_too_old_counts_as_none(found, monkeypatch):
    compiling.version.cache_clear()
    monkeypatch.setattr(compiling.metadata, "version", lambda name: found)
    try:
        assert compiling.version() is None
    finally:
        compiling.version.cache_clear()


def test_a_setting_that_means_nothing_is_refused(monkeypatch):
    monkeypatch.setenv("GROUNDUP_FUSED", "yes")
    model, x, y = small_network()
    with pytest.raises(ValueError, match="expected GROUNDUP_FUSED to be 0 or 1, got 'yes'"):
        model.fit(x, y)


def test_a_changed_loop_is_compiled_anew_whatever_its_time_says(tmp_path):
    """Numba's own cache would find a file older than what it kept, and take that."""
    module = tmp_path / "changing.py"
    code = f"""
import sys
sys.path.insert(0, {str(tmp_path)!r})
import changing
print(changing.loop(1.0))
"""
    found = []
    for time, number in ((2_000_000_000, 3), (1_000_000_000, 4), (1_000_000_000, 5)):
        module.write_text(
            "from groundup.nn.fused.compiling import compiled\n\n\n"
            f"def plain(x):\n    return x * {number}\n\n\nloop = compiled(plain)\n"
        )
        os.utime(module, (time, time))
        found.append(float(in_new_process(code, tmp_path / "cache").stdout))
    assert found == [3, 4, 5]


@of_whole_loops
def test_without_a_place_to_keep_code_it_is_compiled_each_time(tmp_path):
    cache = tmp_path / "cache"
    cache.write_text("a file, so no folder can be made in it")
    assert in_new_process(FIT, cache).stdout.strip() == "True"
