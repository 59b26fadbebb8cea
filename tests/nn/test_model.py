"""Training as a whole: what fit, evaluate and predict promise, and what they refuse."""

import copy
import pickle
import re
import tracemalloc

import numpy as np
import pytest
import safetensors.numpy

from groundup import nn
from groundup.nn import blocks

rng = np.random.default_rng(0)
X = rng.normal(size=(50, 3)).astype("float32")
labels = (X[:, 0] > 0).astype(int)


def classifier(learning_rate=0.5, **options):
    model = nn.Sequential([nn.Input((3,)), nn.Dense(2, activation="softmax", **options)])
    model.compile(nn.SGD(learning_rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def test_training_learns():
    model = classifier()
    history = model.fit(X, labels, batch_size=10, epochs=60).history
    assert history["loss"][-1] < history["loss"][0] / 2
    assert model.evaluate(X, labels)[1] > 0.95


def test_the_same_seed_gives_the_same_weights():
    found = []
    for _ in range(2):
        nn.set_random_seed(7)
        model = classifier()
        model.fit(X, labels, epochs=3)
        found.append(model.parameters)
    assert (found[0] == found[1]).all()


def test_a_batch_larger_than_the_data_is_one_batch():
    whole, larger = classifier(kernel_initializer="zeros"), classifier(kernel_initializer="zeros")
    whole.fit(X, labels, batch_size=len(X), shuffle=False)
    larger.fit(X, labels, batch_size=1000, shuffle=False)
    assert (whole.parameters == larger.parameters).all()


def test_every_example_counts_once_in_the_loss_of_an_epoch():
    model = classifier(learning_rate=0.0)
    history = model.fit(X, labels, batch_size=32).history  # 50 = 32 + 18
    loss, accuracy = model.evaluate(X, labels)
    assert np.isclose(history["loss"][0], loss)
    assert np.isclose(history["accuracy"][0], accuracy)


def test_every_example_is_seen_once_an_epoch():
    """With the loss linear in the weights, the order of the examples can't matter."""
    model = nn.Sequential([nn.Input((3,)), nn.Dense(2, activation="softmax")])
    model.compile(nn.SGD(1e-6), "sparse_categorical_crossentropy")
    start = model.parameters.astype(np.float64)
    expected = -1e-6 * 5 * model.astype(np.float64).gradients(X, labels)
    model = model.astype(np.float64)
    model.fit(X.astype(np.float64), labels, batch_size=10)
    assert np.allclose(model.parameters - start, expected, rtol=1e-3, atol=1e-12)


def test_validation_data_are_evaluated_after_each_epoch():
    model = classifier()
    history = model.fit(X, labels, epochs=2, validation_data=(X[:20], labels[:20])).history
    assert set(history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert history["val_loss"][-1] == model.evaluate(X[:20], labels[:20])[0]


def test_evaluate_gives_what_keras_gives():
    model = classifier()
    loss, accuracy = model.evaluate(X, labels)
    assert model.evaluate(X, labels, return_dict=True) == {"loss": loss, "accuracy": accuracy}
    model.compile("sgd", "sparse_categorical_crossentropy")
    assert model.evaluate(X, labels) == loss


def test_batches_make_no_difference_to_predictions():
    model = classifier()
    assert np.allclose(model.predict(X, batch_size=7), model.predict(X, batch_size=50), atol=1e-6)


def test_a_model_without_input_is_built_by_its_data():
    model = nn.Sequential([nn.Dense(2, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    with pytest.raises(RuntimeError, match="isn't built"):
        model.count_params()
    model.fit(X, labels)
    assert model.count_params() == 8
    model = nn.Sequential([nn.Reshape((2, 3)), nn.Flatten(), nn.Dense(2)])
    assert model.predict(np.ones((4, 3, 2))).shape == (4, 2)
    assert model.input_shape == (3, 2)


@pytest.mark.parametrize(
    "duplicate", [copy.copy, copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))]
)
def test_a_copy_learns_by_itself(duplicate):
    model = classifier()
    before = model.predict(X)
    other = duplicate(model)
    other.fit(X, labels, epochs=5)
    assert (model.predict(X) == before).all()
    assert other.evaluate(X, labels)[0] < model.evaluate(X, labels)[0]


def test_a_refused_compile_changes_nothing():
    model = classifier()
    with pytest.raises(ValueError, match="unknown loss"):
        model.compile("sgd", "l1")
    model.fit(X, labels)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_in_another_precision_every_array_is_in_it(dtype):
    """Those that no gradient changes too."""
    layers = [nn.Dense(2), nn.BatchNormalization(), nn.Dense(1)]
    blocks = [*nn.Sequential([nn.Input((3,)), *layers]).astype(dtype).blocks()]
    assert {block.values.dtype for block in blocks} == {np.dtype(dtype)}
    gradients = [block.gradient for block in blocks if block.gradient is not None]
    assert {gradient.dtype for gradient in gradients} == {np.dtype(dtype)}


def test_a_step_is_taken_in_the_models_precision():
    """A learning rate that is a NumPy number doesn't make single precision double."""
    found = []
    for rate in (0.3, np.float64(0.3)):
        nn.set_random_seed(0)
        model = classifier(learning_rate=rate)
        model.fit(X, labels, epochs=2)
        found.append(model.parameters)
    assert (found[0] == found[1]).all()


def test_divergence_is_said_and_the_history_kept():
    model = nn.Sequential([nn.Input((3,)), nn.Dense(1)])
    model.compile(nn.SGD(1e3), "mse")
    with pytest.raises(
        RuntimeError,
        match=r"diverged in epoch (\d+), step [12]: the loss became .* below 1000\.0, or scale",
    ) as said:
        model.fit(X, labels.astype("float32"), epochs=50)
    epoch = int(re.search(r"in epoch (\d+)", str(said.value))[1])
    losses = model.history.history["loss"]
    assert len(losses) == epoch - 1 >= 1
    assert losses == sorted(losses)
    assert np.isfinite(model.parameters).all(), "the step that failed was not taken"


def test_divergence_names_the_step():
    """Batches of 20: the loss of the third is the first to overflow."""
    model = nn.Sequential([nn.Input((3,)), nn.Dense(1)])
    model.compile(nn.SGD(1e20), "mse")
    with pytest.raises(RuntimeError, match=r"in epoch 1, step 2: the loss became (inf|nan);"):
        model.fit(np.ones((60, 3)), np.ones(60), batch_size=20)
    assert model.history.history == {}


def test_a_batch_of_one_is_a_batch():
    model = classifier()
    model.fit(X[:3], labels[:3], batch_size=1)
    assert np.allclose(model.predict(X, batch_size=1), model.predict(X), atol=1e-6)


def test_batches_are_of_thirty_two():
    seen = []

    class Counted(nn.Dense):
        def forward(self, X):
            seen.append(len(X))
            return super().forward(X)

    model = nn.Sequential([nn.Input((3,)), Counted(2, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    for act in (
        lambda: model.fit(X, labels),
        lambda: model.evaluate(X, labels),
        lambda: model.predict(X),
    ):
        act()
        assert seen == [32, 18]
        seen.clear()


def test_divergence_under_a_schedule_names_the_rate_of_the_moment():
    model = nn.Sequential([nn.Input((3,)), nn.Dense(1)])
    model.compile(nn.SGD(nn.PiecewiseConstantDecay([0], [1.0, 500.0])), "mse")
    with pytest.raises(RuntimeError, match=r"below 500\.0"):
        model.fit(X, labels.astype("float32"), epochs=50)


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda: nn.Sequential([nn.Dense(2)] * 2), ValueError, "in use already"),
        (lambda: nn.Sequential(classifier().layers), ValueError, "in use already"),
        (lambda: classifier().build((3,)), RuntimeError, "built already"),
        (
            lambda: nn.Sequential([nn.Dense(2)]).astype(float),
            RuntimeError,
            "^the model isn't built: call build, or give an Input layer first$",
        ),
        (lambda: nn.Sequential([]), ValueError, "at least one layer"),
        (lambda: nn.Sequential(["dense"]), TypeError, "expected layers, got 'dense'"),
        (
            lambda: nn.Sequential([nn.Input((2, 2)), nn.Dense(1), nn.Conv2D(1, 1)]),
            ValueError,
            r"\(height, width, channels\), got examples of shape \(2, 1\)",
        ),
        (lambda: nn.Sequential([nn.Dense(1)]).fit(X, labels), RuntimeError, "compile"),
        (lambda: classifier().compile("adagrad"), ValueError, "unknown optimizer 'adagrad'"),
        (lambda: classifier().compile("sgd", "l1"), ValueError, "unknown loss 'l1'"),
        (
            lambda: classifier().compile("sgd", "mse", metrics=["f1"]),
            ValueError,
            "unknown metric 'f1'; expected one of 'accuracy'",
        ),
        (lambda: classifier().fit(X[:, :2], labels), ValueError, r"\(3,\), got .* \(50, 2\)"),
        (lambda: classifier().fit(X[0], labels[:3]), ValueError, "examples as rows"),
        (lambda: classifier().fit(X[:0], labels[:0]), ValueError, "at least one"),
        (lambda: classifier().fit(X, labels[:5]), ValueError, "each of 50 examples, got 5"),
        (lambda: classifier().fit(X, labels + 1), ValueError, "labels from 0 to 1 .* from 1 to 2"),
        (lambda: classifier().fit(X, labels - 1), ValueError, "from -1 to 0"),
        (lambda: classifier().fit(X, labels * 1.0), TypeError, "whole numbers, got dtype float64"),
        (lambda: classifier().fit(X, np.eye(2)[labels]), ValueError, r"labels of shape"),
        (
            lambda: classifier().fit(X * np.nan, labels),
            ValueError,
            r"examples that are finite in float32, got nan at index \(0, 0\) and 149 more",
        ),
        (
            lambda: classifier().predict(np.full((2, 3), -np.inf)),
            ValueError,
            "that are finite in float32, got -inf",
        ),
        (
            lambda: classifier().evaluate(X.astype(str), labels),
            TypeError,
            "real numbers, got dtype <U",
        ),
        (
            lambda: classifier().fit(X, labels, validation_data=(X[:, :2], labels)),
            ValueError,
            r"\(50, 2\)",
        ),
        (
            lambda: nn.Sequential([nn.Input((3,)), nn.Flatten()]),
            ValueError,
            "a layer with parameters",
        ),
        (
            lambda: classifier().evaluate(X, labels, batch_size=0),
            ValueError,
            "whole number for batch_size, got 0",
        ),
        (
            lambda: classifier().predict(X, batch_size=-1),
            ValueError,
            "whole number for batch_size, got -1",
        ),
        (lambda: classifier().fit(X, 3), ValueError, "each of 50 examples, got a single number"),
        (
            lambda: classifier().compile("sgd"),
            ValueError,
            "^expected a loss, such as 'mean_squared_error', got None$",
        ),
        (
            lambda: nn.Sequential([nn.ReLU()]),
            TypeError,
            r"got ReLU\(\); write Activation\(ReLU\(\)\)",
        ),
        (
            lambda: classifier().fit(X, labels, batch_size=0),
            ValueError,
            "whole number for batch_size, got 0",
        ),
    ],
)
def test_bad_input_is_refused(act, error, message):
    with pytest.raises(error, match=message):
        act()


def test_targets_must_fit_the_outputs():
    model = nn.Sequential([nn.Input((3,)), nn.Dense(2)])
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match=r"\(examples, 2\), got \(50,\)"):
        model.fit(X, labels)


def test_a_single_output_is_right_on_its_side_of_a_half():
    model = nn.Sequential([nn.Input((3,)), nn.Dense(1, "sigmoid")])
    model.compile(nn.SGD(1.0), "binary_crossentropy", metrics=["accuracy", nn.Precision()])
    model.fit(X, labels, epochs=60)
    values = model.evaluate(X, labels, return_dict=True)
    said = model.predict(X)[:, 0] > 0.5
    assert values["accuracy"] == (said == labels).mean() > 0.9
    assert values["precision"] == labels[said].mean()


def test_metrics_of_an_epoch_are_those_of_all_its_examples():
    """Precision by batches isn't the mean of their precisions; the sums of their counts are."""
    nn.set_random_seed(0)
    model = nn.Sequential([nn.Input((3,)), nn.Dense(1)])
    model.compile(nn.SGD(0.0), "mse", metrics=["precision", "recall", "f1_score"])
    history = model.fit(X, labels, batch_size=3).history
    whole = model.evaluate(X, labels, batch_size=50, return_dict=True)
    assert 0 < whole["precision"] < 1
    assert {name: values[0] for name, values in history.items()} == pytest.approx(whole, rel=1e-5)


def test_a_penalty_is_part_of_the_loss():
    plain, penalized = (
        classifier(kernel_initializer="ones", kernel_regularizer=regularizer)
        for regularizer in (None, nn.L2(0.1))
    )
    assert np.isclose(penalized.evaluate(X, labels)[0], plain.evaluate(X, labels)[0] + 0.1 * 6)
    (history,) = (penalized.fit(X, labels, epochs=1, batch_size=50).history,)
    assert np.isclose(history["loss"][0], plain.evaluate(X, labels)[0] + 0.1 * 6)


def test_sure_mistakes_have_their_true_loss():
    """Through the scores: from probabilities alone the loss would end at −log 1e-7, 16."""
    model = nn.Sequential([nn.Input((1,)), nn.Dense(2, "softmax")])
    model.compile(nn.SGD(0.1), "sparse_categorical_crossentropy")
    model.parameters[:] = [200, 0, 0, 0]
    assert model.evaluate([[1.0]], [1]) == 200
    assert (model.gradients([[1.0]], [1]) == [1, -1, 1, -1]).all(), "and they learn"
    model = nn.Sequential([nn.Input((1,)), nn.Dense(1, "sigmoid")])
    model.compile(nn.SGD(0.1), "binary_crossentropy")
    model.parameters[:] = [200, 0]
    assert model.evaluate([[1.0]], [0]) == 200
    assert (model.gradients([[1.0]], [0]) == [1, 1]).all()


def test_dropout_and_averages_are_for_training():
    nn.set_random_seed(0)
    model = nn.Sequential(
        [nn.Input((3,)), nn.BatchNormalization(), nn.Dropout(0.5), nn.Dense(2, "softmax")]
    )
    model.compile("sgd", "sparse_categorical_crossentropy")
    state = model.state.copy()
    assert (model.predict(X) == model.predict(X)).all()
    model.evaluate(X, labels)
    assert (model.state == state).all()
    assert model.training_loss(X, labels) != model.training_loss(X, labels)
    assert (model.state != state).all()


def test_a_network_of_images_learns():
    """Bars that lie and bars that stand, told apart by a convolution."""
    draw = np.random.default_rng(0)
    images, kinds = np.zeros((80, 6, 6, 1), np.float32), draw.integers(2, size=80)
    for image, kind, place in zip(images, kinds, draw.integers(6, size=80), strict=True):
        image[(slice(None), place) if kind else place] = 1
    nn.set_random_seed(1)
    model = nn.Sequential(
        [
            nn.Conv2D(4, 3, padding="same", activation="relu", kernel_initializer="he_normal"),
            nn.MaxPooling2D(),
            nn.BatchNormalization(),
            nn.Flatten(),
            nn.Dense(2, activation="softmax"),
        ]
    )
    model.compile(nn.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(
        images[:60], kinds[:60], epochs=40, validation_data=(images[60:], kinds[60:])
    )
    assert history.history["val_accuracy"][-1] == 1.0


def test_layers_are_views_into_the_flat_vectors():
    model = nn.Sequential([nn.Input((2,)), nn.Dense(3), nn.BatchNormalization(), nn.Dense(1)])
    assert model.parameters.size == 2 * 3 + 3 + 2 * 3 + 3 + 1
    assert model.count_params() == model.parameters.size + 2 * 3
    model.parameters[:] = np.arange(19)
    first, normalization, last = model.layers
    assert (first.W == [[0, 1, 2], [3, 4, 5]]).all()
    assert (first.b == [6, 7, 8]).all()
    assert (normalization.gamma == [9, 10, 11]).all()
    assert (last.W == [[15], [16], [17]]).all()
    assert (last.b == [18]).all()
    last.db[:] = 7
    assert model.parameter_gradients[-1] == 7
    model.state[:] = np.arange(6)
    assert (normalization.moving_mean == [0, 1, 2]).all()
    assert (normalization.moving_variance == [3, 4, 5]).all()
    assert [block.name for block in model.blocks()] == [
        "dense/W", "dense/b", "batch_normalization/gamma", "batch_normalization/beta",
        "batch_normalization/moving_mean", "batch_normalization/moving_variance",
        "dense_1/W", "dense_1/b",
    ]  # fmt: skip
    assert [block.gradient is None for block in model.blocks()] == [False] * 4 + [True] * 2 + [
        False
    ] * 2


def test_weights_are_given_and_taken():
    model = nn.Sequential([nn.Input((3,)), nn.Dense(2), nn.BatchNormalization()])
    weights = [np.full(w.shape, float(n)) for n, w in enumerate(model.get_weights())]
    model.set_weights(weights)
    assert (model.layers[0].b == 1).all()
    assert (model.layers[1].moving_variance == 5).all()
    taken = model.get_weights()
    assert all((a == b).all() for a, b in zip(taken, weights, strict=True))
    taken[0][:] = 99
    assert (model.layers[0].W == 0).all(), "a copy"
    with pytest.raises(ValueError, match=r"shapes \[\(3, 2\), .* got \[\(2, 3\)"):
        model.set_weights([weights[0].T, *weights[1:]])


def test_layers_of_a_failed_build_can_be_used_again():
    first, second = nn.Dense(4), nn.Dense(2)
    part = nn.Dense(4)
    with pytest.raises(ValueError, match="examples of shape"):
        nn.Sequential([nn.Input((3,)), first, nn.Residual([part]), nn.Conv2D(1, 1), second])
    model = nn.Sequential([nn.Input((3,)), first, part, second])
    assert model.count_params() == 4 * 4 + 5 * 4 + 5 * 2


def test_loading_leaves_chance_alone(tmp_path):
    nn.set_random_seed(3)
    classifier().save(tmp_path / "model")
    before = nn.random.generator.bit_generator.state
    nn.load_model(tmp_path / "model")
    assert nn.random.generator.bit_generator.state == before


def test_names_of_layers_are_keras_names():
    layers = [
        nn.Conv2D(1, 2),
        nn.MaxPooling2D(),
        nn.Conv2D(1, 2),
        nn.GlobalAveragePooling2D(),
        nn.Dense(1),
    ]
    assert blocks.names(layers) == [
        "conv2d", "max_pooling2d", "conv2d_1", "global_average_pooling2d", "dense",
    ]  # fmt: skip


def test_a_summary_says_what_there_is(capsys):
    nn.Sequential(
        [nn.Input((8, 8, 1)), nn.Conv2D(4, 3), nn.BatchNormalization(), nn.Flatten(), nn.Dense(10)]
    ).summary()
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == ["Layer", "(type)", "Output", "shape", "Parameters"]
    assert ["conv2d", "(Conv2D)", "(m,", "6,", "6,", "4)", "40"] in lines
    assert ["batch_normalization", "(BatchNormalization)", "(m,", "6,", "6,", "4)", "16"] in lines
    assert ["flatten", "(Flatten)", "(m,", "144)", "0"] in lines
    assert ["dense", "(Dense)", "(m,", "10)", "1,450"] in lines
    assert ["Parameters", "1,506"] in lines
    assert ["trainable", "1,498"] in lines
    assert ["not", "trainable", "8"] in lines
    rulers = [line for line in lines if line and "─" in line[0]]
    assert rulers == [["─" * 70]] * 2


def test_the_data_are_left_alone():
    before = X.copy(), labels.copy()
    model = nn.Sequential([nn.Activation("relu"), nn.Dense(2, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(X, labels, epochs=2)
    assert (before[0] == X).all()
    assert (before[1] == labels).all()


def test_a_model_trains_in_single_precision():
    model = nn.Sequential([nn.Input((2,)), nn.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(np.ones((4, 2)), np.ones(4))
    assert model.parameters.dtype == np.float32
    assert model.predict(np.ones((1, 2))).dtype == np.float32
    assert model.predict([[1, 2], [3, 4]]).shape == (2, 1), "lists and whole numbers are welcome"


@pytest.mark.parametrize(
    ("make", "width"),
    [(lambda: [], 10), (lambda: [nn.Dense(64, "relu"), nn.Dense(64, "relu")], 64)],
)
def test_training_needs_little_memory(make, width):
    """No more than 1.3 times data, parameters, gradients, moments and one batch's activations."""
    m, d = 20_000, 100
    data = np.random.default_rng(0).random((m, d), dtype=np.float32)
    classes = np.arange(m) % 10
    model = nn.Sequential([nn.Input((d,)), *make(), nn.Dense(10, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(data[:100], classes[:100])
    tracemalloc.start()
    model.fit(data, classes, batch_size=100)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    activations = 4 * 100 * (d + 4 * width + 2 * 10)
    needed = data.nbytes + classes.nbytes + 4 * model.parameters.nbytes + activations
    already = data.nbytes + classes.nbytes + 4 * model.parameters.nbytes
    assert already + peak <= 1.3 * needed


class Lines(nn.Callback):
    """Writes down what it is told."""

    def __init__(self):
        self.said = []

    def on_train_begin(self, logs=None):
        self.said.append(("begin", type(self.model).__name__))

    def on_epoch_end(self, epoch, logs):
        self.said.append((epoch, sorted(logs)))

    def on_train_end(self, logs=None):
        self.said.append("end")


def test_callbacks_are_told():
    callback, model = Lines(), classifier()
    model.fit(X, labels, epochs=2, callbacks=[callback], validation_data=(X, labels))
    names = ["accuracy", "loss", "val_accuracy", "val_loss"]
    assert callback.said == [("begin", "Sequential"), (0, names), (1, names), "end"]


class Script(nn.Callback):
    """Gives the monitored value one after the other, and the parameters a number to know them by."""

    def __init__(self, values, name="val_loss"):
        self.values, self.name = values, name

    def on_epoch_end(self, epoch, logs):
        logs[self.name] = self.values[epoch]
        self.model.parameters[:] = epoch


@pytest.mark.parametrize(
    ("arguments", "values", "epochs", "best"),
    [
        ({}, [3, 2, 2, 1, 0], 3, 1),
        ({"patience": 1}, [3, 2, 2, 1, 0], 3, 1),
        ({"patience": 2}, [3, 2, 2, 1, 0], 5, 4),
        ({"patience": 2}, [3, 2, 2, 5, 0], 4, 1),
        ({"min_delta": 1.5}, [3, 2, 1, 1, 0], 2, 0),
        ({"min_delta": -1.5}, [3, 2, 1, 1, 0], 2, 0),
        ({"mode": "max"}, [3, 4, 5, 4, 9], 4, 2),
        ({"mode": "max", "min_delta": 1.5}, [3, 4, 5, 6, 9], 2, 0),
        ({"mode": "min", "min_delta": 1.5}, [3, 2, 1, 1, 0], 2, 0),
        ({"monitor": "val_accuracy", "min_delta": 1.5}, [3, 4, 5, 6, 9], 2, 0),
        ({"monitor": "val_accuracy"}, [3, 4, 5, 4, 9], 4, 2),
        ({"monitor": "val_accuracy", "mode": "min"}, [3, 4, 5, 4, 9], 2, 0),
    ],
)
def test_early_stopping(arguments, values, epochs, best):
    script = Script(values, arguments.get("monitor", "val_loss"))
    for restore in (False, True):
        stopping, model = nn.EarlyStopping(**arguments, restore_best_weights=restore), classifier()
        for _ in range(2):  # a second fit starts afresh
            history = model.fit(X, labels, epochs=5, callbacks=[script, stopping]).history
            assert len(history["loss"]) == epochs
            assert stopping.best_epoch == best
            assert stopping.best == values[best]
            assert (model.parameters == (best if restore else epochs - 1)).all()
        assert stopping.stopped_epoch == (epochs - 1 if epochs < 5 else 0)


def test_early_stopping_needs_what_it_monitors():
    with pytest.raises(ValueError, match="one of loss, accuracy, got 'val_loss'"):
        classifier().fit(X, labels, callbacks=[nn.EarlyStopping()])
    with pytest.raises(ValueError, match="mode 'auto', 'min' or 'max', got 'least'"):
        nn.EarlyStopping(mode="least")


def test_progress_is_a_line_for_each_epoch(capsys):
    history = classifier().fit(X, labels, epochs=2, callbacks=[nn.ProgbarLogger()]).history
    lines = capsys.readouterr().out.splitlines()
    for number, line in enumerate(lines, start=1):
        values = " - ".join(f"{name}: {values[number - 1]:.4f}" for name, values in history.items())
        assert re.fullmatch(rf"Epoch {number}/2 - \d+\.\d s - {values}", line)
    assert len(lines) == 2


def test_an_epochs_time_is_its_own(capsys, monkeypatch):
    clock = iter([100.0, 102.0, 103.0, 106.5, 107.0, 108.0, 1000.0, 1000.5])
    logger = nn.ProgbarLogger()
    monkeypatch.setattr("time.perf_counter", lambda: next(clock))
    for epochs in (3, 1):  # two trainings, each with a clock that begins anew
        logger.set_params({"verbose": 2, "epochs": epochs, "steps": 1})
        logger.on_train_begin()
        for epoch in range(epochs):
            logger.on_epoch_begin(epoch)
            logger.on_epoch_end(epoch, {"loss": 1.0})
    times = re.findall(r"- (\d+\.\d) s -", capsys.readouterr().out)
    assert times == ["2.0", "3.5", "1.0", "0.5"]


def test_training_goes_on_where_it_stopped():
    nn.set_random_seed(0)
    whole, parts = classifier(kernel_initializer="zeros"), classifier(kernel_initializer="zeros")
    whole.compile("adam", "sparse_categorical_crossentropy")
    parts.compile("adam", "sparse_categorical_crossentropy")
    whole.fit(X, labels, epochs=2, shuffle=False)
    for _ in range(2):
        parts.fit(X, labels, shuffle=False)
    assert (whole.parameters == parts.parameters).all()


def saved(folder, model):
    model.save(folder / "model.safetensors")
    return nn.load_model(folder / "model.safetensors")


def everything(images=False):
    nn.set_random_seed(0)
    layers = [
        nn.Reshape((3, 1, 1)), nn.Conv2D(2, (2, 1), padding="same", activation=nn.LeakyReLU(0.1)),
        nn.BatchNormalization(momentum=0.5), nn.MaxPooling2D(1), nn.Dropout(0.1), nn.Flatten(),
        nn.Dense(4, "gelu", kernel_regularizer=nn.L2(0.01)), nn.Dense(2, "softmax"),
    ]  # fmt: skip
    model = nn.Sequential(layers)
    schedule = nn.CosineDecay(0.01, 10, warmup_target=0.1, warmup_steps=2)
    model.compile(
        nn.Adam(schedule, epsilon=1e-5, clipnorm=0.5),
        nn.SparseCategoricalCrossentropy(),
        metrics=["accuracy", nn.BinaryAccuracy(threshold=0.3)],
    )
    return model


def test_a_saved_model_goes_on_as_if_nothing_had_happened(tmp_path):
    model = everything()
    model.fit(X, labels, epochs=2)
    other = saved(tmp_path, model)
    assert [p.name for p in tmp_path.iterdir()] == ["model.safetensors"]
    assert other.input_shape == (3,)
    assert (other.predict(X) == model.predict(X)).all()
    assert other.evaluate(X, labels, return_dict=True) == model.evaluate(
        X, labels, return_dict=True
    )
    for trained in (model, other):
        nn.set_random_seed(1)
        trained.fit(X, labels)
    assert (other.parameters == model.parameters).all()
    assert (other.state == model.state).all()


def test_a_model_of_a_single_array_is_saved_too(tmp_path):
    model = nn.Sequential([nn.Input((3,)), nn.Dense(2, use_bias=False)])
    assert (saved(tmp_path, model).predict(X) == model.predict(X)).all()


def test_what_is_saved_without_being_compiled_is_loaded_so(tmp_path):
    model = nn.Sequential([nn.Input((3,)), nn.Dense(2)]).astype(np.float64)
    other = saved(tmp_path, model)
    assert other.parameters.dtype == np.float64
    assert (other.predict(X) == model.predict(X)).all()
    with pytest.raises(RuntimeError, match="isn't compiled"):
        other.fit(X, labels)


def test_a_layer_of_ones_own_is_found_by_its_name(tmp_path):
    class Doubled(nn.Dense):
        def forward(self, X):
            return 2 * super().forward(X)

    model = nn.Sequential([nn.Input((3,)), Doubled(2)])
    assert (saved(tmp_path, model).predict(X) == model.predict(X)).all()
    content = (tmp_path / "model.safetensors").read_bytes()
    (tmp_path / "model.safetensors").write_bytes(content.replace(b"Doubled", b"Unknown"))
    with pytest.raises(ValueError, match=r"no class .*Unknown. is known; define it before"):
        nn.load_model(tmp_path / "model.safetensors")


def test_files_that_are_no_models(tmp_path):
    with pytest.raises(FileNotFoundError):
        nn.load_model(tmp_path / "none")
    with pytest.raises(RuntimeError, match="isn't built"):
        nn.Sequential([nn.Dense(1)]).save(tmp_path / "model")
    assert not list(tmp_path.iterdir())
    (tmp_path / "text").write_text("not at all")
    with pytest.raises(ValueError, match="is damaged or no model"):
        nn.load_model(tmp_path / "text")
    safetensors.numpy.save_file({"a": np.ones(1)}, tmp_path / "other")
    with pytest.raises(ValueError, match=r"isn't a model of this engine: .* got None"):
        nn.load_model(tmp_path / "other")
    safetensors.numpy.save_file({"a": np.ones(1)}, tmp_path / "other", {"format": "pt"})
    with pytest.raises(ValueError, match=r"isn't a model of this engine: .* got 'pt'$"):
        nn.load_model(tmp_path / "other")


def test_a_layer_has_one_place_in_one_model():
    layer = nn.Dense(1)
    first, second = nn.Sequential([layer]), nn.Sequential([layer])
    first.build((3,))
    with pytest.raises(ValueError, match="in use already"):
        second.build((3,))
    assert first.get_weights()[0].shape == (3, 1)


def test_a_refused_fit_builds_nothing():
    model = nn.Sequential([nn.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match="each of 3 examples, got 50"):
        model.fit(X.T, labels)
    model.fit(X, labels)


def diverging(rate):
    model = nn.Sequential([nn.Input((3,)), nn.Dense(1)])
    model.compile(nn.SGD(rate), "mse")
    return model


def test_divergence_in_the_last_step_or_on_validation_data_is_said():
    with pytest.raises(RuntimeError, match="epoch 1: a parameter or the validation loss"):
        diverging(1e38).fit(X, labels * 1e3, batch_size=50)
    model = diverging(1e25)
    with pytest.raises(RuntimeError, match="epoch 1: a parameter or the validation loss"):
        model.fit(X, labels, batch_size=50, validation_data=(X, labels))
    assert len(model.history.history["loss"]) == 1
    assert diverging(1).evaluate(X, labels * 1e25) == np.inf


def test_a_diverged_step_leaves_the_averages():
    model = nn.Sequential([nn.Input((1,)), nn.BatchNormalization(), nn.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(RuntimeError, match="diverged"):
        model.fit(np.array([[3e38], [-3e38]]), [1e30, 1])
    assert (model.state == [0, 1]).all()


class Transposed(nn.Initializer):
    def __call__(self, shape):
        return np.zeros(shape[::-1])


class Worded(nn.Initializer):
    def __call__(self, shape):
        return np.full(shape, "a")


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda: nn.Sequential(nn.Dense(1)), TypeError, "a list of layers, got Dense"),
        (lambda: nn.Input(5), ValueError, r"such as \(784,\), got 5"),
        (
            lambda: nn.Sequential([nn.Dense(1)]).build((-3,)),
            ValueError,
            "whole number for shape, got -3",
        ),
        (lambda: nn.Sequential([nn.Dense(1)]).forward(X), RuntimeError, "isn't built"),
        (
            lambda: nn.Sequential([nn.Input((3,)), nn.Dense(1)]).backward(X, X),
            RuntimeError,
            "isn't compiled",
        ),
        (
            lambda: classifier().astype(int),
            TypeError,
            "a precision such as float64, got <class 'int'>",
        ),
        (
            lambda: classifier(kernel_initializer=Transposed()),
            ValueError,
            r"\(3, 2\), made \(2, 3\)",
        ),
        (
            lambda: classifier(kernel_initializer=Worded()),
            TypeError,
            r"^expected values of Worded\(\) that are real numbers, got dtype <U1$",
        ),
        (lambda: classifier().astype(None), TypeError, "a precision such as float64, got None"),
        (
            lambda: classifier().fit(X, labels, epochs=1.5),
            ValueError,
            "number of epochs, .* got 1.5",
        ),
        (lambda: classifier().fit(X, labels, epochs=-1), ValueError, "got -1"),
        (
            lambda: classifier().fit(X, labels, callbacks=[print]),
            TypeError,
            "expected callbacks, got <built",
        ),
        (lambda: classifier().fit(X, labels, validation_data=(X,)), ValueError, "got 1 parts"),
        (
            lambda: classifier().predict(np.full((2, 3), 1e39)),
            ValueError,
            "finite in float32, got inf",
        ),
        (lambda: classifier().fit(np.ma.masked_less(X, 0), labels), TypeError, "without a mask"),
        (
            lambda: classifier().set_weights([X[:3, :2], np.array(["a", "b"])]),
            TypeError,
            "^expected values of dense/b that are real numbers, got dtype <U1$",
        ),
        (lambda: nn.set_random_seed(None), TypeError, "expected a seed, .* got None"),
        (lambda: nn.SGD("0.1"), TypeError, "a learning rate of at least 0, got '0.1'"),
        (lambda: nn.SGD(float("inf")), ValueError, "got inf"),
        (
            lambda: nn.SGD(nn.ExponentialDecay(-0.1, 10, 0.9)).rate(),
            ValueError,
            "^expected a learning rate .*, got -0.1",
        ),
        (lambda: nn.Dropout("a"), TypeError, "from 0 to below 1, got 'a'"),
        (
            lambda: nn.Reshape((2.7,)),
            ValueError,
            r"whole numbers or −1, at most once, got \(2.7,\)",
        ),
        (
            lambda: nn.EarlyStopping(patience=-1),
            ValueError,
            "^EarlyStopping expected a patience, a whole number of at least 0, got -1",
        ),
        (lambda: nn.CosineDecay(0.1, 0.5), ValueError, "expected decay_steps, a whole .* got 0.5"),
    ],
)
def test_nonsense_is_refused(act, error, message):
    with pytest.raises(error, match=message):
        act()


def test_what_is_refused_leaves_all_as_it_was():
    model = classifier()
    history = model.fit(X, labels)
    weights = model.get_weights()
    for arguments in (
        {"epochs": 1.5}, {"callbacks": [print]}, {"batch_size": 0},
        {"validation_data": (X[:, :2], labels)},
    ):  # fmt: skip
        with pytest.raises((TypeError, ValueError)):
            model.fit(X, labels, **arguments)
    with pytest.raises(TypeError, match="real numbers"):
        model.set_weights([weights[0], np.array([None, None])])
    assert model.history is history
    assert all((a == b).all() for a, b in zip(weights, model.get_weights(), strict=True))


def test_another_models_optimizer_is_said():
    first, second = classifier(), nn.Sequential([nn.Input((5,)), nn.Dense(1)])
    first.compile("adam", "sparse_categorical_crossentropy")
    first.fit(X, labels)
    second.compile(first.optimizer, "mse")
    with pytest.raises(
        ValueError, match=r"remembers m of shape \(8,\), from another model; .* 6 param"
    ):
        second.fit(np.ones((2, 5)), [1.0, 2.0])


def test_examples_come_in_a_new_order_in_every_epoch():
    seen = []

    class Written(nn.Dense):
        def forward(self, X):
            seen.append(X[:, 0].tolist())
            return super().forward(X)

    model = nn.Sequential([nn.Input((3,)), Written(2, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.fit(X, labels, batch_size=50, epochs=2)
    model.fit(X, labels, batch_size=50, shuffle=False)
    first, second, unshuffled = seen
    assert sorted(first) == sorted(second) == sorted(unshuffled)
    assert first != second
    assert unshuffled == X[:, 0].tolist() != first


def test_no_epoch_trains_nothing():
    model = classifier()
    weights = model.get_weights()
    assert model.fit(X, labels, epochs=0).history == {}
    assert all((a == b).all() for a, b in zip(weights, model.get_weights(), strict=True))


def stateful():
    """A model with all that a step can move: parameters, averages, moments, chance."""
    nn.set_random_seed(0)
    model = nn.Sequential(
        [nn.Input((3,)), nn.Dense(4, "tanh"), nn.BatchNormalization(), nn.Dropout(0.3), nn.Dense(1)]
    )
    model.compile(nn.Adam(0.01), "mse", metrics=["accuracy"])
    return model


def moved(model):
    """All that there is to move, bit for bit."""
    return [
        model.parameters.tobytes(), model.state.tobytes(), nn.random.generator.bit_generator.state,
        {name: value.tobytes() for name, value in model.optimizer.variables.items()},
    ]  # fmt: skip


def test_validation_data_train_nothing():
    """Parameters, averages, moments, dropout's masks, the order of the examples: as without them."""
    with_them, targets = stateful(), 1 - labels
    history = with_them.fit(X, targets, epochs=3, validation_data=(5 * X, labels)).history
    found = moved(with_them)
    without = stateful()
    expected = without.fit(X, targets, epochs=3).history
    assert found == moved(without)
    assert {name: history[name] for name in expected} == expected


@pytest.mark.parametrize(
    "look", ["evaluate", "predict", "forward", "summary", "get_weights", "save"]
)
def test_looking_moves_nothing(look, tmp_path, capsys):
    model = stateful()
    model.fit(X, labels)
    before = moved(model)
    arguments = {
        "evaluate": (X, labels), "predict": (X,), "forward": (X,), "save": (tmp_path / "model",),
    }  # fmt: skip
    getattr(model, look)(*arguments.get(look, ()))
    assert moved(model) == before


def test_callbacks_are_told_in_their_order_after_the_history():
    told = []

    class Told(nn.Callback):
        def __init__(self, name):
            self.name = name

        def on_train_begin(self, logs=None):
            told.append((self.name, "begin", len(self.model.history.history)))

        def on_epoch_end(self, epoch, logs):
            history = self.model.history.history
            assert {name: values[-1] for name, values in history.items()} == logs
            told.append((self.name, epoch, len(history["loss"])))

        def on_train_end(self, logs=None):
            told.append((self.name, "end", len(self.model.history.history["loss"])))

    classifier().fit(
        X, labels, epochs=2, callbacks=[Told("a"), Told("b")], validation_data=(X, labels)
    )
    assert told == [
        ("a", "begin", 0), ("b", "begin", 0), ("a", 0, 1), ("b", 0, 1), ("a", 1, 2), ("b", 1, 2),
        ("a", "end", 2), ("b", "end", 2),
    ]  # fmt: skip


@pytest.mark.parametrize(("weights", "loss"), [([2, -2], "nan"), ([2, 2], "inf")])
def test_a_validation_loss_that_is_no_number_stops_training(weights, loss):
    """Infinite minus infinite, in the predictions, while all parameters are finite."""
    model = nn.Sequential([nn.Input((2,)), nn.Dense(1)])
    model.compile(nn.SGD(0.0), "mse")
    model.layers[0].W[:, 0] = weights
    with pytest.raises(RuntimeError, match="diverged in epoch 1"):
        model.fit(np.ones((4, 2)), np.zeros(4), epochs=5, validation_data=([[3e38, 3e38]], [0.0]))
    assert str(model.history.history["val_loss"]) == f"[{loss}]"


def test_restored_weights_are_all_that_there_were_in_the_best_epoch():
    """The moving averages too."""
    kept = []

    class Keep(nn.Callback):
        def on_epoch_end(self, epoch, logs):
            kept.append([self.model.parameters.copy(), self.model.state.copy()])
            logs["val_loss"] = [3.0, 1.0, 2.0, 2.5, 2.7][epoch]

    stopping, model = nn.EarlyStopping(patience=3, restore_best_weights=True), stateful()
    model.fit(X, labels, epochs=9, callbacks=[Keep(), stopping])
    assert len(kept) == 5
    for found, best, last in zip([model.parameters, model.state], kept[1], kept[4], strict=True):
        assert (found == best).all()
        assert (best != last).any()


def test_a_model_that_was_copied_shares_nothing():
    """No array of a copy is one of the first model: vectors, views, moments, what the way back keeps."""

    def arrays(model):
        found = [v for part in (model, *model.layers) for v in vars(part).values()]
        found += [v for layer in model.layers for v in vars(layer.activation).values()]
        return [
            v for v in [*found, *model.optimizer.variables.values()] if isinstance(v, np.ndarray)
        ]

    model = stateful()
    model.fit(X, labels)
    for other in (copy.deepcopy(model), copy.copy(model), model.astype(np.float32)):
        assert len(arrays(other)) == len(arrays(model)) > 20
        for a in arrays(model):
            assert not any(np.shares_memory(a, b) for b in arrays(other))


def test_compiling_again_starts_again():
    """Moments and steps of the optimizer before are gone; parameters and averages stay."""
    model = stateful()
    model.fit(X, labels)
    before = model.get_weights()
    model.compile(nn.Adam(0.01), "mse")
    assert not model.optimizer.variables
    assert all((a == b).all() for a, b in zip(before, model.get_weights(), strict=True))


def test_a_callback_that_stopped_one_training_stops_no_other():
    class Stop(nn.Callback):
        def on_epoch_end(self, epoch, logs):
            self.model.stop_training = True

    model = classifier()
    assert len(model.fit(X, labels, epochs=3, callbacks=[Stop()]).history["loss"]) == 1
    assert model.stop_training
    assert len(model.fit(X, labels, epochs=3).history["loss"]) == 3
    assert not model.stop_training


def test_what_is_saved_is_all_that_is_remembered(tmp_path):
    model = stateful()
    model.fit(X, labels, epochs=2)
    turned = np.asfortranarray(np.arange(6.0).reshape(2, 3))  # in memory column by column
    mine = {"mine/first": turned, "mine/second": np.arange(2)}
    model.optimizer.variables = {**model.optimizer.variables, **mine}
    other = saved(tmp_path, model)
    assert moved(other) == moved(model)
    assert [type(m) for m in other.metrics.values()] == [type(m) for m in model.metrics.values()]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e39, -1e39])
@pytest.mark.parametrize("place", [(0, 0), (20, 1), (49, 2)])
def test_one_number_that_isnt_finite_is_refused_wherever_it_stands(bad, place):
    spoilt = X.astype(float)
    spoilt[place] = bad
    model = classifier()
    for act in (
        lambda: model.fit(spoilt, labels),
        lambda: model.fit(X, labels, validation_data=(spoilt, labels)),
        lambda: model.evaluate(spoilt, labels),
        lambda: model.predict(spoilt),
    ):
        with pytest.raises(ValueError, match=rf"at index \({place[0]}, {place[1]}\) and 0 more"):
            act()


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
def test_a_copy_of_what_isnt_built_has_layers_of_its_own(duplicate):
    model = nn.Sequential([nn.Dense(2), nn.Dense(1)])
    other = duplicate(model)
    assert not set(map(id, model.layers)) & set(map(id, other.layers))
    other.build((3,))
    assert model.parameters is None
    model.build((5,))
    assert [m.input_shape for m in (model, other)] == [(5,), (3,)]
