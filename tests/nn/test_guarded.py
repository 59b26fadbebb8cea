"""What can be set on a part or a model takes effect; all else is refused, and says what can be."""

import copy
import functools
import inspect
import pickle

import numpy as np
import pytest

from groundup import nn

rng = np.random.default_rng(0)
X, Y = rng.normal(size=(12, 4)).astype("float32"), rng.normal(size=(12, 2)).astype("float32")


def network(*layers):
    nn.set_random_seed(0)
    model = nn.Sequential([nn.Input((4,)), *(layers or (nn.Dense(3, "tanh"),)), nn.Dense(2)])
    model.compile(nn.SGD(0.1), "mse")
    return model


class Scale(nn.Layer):
    """A layer of one's own, which keeps more than a constructor's arguments."""

    offset = 0.0

    def __init__(self, factor=2.0):
        self.factor, self.calls = factor, 0

    def build(self, input_shape):
        self.blocks = {
            "scale": nn.Block(input_shape, nn.Constant(self.factor)),
            "mean": nn.Block(input_shape, nn.Zeros(), trainable=False),
        }
        return input_shape

    def forward(self, X):
        setattr(self, "X", X)  # noqa: B010
        [setattr(self, name, 1) for name in ("kept",)]
        self.calls += 1
        self.mean = 0.9 * self.mean + 0.1 * X.mean(axis=0)
        return X * self.scale

    def backward(self, dZ):
        self.dscale = (dZ * self.X).sum(axis=0)

    def input_gradient(self, dZ):
        del self.X
        return dZ * self.scale


DUPLICATES = {
    "itself": lambda model: model,
    "deepcopy": copy.deepcopy,
    "copy": copy.copy,
    "pickle": lambda model: pickle.loads(pickle.dumps(model)),
    "astype": lambda model: model.astype(np.float64),
}


@pytest.mark.parametrize("duplicate", DUPLICATES.values(), ids=DUPLICATES)
def test_what_is_assigned_to_an_array_is_copied_into_it(duplicate):
    """Into every array there is, of the layers and of the model."""
    model = duplicate(network(Scale()))
    arrays = [
        (layer, name)
        for layer in model.layers
        for block, about in layer.blocks.items()
        for name in ([block, f"d{block}"] if about.trainable else [block])
    ] + [(model, name) for name in ("parameters", "parameter_gradients", "state")]
    assert len(arrays) == 3 + 4 + 3
    vectors = [vars(model)[name] for name in ("parameters", "parameter_gradients", "state")]
    for thing, name in arrays:
        array = getattr(thing, name)
        assert any(np.shares_memory(array, vector) for vector in vectors)
        value = rng.normal(size=array.shape).astype(array.dtype)
        setattr(thing, name, value)
        assert getattr(thing, name) is array
        assert (array == value).all()
        assert not np.shares_memory(array, value)
        setattr(thing, name, value.tolist())
        for wrong, error in [
            (value[:1].sum(), ValueError), (np.zeros((*array.shape, 1)), ValueError), (None, TypeError),
            (array.astype(complex), TypeError), (array.astype(str), TypeError),
            (np.ma.masked_less(value, 0), TypeError),
        ]:  # fmt: skip
            with pytest.raises(error, match=f"expected values for {type(thing).__name__}.{name}"):
                setattr(thing, name, wrong)
        assert (array == value).all()
        with pytest.raises(TypeError, match="can't be deleted"):
            delattr(thing, name)


def test_assigned_weights_train_as_if_they_had_been_set_in_place():
    one, other = network(), network()
    W = rng.normal(size=(4, 3))
    one.layers[0].W[...] = W
    other.layers[0].W = W
    for model in (one, other):
        nn.set_random_seed(1)
        model.fit(X, Y, epochs=3)
    assert (one.parameters == other.parameters).all()
    assert (W.astype("float32") != other.layers[0].W).all()
    assert nn.gradient_check(other, X, Y).errors["dense/W"] < 1e-6


def test_arithmetic_in_place_stays_in_place():
    model = network()
    before = model.parameters.copy()
    model.parameters += 1
    model.layers[0].W *= 2
    assert (model.parameters[:12] == 2 * (before[:12] + 1)).all()
    assert (model.parameters[12:] == before[12:] + 1).all()


