"""Where data come from, and what happens when a source fails."""

import dataclasses
import hashlib
import io
import json
import os
import pickle
import shutil
import tarfile
from typing import get_args

import numpy as np
import pytest
from PIL import Image

from groundup import data
from groundup.data import catalogue, cifar10, imdb, mnist, passengers, shakespeare, sources
from groundup.data.dataset import Origin


@pytest.fixture
def original(tmp_path, monkeypatch):
    """A small file that passes for MNIST's original, in a mirror; returns the mirror."""
    folder = tmp_path / "mirror"
    folder.mkdir()
    rng = np.random.default_rng(0)
    arrays = {
        "x_train": rng.integers(256, size=(30, 28, 28), dtype=np.uint8),
        "y_train": rng.integers(10, size=30, dtype=np.uint8),
        "x_test": rng.integers(256, size=(10, 28, 28), dtype=np.uint8),
        "y_test": rng.integers(10, size=10, dtype=np.uint8),
    }
    np.savez(folder / "mnist.npz", **arrays)
    digest = hashlib.sha256((folder / "mnist.npz").read_bytes()).hexdigest()
    description = data.Description(**{**vars(mnist.DESCRIPTION), "sha256": digest})
    monkeypatch.setattr(mnist, "DESCRIPTION", description)
    return folder


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """The original source can't be reached, and what was said before is forgotten."""

    def refuse(*_):
        raise OSError("no network in tests")

    monkeypatch.setattr(sources.socket, "getaddrinfo", refuse)
    catalogue._say.cache_clear()


def test_the_mirror_comes_first(original, monkeypatch):
    monkeypatch.setenv("GROUNDUP_DATA", str(original))
    loaded = data.load("mnist")
    assert loaded.origin == "mirror"
    assert not loaded.is_stand_in
    assert loaded.notes == ()
    assert loaded.shapes["x_train"] == (30, 28, 28)
    with np.load(original / "mnist.npz") as file:
        assert all(np.array_equal(getattr(loaded, name), file[name]) for name in file)
    assert loaded.description.licence == "CC BY-SA 3.0"
    assert data.identity("mnist") == [mnist.DESCRIPTION.sha256]


def test_a_mirror_may_lie_in_the_home(original, monkeypatch):
    monkeypatch.setenv("HOME", str(original.parent))
    monkeypatch.setenv("GROUNDUP_DATA", f"~/{original.name}")
    assert data.load("mnist").origin == "mirror"


def damage(path, how):
    content = path.read_bytes()
    if how == "cut in half":
        path.write_bytes(content[: len(content) // 2])
    elif how == "one bit flipped":
        path.write_bytes(content[:100] + bytes([content[100] ^ 1]) + content[101:])
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "missing":
        path.unlink()
    elif how == "a folder":
        path.unlink()
        path.mkdir()


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("cut in half", "cut short or changed: expected SHA-256"),
        ("one bit flipped", "cut short or changed: expected SHA-256"),
        ("empty", "(0 bytes)"),
        ("missing", "doesn't exist"),
        ("a folder", "can't be read"),
    ],
)
def test_a_bad_mirror_is_said_and_passed_over(original, monkeypatch, caplog, how, said):
    monkeypatch.setenv("GROUNDUP_DATA", str(original))
    damage(original / "mnist.npz", how)
    loaded = data.load("mnist")
    assert loaded.is_stand_in
    assert said in loaded.notes[0]
    assert "can't be reached" in loaded.notes[1]
    assert said in caplog.text
    assert "stand-in" in caplog.text


def test_keras_cache_comes_second(original, monkeypatch, caplog):
    monkeypatch.setenv("GROUNDUP_DATA", str(original / "nowhere"))
    cache = os.path.join(os.environ["KERAS_HOME"], "datasets")
    os.makedirs(cache)
    shutil.copy(original / "mnist.npz", cache)
    loaded = data.load("mnist")
    assert loaded.origin == "original source"
    assert loaded.description == mnist.DESCRIPTION
    assert loaded.notes == (f"{original / 'nowhere' / 'mnist.npz'} doesn't exist",)
    assert "doesn't exist" in caplog.text, "a mirror that was named and isn't used is said aloud"


