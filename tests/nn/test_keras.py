"""The engine against Keras: the same names, the same numbers."""

import inspect

import keras
import numpy as np
import pytest

from groundup import nn
from groundup.nn import fused
from groundup.nn.crossentropy import CrossEntropy

rng = np.random.default_rng(0)
X = rng.normal(size=(64, 5)).astype("float32")
labels = rng.integers(3, size=64)
layers = keras.layers


@pytest.fixture(autouse=True)
def computed_by(monkeypatch):
    """Keras trains slowly, so it does it once: against the compiled forms, which equal those in NumPy."""
    monkeypatch.setenv("GROUNDUP_FUSED", "1")
    with fused.taken():
        yield


PAIRS = [
    *((getattr(nn, name), getattr(keras.layers, name)) for name in (
        "Dense", "Activation", "Dropout", "BatchNormalization", "Flatten", "Reshape", "Conv2D",
        "MaxPooling2D", "AveragePooling2D", "GlobalAveragePooling2D", "Conv1D", "Conv2DTranspose",
        "UpSampling2D", "GlobalMaxPooling1D", "LayerNormalization", "SimpleRNN", "LSTM", "GRU",
        "Embedding", "Bidirectional", "MultiHeadAttention",
    )),
    *((getattr(nn, name), getattr(keras.optimizers, name)) for name in (
        "SGD", "RMSprop", "Adam", "AdamW",
    )),
    *((getattr(nn, name), getattr(keras.optimizers.schedules, name)) for name in (
        "PiecewiseConstantDecay", "ExponentialDecay", "CosineDecay",
    )),
    *((getattr(nn, name), getattr(keras.initializers, name)) for name in (
        "Zeros", "Ones", "Constant", "RandomNormal", "RandomUniform", "GlorotUniform", "GlorotNormal",
        "HeUniform", "HeNormal", "Orthogonal",
    )),
    *((getattr(nn, name), getattr(keras.losses, name)) for name in (
        "MeanSquaredError", "MeanAbsoluteError", "BinaryCrossentropy", "CategoricalCrossentropy",
        "SparseCategoricalCrossentropy", "Hinge",
    )),
    *((getattr(nn, name), getattr(keras.metrics, name)) for name in (
        "BinaryAccuracy", "CategoricalAccuracy", "Precision", "Recall", "F1Score",
    )),
    *((getattr(nn, name), getattr(keras.callbacks, name)) for name in (
        "EarlyStopping", "History", "ProgbarLogger",
    )),
    (nn.LeakyReLU, keras.activations.leaky_relu),
    (nn.ELU, keras.activations.elu),
    (nn.GELU, keras.activations.gelu),
    (nn.L2, keras.regularizers.L2),
    *((getattr(nn.Sequential, name), getattr(keras.Sequential, name)) for name in (
        "compile", "fit", "evaluate", "predict", "save", "summary", "count_params", "get_weights",
        "set_weights",
    )),
    (nn.Sequential.__init__, keras.Sequential.__init__),
    (nn.Input, keras.Input),
    (nn.load_model, keras.models.load_model),
    (nn.set_random_seed, keras.utils.set_random_seed),
    (nn.Callback.set_model, keras.callbacks.Callback.set_model),
    *((getattr(nn.Callback, name), getattr(keras.callbacks.Callback, name)) for name in (
        "set_params", "on_epoch_begin", "on_epoch_end", "on_train_batch_end", "on_train_begin",
        "on_train_end",
    )),
]  # fmt: skip
# ``others`` is for what is refused; Keras has a causal mask as an argument of the call.
NOT_KERAS = {"self", "others", "use_causal_mask"}
NOT_AS_PARTS = {nn.LeakyReLU, nn.ELU, nn.GELU}  # functions there, whose first argument is Z


def test_every_public_class_is_held_against_keras():
    """All but what Keras has as functions without arguments, or doesn't have."""
    ours_alone = {
        "Step", "PerceptronLoss", "Accuracy", "Linear", "ReLU", "Sigmoid", "SiLU", "Softmax",
        "Softplus", "Tanh", "Block", "DivergedError", "GradientReport", "gradient_check", "Residual",
        "PositionEmbedding", "SinePositionEncoding",
    }  # fmt: skip
    bases = {
        "ActivationFunction", "Callback", "Initializer", "Layer", "LearningRateSchedule", "Loss",
        "Metric", "Optimizer", "Regularizer",
    }  # fmt: skip
    assert {ours.__name__ for ours, _ in PAIRS} | {"Sequential"} >= set(
        nn.__all__
    ) - ours_alone - bases