def test_layers_of_ones_own_keep_what_they_like():
    """Also by ``setattr``; and an array that a method assigns anew stays that of the model."""
    model = network(nn.Dense(3), Scale(factor=0.5))
    model.fit(X, Y, batch_size=4)
    layer = model.layers[1]
    assert layer.calls == 3
    assert layer.kept == 1
    assert np.shares_memory(layer.mean, model.state)
    assert (layer.mean != 0).all()
    assert (layer.scale != 0.5).any()
    report = nn.gradient_check(model, X, Y)
    assert report.errors[report.worst] < 1e-6


class Annealed(nn.Dropout):
    """Changes an argument of its own, which nobody else could while it's built."""

    def __init__(self, rate, factor):
        super().__init__(rate)
        self.factor = factor

    def training_forward(self, X):
        self.rate, self.factor = self.factor * self.rate, self.factor / 2
        return super().training_forward(X)


def test_a_layers_own_methods_may_change_its_arguments():
    layer = Annealed(0.4, factor=0.5)
    network(layer).fit(X, Y, batch_size=6)
    assert layer.rate == 0.4 * 0.5 * 0.25
    with pytest.raises(RuntimeError, match="factor can't be set"):
        layer.factor = 1.0


def counted(method):
    @functools.wraps(method)
    def counting(self, *arguments):
        self.told = getattr(self, "told", 0) + 1
        return method(self, *arguments)

    return counting


def test_methods_that_are_decorated_or_came_later_are_a_classs_own():
    class Late(nn.Callback):
        @counted
        def on_epoch_end(self, epoch, logs):
            self.last = epoch

    Late.on_train_begin = lambda self, logs=None: setattr(self, "begun", True)
    callback = Late()
    network().fit(X, Y, epochs=3, callbacks=[callback])
    assert (callback.begun, callback.told, callback.last) == (True, 3, 2)


class Sneaky(nn.Dense):
    """Whose way forward sets what isn't scratch: a method, an attribute of the class."""

    factor = 1.0

    def forward(self, X):
        self.factor, self.backward = self.factor / 2, super().backward
        return super().forward(X)


def test_scratch_is_what_has_no_other_meaning():
    layer = Sneaky(3)
    network(layer).fit(X, Y, batch_size=6)
    assert layer.factor == 0.25
    layer.X = None  # is set anew by the next way forward
    for name in ("factor", "backward"):
        with pytest.raises(TypeError, match=f"{name} .*can't be set"):
            setattr(layer, name, None)


def test_a_function_that_is_given_an_object_is_no_method():
    def freeze(model):
        model.backward_layers = model.backward_layers[1:]

    with pytest.raises(TypeError, match="backward_layers can't be set"):
        freeze(network())


EACH = {
    "layer": (lambda: network().layers[0], "trainable", "trainble"),
    "layer of one's own": (lambda: network(Scale()).layers[0], "scale", "scael"),
    "layer before it's built": (lambda: nn.Dense(3), "use_bias", "use_bais"),
    "model": (network, "trainable", "trainble"),
    "model before it's built": (lambda: nn.Sequential([nn.Dense(1)]), "trainable", "trainabel"),
    "optimizer": (nn.Adam, "learning_rate", "learning_rat"),
    "loss": (nn.BinaryCrossentropy, "from_logits", "from_logit"),
    "metric": (nn.BinaryAccuracy, "threshold", "treshold"),
    "activation": (nn.ELU, "alpha", "alfa"),
    "initializer": (nn.RandomNormal, "stddev", "stdev"),
    "regularizer": (nn.L2, "l2", "l22"),
    "schedule": (lambda: nn.ExponentialDecay(1, 2, 0.5), "decay_rate", "decayrate"),
    "callback": (nn.EarlyStopping, "patience", "patients"),
    "input": (lambda: nn.Input((3,)), "shape", "shapes"),
}