@pytest.mark.parametrize(
    ("named", "folder"), [(None, ".keras"), ("", ".keras"), ("~/elsewhere", "elsewhere")]
)
def test_keras_cache_lies_in_the_home_unless_another_is_named(
    original, named, folder, tmp_path, monkeypatch
):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("KERAS_HOME")
    if named is not None:
        monkeypatch.setenv("KERAS_HOME", named)
    kept = tmp_path / folder / "datasets" / "mnist.npz"
    kept.parent.mkdir(parents=True)
    shutil.copy(original / "mnist.npz", kept)
    digest = mnist.DESCRIPTION.sha256
    assert sources.from_original("mnist.npz", digest, "example.org", pytest.fail) == kept


def test_keras_loader_is_used_and_its_file_verified(original, monkeypatch):
    monkeypatch.delenv("GROUNDUP_DATA")
    monkeypatch.setattr(sources.socket, "getaddrinfo", lambda *_: [])
    cache = os.path.join(os.environ["KERAS_HOME"], "datasets")

    def download():
        os.makedirs(cache, exist_ok=True)
        shutil.copy(original / "mnist.npz", cache)

    digest = mnist.DESCRIPTION.sha256
    path = sources.from_original("mnist.npz", digest, "example.org", download)
    assert path.parent == type(path)(cache)


@pytest.mark.parametrize("error", [PermissionError("read-only"), Exception("URL fetch failure")])
def test_a_failing_download_is_said(monkeypatch, error):
    monkeypatch.setattr(sources.socket, "getaddrinfo", lambda *_: [])

    def download():
        raise error

    with pytest.raises(sources.Unavailable, match=str(error)):
        sources.from_original("mnist.npz", "0" * 64, "example.org", download)


def test_an_unwritable_cache_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(sources.socket, "getaddrinfo", lambda *_: [])
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "file" / "keras"))
    with pytest.raises(sources.Unavailable, match="where Keras keeps data sets, can't be written"):
        sources.from_original("mnist.npz", "0" * 64, "example.org", pytest.fail)


def test_a_download_of_something_else_is_refused(monkeypatch):
    monkeypatch.setattr(sources.socket, "getaddrinfo", lambda *_: [])
    cache = os.path.join(os.environ["KERAS_HOME"], "datasets")

    def download():
        os.makedirs(cache, exist_ok=True)
        with open(os.path.join(cache, "mnist.npz"), "w") as file:
            file.write("not found")

    with pytest.raises(sources.Unavailable, match="expected SHA-256 000"):
        sources.from_original("mnist.npz", "0" * 64, "example.org", download)


def test_stand_ins_can_be_forced(original, monkeypatch):
    monkeypatch.setenv("GROUNDUP_DATA", "stand-in")
    assert data.load("mnist").is_stand_in
    assert data.identity("mnist") == ["stand-in", "GROUNDUP_DATA=stand-in asks for stand-ins"]
    assert data.identity("celsius") == []


def test_the_stand_in_has_the_originals_form():
    digits = data.load("mnist")
    assert digits.is_stand_in
    assert digits.x_train.dtype == digits.y_train.dtype == np.uint8
    assert digits.x_train.shape[1:] == digits.x_test.shape[1:] == (28, 28)
    assert len(digits.x_train) + len(digits.x_test) == 1797
    assert digits.x_train.max() == 255
    for labels in (digits.y_train, digits.y_test):
        share = np.bincount(labels, minlength=10) / len(labels)
        assert share.shape == (10,)
        assert np.abs(share - 0.1).max() < 0.02
    test = {image.tobytes() for image in digits.x_test}
    assert not any(image.tobytes() in test for image in digits.x_train)


def test_a_stand_in_is_described_as_what_it_is():
    """Under its own licence, not that of what it stands in for."""
    about = data.load("mnist").description
    assert about.name == "mnist"
    assert about.licence == "CC BY 4.0"
    assert "scikit-learn" in about.source
    assert "Alpaydin" in about.citation
    assert about.sha256 is None


