"""What may come in at every door of the engine, and what is said of what may not."""

import copy

import numpy as np
import pytest
import scipy.sparse

from groundup import nn

rng = np.random.default_rng(0)
X = rng.normal(size=(20, 4))
labels = np.arange(20) % 3
yes = labels > 0
LABELS, HOT = "sparse_categorical_crossentropy", "categorical_crossentropy"
LOSSES = [
    nn.MeanSquaredError(), nn.MeanAbsoluteError(), nn.BinaryCrossentropy(), nn.BinaryCrossentropy(True),
    nn.Hinge(), nn.PerceptronLoss(),
]  # fmt: skip
METRICS = [nn.Accuracy(), nn.BinaryAccuracy(), nn.Precision(), nn.Recall(), nn.F1Score()]


def network(loss=LABELS, activation="softmax", units=3, metrics=None, optimizer="sgd"):
    model = nn.Sequential([nn.Input((4,)), nn.Dense(units, activation)])
    model.compile(optimizer, loss, metrics=metrics)
    return model


# What is given to a loss or a metric directly


@pytest.mark.parametrize("part", [*LOSSES, *METRICS], ids=repr)
@pytest.mark.parametrize(
    "shapes", [((4,), (4, 1)), ((4, 1), (4,)), ((4,), (4,)), ((4, 2), (4, 2, 1))]
)
@pytest.mark.parametrize("kind", [list, np.uint8, bool, int, np.float32, np.float64])
def test_corresponding_pairs_are_compared(part, shapes, kind):
    Y, Y_hat = np.array([0, 1, 1, 0, 1, 0, 0, 1.0]), np.array([0, 1, 0, 1, 1, 1, 0, 0.0])
    size = np.prod(shapes[0])
    Y, Y_hat = Y[:size], Y_hat[:size]
    of = part.forward if isinstance(part, nn.Loss) else part
    expected = of(Y[:, None], Y_hat[:, None])
    as_given = [
        A.reshape(s).tolist() if kind is list else A.reshape(s).astype(kind)
        for A, s in zip((Y, Y_hat), shapes, strict=True)
    ]
    assert of(*as_given) == pytest.approx(expected, rel=0.02)  # 1 − 1e-7 is rounded in float32
    if isinstance(part, nn.Loss):
        assert part.backward(*as_given).shape == shapes[1]


@pytest.mark.parametrize(
    "part", [*LOSSES, nn.CategoricalCrossentropy(), *METRICS, nn.CategoricalAccuracy()], ids=repr
)
@pytest.mark.parametrize(
    ("Y", "Y_hat", "error", "message"),
    [
        (np.ones(3), np.ones((3, 2)), ValueError, r"shape \(3, 2\), .* got \(3,\)"),
        (np.ones((3, 1)), np.ones((3, 2)), ValueError, r"shape \(3, 2\), .* got \(3, 1\)"),
        (np.ones((1, 2)), np.ones((3, 2)), ValueError, r"shape \(3, 2\), .* got \(1, 2\)"),
        (1.0, np.ones((3, 2)), ValueError, r"shape \(3, 2\), .* got \(\)"),
        (np.ones((0, 2)), np.ones((0, 2)), ValueError, r"at least one target, got shape \(0, 2\)"),
        (np.ma.ones((3, 2)), np.ones((3, 2)), TypeError, "targets without a mask"),
        (np.ones((3, 2)), np.ma.ones((3, 2)), TypeError, "predictions without a mask"),
        (np.full((1, 2), "1"), np.ones((1, 2)), TypeError,
         "targets that are real numbers, got dtype <U1"),
        (np.ones((1, 2)), np.full((1, 2), 1j), TypeError,
         "predictions that are real numbers, .* complex"),
        (None, np.ones((1, 2)), TypeError, "targets, got None"),
    ],
)  # fmt: skip
def test_what_does_not_correspond_is_refused(part, Y, Y_hat, error, message):
    doors = [part.forward, part.backward] if isinstance(part, nn.Loss) else [part]
    if hasattr(part, "of_scores"):
        doors += [
            part.of_scores,
            part.of_probabilities,
            part.output_error,
            part.probability_gradient,
        ]
    for door in doors:
        with pytest.raises(error, match=f"{type(part).__name__}.*{message}"):
            door(Y, Y_hat)


