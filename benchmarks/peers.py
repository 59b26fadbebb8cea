"""Who trains: this engine, its peers, and the floor under them all.

A peer is made with a task, the data and a seed; ``epoch()`` trains one epoch, ``predict(x)`` gives
scores.
"""

import itertools
import os
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from benchmarks.tasks import BLOCKS, HEADS, SYMBOLS, WIDTH, WINDOW, Task

# What says how many threads share the work of one operation.
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS")


class Ours:
    """``groundup.nn``."""

    def __init__(self, task: Task, x, y, seed: int):
        from groundup import nn

        nn.set_random_seed(seed)
        layers = [nn.Input(x.shape[1:])]
        if task.filters:
            convolution = nn.Conv2D(task.filters, 3, activation="relu")
            layers += [convolution, nn.MaxPooling2D(), nn.Flatten()]
        layers += [nn.Dense(units, activation="relu") for units in task.hidden]
        if task.text == "lstm":
            layers += [nn.Embedding(SYMBOLS, 32), nn.LSTM(128, return_sequences=True)]
        if task.text == "gpt":
            layers += [nn.Embedding(SYMBOLS, WIDTH), nn.Residual([nn.PositionEmbedding(WINDOW)])]
            for _ in range(BLOCKS):
                attention = nn.MultiHeadAttention(HEADS, WIDTH // HEADS, use_causal_mask=True)
                wide = nn.Dense(4 * WIDTH, activation="gelu")
                layers += [
                    nn.Residual([nn.LayerNormalization(), attention]),
                    nn.Residual([nn.LayerNormalization(), wide, nn.Dense(WIDTH)]),
                ]
            layers += [nn.LayerNormalization()]
        outputs = SYMBOLS if task.text else 10
        self.model = nn.Sequential([*layers, nn.Dense(outputs, activation="softmax")])
        optimizer = nn.Adam() if task.optimizer == "adam" else nn.SGD(0.1)
        self.model.compile(optimizer, "sparse_categorical_crossentropy")
        self.task, self.x, self.y = task, x, y

    def epoch(self) -> None:
        self.model.fit(self.x, self.y, batch_size=self.task.batch_size, verbose=0)

    def predict(self, x) -> np.ndarray:
        return self.model.predict(x, batch_size=1000)


class Keras:
    """Keras on TensorFlow, as ``fit`` is by default."""

    best: Mapping = MappingProxyType({})

    def __init__(self, task: Task, x, y, seed: int):
        import keras

        keras.utils.set_random_seed(seed)
        make = keras.layers
        outputs = inputs = keras.Input(x.shape[1:])
        if task.filters:
            outputs = make.Conv2D(task.filters, 3, activation="relu")(outputs)
            outputs = make.Flatten()(make.MaxPooling2D()(outputs))
        for units in task.hidden:
            outputs = make.Dense(units, activation="relu")(outputs)
        if task.text == "lstm":
            outputs = make.Embedding(SYMBOLS, 32)(outputs)
            outputs = make.LSTM(128, return_sequences=True)(outputs)
        if task.text == "gpt":
            outputs = places(keras)(make.Embedding(SYMBOLS, WIDTH)(outputs))
            for _ in range(BLOCKS):
                normal = make.LayerNormalization()(outputs)
                attention = make.MultiHeadAttention(HEADS, WIDTH // HEADS)
                outputs = outputs + attention(normal, normal, use_causal_mask=True)
                wide = make.Dense(4 * WIDTH, activation="gelu")(make.LayerNormalization()(outputs))
                outputs = outputs + make.Dense(WIDTH)(wide)
            outputs = make.LayerNormalization()(outputs)
        last = make.Dense(SYMBOLS if task.text else 10, activation="softmax")
        self.model = keras.Model(inputs, last(outputs))
        optimizer = (
            keras.optimizers.Adam() if task.optimizer == "adam" else keras.optimizers.SGD(0.1)
        )
        self.model.compile(optimizer, "sparse_categorical_crossentropy", **self.best)
        self.task, self.x, self.y = task, x, y

    def epoch(self) -> None:
        self.model.fit(self.x, self.y, batch_size=self.task.batch_size, verbose=0)

    def predict(self, x) -> np.ndarray:
        return self.model.predict(x, batch_size=1000, verbose=0)


def places(keras):
    """A layer of Keras that adds a vector to each step for its place."""

    class Places(keras.layers.Layer):
        def build(self, shape):
            self.W = self.add_weight(shape=shape[1:])

        def call(self, x):
            return x + self.W

    return Places()


class KerasBest(Keras):
    """Keras compiled by XLA, ten steps at a time."""

    best = MappingProxyType({"jit_compile": True, "steps_per_execution": 10})


class ScikitLearn:
    """scikit-learn's ``MLPClassifier``."""

    def __init__(self, task: Task, x, y, seed: int):
        if task.filters or task.text:
            raise ImportError("scikit-learn has nothing but dense layers")
        from sklearn.neural_network import MLPClassifier

        sgd = {
            "solver": "sgd",
            "learning_rate_init": 0.1,
            "momentum": 0.0,
            "nesterovs_momentum": False,
        }
        adam = {"solver": "adam", "epsilon": 1e-7}
        self.model = MLPClassifier(
            task.hidden,
            alpha=0.0,
            batch_size=task.batch_size,
            random_state=seed,
            **(adam if task.optimizer == "adam" else sgd),
        )
        self.x, self.y = x, y

    def epoch(self) -> None:
        self.model.partial_fit(self.x, self.y, classes=np.arange(10))

    def predict(self, x) -> np.ndarray:
        return self.model.predict_proba(x)


class PyTorch:
    """PyTorch, eager, with its fused Adam."""

    def __init__(self, task: Task, x, y, seed: int):
        import torch

        torch.manual_seed(seed)
        torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
        sizes, layers = [784, *task.hidden], []
        if task.text:
            layers, sizes = [of_text(task.text, torch)], [128 if task.text == "lstm" else WIDTH]
        if task.filters:
            layers = [
                torch.nn.Conv2d(1, task.filters, 3),
                torch.nn.ReLU(),
                torch.nn.MaxPool2d(2),
                torch.nn.Flatten(),
            ]
            sizes[0] = task.filters * 13 * 13
        for inputs, outputs in itertools.pairwise(sizes):
            layers += [torch.nn.Linear(inputs, outputs), torch.nn.ReLU()]
        outputs = SYMBOLS if task.text else 10
        self.model = torch.nn.Sequential(*layers, torch.nn.Linear(sizes[-1], outputs))
        parameters = self.model.parameters()
        self.optimizer = (
            torch.optim.Adam(parameters, eps=1e-7, fused=True)
            if task.optimizer == "adam"
            else torch.optim.SGD(parameters, 0.1, fused=True)
        )
        self.task, self.torch = task, torch
        self.x, self.y = self.tensor(x), torch.from_numpy(y)

    def tensor(self, x):
        """Images with the channel first, as PyTorch has them."""
        return self.torch.from_numpy(x.reshape(-1, 1, 28, 28) if self.task.filters else x)

    def epoch(self) -> None:
        torch, size = self.torch, self.task.batch_size
        order = torch.randperm(len(self.x))
        for start in range(0, len(order), size):
            batch = order[start : start + size]
            self.optimizer.zero_grad()
            scores = self.model(self.x[batch])
            scores, labels = scores.reshape(-1, scores.shape[-1]), self.y[batch].reshape(-1)
            torch.nn.functional.cross_entropy(scores, labels).backward()
            self.optimizer.step()

    def predict(self, x) -> np.ndarray:
        with self.torch.no_grad():
            return self.model(self.tensor(x)).numpy()


def of_text(kind: str, torch):
    """PyTorch's layers below the last one: its own LSTM, or blocks of its own fused attention."""
    nn, functional = torch.nn, torch.nn.functional

    class Recurrent(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = nn.Embedding(SYMBOLS, 32)
            self.lstm = nn.LSTM(32, 128, batch_first=True)

        def forward(self, x):
            return self.lstm(self.embedding(x))[0]

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
            self.heads, self.joined = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
            self.wide, self.narrow = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)

        def forward(self, x):
            heads = self.heads(self.first(x)).chunk(3, dim=-1)
            q, k, v = (h.unflatten(-1, (HEADS, -1)).transpose(1, 2) for h in heads)
            found = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
            x = x + self.joined(found.transpose(1, 2).flatten(2))
            return x + self.narrow(functional.gelu(self.wide(self.second(x))))

    class Transformer(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding, self.places = nn.Embedding(SYMBOLS, WIDTH), nn.Embedding(WINDOW, WIDTH)
            self.blocks = nn.Sequential(*(Block() for _ in range(BLOCKS)), nn.LayerNorm(WIDTH))

        def forward(self, x):
            return self.blocks(self.embedding(x) + self.places.weight)

    return Recurrent() if kind == "lstm" else Transformer()


class Floor:
    """The matrix products of forward and backward alone, in NumPy: nobody here can be faster."""

    def __init__(self, task: Task, x, y, seed: int):
        rng = np.random.default_rng(seed)
        m = task.batch_size
        sizes = [task.filters * 13 * 13 or 784, *task.hidden, 10]
        shapes = [(m, a, b) for a, b in itertools.pairwise(sizes)]
        if task.filters:
            shapes.insert(0, (m * 26 * 26, 9, task.filters))
        places = m * WINDOW
        if task.text == "lstm":
            shapes = [(places, 32, 512), *[(m, 128, 512)] * WINDOW, (places, 128, SYMBOLS)]
        if task.text == "gpt":
            sides = [(WIDTH, WIDTH)] * 4 + [(WIDTH, 4 * WIDTH), (4 * WIDTH, WIDTH)]
            shapes = [(places, *side) for side in sides * BLOCKS] + [(places, WIDTH, SYMBOLS)]
        self.products = [
            [rng.random(shape, dtype=np.float32) for shape in ((m, a), (a, b), (m, b))]
            for m, a, b in shapes
        ]
        self.steps = -(-len(x) // m)

    def epoch(self) -> None:
        for _ in range(self.steps):
            for number, (A, W, dZ) in enumerate(self.products):
                A @ W
                A.T @ dZ
                if number:  # nobody needs the gradient of the data
                    dZ @ W.T

    def predict(self, x) -> np.ndarray:
        return np.zeros((*(x.shape if x.dtype.kind == "i" else x.shape[:1]), 10))


# The engine as it is, and without what it has others for: compiled forms, a second thread.
NUMPY, ONE_THREAD = {"GROUNDUP_FUSED": "0"}, dict.fromkeys(THREADS, "1")
OURS = {
    "groundup": {},
    "groundup, one thread": ONE_THREAD,
    "groundup, NumPy alone": NUMPY,
    "groundup, NumPy alone, one thread": NUMPY | ONE_THREAD,
}
PEERS = {
    **dict.fromkeys(OURS, Ours),
    "Keras": Keras,
    "Keras, best": KerasBest,
    "scikit-learn": ScikitLearn,
    "PyTorch": PyTorch,
    "matrix products": Floor,
}
FLOOR = "matrix products"