def test_each_of_the_stand_ins_pictures_has_its_label():
    from sklearn.datasets import load_digits

    digits, found = load_digits(), data.load("mnist")
    labels = np.concatenate([found.y_train, found.y_test])
    pictures = np.concatenate([found.x_train, found.x_test])[:, 2:-2:3, 2:-2:3]
    assert np.array_equal(labels, digits.target)
    assert np.abs(pictures / 255 - digits.images / 16).max() < 1 / 255


def test_the_stand_ins_pixels_are_rounded_to_the_nearest():
    from sklearn.datasets import load_digits

    digits = load_digits().images.astype(int)[:1497]
    nearest = (2 * 255 * digits + 16) // 32
    images = data.load("mnist").x_train[:, 2:-2, 2:-2]
    assert np.array_equal(images[:, ::3, ::3], nearest)
    assert np.array_equal(images, images[:, ::3, ::3].repeat(3, axis=1).repeat(3, axis=2))


def test_celsius_follows_its_definition():
    celsius = data.load("celsius")
    assert celsius.shapes == {
        "x_train": (128, 1), "y_train": (128, 1), "x_test": (32, 1), "y_test": (32, 1),
    }  # fmt: skip
    assert np.allclose(celsius.y_train, 1.8 * celsius.x_train + 32, atol=1e-4)
    assert np.allclose(celsius.y_test, 1.8 * celsius.x_test + 32, atol=1e-4)
    assert (celsius.x_train == data.load("celsius").x_train).all()
    assert len(np.unique(np.concatenate([celsius.x_train, celsius.x_test]))) == 160
    assert -40 <= celsius.x_train.min() < -30 < 90 < celsius.x_train.max() <= 100


PLANES = np.random.default_rng(0).integers(256, size=(6, 4, 3, 32, 32), dtype=np.uint8)


@pytest.fixture
def archive(tmp_path, monkeypatch):
    """Six batches of four pictures that pass for CIFAR-10's original, where Keras keeps it."""
    path = tmp_path / "keras" / "datasets" / cifar10.ARCHIVE
    path.parent.mkdir(parents=True)
    with tarfile.open(path, "w:gz") as packed:
        for n, planes in enumerate(PLANES):
            content = pickle.dumps({b"data": planes.reshape(4, -1), b"labels": [n, n, 9 - n, 3]})
            name = "test_batch" if n == 5 else f"data_batch_{n + 1}"
            entry = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            entry.size = len(content)
            packed.addfile(entry, io.BytesIO(content))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    monkeypatch.setattr(
        cifar10, "DESCRIPTION", dataclasses.replace(cifar10.DESCRIPTION, sha256=digest)
    )
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("GROUNDUP_DATA", str(tmp_path / "nowhere"))
    return path


@pytest.fixture
def sheets(tmp_path, monkeypatch):
    """The same pictures as sheets in a mirror, two by two; returns the mirror."""
    folder = tmp_path / "mirror" / "cifar10"
    folder.mkdir(parents=True)
    for name, planes in zip(cifar10.SHEETS, PLANES, strict=True):
        tiles = planes.transpose(0, 2, 3, 1)
        rows = [np.concatenate(pair, axis=1) for pair in (tiles[:2], tiles[2:])]
        Image.fromarray(np.concatenate(rows)).save(folder / name, lossless=True)
    labels = np.array([[n, n, 9 - n, 3] for n in range(6)], np.uint8)
    np.save(folder / "train-labels.npy", labels[:5].ravel())
    np.save(folder / "test-labels.npy", labels[5])
    for files in (cifar10.SHEETS, cifar10.LABELS):
        for name in files:
            digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
            monkeypatch.setitem(files, name, digest)
    return folder.parent