@pytest.mark.parametrize(("ours", "theirs"), PAIRS, ids=lambda value: value.__qualname__)
def test_arguments_have_keras_names_order_and_defaults(ours, theirs):
    mine = [p for p in inspect.signature(ours).parameters.values() if p.name not in NOT_KERAS]
    keras_ones = {p.name: p for p in inspect.signature(theirs).parameters.values()}
    keras_order = [name for name in keras_ones if name != "self"][ours in NOT_AS_PARTS :]
    for place, parameter in enumerate(mine):
        assert parameter.name in keras_ones
        by_place = parameter.kind is not inspect.Parameter.KEYWORD_ONLY
        assert not by_place or keras_order[place] == parameter.name
    for parameter in mine:
        default = keras_ones[parameter.name].default
        if parameter.default is not inspect.Parameter.empty:
            assert parameter.default == default


ACTIVATIONS = [
    "linear", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "gelu", "silu", "softplus", "softmax",
]  # fmt: skip


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_agree(name):
    Z = np.linspace(-6, 6, 40, dtype="float32").reshape(5, 8)
    expected = np.array(getattr(keras.activations, name)(Z))
    assert np.allclose(nn.Activation(name).activation.forward(Z), expected, atol=1e-6)


def pair(ours, theirs, loss, optimizer=("SGD", {"learning_rate": 0.1}), metrics=("accuracy",)):
    """The same network in both, compiled alike, with the same weights."""
    ours, theirs = nn.Sequential(ours), keras.Sequential(theirs)
    name, arguments = optimizer
    ours.compile(getattr(nn, name)(**arguments), loss, metrics=list(metrics))
    theirs.compile(getattr(keras.optimizers, name)(**arguments), loss, metrics=list(metrics))
    moved = [w + 0.1 * rng.normal(size=w.shape) for w in ours.get_weights()]
    moved = [np.abs(w).astype("float32") if b.gradient is None else w.astype("float32")
             for w, b in zip(moved, ours.blocks(), strict=True)]  # fmt: skip
    ours.set_weights(moved)
    theirs.set_weights(moved)
    return ours, theirs


def dense(loss, last="softmax", units=3, **options):
    return pair(
        [nn.Input((5,)), nn.Dense(4, "tanh"), nn.Dense(units, last)],
        [keras.Input((5,)), layers.Dense(4, "tanh"), layers.Dense(units, last)],
        loss,
        **options,
    )


def without_classes(loss):
    """Arguments for ``dense``: of numbers there is no accuracy."""
    return {} if loss not in ("mean_squared_error", "mean_absolute_error") else {"metrics": []}


LOSSES = {
    "sparse_categorical_crossentropy": ("softmax", 3, labels),
    "categorical_crossentropy": ("softmax", 3, np.eye(3, dtype="float32")[labels]),
    "binary_crossentropy": ("sigmoid", 1, (labels > 0).astype("float32")),
    "mean_squared_error": ("linear", 3, rng.normal(size=(64, 3)).astype("float32")),
    "mean_absolute_error": ("linear", 3, rng.normal(size=(64, 3)).astype("float32")),
    "hinge": ("linear", 1, np.where(labels > 0, 1.0, -1.0).astype("float32")),
}


@pytest.mark.parametrize("loss", LOSSES)
def test_predictions_loss_and_metrics_agree(loss):
    last, units, y = LOSSES[loss]
    ours, theirs = dense(loss, last, units, **without_classes(loss))
    assert np.allclose(ours.predict(X), theirs.predict(X, verbose=0), atol=1e-5)
    mine, keras_ones = ours.evaluate(X, y, return_dict=True), theirs.evaluate(X, y, verbose=0)
    keras_ones = dict(zip(mine, np.atleast_1d(keras_ones), strict=True))
    if loss == "hinge":  # Keras's accuracy compares −1 with 0
        del mine["accuracy"], keras_ones["accuracy"]
    assert mine == pytest.approx(keras_ones, abs=1e-5)


