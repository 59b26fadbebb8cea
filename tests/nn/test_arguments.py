"""What is no good for an argument is refused at every door, in words: what was expected and what came."""

import inspect
import re

import numpy as np
import pytest

from groundup import nn

X = np.random.default_rng(0).normal(size=(6, 4))
labels = np.arange(6) % 3
HOT = np.eye(3)[labels]
# What nothing accepts, and what some do.
NEVER = {
    "object": object(),
    "dict": {},
    "iterator": iter([1.0]),
    "masked": np.ma.masked_less(np.array([1.0, -1.0]), 0),
    "masked, all": np.ma.masked_all((6, 4)),
    "ragged": [[1], [1, 2]],
    "complex": 1j,
}
PERHAPS = [
    None,
    "no",
    float("nan"),
    float("inf"),
    -3,
    2.5,
    (None,),
    ["a"],
    (2, 3),
    np.ones(2),
    nn.SGD,
]
WORDS = r"(?s)(expected.* (got|not) |unknown .* expected )"


def network():
    model = nn.Sequential([nn.Input((4,)), nn.Dense(3, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def of_steps():
    return nn.Sequential([nn.Input((3, 2)), nn.LSTM(3, return_sequences=True)])


def of_model(method):
    def door(**arguments):
        model = network() if method != "step" else of_steps()
        if method == "step":
            return model.step(**arguments)
        model.gradients(X, labels)  # so that there is something to go back from
        return getattr(model, method)(**arguments)

    return door


def checked(**arguments):
    return nn.gradient_check(**{"model": network()} | arguments)


NEEDED = {  # what constructors can't do without
    "Activation": {"activation": "relu"},
    "AveragePooling2D": {"pool_size": 2},
    "Conv1D": {"filters": 2, "kernel_size": 3},
    "Conv2D": {"filters": 2, "kernel_size": 3},
    "Conv2DTranspose": {"filters": 2, "kernel_size": 3},
    "CosineDecay": {"initial_learning_rate": 0.1, "decay_steps": 9},
    "Dense": {"units": 2},
    "Dropout": {"rate": 0.5},
    "Bidirectional": {"layer": nn.LSTM(2)},
    "Embedding": {"input_dim": 5, "output_dim": 2},
    "ExponentialDecay": {"initial_learning_rate": 0.1, "decay_steps": 9, "decay_rate": 0.5},
    "GRU": {"units": 2},
    "Input": {"shape": (3,)},
    "LSTM": {"units": 2},
    "MultiHeadAttention": {"num_heads": 2, "key_dim": 3},
    "PiecewiseConstantDecay": {"boundaries": [9], "values": [0.1, 0.2]},
    "PositionEmbedding": {"sequence_length": 5},
    "Residual": {"layers": [nn.Dense(2)]},
    "Reshape": {"target_shape": (3,)},
    "Sequential": {"layers": [nn.Dense(1)]},
    "SimpleRNN": {"units": 2},
    "load_model": {"filepath": "model"},
    "set_random_seed": {"seed": 0},
}
RECORDS = {"Block", "DivergedError", "GradientReport"}  # what comes out of methods
METHODS = {
    "astype": {"dtype": float},
    "backpropagate": {"dZ": np.ones((6, 3))},
    "backward": {"Y": HOT, "Y_hat": HOT, "sample_weight": np.ones(6)},
    "build": {"input_shape": (4,)},
    "compile": {"optimizer": "sgd", "loss": "mse", "metrics": None},
    "evaluate": {
        "x": X, "y": labels, "batch_size": 2, "verbose": 0, "sample_weight": np.ones(6),
        "return_dict": False,
    },
    "fit": {
        "x": X, "y": labels, "batch_size": 2, "epochs": 1, "verbose": 0, "callbacks": None,
        "validation_split": 0.5, "validation_data": None, "shuffle": True, "class_weight": None,
        "sample_weight": None, "initial_epoch": 0, "validation_batch_size": 2,
    },
    "forward": {"X": X, "training": False},
    "gradients": {"x": X, "y": labels, "sample_weight": np.ones(6)},
    "input_gradient": {"dZ": np.ones((6, 3))},
    "output_error": {"Y": HOT, "Y_hat": HOT, "sample_weight": np.ones(6)},
    "predict": {"x": X, "batch_size": 2, "verbose": 0},
    "save": {"filepath": "model"},
    "set_weights": {"weights": network().get_weights()},
    "step": {"X": np.ones((2, 2))},
    "training_loss": {"x": X, "y": labels, "sample_weight": np.ones(6)},
}  # fmt: skip
DOORS = {
    **{name: (of_model(name), given) for name, given in METHODS.items()},
    "build": (
        lambda input_shape: nn.Sequential([nn.Dense(1)]).build(input_shape),
        METHODS["build"],
    ),
    "apply": (
        nn.SGD(0.1, 0.9).apply,
        {"gradients": np.ones(9), "parameters": np.ones(9), "parts": (slice(None),)},
    ),
    "gradient_check": (
        checked,
        {
            "model": network(),
            "X": X,
            "y": labels,
            "step": 1e-5,
            "samples": 2,
            "sample_weight": np.ones(6),
        },
    ),
}
for name in sorted({*nn.__all__} - RECORDS - {*DOORS}):
    made = getattr(nn, name)
    defaults = {p.name: p.default for p in inspect.signature(made).parameters.values()}
    DOORS[name] = (
        made,
        {key: NEEDED.get(name, {}).get(key, value) for key, value in defaults.items()},
    )
for name in ("relu", "step", "softmax", "gelu"):
    DOORS[f"activation {name}"] = nn.Activation(name).activation.forward, {"Z": X}
ARGUMENTS = [(door, argument) for door, (_, given) in DOORS.items() for argument in given]


def test_these_are_all_doors():
    """What is new in the engine's list, or on a model, comes in here."""
    public = inspect.getmembers(nn.Sequential, inspect.isfunction)
    # What mutmut adds has a letter in its name that nobody types.
    public = [(name, f) for name, f in public if name.isascii() and name[0] != "_"]
    public = {name: inspect.signature(f).parameters for name, f in public}
    assert {name for name, parameters in public.items() if len(parameters) > 1} == set(METHODS)
    for name, (_, given) in DOORS.items():
        lacking = [key for key, value in given.items() if value is inspect.Parameter.empty]
        assert not lacking, f"{name} needs {lacking}"
        if name in METHODS:
            named = [p.name for p in public[name].values() if p.kind is not p.VAR_KEYWORD]
            assert list(given) == named[1:]


# How an error begins that is about one argument, and who asks for it.
ASKED = [
    ("BinaryAccuracy expected a threshold, a number", lambda v: nn.BinaryAccuracy(threshold=v)),
    ("BinaryCrossentropy expected from_logits True or False", nn.BinaryCrossentropy),
    ("Constant expected a value, a number", nn.Constant),
    ("Conv2D expected use_bias True or False", lambda v: nn.Conv2D(1, 2, use_bias=v)),
    ("CosineDecay expected an alpha of at least 0", lambda v: nn.CosineDecay(1, 2, v)),
    ("Dense expected use_bias True or False", lambda v: nn.Dense(1, use_bias=v)),
    ("ELU expected an alpha, a number", nn.ELU),
    ("EarlyStopping expected a min_delta of at least 0", lambda v: nn.EarlyStopping(min_delta=v)),
    ("EarlyStopping expected restore_best_weights True or False",
     lambda v: nn.EarlyStopping(restore_best_weights=v)),
    ("ExponentialDecay expected staircase True or False", lambda v: nn.ExponentialDecay(1, 2, 0.5, v)),
    ("LeakyReLU expected a slope, a number", nn.LeakyReLU),
    ("RandomNormal expected a mean, a number", nn.RandomNormal),
    ("RandomNormal expected a stddev of at least 0", lambda v: nn.RandomNormal(0, v)),
    ("RandomUniform expected a minval, a number", nn.RandomUniform),
    ("RandomUniform expected a maxval, a number", lambda v: nn.RandomUniform(0, v)),
    ("SGD expected nesterov True or False", lambda v: nn.SGD(0.1, 0.9, v)),
    ("expected a boundary, a whole number of at least 0",
     lambda v: nn.PiecewiseConstantDecay([v], [0.1, 0.2])),
    ("expected a decay_rate of at least 0", lambda v: nn.ExponentialDecay(1, 2, v)),
    ("expected a learning rate of at least 0", lambda v: nn.CosineDecay(v, 2)),
    ("expected a learning rate of at least 0", lambda v: nn.ExponentialDecay(v, 2, 0.5)),
    ("expected a learning rate of at least 0", lambda v: nn.PiecewiseConstantDecay([9], [0.1, v])),
    ("expected a number of samples of each block, a whole number of at least 1",
     lambda v: checked(X=X, y=labels, samples=v)),
    ("expected a step, a number", lambda v: checked(X=X, y=labels, step=v)),
    ("expected a warmup_target of at least 0", lambda v: nn.CosineDecay(1, 2, warmup_target=v)),
]  # fmt: skip


@pytest.mark.parametrize(("expectation", "take"), ASKED)
def test_an_error_names_the_argument_and_whose_it_is(expectation, take):
    with pytest.raises(TypeError) as said:
        take("no")
    assert str(said.value) == f"{expectation}, got 'no'"


@pytest.fixture
def ask(tmp_path):
    def asked(door, argument, value):
        call, given = DOORS[door]
        if argument == "filepath" and isinstance(value, str):
            value = tmp_path / value
        return call(**given | {argument: value})

    return asked


@pytest.mark.parametrize(("door", "argument"), ARGUMENTS)
def test_what_no_door_can_take_is_refused_in_words(door, argument, ask):
    for value in NEVER.values():
        with pytest.raises((TypeError, ValueError), match=WORDS):
            ask(door, argument, value)


@pytest.mark.parametrize(("door", "argument"), ARGUMENTS)
@pytest.mark.filterwarnings("ignore")  # of outputs and losses that don't fit
def test_what_some_doors_take_is_taken_or_refused_in_words(door, argument, ask):
    for value in PERHAPS:
        said = None
        try:
            ask(door, argument, value)
        except (TypeError, ValueError) as error:
            said = str(error)
        except FileNotFoundError:
            assert argument == "filepath"
        assert said is None or re.search(WORDS, said), f"of {value!r}: {said}"