@pytest.mark.parametrize("from_logits", [False, True])
def test_labels_may_be_given_to_their_loss_directly(from_logits):
    loss, P = nn.SparseCategoricalCrossentropy(from_logits), rng.dirichlet(np.ones(3), 20)
    expected = loss.forward(np.eye(3)[labels], P)
    for given in (labels, labels[:, None], labels.astype(np.uint8), labels.tolist()):
        assert loss.forward(given, P) == expected
        assert np.array_equal(loss.backward(given, P), loss.backward(np.eye(3)[labels], P))
    for wrong, error in (
        (labels - 1, ValueError),
        (labels / 1, TypeError),
        (labels[:5], ValueError),
    ):
        with pytest.raises(error, match="expected"):
            loss.forward(wrong, P)
    with pytest.raises(ValueError, match=r"predictions of shape \(examples, classes\), got \(3,\)"):
        loss.forward([1], P[0])


def test_a_hinge_counts_zeros_as_minus_one_directly_too():
    Z = rng.normal(size=(20, 1))
    for loss in (nn.Hinge(), nn.PerceptronLoss()):
        assert loss.forward(yes * 1.0, Z) == loss.forward(np.where(yes, 1.0, -1.0), Z)
        assert np.array_equal(loss.backward(yes, Z), loss.backward(np.where(yes, 1, -1), Z))
    with pytest.raises(ValueError, match="Hinge expected targets −1 and 1"):
        nn.Hinge().forward([0.0, 2.0], [1.0, 1.0])


@pytest.mark.parametrize("name", [
    "linear", "step", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "gelu", "silu", "softplus",
    "softmax",
])  # fmt: skip
@pytest.mark.parametrize("kind", [np.uint8, np.int64])
def test_an_activation_of_whole_numbers_is_that_of_numbers(name, kind):
    Z = np.array([[0, 2, 20], [7, 7, 1]]) - (0 if kind is np.uint8 else 5)
    activation, same = nn.Activation(name).activation, nn.Activation(name).activation
    assert np.allclose(activation.forward(Z.astype(kind)), same.forward(Z / 1), rtol=1e-6)
    dA = np.ones(Z.shape)
    assert np.allclose(activation.backward(dA), same.backward(dA), rtol=1e-5, atol=1e-6)
    model = nn.Sequential([nn.Input((3,)), nn.Activation(name), nn.Dense(2)])
    assert np.allclose(model.forward(Z.astype(kind)), model.forward(Z / 1), rtol=1e-5, atol=1e-5)
    assert np.allclose(model.forward(Z.tolist()), model.forward(Z / 1), rtol=1e-5)


BENT = ["sigmoid", "tanh", "leaky_relu", "elu", "gelu", "silu", "softplus", "softmax"]


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.int64])
def test_a_mask_is_never_lost_on_the_way(kind):
    """A masked entry is one that isn't known: neither a model nor an activation computes with it."""
    masked = np.ma.masked_less(np.array([[0, 2, -20], [7, 7, 1]], kind), 0)
    models = [
        nn.Sequential([nn.Input((3,)), layer, nn.Dense(2)]) for layer in map(nn.Activation, BENT)
    ]
    doors = [model.forward for model in models] + [model.predict for model in models]
    for door in doors + [nn.Activation(name).activation.forward for name in BENT]:
        with pytest.raises(TypeError, match="without a mask, got a masked array"):
            door(masked)


def test_a_gradient_is_one_for_each_parameter():
    for optimizer in (nn.SGD(), nn.Adam()):
        with pytest.raises(ValueError, match=r"the parameters' shape \(3,\), got \(1,\)"):
            optimizer.apply(np.ones(1), np.ones(3))


# Scores and probabilities


@pytest.mark.parametrize(
    "loss", [nn.BinaryCrossentropy(from_logits=True), "hinge", nn.PerceptronLoss()]
)
@pytest.mark.parametrize("by_name", [True, False])
def test_a_score_above_zero_is_a_yes(loss, by_name, tmp_path):
    names = ["accuracy", "precision", "recall", "f1_score"]
    objects = [nn.Accuracy(), nn.Precision(), nn.Recall(), nn.F1Score()]
    metrics = [*names, "binary_accuracy"] if by_name else objects
    model = network(loss, None, 1, metrics)
    model.set_weights(
        [w / 10 for w in model.get_weights()]
    )  # scores on both sides of 0, none above 0.5
    model.save(tmp_path / "model")
    for each in (model, nn.load_model(tmp_path / "model")):
        found = each.evaluate(X, yes, return_dict=True)
        said = each.predict(X)[:, 0] > 0
        assert found["accuracy"] == (said == yes).mean()
        assert found.get("binary_accuracy", found["accuracy"]) == found["accuracy"]
        assert found["precision"] == yes[said].mean()
        assert found["recall"] == said[yes].mean()
    own = network(loss, None, 1, [nn.BinaryAccuracy(threshold=9)])
    assert own.evaluate(X, yes)[1] == (~yes).mean()