def test_outputs_that_are_no_probabilities_are_treated_alike():
    """Each row is divided by its sum: softmax forgotten, the loss still can't fall below zero."""
    Y, Y_hat = np.eye(3, dtype="float32")[labels], rng.random((64, 3)).astype("float32") * 9
    expected = float(keras.losses.CategoricalCrossentropy()(Y, Y_hat))
    assert np.isclose(nn.CategoricalCrossentropy().forward(Y, Y_hat), expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        (nn.BinaryAccuracy(threshold=0.3), keras.metrics.BinaryAccuracy(threshold=0.3)),
        (nn.Precision(), keras.metrics.Precision()),
        (nn.Recall(), keras.metrics.Recall()),
        (nn.F1Score(), keras.metrics.F1Score(average="micro", threshold=0.5)),
        (nn.CategoricalAccuracy(), keras.metrics.CategoricalAccuracy()),
    ],
)
def test_metrics_agree(mine, theirs):
    Y, Y_hat = np.eye(3, dtype="float32")[labels], rng.dirichlet(np.ones(3), 64).astype("float32")
    theirs.reset_state()
    theirs.update_state(Y, Y_hat)
    assert np.isclose(mine(Y, Y_hat), float(theirs.result()), atol=1e-6)


@pytest.mark.parametrize("name", ["BinaryCrossentropy", "CategoricalCrossentropy"])
@pytest.mark.parametrize("scale", [1, 1000])
def test_losses_of_scores_agree(name, scale):
    Y = np.eye(3, dtype="float32")[labels]
    Z = (scale * rng.normal(size=(64, 3))).astype("float32")
    loss = getattr(nn, name)(from_logits=True)
    assert isinstance(loss, CrossEntropy)
    expected = float(getattr(keras.losses, name)(from_logits=True)(Y, Z))
    assert np.isclose(loss.forward(Y, Z), expected, rtol=1e-5)


def tree(schedule):
    return getattr(keras.optimizers.schedules, type(schedule).__name__)(**schedule.get_config())


@pytest.mark.parametrize(
    "schedule",
    [
        nn.PiecewiseConstantDecay([10, 20], [0.3, 0.2, 0.1]),
        nn.ExponentialDecay(0.8, 10, 0.5),
        nn.ExponentialDecay(0.8, 10, 0.5, staircase=True),
        nn.CosineDecay(0.8, 10, 0.1),
        nn.CosineDecay(0.1, 20, 0.1, warmup_target=0.8, warmup_steps=5),
    ],
    ids=repr,
)
def test_schedules_agree(schedule):
    theirs = tree(schedule)
    assert np.allclose(
        [schedule(s) for s in range(40)], [float(theirs(s)) for s in range(40)], atol=1e-6
    )


@pytest.mark.parametrize("loss", LOSSES)
def test_a_hundred_steps_take_the_same_path(loss):
    last, units, y = LOSSES[loss]
    ours, theirs = dense(loss, last, units, **without_classes(loss))
    arguments = {"batch_size": 16, "epochs": 25, "shuffle": False}
    history = ours.fit(X, y, **arguments).history
    keras_history = theirs.fit(X, y, verbose=0, **arguments).history
    for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        assert np.allclose(a, b, atol=1e-5)
    assert np.allclose(history["loss"], keras_history["loss"], atol=1e-5)


