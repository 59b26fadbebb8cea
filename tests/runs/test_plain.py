"""What stands for a value in a key stands for that value alone, of that type, all the way down."""

import collections
import decimal
import enum
import fractions
import itertools
import json
import pathlib
import struct
import typing

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundup.runs import functions, key
from groundup.runs.store import differences


class Half(float):
    """A float that may compute otherwise."""


class Word(str):
    """A text that may be compared otherwise."""


class Pair(typing.NamedTuple):
    """A tuple with names."""

    a: int
    b: int


class Count(enum.IntEnum):
    """A number with a name."""

    ONE = 1


class Kept(np.ndarray):
    """An array that may multiply otherwise."""


def text(value):
    """What goes into the digest."""
    return json.dumps(key.plain(value, "value"), sort_keys=True, allow_nan=False)


def same(one, other):
    """Whether two values are equal and of the same types, all the way down."""
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        return struct.pack("d", one) == struct.pack("d", other)
    if isinstance(one, np.ndarray | np.generic):
        alike = one.dtype == other.dtype and one.shape == other.shape
        return alike and one.strides == other.strides and one.tobytes() == other.tobytes()
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return same([*one.items()], [*other.items()])
    return one == other


nan = struct.unpack("d", struct.pack("Q", 0x7FF8_0000_0000_0001))[0]
pair = [("a", "i1"), ("b", "i4")]
table = np.arange(6.0).reshape(2, 3)
TRICKY = [
    None, True, 1, 1.0, 0, False, 0.0, -0.0, 2**63, -(2**63), 10**5000, 1j, 0j,
    "1", "None", "", b"", b"1",
    float("inf"), float("-inf"), float("nan"), nan, "inf", "nan", "\ud83d\ude00", "😀", "\ud83d",
    [], (), {}, [1], (1,), {1: 1}, {"1": 1}, {"tuple": [1]}, {"dict": [[1, 1]]},
    {"float": ["inf", "0"]},
    {"pairs": [[1, 1]]}, {"int": "0x1"}, {"str": "31"}, {"a": 1, "b": 2}, {"b": 2, "a": 1},
    [[1], 2], [1, [2]],
    {1: 1, 2: 2}, {2: 2, 1: 1}, {True: 1}, {1.0: 1}, {(): 1}, {None: 1}, {"None": 1},
    *(kind(1) for kind in (np.int8, np.uint8, np.int64, np.float16, np.float32, np.float64)),
    np.complex64(1),
    np.bool_(True), np.str_("1"), np.bytes_(b"1"), np.float32(0.1), np.float64(0.1), 0.1,
    np.datetime64("2026-01-01"), np.datetime64("2026-01-01", "ns"), np.timedelta64(1, "s"),
    np.array(1), np.array([1]), np.array([[1]]), np.array([1.0]), np.array([1], "f4"),
    np.array([1], ">i8"), np.array(["1"]), np.array([b"1"]), np.array([], "f4"), np.array([], "f8"),
    np.zeros((0, 3)), np.zeros((3, 0)), table, np.asfortranarray(table), table.T,
    np.broadcast_to(np.arange(3.0), (2, 3)), table[:, ::2], table[:, [0, 2]],
    np.zeros(1, "i4,f4"), np.zeros(1, "i4,i4"), np.zeros(1, [("a", "i4"), ("b", "i4")]),
    np.zeros(1, pair), np.zeros(1, np.dtype(pair, align=True)),
    np.array(["2026"], "M8[Y]"), np.array(["2026"], "M8[M]"), int, float, np.float32, dict, len, sum,
]  # fmt: skip


def test_no_two_values_have_one_form():
    forms = [text(value) for value in TRICKY]
    for (one, a), (other, b) in itertools.combinations(zip(TRICKY, forms, strict=True), 2):
        assert a != b, (one, other)