@pytest.mark.parametrize(
    ("loss", "activation", "units", "y", "metric"),
    [
        ("mse", None, 1, X[:, 0], "accuracy"),
        ("mse", None, 1, labels, "binary_accuracy"),
        ("mse", "tanh", 1, np.where(yes, 1, -1), "accuracy"),
        ("mse", "tanh", 3, np.where(X[:, :3] > 0, 1, -1), "precision"),
        ("mae", None, 1, rng.random(20), "precision"),
        ("mse", None, 3, X[:, :3], "accuracy"),
        ("mse", None, 3, X[:, :3], "recall"),
        ("mse", None, 3, 1.5 * np.eye(3)[labels] - 0.5, "accuracy"),  # a 1 in each, and −0.5
        ("mse", None, 3, 1 - np.eye(3)[labels], "accuracy"),  # two of three are a yes
        ("mse", None, 3, np.eye(3)[labels] + [1, -1, 0], "accuracy"),  # with sum one, some below zero
        ("mae", None, 3, 2 * np.eye(3)[labels] - 1 / 3, "categorical_accuracy"),
        ("mse", "sigmoid", 3, rng.random((20, 3)), "categorical_accuracy"),
        ("binary_crossentropy", "sigmoid", 3, (X[:, :3] > 0) * 1, "accuracy"),
        ("hinge", None, 3, np.ones((20, 3)), "accuracy"),
        ("hinge", None, 3, 1 - 2 * np.eye(3)[labels], "accuracy"),  # two of three are a yes
    ],
)  # fmt: skip
def test_of_what_are_no_classes_there_is_no_accuracy(loss, activation, units, y, metric):
    for act in ("fit", "evaluate", "gradients"):
        with pytest.raises(ValueError, match=f"^{metric} expected targets"):
            getattr(network(loss, activation, units, [metric]), act)(X, y)


@pytest.mark.parametrize(
    ("loss", "units", "y"),
    [
        ("mse", 1, yes), ("mse", 3, np.eye(3)[labels]),
        ("mse", 3, 2 * np.eye(3)[labels] - 1), ("hinge", 3, 2 * np.eye(3)[labels] - 1),
        (nn.CategoricalCrossentropy(True), 3, 0.9 * np.eye(3)[labels] + 0.1 / 3),
        (nn.BinaryCrossentropy(True), 1, 0.8 * yes + 0.1),
        ("mse", 3, np.eye(3)[labels].round(3) * 0.999),  # distributions may be rounded
    ],
)  # fmt: skip
def test_of_classes_there_is(loss, units, y):
    model = network(loss, None, units, ["accuracy"])
    Z = model.predict(X)
    right = Z.argmax(axis=1) == labels if units > 1 else (Z[:, 0] > model.loss.threshold) == yes
    assert model.evaluate(X, y)[1] == right.mean()


@pytest.mark.parametrize(
    ("make", "lacking"),
    [(lambda Y: Y, 0.0), (lambda Y: 2 * Y - 1, -1.0), (lambda Y: 0.9 * Y + 0.1 / 3, 1.0)],
)
def test_classes_are_those_of_each_place(make, lacking):
    """Of two places each, three classes: a row for each place, not a column."""
    model = nn.Sequential([nn.Input((4,)), nn.Dense(6), nn.Reshape((2, 3))])
    model.compile("sgd", "mse", metrics=["accuracy"])
    kinds = np.stack([labels, labels], axis=1)  # so that no column has one 1
    Y = make(np.eye(3)[kinds])
    right = model.predict(X).argmax(axis=-1) == kinds
    assert model.evaluate(X, Y, return_dict=True)["accuracy"] == right.mean()
    Y[3, 1] = lacking
    with pytest.raises(ValueError, match="accuracy expected targets with one class"):
        model.evaluate(X, Y)