@pytest.mark.parametrize(
    "optimizer",
    [
        ("SGD", {"learning_rate": 0.05, "momentum": 0.9}),
        ("SGD", {"learning_rate": 0.05, "momentum": 0.9, "nesterov": True}),
        ("RMSprop", {"learning_rate": 0.003}),
        ("RMSprop", {"learning_rate": 0.003, "rho": 0.5, "epsilon": 1e-3}),
        ("Adam", {"learning_rate": 0.003}),
        ("Adam", {"learning_rate": 0.003, "beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-3}),
        ("AdamW", {"learning_rate": 0.003, "weight_decay": 0.1}),
    ],
    ids=str,
)
def test_optimizers_agree_over_a_hundred_steps(optimizer):
    ours, theirs = dense("sparse_categorical_crossentropy", optimizer=optimizer)
    arguments = {"batch_size": 16, "epochs": 25, "shuffle": False}
    ours.fit(X, labels, **arguments)
    theirs.fit(X, labels, verbose=0, **arguments)
    assert ours.optimizer.variables["iterations"] == 100
    for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        assert np.allclose(a, b, atol=1e-5)


def test_the_whole_of_a_schedule_is_followed():
    schedule = nn.CosineDecay(0.01, 60, warmup_target=0.1, warmup_steps=20)
    ours, theirs = dense("sparse_categorical_crossentropy")
    ours.compile(nn.SGD(schedule), "sparse_categorical_crossentropy")
    theirs.compile(keras.optimizers.SGD(tree(schedule)), "sparse_categorical_crossentropy")
    arguments = {"batch_size": 16, "epochs": 25, "shuffle": False}
    ours.fit(X, labels, **arguments)
    theirs.fit(X, labels, verbose=0, **arguments)
    for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        assert np.allclose(a, b, atol=1e-5)


@pytest.fixture
def in_double():
    for precision in ("float64", "float32"):
        keras.config.set_floatx(precision)
        keras.config.set_dtype_policy(precision)
        if precision == "float64":
            yield


def alike(ours, theirs, y, **arguments):
    """That both train alike, in double precision: the values of each epoch, and the weights."""
    ours = ours.astype(np.float64)
    arguments = {"batch_size": 16, "epochs": 5, "shuffle": False, "verbose": 0} | arguments
    history = ours.fit(X, y, **arguments).history
    keras_history = theirs.fit(X, y, **arguments).history
    assert history.keys() == keras_history.keys()
    for name, values in history.items():
        assert np.allclose(values, keras_history[name], rtol=0, atol=1e-7), name
    for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        assert np.allclose(a, b, rtol=0, atol=1e-7)
    return ours


CLASSES = {
    "sparse_categorical_crossentropy": {0: 0.5, 2: 3.0},
    "categorical_crossentropy": {1: 0.0, 2: 2.0},
    "binary_crossentropy": {0: 0.3, 1: 5.0},
    "hinge": {-1: 4.0},
}
WEIGHTS = rng.uniform(0, 3, size=64)


@pytest.mark.usefixtures("in_double")
@pytest.mark.parametrize(
    ("loss", "by"),
    [*((loss, "example") for loss in LOSSES), *((loss, "class") for loss in CLASSES)],
)
def test_weights_count_alike(loss, by):
    last, units, y = LOSSES[loss]
    # Keras's accuracy compares −1 with 0.
    options = {"metrics": []} if loss == "hinge" else without_classes(loss)
    ours, theirs = dense(loss, last, units, **options)
    of_these = {"sample_weight": WEIGHTS} if by == "example" else {"class_weight": CLASSES[loss]}
    ours = alike(ours, theirs, y, validation_split=0.3, **of_these)
    mine = ours.evaluate(X, y, sample_weight=WEIGHTS, verbose=0)
    keras_ones = theirs.evaluate(X, y, sample_weight=WEIGHTS, verbose=0)
    assert np.allclose(mine, keras_ones, rtol=0, atol=1e-7)


@pytest.mark.usefixtures("in_double")
@pytest.mark.parametrize(
    "arguments",
    [
        {"validation_split": 0.01},
        {"validation_split": 0.9},
        {"validation_split": 0.5, "validation_data": (X[:9], labels[:9], WEIGHTS[:9])},
        {"validation_data": (X[:40], labels[:40]), "validation_batch_size": 7},
        {"initial_epoch": 3},
        {"initial_epoch": 5},
    ],
    ids=str,
)
def test_what_else_fit_is_given_means_the_same(arguments):
    alike(*dense("sparse_categorical_crossentropy"), labels, **arguments)


def test_both_refuse_a_split_that_leaves_nothing_and_weights_of_both_kinds():
    both = {"sample_weight": WEIGHTS, "class_weight": {0: 2.0}}
    for model in dense("sparse_categorical_crossentropy"):
        for given in ({"validation_split": 0.999}, both):
            with pytest.raises(ValueError, match=r"split|weight"):
                model.fit(X, labels, verbose=0, **given)


def test_callbacks_see_the_same_numbers():
    seen = []
    for model, kind in zip(
        dense("sparse_categorical_crossentropy"), (nn, keras.callbacks), strict=True
    ):

        class Seen(kind.Callback):
            def on_epoch_begin(self, epoch, logs=None):
                self.said = [("begin", epoch)]

            def on_train_batch_end(self, batch, logs):
                self.said.append((batch, sorted(logs)))

            def on_epoch_end(self, epoch, logs):
                seen.append([*self.said, ("end", epoch, sorted(logs)), self.params["epochs"]])

        arguments = {"batch_size": 32, "initial_epoch": 2, "epochs": 4, "validation_split": 0.25}
        model.fit(X, labels, callbacks=[Seen()], verbose=0, **arguments)
    assert seen[:2] == seen[2:]


@pytest.mark.usefixtures("in_double")
@pytest.mark.parametrize("from_logits", [False, True])
@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.9])
@pytest.mark.parametrize(
    ("name", "last", "units", "y"),
    [
        ("CategoricalCrossentropy", "softmax", 3, np.eye(3)[labels]),
        ("BinaryCrossentropy", "sigmoid", 1, (labels > 0) * 1.0),
        ("BinaryCrossentropy", "sigmoid", 3, np.eye(3)[labels]),
    ],
)
def test_labels_are_smoothed_alike(name, last, units, y, smoothing, from_logits):
    ours, theirs = dense("mse", None if from_logits else last, units, metrics=[])
    metrics = {"metrics": []} if from_logits else {"metrics": ["accuracy"]}
    if (name, units) == ("BinaryCrossentropy", 3):
        metrics = {"metrics": []}
    ours.compile(nn.SGD(0.1), getattr(nn, name)(from_logits, smoothing), **metrics)
    theirs.compile(
        keras.optimizers.SGD(0.1), getattr(keras.losses, name)(from_logits, smoothing), **metrics
    )
    alike(ours, theirs, y)


