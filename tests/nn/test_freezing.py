"""``trainable = False``: what is frozen stays, bit for bit, and is never forgotten."""

import copy
import pickle

import numpy as np
import pytest
from numeric import central_differences, relative_error

from groundup import nn
from groundup.nn import blocks
from groundup.nn.config import described
from groundup.nn.loading import made

rng = np.random.default_rng(0)
X, Y = rng.normal(size=(20, 4)), rng.normal(size=(20, 2))
OPTIMIZERS = [
    nn.SGD(0.1), nn.SGD(0.1, momentum=0.9), nn.SGD(0.1, momentum=0.9, nesterov=True),
    nn.RMSprop(0.01), nn.Adam(0.01), nn.AdamW(0.01, weight_decay=0.5),
]  # fmt: skip


def network(optimizer="sgd", *, frozen=()):
    """Dense, normalization, dropout, dense, dense, in double precision."""
    nn.set_random_seed(0)
    penalty = {"kernel_regularizer": nn.L2(0.1)}
    layers = [
        nn.Dense(3, "tanh", **penalty), nn.BatchNormalization(momentum=0.5), nn.Dropout(0.2),
        nn.Dense(3, "tanh", **penalty), nn.Dense(2),
    ]  # fmt: skip
    model = nn.Sequential([nn.Input((4,)), *layers])
    model.compile(optimizer, "mse")
    model = model.astype(np.float64)
    model.parameters += 0.1 * rng.normal(size=model.parameters.size)
    for number in frozen:
        model.layers[number].trainable = False
    return model


@pytest.mark.parametrize("frozen", [(0,), (1,), (0, 1), (3,), (4,), (1, 3), (0, 1, 3, 4)], ids=str)
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
def test_what_is_frozen_stays_and_all_else_moves(optimizer, frozen):
    """Frozen after some steps, so that momentum would carry it on, and thawed, so that it moves again."""
    model = network(optimizer)
    model.fit(X, Y, batch_size=5)
    for layer in frozen:
        model.layers[layer].trainable = False
    before, variables = model.get_weights(), copy.deepcopy(dict(model.optimizer.variables))
    model.fit(X, Y, batch_size=5, epochs=2)
    owners = [n for n, layer in enumerate(model.layers) for _ in layer.blocks]
    moved = [(a != b).any() for a, b in zip(before, model.get_weights(), strict=True)]
    assert moved == [owner not in frozen for owner in owners]
    names = {id(layer): n for n, layer in enumerate(model.layers)}
    for layer, place in model._places:
        if names[id(layer)] in frozen:
            assert (model.parameter_gradients[place] == 0).all()
            for name in model.optimizer.remembers:
                assert (model.optimizer.variables[name][place] == variables[name][place]).all()
    model.trainable = True
    model.fit(X, Y, batch_size=5)
    assert all((a != b).any() for a, b in zip(before, model.get_weights(), strict=True))


@pytest.mark.parametrize("frozen", [(0,), (1,), (3,), (4,), (0, 1, 4)], ids=str)
def test_the_gradient_is_that_of_the_loss_and_zero_where_frozen(frozen):
    """The penalty of what is frozen isn't in the loss; that of the rest is in its gradient."""
    model = network(frozen=[*frozen, 2])
    chance = nn.random.generator.bit_generator.state

    def loss():
        nn.random.generator.bit_generator.state = chance
        return model.training_loss(X, Y)

    numeric = central_differences(loss, model.parameters)
    for layer, place in model._places:
        if not layer.trainable:
            numeric[place] = 0
    model.parameter_gradients += 1
    nn.random.generator.bit_generator.state = chance
    assert relative_error(model.gradients(X, Y), numeric) < 1e-6
    report = nn.gradient_check(model, X, Y)
    assert report.errors[report.worst] < 1e-6
    names = dict(zip(blocks.names(model.layers), model.layers, strict=True))
    checked = {name.partition("/")[0] for name in report.errors}
    assert checked == {n for n, layer in names.items() if layer.trainable and layer.blocks}


@pytest.mark.parametrize("frozen", [(0,), (3,), (0, 3)], ids=str)
def test_the_penalty_of_what_is_frozen_is_in_no_loss(frozen):
    model = network(frozen=[1, 2])  # no chance: dropout has its mask, normalization its averages
    model.layers[2].rate = 0.0
    whole = model.evaluate(X, Y), model.training_loss(X, Y)
    for number in frozen:
        model.layers[number].trainable = False
    of_frozen = sum(0.1 * np.sum(model.layers[number].W ** 2) for number in frozen)
    found = model.evaluate(X, Y), model.training_loss(X, Y)
    assert of_frozen > 0.01
    assert np.subtract(whole, found) == pytest.approx(of_frozen)