SPARSE, BINARY = nn.SparseCategoricalCrossentropy, nn.BinaryCrossentropy
UNFIT = [
    (SPARSE(from_logits=True), "softmax", 3, "the probabilities of Softmax"),
    (SPARSE(from_logits=True), "sigmoid", 3, "the probabilities of Sigmoid"),
    (BINARY(from_logits=True), "sigmoid", 1, "the probabilities of Sigmoid"),
    *((loss, activation, units, "expected probabilities, got the scores")
      for activation in (None, "tanh", "relu", "leaky_relu", "elu", "gelu", "silu")
      for loss, units in ((SPARSE(), 3), (nn.CategoricalCrossentropy(), 3), (BINARY(), 1))),
    (BINARY(), "softplus", 1, "expected probabilities, got the scores of Softplus"),
    *((loss, activation, 1, "expected scores, negative for no")
      for activation in ("relu", "softplus") for loss in (nn.Hinge(), BINARY(from_logits=True))),
    (nn.PerceptronLoss(), "sigmoid", 1, "expected scores, negative for no"),
    *((loss, "softmax", 1, "a single one, which is always 1")
      for loss in (nn.MeanSquaredError(), BINARY())),
]  # fmt: skip


def test_a_warning_is_about_the_line_that_compiles():
    model = nn.Sequential([nn.Input((4,)), nn.Dense(1, "sigmoid")])
    with pytest.warns(UserWarning, match="expected scores") as said:
        model.compile("sgd", nn.PerceptronLoss())
    assert said[0].filename == __file__


@pytest.mark.parametrize(("loss", "activation", "units", "message"), UNFIT)
@pytest.mark.parametrize(
    "after", [lambda: [], lambda: [nn.Activation(None), nn.Dropout(0.5), nn.Flatten()]]
)
def test_outputs_that_a_loss_cannot_mean_are_warned_of_once(
    loss, activation, units, message, after
):
    built = nn.Sequential([nn.Input((4,)), nn.Dense(units, activation), *after()])
    with pytest.warns(UserWarning, match=message):
        built.compile("sgd", loss)
    later = nn.Sequential([nn.Dense(units, activation)])
    later.compile("sgd", loss)
    with pytest.warns(UserWarning, match=message):
        later.build((4,))
    later.predict(X)  # without a word


@pytest.mark.parametrize(
    ("loss", "activation", "message"),
    [
        (lambda: BINARY(True), "sigmoid",
         "BinaryCrossentropy with from_logits=True expected scores, got the probabilities of Sigmoid, of "
         "which it makes probabilities once more: leave out one of the two"),
        (nn.Hinge, "relu", "Hinge expected scores, negative for no, got those of ReLU, which never are"),
        (BINARY, "tanh",
         "BinaryCrossentropy expected probabilities, got the scores of Tanh: give the last layer the "
         "activation 'sigmoid', or the loss from_logits=True"),
    ],
)  # fmt: skip
def test_a_warning_says_what_was_expected_what_came_and_what_to_do(loss, activation, message):
    with pytest.warns(UserWarning, match=f"^{message}$"):
        network(loss(), activation, 1)


def test_a_softmax_of_one_is_warned_of_where_it_is():
    model = nn.Sequential([nn.Input((4,)), nn.Dense(1, "softmax"), nn.Dense(2)])
    with pytest.warns(UserWarning, match="always 1"):
        model.compile("sgd", "mse")


class Own(nn.Layer):
    def build(self, input_shape):
        self.blocks = {}
        return input_shape

    def forward(self, X):
        return 1 / (1 + np.exp(-X))

    def input_gradient(self, dZ):
        return dZ


class OwnForward(nn.Dense):
    """What it inherits says nothing of where its outputs lie."""

    def forward(self, X):
        return 1 / (1 + np.exp(-super().forward(X)))


@pytest.mark.parametrize(
    ("loss", "layers"),
    [
        (BINARY(), [OwnForward(1)]),
        (SPARSE(), [nn.Dense(3, "softmax")]), (SPARSE(), [nn.Dense(3, "sigmoid")]),
        (SPARSE(), [nn.Dense(3, "softplus")]), (SPARSE(), [nn.Dense(3), nn.Activation("softmax")]),
        (SPARSE(True),
         [nn.Dense(3)]), (SPARSE(True), [nn.Dense(3, "tanh")]), (BINARY(), [nn.Dense(3, "softmax")]),
        (BINARY(), [nn.Dense(1, "sigmoid"), nn.Reshape((1,))]), (BINARY(True), [nn.Dense(1, "tanh")]),
        (BINARY(), [nn.Dense(1), Own()]), (nn.Hinge(), [nn.Dense(1, "tanh")]),
        ("mse",
         [nn.Dense(1, "sigmoid")]), ("mse", [nn.Dense(3, "softmax")]), ("mae", [nn.Dense(1, "relu")]),
    ],
)  # fmt: skip
def test_outputs_that_are_merely_unusual_are_left_alone(loss, layers):
    nn.Sequential([nn.Input((4,)), *copy.deepcopy(layers)]).compile("sgd", loss)


# Training that ends early