def test_no_two_values_are_without_a_difference():
    """Also 1 and 1.0, or zero and minus zero, which Python calls equal, and names too long to show."""
    long = "n" * 90
    alike = [{long + "x": 1, long + "y": 2}, {long + "x": 3, long + "y": 2}, {long + "x": 1}]
    forms = [key.plain(value, "value") for value in [*TRICKY, *alike]]
    for one, other in itertools.product(forms, repeat=2):
        assert bool(differences({"value": one}, {"value": other})) is (one is not other)


leaves = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 2), st.sampled_from([0.0, -0.0, 1.0, float("nan")]),
    st.text("a1", max_size=2),
    st.sampled_from([np.float32(1), np.int64(1), np.arange(2), np.arange(2.0)]),
    st.sampled_from(["dict", "tuple", "float", "scalar", "str", "sha256", "shape", "dtype"]),
)  # fmt: skip
names = st.one_of(st.text("a1", max_size=1), st.integers(0, 1), st.sampled_from(["dict", "tuple"]))
values = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=2),
        st.lists(inner, max_size=2).map(tuple),
        st.dictionaries(names, inner, max_size=2),
    ),
    max_leaves=4,
)


@given(values, values)
def test_the_form_is_one_to_one(one, other):
    assert (text(one) == text(other)) is same(one, other)


@given(values)
def test_a_form_is_not_taken_for_the_value_that_it_stands_for(value):
    form = key.plain(value, "value")
    assert (text(form) == text(value)) is same(form, value)


@pytest.mark.parametrize(
    "value",
    [
        Half(0.5), Word("a"), Count.ONE, np.ones(2).view(Kept), np.ma.masked_array([1]),
        np.rec.array([(1,)], dtype=[("a", "i4")]), collections.OrderedDict(a=1), {1, 2},
        collections.Counter("a"), collections.defaultdict(list), Pair(1, 2), frozenset(),
        decimal.Decimal(1), fractions.Fraction(1, 2), pathlib.Path("a"), iter([1]), range(3), object(),
        np.array([1], object), np.longdouble(1), np.array([1], np.longdouble), np.array(["a"], "T"),
        np.clongdouble(1), np.array([1], np.clongdouble),
        np.zeros(1, np.dtype("i4", metadata={"a": 1})), lambda: 1, {"a": [Half(1)]}, np.add,
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_what_may_compute_otherwise_is_refused(value):
    with pytest.raises(TypeError, match=r"expected|takes arrays"):
        key.plain(value, "value")


def test_a_mapped_array_is_none_in_memory(tmp_path):
    mapped = np.memmap(tmp_path / "file", "f8", "w+", shape=(2,))
    assert text(mapped) != text(np.zeros(2))


@given(values.filter(lambda value: not isinstance(value, np.ndarray | np.generic)))
def test_a_result_comes_back_as_it_was(value):
    """What is kept is what was given, of the same types; NumPy's single numbers become Python's."""
    try:
        plain, arrays = functions.packed(value)
    except TypeError:
        return  # names that aren't strings
    found = functions.unpacked(json.loads(json.dumps(plain)), arrays)
    assert text(found) == text(functions.unpacked(plain, arrays))
    assert text(found) == text(without_scalars(value))


def without_scalars(value):
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, list | tuple):
        return type(value)(map(without_scalars, value))
    if isinstance(value, dict):
        return {name: without_scalars(item) for name, item in value.items()}
    return value


@pytest.mark.parametrize(
    "result",
    [np.ones(2).view(Kept), np.ma.masked_array([1]), Half(0.5), Count.ONE, 2**64, "\ud83d\ude00",
     collections.OrderedDict(a=1), Pair(1, 2), {1: 2}, b"", 1j],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_a_result_that_would_come_back_as_another_is_refused(result):
    with pytest.raises(TypeError, match="the result is"):
        functions.packed(result)


def test_an_array_comes_back_as_it_lay():
    """Hit or miss: row by row, however the function left it."""
    _, arrays = functions.packed([np.asfortranarray(table), table[:, ::2]])
    assert all(array.flags.c_contiguous for array in arrays.values())