def test_gradients_go_back_to_the_first_layer_that_trains_and_no_further():
    class Alarm(nn.Dense):
        def backward(self, dZ):
            raise AssertionError("nobody needs this")

        def input_gradient(self, dZ):
            raise AssertionError("nobody needs this")

    model = nn.Sequential([nn.Input((4,)), Alarm(3), nn.Dense(3), nn.Dense(2)])
    model.compile("sgd", "mse")
    assert model.backward_layers == model.layers
    model.layers[0].trainable = False
    assert model.backward_layers == model.layers[1:]
    model.fit(X, Y)
    model.trainable = False
    assert model.backward_layers == ()


def test_a_frozen_model_is_measured_and_nothing_moves():
    model = network(nn.AdamW(0.1))
    assert model.trainable
    model.trainable = False
    assert not any(layer.trainable for layer in model.layers)
    assert not model.trainable
    before, state = model.parameters.copy(), model.state.copy()
    history = model.fit(X, Y, epochs=2).history
    assert (model.parameters == before).all()
    assert (model.state == state).all()
    assert len(history["loss"]) == 2
    assert (model.gradients(X, Y) == 0).all()
    said = "^expected parameters that aren't frozen, or there is no gradient to check$"
    with pytest.raises(ValueError, match=said):
        nn.gradient_check(model, X, Y)
    model.layers[4].trainable = True
    assert model.trainable
    model.fit(X, Y)
    assert (model.layers[4].b != before[-2:]).all()
    assert (model.parameters[:-8] == before[:-8]).all()


def test_frozen_normalization_does_while_training_what_it_does_otherwise():
    model = network(frozen=[1, 2])
    layer = model.layers[1]
    layer.moving_mean, layer.moving_variance = [1.0, 2, 3], [4.0, 5, 6]
    Z = rng.normal(size=(5, 3))
    assert (layer.training_forward(Z) == layer.forward(Z)).all()
    assert (layer.moving_mean == [1, 2, 3]).all()
    weight = rng.normal(size=Z.shape)
    numeric = central_differences(lambda: np.sum(weight * layer.training_forward(Z)), Z)
    assert relative_error(layer.input_gradient(weight), numeric) < 1e-6


def through_file(model, folder):
    model.save(folder / "model")
    return nn.load_model(folder / "model")


@pytest.mark.parametrize(
    "duplicate",
    [
        lambda m, _: copy.deepcopy(m), lambda m, _: copy.copy(m), lambda m, _: m.astype(np.float32),
        lambda m, _: pickle.loads(pickle.dumps(m)), through_file,
    ],
)  # fmt: skip
def test_copies_and_files_keep_what_is_frozen(duplicate, tmp_path):
    other = duplicate(network("adam", frozen=(0, 1)), tmp_path)
    assert [layer.trainable for layer in other.layers] == [False, False, True, True, True]
    before = other.get_weights()
    other.fit(X, Y)
    moved = [(a != b).any() for a, b in zip(before, other.get_weights(), strict=True)]
    assert moved == [False] * 6 + [True] * 4


@pytest.mark.parametrize(
    "layer", [nn.Dense(3), nn.Conv2D(1, 2), nn.BatchNormalization(), nn.Flatten()]
)
def test_what_is_frozen_is_in_a_layers_description(layer):
    before = described(layer)
    layer.trainable = False
    assert described(layer) == [before[0], before[1] | {"trainable": False}]
    again = made(described(layer))
    assert again.trainable is False
    assert described(again) == described(layer)
    layer.trainable = True
    assert described(layer) == before


class Mine(nn.Dense):
    """Whose own constructor has the argument, and can't do without."""

    def __init__(self, units, trainable):
        super().__init__(units)
        self.trainable = trainable


def test_a_layer_of_ones_own_may_have_the_argument(tmp_path):
    model = nn.Sequential([nn.Input((4,)), Mine(3, trainable=False), nn.Dense(2)])
    assert through_file(model, tmp_path).layers[0].trainable is False


@pytest.mark.parametrize("value", ["False", 0, None, np.zeros(2)])
def test_it_is_true_or_false(value):
    for thing in (nn.Dense(3), network()):
        with pytest.raises(TypeError, match=r"^Dense\.trainable expected True or False, got "):
            thing.trainable = value