def test_sheets_and_archive_hold_the_same(archive, sheets, monkeypatch):
    found = [data.load("cifar10")]
    monkeypatch.setenv("GROUNDUP_DATA", str(sheets))
    found.append(data.load("cifar10"))
    assert [one.origin for one in found] == ["original source", "mirror"]
    assert data.identity("cifar10") == [cifar10.DESCRIPTION.sha256]
    for one in found:
        assert one.x_train.dtype == one.y_train.dtype == np.uint8
        assert np.array_equal(
            one.x_train, PLANES[:5].transpose(0, 1, 3, 4, 2).reshape(20, 32, 32, 3)
        )
        assert np.array_equal(one.x_test, PLANES[5].transpose(0, 2, 3, 1))
        assert list(one.y_train[:8]) == [0, 0, 9, 3, 1, 1, 8, 3]
        assert list(one.y_test) == [5, 5, 4, 3]


def test_a_mirror_that_lacks_one_sheet_is_passed_over(archive, sheets, monkeypatch):
    monkeypatch.setenv("GROUNDUP_DATA", str(sheets))
    (sheets / "cifar10" / "train-3.webp").unlink()
    found = data.load("cifar10")
    assert found.origin == "original source"
    assert "train-3.webp doesn't exist" in found.notes[0]


def test_drawn_shapes_stand_in_for_photographs():
    shapes = data.load("cifar10")
    assert shapes.is_stand_in
    assert shapes.description.licence == "CC0"
    assert shapes.description.sha256 is None
    assert shapes.x_train.dtype == shapes.y_train.dtype == np.uint8
    assert shapes.x_train.shape[1:] == shapes.x_test.shape[1:] == (32, 32, 3)
    labels = np.concatenate([shapes.y_train, shapes.y_test])
    assert (np.bincount(labels) == 80).all()
    assert len(shapes.description.classes) == len(cifar10.DESCRIPTION.classes) == 10
    assert np.array_equal(shapes.x_test, data.load("cifar10").x_test)


def test_the_shapes_are_what_they_are_called():
    """Told from the masks alone: how many pieces of ink a line through the middle meets, and where."""
    place = np.linspace(-1.2, 1.2, 241)
    masks = dict(
        zip(
            cifar10.STAND_IN.classes,
            cifar10._shapes(place[None, :], place[:, None]),
            strict=True,
        )
    )

    def pieces(line):
        return int(np.sum(np.diff(line.astype(int), prepend=0) == 1))

    middle = {name: (pieces(mask[120]), pieces(mask[:, 120])) for name, mask in masks.items()}
    assert middle["ring"] == middle["frame"] == (2, 2)
    assert middle["stripes"] == (1, 3)
    assert middle["posts"] == (3, 1)
    assert not masks["plus"][60, 60]
    assert masks["cross"][60, 60]
    assert masks["square"][35, 35]
    assert not masks["disk"][35, 35]
    assert np.mean(masks["hill"] != masks["valley"][::-1]) < 0.01, "but for rounding at the edge"
    assert masks["hill"][200].sum() > masks["hill"][60].sum()
    for mask in masks.values():
        assert np.mean(mask != mask[:, ::-1]) < 0.02


def test_the_passengers_are_the_published_file():
    """Written as the file that goes round under this name, they have its checksum."""
    flights = data.load("passengers")
    months = np.concatenate([flights.x_train, flights.x_test])
    passengers_ = np.concatenate([flights.y_train, flights.y_test])
    rows = [f'"{month}",{count:.0f}' for month, count in zip(months, passengers_, strict=True)]
    file = "\r\n".join(['"Month","Passengers"', *rows])
    published = "8cb51be753a718d9be5d76d7e238cc224792754676adc21faa59e954b0201621"
    assert hashlib.sha256(file.encode()).hexdigest() == published
    assert flights.shapes == {"x_train": (96,), "y_train": (96,), "x_test": (48,), "y_test": (48,)}
    assert flights.y_train.dtype == flights.y_test.dtype == np.float32
    assert flights.x_test[0] == np.datetime64("1957-01")
    assert flights.small().shapes == flights.shapes
    assert data.identity("passengers") == []
    assert passengers.DESCRIPTION is flights.description