@pytest.mark.parametrize(("make", "name", "wrong"), EACH.values(), ids=EACH)
def test_a_name_that_isnt_there_is_refused_with_those_that_are(make, name, wrong):
    part = make()
    before = dict(vars(part))
    said = rf"{type(part).__name__} has no '{wrong}' to be set; did you mean '{name}'\? what can .*{name}"
    with pytest.raises(AttributeError, match=said):
        setattr(part, wrong, 1)
    with pytest.raises(AttributeError, match="has no 'zzz' to be set; what can be set:"):
        part.zzz = 1
    assert vars(part) == before


def test_arrays_can_be_set_once_there_are_some():
    with pytest.raises(AttributeError, match=r"can be set: trainable, stop_training, history$"):
        nn.Sequential([nn.Dense(1)]).zzz = 1
    with pytest.raises(AttributeError) as said:
        network().zzz = 1
    listed = str(said.value).rpartition(": ")[2].split(", ")
    assert listed[:3] == ["trainable", "stop_training", "history"]
    assert sorted(listed[3:]) == ["parameter_gradients", "parameters", "state"]


def methods(part):
    return [
        name
        for name in dir(part)
        if inspect.isroutine(getattr(type(part), name, None)) and name[:2] != "__"
    ]


@pytest.mark.parametrize(("make", "name", "wrong"), EACH.values(), ids=EACH)
def test_no_method_is_replaced(make, name, wrong):
    part = make()
    assert len(methods(part)) > 2
    for method in methods(part):
        for value in (lambda *_: None, getattr(part, method), None):
            with pytest.raises(TypeError, match=rf"\.{method} .*can't be set"):
                setattr(part, method, value)
    assert not set(methods(part)) & set(vars(part))


@pytest.mark.parametrize(("make", "name", "wrong"), EACH.values(), ids=EACH)
def test_nothing_is_deleted_from_outside(make, name, wrong):
    part = make()
    before = dict(vars(part))
    for attribute in {*before, *methods(part), name, wrong}:
        with pytest.raises(TypeError, match=rf"\.{attribute} can't be deleted"):
            delattr(part, attribute)
    assert vars(part) == before


class Careless(nn.Dense):
    """Whose way forward deletes an array of the model's, or what it keeps itself."""

    def __init__(self, units, lost):
        super().__init__(units)
        self.lost = lost

    def forward(self, X):
        Z = super().forward(X)
        delattr(self, self.lost)
        return Z


def test_a_layers_own_methods_delete_what_they_keep_but_no_array():
    layer = Careless(3, lost="X")
    network(layer).predict(X)
    assert not hasattr(layer, "X")
    for name in ("W", "db"):
        with pytest.raises(TypeError, match=f"{name} can't be deleted"):
            network(Careless(3, lost=name)).predict(X)


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (network, "backward_layers"), (network, "regularized"), (network, "layers"),
        (network, "optimizer"), (network, "loss"), (network, "metrics"), (network, "output_shape"),
        (lambda: nn.Sequential([nn.Dense(1)]), "parameters"),
        (lambda: network().layers[0], "blocks"), (lambda: network().layers[0], "activation"),
        (lambda: network(nn.Dense(3, use_bias=False)).layers[0], "b"),
        (lambda: network(Scale()).layers[0], "calls"), (lambda: network(Scale()).layers[0], "offset"),
        (lambda: nn.Conv2D(1, 2), "windows"), (lambda: nn.Conv2D(1, 2).windows, "strides"),
        (nn.Adam, "remembers"), (nn.BinaryCrossentropy, "canonical"), (nn.Hinge, "margin"),
    ],
)  # fmt: skip
def test_what_follows_from_other_things_isnt_set(make, name):
    part = make()
    before = getattr(part, name)
    with pytest.raises((TypeError, RuntimeError), match=rf"\.{name} can't be set"):
        setattr(part, name, before)
    assert getattr(part, name) is before or getattr(part, name) == before


def test_the_layers_of_a_model_are_its_own():
    model = network()
    with pytest.raises(TypeError):
        model.layers[0] = nn.Dense(3)
    with pytest.raises(AttributeError):
        model.layers.append(nn.Dense(3))