@pytest.mark.usefixtures("in_double")
@pytest.mark.parametrize("clipping", ["clipnorm", "clipvalue", "global_clipnorm"])
@pytest.mark.parametrize("name", ["SGD", "RMSprop", "Adam", "AdamW"])
def test_gradients_are_clipped_alike(name, clipping):
    """Penalties count, weight decay doesn't; arrays that are frozen have no part in it."""
    # Numbers that single precision has too, through which Keras takes them.
    betas = {"beta_1": 0.5, "beta_2": 0.75} if "Adam" in name else {}
    ours, theirs = pair(
        [nn.Input((5,)), nn.Dense(4), nn.Dense(4, "tanh", kernel_regularizer=nn.L2(0.5)),
         nn.Dense(3, "softmax")],
        [keras.Input((5,)), layers.Dense(4),
         layers.Dense(4, "tanh", kernel_regularizer=keras.regularizers.L2(0.5)),
         layers.Dense(3, "softmax")],
        "sparse_categorical_crossentropy",
        optimizer=(name, {"learning_rate": 0.1, clipping: 0.1} | betas),
    )  # fmt: skip
    for model in (ours, theirs):
        model.layers[0].trainable = False
    alike(ours, theirs, labels)


def networks() -> dict:
    """Layers, ours and Keras's, new ones each time."""
    return {
        "convolution": (
            [nn.Conv2D(3, 3, activation="relu"), nn.MaxPooling2D()],
            [layers.Conv2D(3, 3, activation="relu"), layers.MaxPooling2D()],
        ),
        "strides": (
            [nn.Conv2D(3, (3, 2), strides=(2, 1), padding="same", use_bias=False),
             nn.AveragePooling2D(2)],
            [layers.Conv2D(3, (3, 2), strides=(2, 1), padding="same", use_bias=False),
             layers.AveragePooling2D(2)],
        ),
        "dilation": (
            [nn.Conv2D(3, 2, dilation_rate=2, activation="elu"), nn.MaxPooling2D(3, 1, padding="same")],
            [layers.Conv2D(3, 2, dilation_rate=2, activation="elu"),
             layers.MaxPooling2D(3, 1, padding="same")],
        ),
        "larger images": (
            [nn.Conv2DTranspose(3, (4, 3), strides=(2, 3), activation="tanh"), nn.UpSampling2D((1, 2)),
             nn.Conv2DTranspose(2, (2, 4), strides=(3, 1), padding="same", use_bias=False),
             nn.MaxPooling2D(5)],
            [layers.Conv2DTranspose(3, (4, 3), strides=(2, 3), activation="tanh"),
             layers.UpSampling2D((1, 2)),
             layers.Conv2DTranspose(2, (2, 4), strides=(3, 1), padding="same", use_bias=False),
             layers.MaxPooling2D(5)],
        ),
        "sequences": (
            [nn.Reshape((14, 4)), nn.Conv1D(5, 3, padding="causal", dilation_rate=2, activation="relu"),
             nn.LayerNormalization(), nn.Conv1D(4, 4, strides=3, padding="same", use_bias=False),
             nn.Conv1D(3, 2), nn.GlobalMaxPooling1D()],
            [layers.Reshape((14, 4)),
             layers.Conv1D(5, 3, padding="causal", dilation_rate=2, activation="relu"),
             layers.LayerNormalization(),
             layers.Conv1D(4, 4, strides=3, padding="same", use_bias=False),
             layers.Conv1D(3, 2), layers.GlobalMaxPooling1D()],
        ),
        "normalization": (
            [nn.Conv2D(4, 3, padding="same"), nn.BatchNormalization(momentum=0.9), nn.Activation("silu"),
             nn.AveragePooling2D(3, 2, padding="same")],
            [layers.Conv2D(4, 3, padding="same"), layers.BatchNormalization(momentum=0.9),
             layers.Activation("silu"), layers.AveragePooling2D(3, 2, padding="same")],
        ),
        "regularized": (
            [nn.Reshape((4, 7, 2)), nn.Conv2D(2, 3, kernel_regularizer=nn.L2(0.01))],
            [layers.Reshape((4, 7, 2)),
             layers.Conv2D(2, 3, kernel_regularizer=keras.regularizers.L2(0.01))],
        ),
    }  # fmt: skip