class Error(nn.Metric):
    def counts(self, Y, Y_hat):
        return np.array([np.abs(Y - Y_hat).sum(), Y.size])

    def value(self, counts):
        return counts[0] / counts[1]


class Interrupt(nn.Callback):
    """As Ctrl-C in the third epoch."""

    def on_epoch_end(self, epoch, logs):
        if epoch == 2:
            raise KeyboardInterrupt


@pytest.mark.parametrize("monitor", ["val_Error", "Error", "acc", "my_loss", "val_val_loss"])
def test_a_direction_that_is_not_known_is_not_guessed(monitor):
    model = network("mse", None, 1, [Error()])
    with pytest.raises(ValueError, match=f"mode 'min' or 'max' for '{monitor}'"):
        model.fit(X, X[:, 0], validation_data=(X, X[:, 0]), callbacks=[nn.EarlyStopping(monitor)])


@pytest.mark.parametrize("mode", ["min", "max"])
def test_a_direction_that_is_given_is_followed(mode):
    model = network("mse", None, 1, [Error()])
    stop = nn.EarlyStopping("Error", mode=mode, patience=2)
    assert (
        len(model.fit(X, X[:, 0], epochs=5, callbacks=[stop]).history["loss"])
        == {"min": 5, "max": 3}[mode]
    )


def test_what_is_no_number_is_never_best():
    stop = nn.EarlyStopping(patience=4)
    stop.set_model(network("mse", None, 1))
    stop.on_train_begin()
    for epoch, value in enumerate([np.nan, 3.0, np.nan, 2.0]):
        stop.on_epoch_end(epoch, {"val_loss": value})
    assert (stop.best, stop.best_epoch, stop.stopped_epoch) == (2.0, 3, 0)


@pytest.mark.parametrize("patience", [1, 2, 3])
def test_patience_is_counted_from_the_first_epoch(patience):
    """Also where no value is a number."""
    stop = nn.EarlyStopping(patience=patience)
    stop.set_model(network("mse", None, 1))
    stop.on_train_begin()
    for epoch in range(patience):
        assert not stop.model.stop_training
        stop.on_epoch_end(epoch, {"val_loss": np.nan})
    assert stop.model.stop_training
    assert stop.stopped_epoch == patience - 1


def test_what_auto_knows_is_listed():
    said = (
        "^EarlyStopping expected mode 'min' or 'max' for 'thing': 'auto' can tell what is better of "
        "loss, accuracy, binary_accuracy, categorical_accuracy, precision, recall, f1_score alone"
    )
    with pytest.raises(ValueError, match=said):
        network("mse", None, 1).fit(X, X[:, 0], callbacks=[nn.EarlyStopping("thing")])


@pytest.mark.parametrize(
    ("how", "error"),
    [([Interrupt()], KeyboardInterrupt), ([], RuntimeError)],
    ids=["Ctrl-C", "diverged"],
)
def test_what_ends_training_leaves_the_best_weights_and_the_history(how, error):
    rate = 0.1 if how else nn.PiecewiseConstantDecay([2], [0.01, 1e30])
    model = network("mse", None, 1, optimizer=nn.SGD(rate))
    best = nn.EarlyStopping(mode="max" if how else "min", patience=9, restore_best_weights=True)
    with pytest.raises(error):
        model.fit(
            X,
            X[:, 0],
            batch_size=20,
            epochs=9,
            validation_data=(X, X[:, 0]),
            callbacks=[best, *how],
        )
    losses = model.history.history["val_loss"]
    assert best.best_epoch == (0 if how else 2)
    assert model.evaluate(X, X[:, 0]) == pytest.approx(losses[best.best_epoch])
    model.compile("sgd", "mse")
    assert np.isfinite(model.fit(X, X[:, 0]).history["loss"]).all(), "it can be trained on"


# Much, little, and nothing


def test_labels_take_the_memory_of_labels():
    """Neither a table of all classes nor one-hot rows of all examples are made."""
    import tracemalloc

    k, m = 2000, 4000
    loss = nn.SparseCategoricalCrossentropy()
    model = nn.Sequential([nn.Input((1,)), nn.Dense(k, "softmax")])
    model.compile("sgd", loss, metrics=["accuracy"])
    y = np.arange(m) % k
    tracemalloc.start()
    try:
        model.fit(np.zeros((m, 1)), y, batch_size=8)
        model.evaluate(np.zeros((m, 1)), y, batch_size=8)
        assert tracemalloc.get_traced_memory()[1] < m * k * 4 / 8
    finally:
        tracemalloc.stop()


