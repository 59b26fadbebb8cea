"""The networks for CIFAR-10, what they have besides Keras's parts, and how long they take."""

import itertools

import keras
import numpy as np
import pytest

from groundup.models import cifar
from groundup.models.cifar_parts import ShiftAndFlip, Triangle


@pytest.fixture(scope="module")
def pictures():
    return np.random.default_rng(0).integers(256, size=(40, 8, 8, 3), dtype=np.uint8)


def moved(picture, down, right, flip, pixels=2):
    """A picture that NumPy has padded by its mirror image, cut out and mirrored."""
    room = np.pad(
        picture[:, ::-1] if flip else picture, [(pixels, pixels)] * 2 + [(0, 0)], "reflect"
    )
    return room[down : down + len(picture), right : right + len(picture)]


def flips_and_moves(layer, pictures):
    """How each picture was moved and mirrored, found among all ways."""
    given = np.array(layer(pictures, training=True))
    found = []
    for before, after in zip(pictures, given, strict=True):
        ways = itertools.product(range(5), range(5), (False, True))
        found += [way for way in ways if np.array_equal(moved(before, *way), after)]
    return np.array(found)


def test_every_picture_is_moved_and_in_every_other_epoch_mirrored(pictures):
    keras.utils.set_random_seed(0)
    layer = ShiftAndFlip(pixels=2, period=3)
    of_steps = [flips_and_moves(layer, pictures) for _ in range(9)]
    assert {len(ways) for ways in of_steps} == {len(pictures)}
    mirrored = np.array([ways[:, 2] for ways in of_steps], bool).reshape(3, 3, -1)
    assert (mirrored == mirrored[:, :1]).all(), "the same in all steps of an epoch"
    assert (mirrored[0] != mirrored[1]).all()
    assert (mirrored[0] == mirrored[2]).all()
    assert 0.25 < mirrored[0].mean() < 0.75
    moves = np.concatenate(of_steps)[:, :2]
    counts = np.stack([np.bincount(axis, minlength=5) for axis in moves.T])
    assert np.abs(counts / len(moves) - 0.2).max() < 0.1, "all moves are about equally frequent"


def test_pictures_to_predict_stay_as_they_are(pictures):
    layer = ShiftAndFlip()
    assert np.array_equal(layer(pictures), pictures)
    assert int(layer.step) == 0


def test_the_layer_and_the_schedule_can_be_made_anew_from_what_they_say():
    layer = ShiftAndFlip.from_config(ShiftAndFlip(3, 7, seed=1).get_config())
    assert (layer.pixels, layer.period, layer.seed) == (3, 7, 1)
    made = Triangle.from_config(Triangle(0.2, 100, 0.5).get_config())
    assert [float(made(step)) for step in (0, 25, 50, 75, 100)] == pytest.approx(
        [0, 0.1, 0.2, 0.1, 0]
    )


def test_the_twin_is_a_quarter_as_wide():
    widths = [
        [layer.filters for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
        + [layer.units for layer in model.layers if isinstance(layer, keras.layers.Dense)]
        for model in (cifar.make_alexnet(), cifar.make_twin())
    ]
    assert widths[0] == [32, 64, 96, 96, 64, 1024, 1024, 10]
    assert widths[1] == [8, 16, 24, 24, 16, 256, 256, 10]


def test_a_shortcut_has_no_parameters():
    assert cifar.make_twin(residual=True).count_params() == cifar.make_twin().count_params()


def test_whitened_patches_are_unrelated():
    """On the pictures whose filters they are, the answers' second moments are nearly the identity."""
    rng = np.random.default_rng(1)
    smooth = rng.integers(0, 256, (30, 4, 4, 3)).repeat(4, axis=1).repeat(4, axis=2)
    pictures = np.clip(smooth + rng.integers(-30, 31, smooth.shape), 0, 255).astype(np.uint8)
    kernel = cifar.whitening(pictures)
    assert np.allclose(kernel[..., :12], -kernel[..., 12:])
    answers = np.array(keras.ops.conv(pictures.astype("float32") / 64 - 1.875, kernel[..., :12]))
    moments = np.einsum("mijk,mijl->kl", answers, answers) / answers[..., 0].size
    assert np.allclose(moments, np.eye(12), atol=0.05)


def test_the_sets_have_nothing_in_common():
    sets = cifar.split()
    assert len(sets.x_train) == 4 * len(sets.x_validation)
    bytes_of = [{p.tobytes() for p in x} for x in (sets.x_train, sets.x_validation, sets.x_test)]
    assert not any(a & b for a, b in itertools.combinations(bytes_of, 2))
    assert [len(x) for x in bytes_of] == [len(x) for x in sets[::2]]


@pytest.mark.parametrize(("examples", "steps"), [(40000, 313), (800, 7), (128, 1), (129, 2)])
def test_steps_are_counted_as_keras_counts_them(examples, steps):
    assert cifar.steps_of(examples, 1) == steps
    assert cifar.steps_of(examples, 10) == 10 * steps


class Reader:
    """What ``mirrored`` needs of a run: the left half's brightness, and the right half's."""

    def predict(self, pictures, batch_size):
        left, right = pictures[:, :, :16], pictures[:, :, 16:]
        return np.stack([half.mean(axis=(1, 2, 3)) for half in (left, right)], axis=1)


def test_a_picture_and_its_mirror_image_are_read_alike():
    x = np.random.default_rng(0).integers(256, size=(3, 32, 32, 3), dtype=np.uint8)
    found = cifar.mirrored(Reader(), x)
    assert np.allclose(found, cifar.mirrored(Reader(), x[:, :, ::-1]))
    assert np.allclose(found, x.mean(axis=(1, 2, 3))[:, None])