def in_a_mirror(module, content, tmp_path, monkeypatch):
    """The content as the file that passes for a data set's original, in the mirror that is named."""
    (tmp_path / module.FILE).write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    changed = dataclasses.replace(module.DESCRIPTION, sha256=digest)
    monkeypatch.setattr(module, "DESCRIPTION", changed)
    monkeypatch.setenv("GROUNDUP_DATA", str(tmp_path))


def as_text(dataset, numbers):
    return "".join(dataset.description.classes[number] for number in numbers)


def test_a_text_is_numbers_each_with_the_next_as_its_target(tmp_path, monkeypatch):
    text = "".join(sorted(shakespeare.CHARACTERS)) + "To be, or not to be: that is it.\n" * 5
    in_a_mirror(shakespeare, text.encode(), tmp_path, monkeypatch)
    plays = data.load("shakespeare")
    assert plays.origin == "mirror"
    assert plays.x_train.dtype == plays.y_test.dtype == np.uint8
    cut = len(text) * 9 // 10
    assert as_text(plays, plays.x_train) == text[: cut - 1]
    assert as_text(plays, plays.y_train) == text[1:cut]
    assert as_text(plays, plays.x_test) == text[cut:-1]
    assert as_text(plays, plays.y_test) == text[cut + 1 :]
    assert list(plays.x_train[:65]) == list(range(65))


def test_sonnets_stand_in_for_the_plays():
    sonnets = data.load("shakespeare")
    assert sonnets.is_stand_in
    assert sonnets.description.licence == "public domain"
    assert sonnets.description.classes == shakespeare.DESCRIPTION.classes
    poems = as_text(sonnets, [*sonnets.x_train, sonnets.y_train[-1], *sonnets.x_test]).split("\n\n")
    assert len(poems) == 13
    assert {len(poem.splitlines()) for poem in poems} == {14}
    endings = [line[-1] for poem in poems for line in poem.splitlines()]
    assert set(endings[13::14]) <= {".", "y"}, (
        "each ends with a full stop; the test set stops before"
    )


def test_a_small_text_is_its_beginning():
    numbers = np.random.default_rng(0).integers(65, size=40_000).astype(np.uint8)
    x, y = numbers[:-1], numbers[1:]
    whole = data.Dataset(shakespeare.STAND_IN, "stand-in", x, y, x[:7000], y[:7000])
    small = whole.small()
    assert np.array_equal(small.x_train, x[:20_000])
    assert np.array_equal(small.y_train, y[:20_000])
    assert np.array_equal(small.x_test, x[:5_000])
    assert np.array_equal(small.y_test, y[:5_000])


@pytest.fixture
def reviews(tmp_path, monkeypatch):
    """Six reviews and a small dictionary that pass for IMDB's files; returns their mirror."""
    folder = tmp_path / "mirror"
    folder.mkdir()
    words = {"the": 1, "good": 2, "bad": 3, "film": 4}
    (folder / imdb.WORDS).write_text(json.dumps(words))
    lists = np.empty(6, object)
    lists[:] = [[1, 4, n % 2 + 2] for n in range(6)]
    labels = np.array([1, 0] * 3, np.int64)
    np.savez(
        folder / imdb.REVIEWS, x_train=lists, y_train=labels, x_test=lists[1:], y_test=labels[1:]
    )
    digests = [
        hashlib.sha256((folder / n).read_bytes()).hexdigest() for n in (imdb.REVIEWS, imdb.WORDS)
    ]
    changed = dataclasses.replace(imdb.DESCRIPTION, sha256=digests[0])
    monkeypatch.setattr(imdb, "DESCRIPTION", changed)
    monkeypatch.setattr(imdb, "WORDS_SHA256", digests[1])
    monkeypatch.setenv("GROUNDUP_DATA", str(folder))
    return folder


def test_reviews_are_texts_with_their_verdicts(reviews):
    found = data.load("imdb")
    assert found.origin == "mirror"
    assert found.x_train.shape == found.y_train.shape == (6,)
    assert found.x_test.shape == found.y_test.shape == (5,)
    assert found.y_train.dtype == np.uint8
    verdicts = dict(zip(found.x_train.tolist(), found.y_train.tolist(), strict=True))
    assert verdicts == {"the film good": 1, "the film bad": 0}
    assert found.y_test.sum() == 2
    assert list(found.y_train) == list(data.load("imdb").y_train)