def test_an_encoding_of_ones_own_counts():
    class Smoothed(nn.SparseCategoricalCrossentropy):
        def encode(self, y, output_shape, dtype):
            return 0.7 * super().encode(y, output_shape, dtype) + 0.1

    plain, smooth = network(), network(Smoothed())
    smooth.set_weights(plain.get_weights())
    expected = nn.CategoricalCrossentropy().forward(0.7 * np.eye(3)[labels] + 0.1, plain.predict(X))
    assert smooth.evaluate(X, labels) == pytest.approx(expected, rel=1e-5)
    assert plain.evaluate(X, labels) != pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("m", [1, 33])
def test_a_batch_of_one_has_no_variance(m):
    model = nn.Sequential([nn.Input((4,)), nn.BatchNormalization(), nn.Dense(1)])
    model.compile("sgd", "mse")
    x = rng.normal(size=(m, 4))
    said = (
        "^BatchNormalization expected more than one example while training, got one: less its own mean, "
        "it is zero; choose a batch size that leaves no batch of one$"
    )
    with pytest.warns(UserWarning, match=said):
        model.fit(x, x[:, 0])
    model.predict(x[:1])
    images = nn.Sequential(
        [nn.Input((3, 3, 1)), nn.BatchNormalization(), nn.Flatten(), nn.Dense(1)]
    )
    images.compile("sgd", "mse")
    images.fit(rng.normal(size=(1, 3, 3, 1)), [1])  # nine values


Z = np.array([[-800.0, 800.0, 0.0], [-90.0, 12.0, 100.0], [1e-3, 0.5, -20.0]])
ACTIVATIONS = [
    nn.Linear(), nn.Step(), nn.Sigmoid(), nn.Tanh(), nn.ReLU(), nn.LeakyReLU(), nn.ELU(), nn.GELU(),
    nn.SiLU(), nn.Softplus(), nn.Softmax(),
]  # fmt: skip


def test_a_half_is_no_threshold_of_scores():
    with pytest.warns(UserWarning, match="BinaryAccuracy expected the threshold 0 for scores"):
        network("hinge", None, 1, [nn.BinaryAccuracy()])
    network("binary_crossentropy", "sigmoid", 1, [nn.BinaryAccuracy()])


def test_targets_of_minus_one_go_with_a_threshold_of_zero():
    model = network("mse", "tanh", 1, [nn.BinaryAccuracy(threshold=0)])
    expected = ((model.predict(X)[:, 0] > 0) == yes).mean()
    assert model.evaluate(X, np.where(yes, 1, -1))[1] == expected


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_too_small_a_number_is_zero_whatever_numpy_is_told(dtype):
    hot = np.eye(3, dtype=dtype)[np.arange(600) % 3]
    spread = np.linspace(-110, 110, 597).reshape(199, 3)
    scores = np.concatenate([Z, spread, spread / 3, 7 * spread[:199]])[:600].astype(dtype)
    hot = hot[: len(scores)]
    with np.errstate(all="raise"):
        for activation in ACTIVATIONS:
            A = activation.forward(scores)
            activation.backward(A)
        for loss in (
            *LOSSES,
            nn.CategoricalCrossentropy(True),
            nn.SparseCategoricalCrossentropy(True),
        ):
            loss.forward(hot, scores)
            loss.backward(hot, scores)
        P = nn.Softmax().forward(scores)
        nn.MeanSquaredError().forward(0 * hot, P)
        for loss in (nn.BinaryCrossentropy(), nn.CategoricalCrossentropy()):
            for door in (loss.forward, loss.backward):
                door(hot, P)
            loss.of_scores(hot, scores)
        for optimizer in (nn.SGD(0.1, 0.9), nn.RMSprop(), nn.Adam(), nn.AdamW()):
            w = np.ones(3, dtype)
            for step in range(1200):
                optimizer.apply((w * 1e-3 if step < 2 else w * 0).astype(dtype), w)
        for name in ("glorot_normal", "he_uniform", "random_normal"):
            nn.Dense(2, kernel_initializer=name).kernel_initializer((3, 4))
        nn.L2(0.1).backward(scores)