SETTINGS = [
    (lambda: network().optimizer, "learning_rate", np.float64(0.5), 0.5, -1),
    (lambda: network().optimizer, "momentum", 0.9, 0.9, 1.0),
    (nn.Adam, "beta_1", 0.5, 0.5, 1),
    (lambda: nn.Dropout(0.5), "rate", 0.1, 0.1, 1),
    (lambda: network(nn.Dropout(0.5)).layers[0], "rate", 0.1, 0.1, 1),
    (lambda: network(nn.BatchNormalization()).layers[0], "epsilon", 0.1, 0.1, 0),
    (lambda: network(nn.BatchNormalization()).layers[0], "momentum", 0.1, 0.1, 1),
    (lambda: nn.Dense(3), "units", np.int64(5), 5, 0),
    (lambda: nn.Conv2D(1, 2), "kernel_size", 3, (3, 3), 0),
    (nn.EarlyStopping, "mode", "max", "max", "most"),
    (nn.L2, "l2", 1, 1.0, -1),
    (lambda: nn.Input((3,)), "shape", [4], (4,), (0,)),
]


@pytest.mark.parametrize(("make", "name", "given", "value", "wrong"), SETTINGS)
def test_an_argument_set_later_is_checked_as_in_the_constructor(make, name, given, value, wrong):
    part = make()
    setattr(part, name, given)
    assert getattr(part, name) == value
    assert type(getattr(part, name)) is type(value)
    assert part.get_config()[name] == value
    with pytest.raises(ValueError, match="expected"):
        setattr(part, name, wrong)
    assert getattr(part, name) == value


def test_what_a_constructor_makes_of_an_argument_follows():
    loss = nn.BinaryCrossentropy()
    loss.from_logits = True
    assert loss.canonical is nn.BinaryCrossentropy(from_logits=True).canonical is None
    layer = nn.Conv2D(1, 2)
    layer.strides = 2
    assert layer.build((4, 4, 1)) == nn.Conv2D(1, 2, 2).build((4, 4, 1))
    early, late = nn.SGD(0.1, momentum=0.9), nn.SGD(0.1)
    w, v = np.ones(2), np.ones(2)
    late.apply(np.zeros(2), v)
    late.momentum = 0.9
    for _ in range(3):
        early.apply(np.ones(2), w)
        late.apply(np.ones(2), v)
    assert (w == v).all()
    assert late.variables["iterations"] == 4, "what it remembers stays"


def test_a_learning_rate_set_later_is_the_rate_of_the_next_step():
    model = network()
    model.optimizer.learning_rate = nn.PiecewiseConstantDecay([0], [0.0, 1.0])
    before = model.parameters.copy()
    model.fit(X, Y, batch_size=12)
    assert (model.parameters == before).all()
    gradients = model.gradients(X, Y)
    model.fit(X, Y, batch_size=12, shuffle=False)
    assert np.allclose(model.parameters, before - gradients, atol=1e-6)


@pytest.mark.parametrize(
    ("layer", "name", "value"),
    [
        (nn.Dense(3), "units", 5), (nn.Dense(3), "use_bias", False),
        (nn.Dense(3), "activation", "relu"), (nn.Dense(3), "kernel_initializer", "zeros"),
        (nn.Dense(3), "kernel_regularizer", nn.L2(0.1)), (Scale(), "factor", 3.0),
        (nn.Reshape((2, 2)), "target_shape", (4, 1)), (nn.Activation("relu"), "activation", "tanh"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_arguments_are_fixed_once_a_layer_is_built(layer, name, value):
    layer = copy.deepcopy(layer)  # a layer has one place in one model, and tests may run twice
    after = [nn.Flatten()] if isinstance(layer, nn.Reshape) else []
    network(layer, *after)
    before = layer.get_config()
    arrays = [a for block in layer.blocks for a in (block, f"d{block}") if hasattr(layer, a)]
    said = (
        rf"^{type(layer).__name__}\.{name} can't be set, for the layer is built already; what can be "
        f"set: {', '.join([*sorted(arrays), 'trainable'])}$"
    )
    with pytest.raises(RuntimeError, match=said):
        setattr(layer, name, value)
    assert layer.get_config() == before