@pytest.mark.parametrize("name", networks())
def test_networks_of_images_agree_forward_and_backward(name):
    """Predictions, loss, and the parameters after a step, so the gradients; in training mode too."""
    mine, theirs = networks()[name]
    ours, theirs = pair(
        [nn.Input((7, 8, 1)), *mine, nn.Flatten(), nn.Dense(3, "softmax")],
        [keras.Input((7, 8, 1)), *theirs, layers.Flatten(), layers.Dense(3, "softmax")],
        "sparse_categorical_crossentropy",
        optimizer=("SGD", {"learning_rate": 1.0}),
    )
    images = rng.normal(size=(16, 7, 8, 1)).astype("float32")
    assert np.allclose(ours.predict(images), theirs.predict(images, verbose=0), atol=1e-5)
    assert np.isclose(
        ours.evaluate(images, labels[:16])[0],
        theirs.evaluate(images, labels[:16], verbose=0)[0],
        atol=1e-5,
    )
    ours.fit(images, labels[:16], batch_size=16)
    theirs.fit(images, labels[:16], batch_size=16, verbose=0)
    for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        assert np.allclose(a, b, atol=1e-5)
    assert ours.count_params() == theirs.count_params()


def test_input_gradients_agree():
    """That of a convolution on the way to another layer, through a network of two."""
    ours, theirs = pair(
        [nn.Input((6, 6, 2)), nn.Conv2D(3, 3, padding="same"), nn.Conv2D(2, 3, strides=2), nn.Flatten(),
         nn.Dense(3, "softmax")],
        [keras.Input((6, 6, 2)), layers.Conv2D(3, 3, padding="same"), layers.Conv2D(2, 3, strides=2),
         layers.Flatten(), layers.Dense(3, "softmax")],
        "sparse_categorical_crossentropy",
        optimizer=("SGD", {"learning_rate": 1.0}),
    )  # fmt: skip
    images = rng.normal(size=(16, 6, 6, 2)).astype("float32")
    ours.fit(images, labels[:16], batch_size=16)
    theirs.fit(images, labels[:16], batch_size=16, verbose=0)
    for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        assert np.allclose(a, b, atol=1e-5)