@pytest.mark.parametrize(
    "activation", ["sigmoid", "tanh", "elu", "gelu", "silu", "softplus", "softmax"]
)
def test_whole_networks_too(activation, tmp_path):
    model = nn.Sequential(
        [nn.Input((4,)), nn.Dense(4, activation), nn.BatchNormalization(), nn.Dense(3, "softmax")]
    )
    model.compile("adam", LABELS, metrics=["accuracy"])
    with np.errstate(all="raise"):
        model.fit(100 * X, labels, epochs=2)
        model.evaluate(1e-42 * X, labels)
        model.predict(100 * X)
        model.forward(100 * X)
        model.gradients(100 * X, labels)
        nn.gradient_check(model, X[:5], labels[:5], samples=3)
        model.save(tmp_path / "model")
        nn.load_model(tmp_path / "model")
        images = nn.Sequential([
            nn.Input((6, 6, 1)), nn.Conv2D(2, 3, padding="same", activation=activation),
            nn.MaxPooling2D(2, padding="same"), nn.AveragePooling2D(2, 1, padding="same"),
            nn.Dropout(0.5), nn.Flatten(), nn.Dense(3, "softmax", kernel_regularizer=nn.L2(0.01)),
        ])  # fmt: skip
        images.compile("rmsprop", LABELS)
        images.fit(rng.normal(size=(20, 6, 6, 1)), labels)
        words = nn.Sequential([
            nn.Input((7,)), nn.Embedding(5, 4, mask_zero=True), nn.Residual([nn.PositionEmbedding(7)]),
            nn.Residual([
                nn.LayerNormalization(), nn.MultiHeadAttention(2, 3, use_causal_mask=True),
                nn.Dense(4, activation),
            ]),
            nn.Bidirectional(nn.GRU(4, return_sequences=True)), nn.LSTM(3, return_sequences=True),
            nn.SimpleRNN(4), nn.Dense(3, "softmax"),
        ])  # fmt: skip
        words.compile("adam", LABELS)
        words.fit(rng.integers(0, 5, (20, 7)), labels)
        waves = nn.Sequential([
            nn.Input((7, 4)), nn.LayerNormalization(), nn.Conv1D(3, 3, activation=activation),
            nn.LSTM(5, return_sequences=True), nn.MultiHeadAttention(2, 3),
            nn.GlobalMaxPooling1D(), nn.Dense(2),
        ])  # fmt: skip
        for size in (1e3, 1e-25, 1e-42):
            waves.forward(size * rng.normal(size=(3, 7, 4)), training=True)
            waves.backpropagate(size * np.ones((3, 2)))
            waves.input_gradient(size * np.ones((3, 2)))
        diverging = network("mse", None, 1, optimizer=nn.SGD(1e30))
        with pytest.raises(RuntimeError, match="training diverged in epoch"):
            diverging.fit(X, X[:, 0], epochs=5)


# Words


class Renamed(nn.Layer):
    def __init__(self, factor):
        self._factor = factor

    def build(self, input_shape):
        self.blocks = {}
        return input_shape


