"""Networks of sequences: step by step, from batch to batch, padding; and layers made of layers."""

import copy

import numpy as np
import pytest
from numeric import central_differences, relative_error

from groundup import nn

M, STEPS, SYMBOLS = 4, 6, 7
RNG = np.random.default_rng(0)
WORDS = RNG.integers(1, SYMBOLS, size=(M, STEPS))
LABELS = RNG.integers(SYMBOLS, size=(M, STEPS))
PADDED = WORDS * [[1] * 6, [1, 1, 1, 1, 0, 0], [1, 1, 0, 0, 0, 0], [1] * 6]
LOSS = "sparse_categorical_crossentropy"


def transformer(mask_zero=False):
    return [
        nn.Embedding(SYMBOLS, 6, mask_zero=mask_zero),
        nn.Residual([nn.PositionEmbedding(STEPS)]),
        nn.Residual([nn.LayerNormalization(), nn.MultiHeadAttention(2, 3, use_causal_mask=True)]),
        nn.Residual([nn.LayerNormalization(), nn.Dense(9, "gelu"), nn.Dense(6)]),
        nn.Residual([nn.SinePositionEncoding()]),
    ]


def recurrent(mask_zero=False, cells=(nn.SimpleRNN, nn.LSTM, nn.GRU), **options):
    return [
        nn.Embedding(SYMBOLS, 6, mask_zero=mask_zero),
        *(cell(5, return_sequences=True, **options) for cell in cells),
        nn.Dropout(0.5),
    ]


def built(layers, seed=0, **arguments):
    """A model in double precision whose parameters are all moved off their first values."""
    nn.set_random_seed(seed)
    model = nn.Sequential([nn.Input((STEPS,)), *layers, nn.Dense(SYMBOLS, "softmax")])
    model.compile(nn.SGD(0.1), LOSS, **arguments)
    model = model.astype(np.float64)
    model.parameters += 0.3 * nn.random.generator.normal(size=model.parameters.shape)
    return model


@pytest.mark.parametrize("layers", [transformer, recurrent])
def test_step_by_step_is_what_the_whole_is(layers):
    model = built(layers())
    whole = model.predict(WORDS)
    for _ in range(2):
        model.reset_states()
        found = np.stack([model.step(WORDS[:, t]) for t in range(STEPS)], axis=1)
        assert np.allclose(found, whole, rtol=0, atol=1e-14)
    assert np.array_equal(model.predict(WORDS), whole), "what is carried on is for steps alone"


def test_a_step_may_be_a_vector_and_keeps_its_precision():
    cells = (nn.SimpleRNN, nn.LSTM, nn.GRU)
    layers = [cell(5, return_sequences=True) for cell in cells]
    model = nn.Sequential([nn.Input((STEPS, 3)), *layers, nn.Dense(2)])
    vectors = RNG.standard_normal((M, STEPS, 3)).astype(np.float32)
    found = [model.step(vectors[:, t]) for t in range(STEPS)]
    assert np.allclose(np.stack(found, axis=1), model.predict(vectors), rtol=0, atol=1e-6)
    assert {array.dtype for array in found} == {np.dtype(np.float32)}
    with pytest.raises(ValueError, match=r"of each sequence, of shape \(3,\), got shape \(4, 2\)$"):
        model.step(vectors[:, 0, :2])


def test_what_needs_the_whole_sequence_goes_no_step():
    for layer in (
        nn.Bidirectional(nn.LSTM(3, return_sequences=True)),
        nn.MultiHeadAttention(2, 3),
        nn.Conv1D(3, 2, padding="causal"),
    ):
        model = built([nn.Embedding(SYMBOLS, 6), layer])
        with pytest.raises(
            TypeError, match=rf"^{type(layer).__name__}\(.* can't go step by step: "
        ):
            model.step(WORDS[:, 0])
    with pytest.raises(
        ValueError, match=r"a step of each sequence, of shape \(\), got shape \(4, 6\)"
    ):
        model.step(WORDS)