def deep():
    """Layers of all kinds that freezing matters to, ours and theirs."""
    penalty, keras_one = nn.L2(0.05), keras.regularizers.L2(0.05)
    ours = [
        nn.Dense(6, "tanh", kernel_regularizer=penalty), nn.BatchNormalization(momentum=0.8),
        nn.Dense(5, "elu", kernel_regularizer=penalty), nn.BatchNormalization(momentum=0.7),
        nn.Dense(3, "softmax"),
    ]  # fmt: skip
    theirs = [
        layers.Dense(6, "tanh", kernel_regularizer=keras_one), layers.BatchNormalization(momentum=0.8),
        layers.Dense(5, "elu", kernel_regularizer=keras_one), layers.BatchNormalization(momentum=0.7),
        layers.Dense(3, "softmax"),
    ]  # fmt: skip
    return ours, theirs


OPTIMIZERS_WITH_MEMORY = [
    ("SGD", {"learning_rate": 0.05, "momentum": 0.9, "nesterov": True}),
    ("RMSprop", {"learning_rate": 0.003, "epsilon": 1e-3}),
    ("AdamW", {"learning_rate": 0.003, "weight_decay": 0.1, "epsilon": 1e-3}),
]


@pytest.mark.parametrize("frozen", [(0, 1), (1, 2), (4,), (0, 1, 2, 3)], ids=str)
@pytest.mark.parametrize("optimizer", OPTIMIZERS_WITH_MEMORY, ids=lambda pair: pair[0])
def test_frozen_layers_are_those_of_keras(frozen, optimizer, capsys):
    mine, keras_ones = deep()
    for number in frozen:
        mine[number].trainable = keras_ones[number].trainable = False
    ours, theirs = pair(
        [nn.Input((5,)), *mine], [keras.Input((5,)), *keras_ones],
        "sparse_categorical_crossentropy", optimizer=optimizer, metrics=(),
    )  # fmt: skip
    before = ours.get_weights()
    assert np.isclose(ours.evaluate(X, labels), theirs.evaluate(X, labels, verbose=0), atol=1e-5)
    arguments = {"batch_size": 16, "epochs": 6, "shuffle": False}
    history = ours.fit(X, labels, **arguments).history["loss"]
    assert np.allclose(
        history, theirs.fit(X, labels, verbose=0, **arguments).history["loss"], atol=1e-5
    )
    moved = [(a != b).any() for a, b in zip(before, ours.get_weights(), strict=True)]
    keras_weights = [w for layer in theirs.layers for w in layer.get_weights()]
    for a, b in zip(ours.get_weights(), keras_weights, strict=True):
        assert np.allclose(a, b, atol=1e-5)
    assert moved == [n not in frozen for n, layer in enumerate(mine) for _ in layer.blocks]
    trained = sum(int(np.prod(v.shape)) for v in theirs.trainable_variables)
    capsys.readouterr()
    ours.summary()
    counts = [line.split()[-1] for line in capsys.readouterr().out.splitlines()[-3:]]
    assert counts == [
        f"{n:,}" for n in (ours.count_params(), trained, ours.count_params() - trained)
    ]


def test_a_frozen_model_is_that_of_keras():
    ours, theirs = dense("sparse_categorical_crossentropy")
    ours.trainable = theirs.trainable = False
    theirs.compile("sgd", "sparse_categorical_crossentropy")
    assert ours.trainable == theirs.trainable
    assert [layer.trainable for layer in ours.layers] == [
        layer.trainable for layer in theirs.layers
    ]
    ours.trainable = theirs.trainable = True
    assert all(layer.trainable for layer in ours.layers)
    assert all(layer.trainable for layer in theirs.layers)


class Script(keras.callbacks.Callback):
    def __init__(self, values):
        super().__init__()
        self.values = values

    def on_epoch_end(self, epoch, logs=None):
        logs["val_loss"] = self.values[epoch]