renamed = Renamed(2)


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda: network().fit(X, None), TypeError, "expected targets, got None"),
        (lambda: network().fit(None, labels), TypeError, "expected examples, got None"),
        (lambda: network().fit(iter(X), labels), TypeError, "examples in an array, got .* iterator"),
        (lambda: network().fit(X, (y for y in labels)), TypeError,
         "targets in an array, got .* generator"),
        (lambda: network().fit({"x": X}, labels), TypeError, "examples in an array, got .* dict"),
        (lambda: network().predict(scipy.sparse.csr_matrix(X)), TypeError,
         "dense array, got a csr_matrix; its toarray"),
        (lambda: network().fit(X, scipy.sparse.csr_array(np.eye(20))), TypeError,
         "targets in a dense array"),
        (lambda: network().fit([[1, 2], [3]], [0, 1]), ValueError,
         "expected examples of one shape, got a list"),
        (lambda: network().fit(X.astype("M8[s]"), labels), TypeError,
         r"real numbers, got dtype datetime64\[s\]"),
        (lambda: network().fit(X, labels.astype(str)), TypeError,
         "labels that are real numbers, got dtype <U"),
        (lambda: network().fit(X, labels.astype(object)), TypeError, "got dtype object"),
        (lambda: network().fit(X, np.ma.array(labels)), TypeError, "targets without a mask"),
        (lambda: network().fit(X, 3), ValueError, "each of 20 examples, got a single number"),
        (lambda: network().fit((X, X), labels), ValueError, r"\(2, 20, 4\), from a tuple of several"),
        (lambda: network().fit(labels, X), ValueError, r"rows, .* got shape \(20,\); .*x\[:, None\]"),
        (lambda: network().predict(X[0]), ValueError,
         r"a batch .* got shape \(4,\); .* x\[None\] is a batch"),
        (lambda: network().forward(X[0]), ValueError,
         r"a batch of examples of shape \(4,\), got shape \(4,\)"),
        (lambda: network().forward(X[:, :3]), ValueError, r"of shape \(4,\), got shape \(20, 3\)"),
        (lambda: network().fit(X, np.eye(3)[labels]), ValueError,
         r"\(examples,\), .* CategoricalCrossentropy"),
        (lambda: network(HOT).fit(X, labels), ValueError, r"\(examples, 3\), got \(20,\); .* SparseCat"),
        (lambda: network(HOT).fit(X, labels[:, None]), ValueError, r"got \(20, 1\); .* SparseCat"),
        (lambda: network().fit(X, labels, validation_data=X), TypeError,
         r"\(x, y\) or \(x, y, sample_weight\), got one ndarray"),
        (lambda: network().fit(X, labels, validation_data=(X[:, :3], labels)), ValueError,
         r"^validation data: .* shape \(4,\), got .* \(20, 3\)"),
        (lambda: network().fit(X, labels, validation_data=(X, labels[:5])), ValueError,
         "^validation data: .* a target for each of 20 examples, got 5"),
        (lambda: network().fit(X, labels, validation_data=(X, labels + 9)), ValueError,
         "^validation data: expected labels from 0 to 2"),
        (lambda: network().fit(X, labels, validation_data=(X, labels / 1)), TypeError,
         "^validation data: expected labels that are whole numbers, got dtype float64"),
        (lambda: network("mse", None, metrics=["accuracy"]).fit(
            X, np.eye(3)[labels], validation_data=(X, X[:, :3])), ValueError,
         "^validation data: accuracy expected targets with one class"),
        (lambda: network().fit(X[:, :3], labels, validation_data=(X, labels)), ValueError,
         "^the model expected examples of shape"),
        (lambda: network().fit(X, labels, validation_data=iter((X, labels))), TypeError,
         "got one tuple_iterator"),
        (lambda: network().fit(X, labels, callbacks=nn.History()), TypeError,
         r"list of callbacks, got History"),
        (lambda: network().fit(X, labels, epochs=2.0), ValueError, "whole number of epochs, .* got 2.0"),
        (lambda: network().fit(X, labels, batch_size=0.5), ValueError, "for batch_size, got 0.5"),
        (lambda: network(metrics=nn.Accuracy()), TypeError,
         r"a list of metrics, got Accuracy\(\); write \["),
        (lambda: network(metrics=3), TypeError, "a list of metrics, got 3"),
        (lambda: network(optimizer=nn.Adam), TypeError, r"got the class Adam; write Adam\(\)"),
        (lambda: network(nn.MeanSquaredError), TypeError, r"write MeanSquaredError\(\)"),
        (lambda: network(lambda Y, Y_hat: 0.0), TypeError,
         "a name or an object of kind loss, got <function"),
        (lambda: nn.Dense(1, nn.ReLU), TypeError,
         r"object of kind activation, got the class ReLU; write ReLU\(\)"),
        (lambda: nn.gradient_check(nn.Sequential([nn.Dense(1)]), X, labels), RuntimeError,
         "isn't compiled"),
        (lambda: nn.EarlyStopping(None), TypeError, "the name of a value to monitor, got None"),
        (lambda: nn.EarlyStopping(min_delta=float("nan")), ValueError,
         "a min_delta of at least 0, got nan"),
        (lambda: nn.Sequential([renamed, renamed]), ValueError,
         r"Renamed\(factor=\?\) is in use already"),
        (renamed.get_config, TypeError,
         "Renamed expected its constructor to keep the argument 'factor' as"),
    ],
)  # fmt: skip
def test_an_error_says_what_was_expected_and_what_came(act, error, message):
    with pytest.raises(error, match=message):
        act()


def test_edges_that_are_fine():
    model = network(metrics=["accuracy"])
    assert model.fit(X, labels, epochs=0).history == {}
    assert len(model.fit(X, labels, batch_size=10**9).history["loss"]) == 1
    bytes_ = (rng.random((20, 4)) * 255).astype(np.uint8)
    assert np.array_equal(model.predict(bytes_), model.predict(bytes_.astype(float)))
    assert model.evaluate(X.tolist(), labels.tolist()) == model.evaluate(X, labels)
    assert repr(renamed) == "Renamed(factor=?)"


def test_a_threshold_that_was_set_stays():
    precision = nn.Precision()
    precision.threshold = 0.8
    model = nn.Sequential([nn.Input((2,)), nn.Dense(1, "sigmoid")])
    model.compile("sgd", "binary_crossentropy", metrics=[precision, "recall"])
    assert model.metrics["precision"].threshold == 0.8
    assert model.metrics["recall"].threshold == 0.5