def test_other_sequences_begin_anew():
    model = built(recurrent())
    model.step(WORDS[:, 0])
    said = r"SimpleRNN expected a batch of 4 sequences to go on with, got 3; reset_states\(\)"
    with pytest.raises(ValueError, match=said):
        model.step(WORDS[:3, 0])
    model.reset_states()
    model.step(WORDS[:3, 0])
    attention = built([nn.Embedding(SYMBOLS, 6), nn.MultiHeadAttention(2, 3, use_causal_mask=True)])
    attention.step(WORDS[:, 0])
    with pytest.raises(ValueError, match="MultiHeadAttention expected a batch of 4 sequences"):
        attention.step(WORDS[:3, 0])


def test_steps_that_do_not_count_change_nothing_step_by_step():
    for layers in (transformer, recurrent):
        model = built(layers(mask_zero=True))
        whole = model.predict(PADDED)
        found = np.stack([model.step(PADDED[:, t]) for t in range(STEPS)], axis=1)
        assert np.allclose(found, whole, rtol=0, atol=1e-14)


def test_against_the_sequence_no_step_is_the_next():
    model = built([nn.Embedding(SYMBOLS, 6), nn.GRU(3, go_backwards=True, return_sequences=True)])
    with pytest.raises(
        TypeError, match=r"^GRU\(.* can't go step by step: it takes the last step first$"
    ):
        model.step(WORDS[:, 0])


def test_padding_is_told_in_the_order_of_the_output():
    """What comes after a layer that goes backwards counts the same steps."""
    layers = [
        nn.Embedding(SYMBOLS, 6, mask_zero=True),
        nn.LSTM(5, return_sequences=True, go_backwards=True),
        nn.GRU(4),
    ]
    nn.set_random_seed(0)
    model = nn.Sequential([nn.Input((STEPS,)), *layers]).astype(np.float64)
    short = nn.Sequential([nn.Input((2,)), *map(fresh, model.layers)]).astype(np.float64)
    short.set_weights(model.get_weights())
    assert np.allclose(
        model.predict(PADDED[2:3]), short.predict(PADDED[2:3, :2]), rtol=0, atol=1e-14
    )
    both = nn.Bidirectional(nn.LSTM(3, return_sequences=True, go_backwards=True), "sum")
    model = nn.Sequential([nn.Input((STEPS,)), fresh(layers[0]), both]).astype(np.float64)
    assert not model.predict(PADDED[2:3])[0, :4].any(), "its output begins with the last step"
    assert model.predict(PADDED[2:3])[0, 4:].all()


def test_a_step_that_sees_none_takes_nothing_and_learns_nothing():
    """At padding before a text, where only later steps count."""
    nn.set_random_seed(0)
    attention = nn.MultiHeadAttention(2, 3, use_causal_mask=True)
    model = nn.Sequential([nn.Input((4, 5)), attention]).astype(np.float64)
    model.parameters += nn.random.generator.normal(size=model.parameters.shape)
    attention, X, mask = model.layers[0], RNG.normal(size=(1, 4, 5)), np.array([[0, 0, 1, 1]], bool)
    assert np.array_equal(attention.forward(X, mask)[0, :2], [attention.b_output] * 2)
    dZ = np.zeros((1, 4, 5))
    dZ[0, :2] = 1
    attention.backward(dZ)
    assert not attention.dW_value.any()
    assert not attention.input_gradient(dZ).any()


def test_what_comes_out_can_be_changed_without_changing_the_state():
    for layers in (transformer, recurrent):
        model, other = built(layers()), built(layers())
        for t in range(3):
            found, expected = model.step(WORDS[:, t]), other.step(WORDS[:, t])
            assert np.array_equal(found, expected)
            found *= 100
    nn.set_random_seed(0)
    model = nn.Sequential([nn.Input((STEPS, 3)), nn.SimpleRNN(4)]).astype(np.float64)
    X, dZ = RNG.normal(size=(2, STEPS, 3)), RNG.normal(size=(2, 4))
    model.forward(X)
    expected = model.input_gradient(dZ)
    found = model.forward(X)
    found *= 100
    assert np.array_equal(model.input_gradient(dZ), expected)