@pytest.mark.parametrize(
    ("name", "how"), [(imdb.WORDS, "cut in half"), (imdb.REVIEWS, "one bit flipped")]
)
def test_reviews_are_not_unpickled_before_both_files_are_verified(reviews, monkeypatch, name, how):
    monkeypatch.setattr(imdb, "read", pytest.fail)
    damage(reviews / name, how)
    found = data.load("imdb")
    assert found.is_stand_in
    assert name in found.notes[0]


def test_reviews_in_keras_cache_are_found(reviews, monkeypatch):
    cache = os.path.join(os.environ["KERAS_HOME"], "datasets")
    shutil.copytree(reviews, cache)
    monkeypatch.setenv("GROUNDUP_DATA", str(reviews / "nowhere"))
    assert data.load("imdb").origin == "original source"


def test_made_reviews_stand_in_for_imdbs():
    """Their words tell praise from blame, though not every sentence does."""
    made = data.load("imdb")
    assert made.is_stand_in
    assert made.description.licence == "CC0"
    assert len(made.x_train) == 600
    assert len(made.x_test) == 200
    assert made.y_train.sum() + made.y_test.sum() == 400
    praise = [sum(word in imdb.VERDICTS[1] for word in x.split()) for x in made.x_train]
    blame = [sum(word in imdb.VERDICTS[0] for word in x.split()) for x in made.x_train]
    balance = np.sign(np.subtract(praise, blame))
    decided = balance != 0
    right = (balance[decided] > 0) == made.y_train[decided]
    assert 0.9 < right.mean() < 1


def test_only_what_stands_in_for_another_is_a_stand_in():
    """What code makes is itself the original."""
    celsius = data.load("celsius")
    assert celsius.origin == "made by code"
    of_origins = {o: dataclasses.replace(celsius, origin=o).is_stand_in for o in get_args(Origin)}
    assert [origin for origin, stands_in in of_origins.items() if stands_in] == ["stand-in"]


def test_an_unknown_name_is_refused():
    known = "celsius, cifar10, imdb, mnist, passengers, shakespeare"
    with pytest.raises(ValueError, match=f"unknown data set 'mnits'; expected one of: {known}"):
        data.load("mnits")


def many(labels, targets=np.uint8):
    """A data set of one number for each example, which says where it stood."""
    made = [np.arange(len(labels)), np.array(labels, targets)] * 2
    keys = ("x_train", "y_train", "x_test", "y_test")
    return data.Dataset(mnist.STAND_IN, "stand-in", **dict(zip(keys, made, strict=True)))


def test_a_small_data_set_has_the_first_examples_of_each_class():
    labels = np.random.default_rng(0).choice(4, size=1500, p=[0.5, 0.3, 0.15, 0.05])
    small, whole = many(labels).small(), many(labels)
    for x, y, count in (
        (small.x_train, small.y_train, 200),
        (small.x_test, small.y_test, 100),
    ):
        assert (np.diff(x) > 0).all(), "in their order"
        assert (labels[x] == y).all()
        for label in range(4):
            of_it = np.flatnonzero(labels == label)
            assert np.array_equal(x[y == label], of_it[:count])
    assert len(whole.x_train) == 1500
    assert small.description == whole.description
    assert small.is_stand_in


def test_labels_may_be_a_column():
    labels = np.repeat([3, 5], 300)[:, None]
    small = many(labels).small()
    assert small.y_train.shape == (400, 1)
    assert small.y_test.shape == (200, 1)


def test_small_is_asked_of_load():
    whole, small = data.load("mnist"), data.load("mnist", small=True)
    assert [len(small.x_train), len(small.x_test)] == [
        len(whole.small().x_train),
        len(whole.small().x_test),
    ]
    assert np.bincount(small.y_test).max() <= 100
    assert small.notes == whole.notes
    assert data.load("celsius", small=True).shapes == data.load("celsius").shapes