class OurScript(nn.Callback):
    def __init__(self, values):
        self.values = values

    def on_epoch_end(self, epoch, logs):
        logs["val_loss"] = self.values[epoch]


@pytest.mark.parametrize(
    ("arguments", "values"),
    [({}, [3, 2, 2, 1]), ({"patience": 2}, [3, 2, 2, 1]), ({"patience": 2}, [1, 2, 2, 1]),
     ({"min_delta": 1.5}, [3, 2, 1, 0]), ({"patience": 1, "mode": "max"}, [1, 2, 3, 2])],
)  # fmt: skip
def test_early_stopping_stops_where_keras_does(arguments, values):
    ours, theirs = dense("sparse_categorical_crossentropy")
    mine, keras_one = nn.EarlyStopping(**arguments), keras.callbacks.EarlyStopping(**arguments)
    ours.fit(X, labels, epochs=4, callbacks=[OurScript(values), mine])
    theirs.fit(X, labels, epochs=4, callbacks=[Script(values), keras_one], verbose=0)
    assert mine.stopped_epoch == keras_one.stopped_epoch
    assert mine.best_epoch == keras_one.best_epoch


@pytest.mark.parametrize(
    "name", ["MeanSquaredError", "MeanAbsoluteError", "BinaryCrossentropy", "Hinge"]
)
@pytest.mark.parametrize(
    "shapes", [((64,), (64, 1)), ((64, 1), (64,)), ((64,), (64,)), ((64, 1), (64, 1))]
)
@pytest.mark.parametrize("dtype", ["uint8", "bool", "float32"])
def test_vectors_and_columns_are_compared_alike(name, shapes, dtype):
    Y, Y_hat = (labels > 0).astype(dtype), rng.uniform(0.1, 0.9, size=64).astype("float32")
    Y, Y_hat = Y.reshape(shapes[0]), Y_hat.reshape(shapes[1])
    expected = float(getattr(keras.losses, name)()(Y, Y_hat))
    assert np.isclose(getattr(nn, name)().forward(Y, Y_hat), expected, rtol=1e-5)


def test_labels_given_directly_are_treated_alike():
    P = rng.dirichlet(np.ones(3), 64).astype("float32")
    for y in (labels, labels[:, None], labels.astype("uint8")):
        expected = float(keras.losses.SparseCategoricalCrossentropy()(y, P))
        assert np.isclose(nn.SparseCategoricalCrossentropy().forward(y, P), expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("last", "units", "loss", "y"),
    [
        ("softmax", 3, "SparseCategoricalCrossentropy", labels),
        ("sigmoid", 1, "BinaryCrossentropy", labels > 0),
    ],
)
def test_both_warn_of_probabilities_where_scores_are_expected(last, units, loss, y):
    ours = nn.Sequential([nn.Input((5,)), nn.Dense(units, last)])
    with pytest.warns(UserWarning, match="from_logits"):
        ours.compile("sgd", getattr(nn, loss)(from_logits=True))
    theirs = keras.Sequential([keras.Input((5,)), layers.Dense(units, last)])
    theirs.compile("sgd", getattr(keras.losses, loss)(from_logits=True))
    with pytest.warns(UserWarning, match="from_logits"):
        theirs.fit(X, y[:, None].astype("float32"), verbose=0)


def test_both_refuse_to_guess_a_direction():
    """``"auto"`` knows what is better of these names, and of no others."""
    for name in ("loss", "accuracy", "val_accuracy"):
        ours, theirs = dense("sparse_categorical_crossentropy")
        mine, keras_one = nn.EarlyStopping(name), keras.callbacks.EarlyStopping(name)
        data = {"validation_data": (X, labels)}
        ours.fit(X, labels, callbacks=[mine], **data)
        theirs.fit(X, labels, callbacks=[keras_one], verbose=0, **data)
        assert mine.sign == (1 if keras_one.monitor_op(2, 1) else -1)
    ours, theirs = dense("sparse_categorical_crossentropy")
    for model, kind, more in ((ours, nn, {}), (theirs, keras.callbacks, {"verbose": 0})):
        with pytest.raises(ValueError, match="other"):
            model.fit(X, labels, callbacks=[kind.EarlyStopping("val_other")], **more)