@pytest.mark.parametrize("layers", [transformer, recurrent])
def test_a_step_leaves_what_the_way_back_needs(layers):
    model = built(layers())
    dZ = model.output_error(np.eye(SYMBOLS)[LABELS], model.forward(WORDS))
    model.backpropagate(dZ)
    expected = model.parameter_gradients.copy()
    model.forward(WORDS)
    model.step(WORDS[:, 0])
    model.backpropagate(dZ)
    assert np.array_equal(model.parameter_gradients, expected)


def test_a_place_beyond_those_learned_is_refused():
    model = built(transformer())
    for _ in range(STEPS):
        model.step(WORDS[:, 0])
    with pytest.raises(ValueError, match="at most 6 steps, got 7"):
        model.step(WORDS[:, 0])


@pytest.mark.parametrize("cell", [nn.SimpleRNN, nn.LSTM, nn.GRU])
def test_a_state_goes_on_from_batch_to_batch(cell):
    X = RNG.normal(size=(M, STEPS, 3))
    nn.set_random_seed(0)
    whole = nn.Sequential([nn.Input((STEPS, 3)), cell(5, return_sequences=True)])
    half = nn.Sequential([nn.Input((STEPS // 2, 3)), cell(5, return_sequences=True, stateful=True)])
    half.set_weights(whole.get_weights())
    whole, half = whole.astype(np.float64), half.astype(np.float64)
    for _ in range(2):
        parts = [half.predict(part) for part in np.split(X, 2, axis=1)]
        assert np.allclose(np.concatenate(parts, axis=1), whole.predict(X), rtol=0, atol=1e-14)
        half.reset_states()
    assert not np.allclose(half.astype(np.float32).predict(X[:, :3]), half.predict(X[:, 3:]))


@pytest.mark.parametrize("layers", [transformer, recurrent])
def test_padding_at_the_end_changes_nothing(layers):
    """Neither what comes of the steps before it, nor loss, accuracy and gradients."""
    model = built(layers(mask_zero=True), metrics=["accuracy"])
    counts = PADDED != 0
    P = model.predict(PADDED)
    for row, words in zip(P, PADDED, strict=True):
        model.reset_states()
        alone = [model.step(word[None])[0] for word in words[words != 0]]
        assert np.allclose(row[: len(alone)], alone, rtol=0, atol=1e-14)
    model.reset_states()
    values = model.evaluate(PADDED, LABELS, verbose=0, return_dict=True)
    surprise = -np.log(np.take_along_axis(P, LABELS[..., None], axis=-1))[..., 0]
    assert values["loss"] == pytest.approx(surprise[counts].mean())
    assert values["accuracy"] == (P.argmax(axis=-1) == LABELS)[counts].mean()
    other = np.where(counts, LABELS, (LABELS + 1) % SYMBOLS)
    nn.set_random_seed(1)
    gradients = model.gradients(PADDED, LABELS)
    nn.set_random_seed(1)
    assert np.array_equal(model.gradients(PADDED, other), gradients)


def test_what_stands_at_padded_steps_reaches_no_other():
    """Whatever vector the padding has."""
    for layers in (transformer, recurrent):
        model = built(layers(mask_zero=True))
        before = model.predict(PADDED)[PADDED != 0]
        model.layers[0].W[0] += 5
        assert np.array_equal(model.predict(PADDED)[PADDED != 0], before)


def test_a_batch_of_padding_alone_is_no_nan():
    for layers in (transformer, recurrent):
        model = built(layers(mask_zero=True), metrics=["accuracy"])
        assert model.evaluate(np.zeros((2, STEPS)), LABELS[:2], verbose=0)[0] == 0
        assert not model.gradients(np.zeros((2, STEPS)), LABELS[:2]).any()


@pytest.mark.parametrize(
    "make",
    [
        lambda: nn.Conv1D(3, 2), nn.GlobalMaxPooling1D, nn.Flatten, lambda: nn.Reshape((4, 9)),
        nn.BatchNormalization,
    ],
)  # fmt: skip
def test_who_cannot_tell_padding_says_so(make):
    layer = make()
    model = nn.Sequential([nn.Input((STEPS,)), nn.Embedding(SYMBOLS, 6, mask_zero=True), layer])
    with pytest.warns(UserWarning, match=rf"^{type(layer).__name__} can't tell .* from padding"):
        model.predict(PADDED)


def test_weights_of_steps_are_those_of_a_mask():
    model, masked = built(recurrent()), built(recurrent(mask_zero=True))
    counts = PADDED != 0
    weights = counts * counts.size / np.count_nonzero(counts)
    nn.set_random_seed(1)
    expected = masked.gradients(PADDED, LABELS)
    nn.set_random_seed(1)
    assert relative_error(model.gradients(PADDED, LABELS, weights), expected) <= 1e-14
    both = np.array([1.0, 2, 0, 3])
    in_loss = masked.evaluate(PADDED, LABELS, sample_weight=both, verbose=0)
    assert in_loss == pytest.approx(
        model.evaluate(PADDED, LABELS, sample_weight=weights * both[:, None], verbose=0)
    )


def test_weights_of_steps_are_refused_where_there_are_no_steps():
    model = built(recurrent())
    for wrong in (np.ones((M, 2)), np.ones(2), np.ones((M, STEPS, 1)), np.ones(())):
        with pytest.raises(
            ValueError, match=r"of shape \(4,\), a weight for each .*, or \(4, 6\), for"
        ):
            model.fit(WORDS, LABELS, sample_weight=wrong, verbose=0)
    dense = nn.Sequential([nn.Input((3,)), nn.Dense(2)])
    dense.compile("sgd", "mse")
    with pytest.raises(ValueError, match=r"a weight for each example, got \(4, 2\)"):
        dense.fit(np.ones((4, 3)), np.ones((4, 2)), sample_weight=np.ones((4, 2)), verbose=0)


@pytest.mark.parametrize("loss", [LOSS, "mse"])
def test_images_that_nobody_made_rows_are_sequences_of_rows(loss):
    model = nn.Sequential([nn.Input((28, 14)), nn.Dense(5), nn.Dense(3, "softmax")])
    model.compile("sgd", loss)
    said = r"got \(4,\); each of the 28 rows of an example has an output, which Flatten prevents$"
    with pytest.raises(ValueError, match=said):
        model.fit(np.ones((4, 28, 14)), np.zeros(4, int), verbose=0)


def test_rows_are_not_spoken_of_where_targets_have_some():
    model = nn.Sequential([nn.Input((28, 14)), nn.Dense(5), nn.Dense(3)])
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match=r"got \(4, 2\)$"):
        model.fit(np.ones((4, 28, 14)), np.zeros((4, 2)), verbose=0)


@pytest.mark.parametrize("word", [-1, SYMBOLS, 2.5])
def test_what_is_no_symbol_is_refused(word):
    X = WORDS.astype(float)
    X[1, 2] = word
    said = f"^Embedding expected whole numbers from 0 to 6, got {float(word)}$"
    with pytest.raises(ValueError, match=said):
        built(recurrent()).predict(X)


def test_a_row_of_an_embedding_gets_all_that_came_to_its_symbol():
    model = built([nn.Embedding(SYMBOLS, 6)])
    embedding = model.layers[0]
    X = np.array([[1, 1, 2, 1, 0, 0]])
    model.gradients(X, LABELS[:1])
    dZ = model.layers[1].input_gradient(
        model.output_error(np.eye(SYMBOLS)[LABELS[:1]], model.forward(X))
    )
    assert np.allclose(embedding.dW[1], dZ[0, [0, 1, 3]].sum(axis=0))
    assert not embedding.dW[3:].any()


def test_a_forget_gate_begins_open():
    layer = nn.LSTM(3, bias_initializer="ones", kernel_initializer="zeros")
    nn.Sequential([nn.Input((2, 4)), layer])
    assert layer.b.tolist() == [1] * 12
    layer = nn.LSTM(3)
    nn.Sequential([nn.Input((2, 4)), layer])
    assert layer.b.tolist() == [0] * 3 + [1] * 3 + [0] * 6
    layer = nn.LSTM(3, unit_forget_bias=False)
    nn.Sequential([nn.Input((2, 4)), layer])
    assert not layer.b.any()


# The gradient with respect to the input


def two_networks():
    nn.set_random_seed(0)
    first = nn.Sequential([nn.Input((3,)), nn.Dense(5, "tanh"), nn.Dense(4, "sigmoid")])
    second = nn.Sequential(
        [nn.Input((4,)), nn.Dense(6, "relu"), nn.Residual([nn.Dense(6, "tanh")]), nn.Dense(2)]
    )
    for model in (first, second):
        model.compile("sgd", "mse")
    return first.astype(np.float64), second.astype(np.float64)


def test_the_gradient_of_the_input():
    _, model = two_networks()
    X, Y = RNG.normal(size=(5, 4)), RNG.normal(size=(5, 2))
    dX = model.input_gradient(model.output_error(Y, model.forward(X)))
    numeric = central_differences(lambda: model.evaluate(X, Y, verbose=0), X)
    assert relative_error(dX, numeric) <= 1e-6
    assert np.array_equal(model.parameter_gradients, model.gradients(X, Y)), (
        "the others come with it"
    )


def test_the_gradient_of_the_input_goes_through_layers_that_are_frozen():
    _, model = two_networks()
    X, Y = RNG.normal(size=(5, 4)), RNG.normal(size=(5, 2))
    expected = model.input_gradient(model.output_error(Y, model.forward(X)))
    for frozen in (model.layers[:1], model.layers):
        for layer in frozen:
            layer.trainable = False
        assert np.array_equal(
            model.input_gradient(model.output_error(Y, model.forward(X))), expected
        )
        assert not model.parameter_gradients[: 5 * 6].any()
    assert not model.parameter_gradients.any()


def test_two_networks_meet_in_a_gradient():
    """One behind the other they have the gradients of the network that is both."""
    first, second = two_networks()
    X, Y = RNG.normal(size=(5, 3)), RNG.normal(size=(5, 2))
    between = first.forward(X)
    dA = second.input_gradient(second.output_error(Y, second.forward(between)))
    first.backpropagate(first.layers[-1].activation.backward(dA))
    nn.set_random_seed(0)
    both = nn.Sequential([nn.Input((3,)), *map(fresh, (*first.layers, *second.layers))])
    both.compile("sgd", "mse")
    both = both.astype(np.float64)
    both.parameters = np.concatenate([first.parameters, second.parameters])
    gradients = np.concatenate([first.parameter_gradients, second.parameter_gradients])
    assert relative_error(both.gradients(X, Y), gradients) <= 1e-14


def fresh(layer):
    """A new layer like this one."""
    return nn.loading.made(nn.config.described(layer))


def test_symbols_have_no_gradient():
    model = built(recurrent())
    with pytest.raises(TypeError, match=r"^Embedding takes symbols, and a symbol has no gradient$"):
        model.input_gradient(model.output_error(np.eye(SYMBOLS)[LABELS], model.forward(WORDS)))


def test_forward_as_while_training():
    nn.set_random_seed(0)
    model = nn.Sequential([nn.Input((4,)), nn.Dropout(0.5), nn.Dense(4, use_bias=False)])
    model.layers[1].W = np.eye(4)
    assert np.array_equal(model.forward(np.ones((3, 4), np.float32)), np.ones((3, 4)))
    found = model.forward(np.ones((3, 4), np.float32), training=True)
    assert set(found.ravel()) == {0, 2}


# Layers made of layers


def test_names_tell_where_a_part_is():
    names = [block.name for block in built(transformer()).blocks()]
    assert names[:2] == ["embedding/W", "residual/position_embedding/W"]
    assert names[-6:] == [
        "residual_2/dense/W", "residual_2/dense/b", "residual_2/dense_1/W", "residual_2/dense_1/b",
        "dense/W", "dense/b",
    ]  # fmt: skip
    both = nn.Sequential([nn.Input((3, 2)), nn.Bidirectional(nn.LSTM(2))])
    names = [block.name for block in both.blocks()]
    assert names[0] == "bidirectional/lstm/W"
    assert names[3] == "bidirectional/lstm_1/W"


def test_a_summary_counts_a_layer_with_its_parts(capsys):
    nn.Sequential([nn.Input((3,)), nn.Residual([nn.Dense(4), nn.Dense(3)]), nn.Dense(2)]).summary()
    assert (
        "residual (Residual)              (m, 3)                             31"
        in capsys.readouterr().out
    )


def test_parts_are_frozen_one_by_one_or_together():
    block = nn.Residual([nn.Dense(4, "relu"), nn.Dense(3)])
    model = nn.Sequential([nn.Input((3,)), block, nn.Dense(2)])
    model.compile("sgd", "mse")
    block.parts[0].trainable = False
    assert block.trainable
    before = model.get_weights()
    X, Y = RNG.normal(size=(9, 3)), RNG.normal(size=(9, 2))
    model.fit(X, Y, epochs=2, verbose=0)
    moved = [not np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True)]
    assert moved == [False, False, True, True, True, True]
    block.trainable = False
    assert not block.trainable
    assert not block.parts[1].trainable
    assert model.backward_layers == model.layers[1:]
    model.trainable = True
    assert block.parts[0].trainable
    with pytest.raises(TypeError, match="trainable"):
        block.trainable = "no"


def test_a_penalty_on_a_part_counts():
    part = nn.Dense(3, kernel_regularizer=nn.L2(0.5))
    model = nn.Sequential([nn.Input((3,)), nn.Residual([part])])
    model.compile("sgd", "mse")
    X = RNG.normal(size=(4, 3)).astype(np.float32)
    exactly = model.predict(X)
    assert model.evaluate(X, exactly, verbose=0) == pytest.approx(0.5 * (part.W**2).sum())
    assert np.allclose(model.gradients(X, exactly)[:9], part.W.ravel())


def test_a_layer_has_one_place_among_parts_too():
    part = nn.Dense(3)
    with pytest.raises(ValueError, match="is in use already"):
        nn.Sequential([part, nn.Residual([part])])
    with pytest.raises(ValueError, match="is in use already"):
        nn.Sequential([nn.Residual([nn.Residual([part])]), nn.Residual([part])])


@pytest.mark.parametrize(
    "layers",
    [
        transformer,
        recurrent,
        lambda: [nn.Embedding(9, 6), nn.Bidirectional(nn.GRU(4, return_sequences=True), "ave")],
    ],
)
def test_saved_read_and_copied_it_is_the_same(layers, tmp_path):
    model = built(layers())
    frozen = model.layers[1].parts[-1] if model.layers[1].parts else model.layers[1]
    frozen.trainable = False
    model.fit(WORDS, LABELS, verbose=0)
    model.save(tmp_path / "model")
    for other in (nn.load_model(tmp_path / "model"), copy.copy(model), copy.deepcopy(model)):
        assert np.array_equal(other.predict(WORDS), model.predict(WORDS))
        assert other.parameters is not model.parameters
        found = [(b.name, b.gradient is None) for b in other.blocks()]
        assert found == [(b.name, b.gradient is None) for b in model.blocks()]
        nn.set_random_seed(2)
        other.fit(WORDS, LABELS, verbose=0)
    nn.set_random_seed(2)
    model.fit(WORDS, LABELS, verbose=0)
    assert np.array_equal(other.predict(WORDS), model.predict(WORDS))


def test_both_directions_begin_differently():
    layer = nn.Bidirectional(nn.LSTM(3))
    nn.Sequential([nn.Input((4, 2)), layer])
    there, back = layer.parts
    assert (there.go_backwards, back.go_backwards) == (False, True)
    assert not np.allclose(there.W, back.W)
