"""The NumPy engine: small enough to read from top to bottom.

Names, arguments, order and defaults are Keras's, only fewer. Examples are rows: ``X`` is (m, d) and a
dense layer computes ``Z = X W + b``. :eq: and a name in a docstring is an equation of the book, in
``book/``. A good order to read the modules in: ``activations``, ``layers.layer``, ``layers.dense``,
``layers.chain``, ``loss``, ``losses`` (its first class will do), ``crossentropy``, ``network``,
``optimizer``, ``optimizers``, ``data``, ``compiled``, ``model``; then what you like. ``config``,
``guarded``, ``arguments``, ``arrays`` and ``matching`` are housekeeping: that ``get("relu")`` makes a
``ReLU()``, that what is set on an object takes effect or is refused, and errors that say what was
expected. ``forms``, at the end of a class, names faster forms of its methods, by which ``fit`` takes its
steps; they lie in ``fused``, where nobody has to go who reads to learn.
"""

from groundup.nn.activations import (
    ELU,
    GELU,
    ActivationFunction,
    LeakyReLU,
    Linear,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Step,
    Tanh,
)
from groundup.nn.callbacks import Callback, EarlyStopping, History, ProgbarLogger
from groundup.nn.checking import GradientReport, gradient_check
from groundup.nn.crossentropy import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    SparseCategoricalCrossentropy,
)
from groundup.nn.diverged import DivergedError
from groundup.nn.initializers import (
    Constant,
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    Initializer,
    Ones,
    Orthogonal,
    RandomNormal,
    RandomUniform,
    Zeros,
)
from groundup.nn.layers.activation import Activation
from groundup.nn.layers.attention import MultiHeadAttention
from groundup.nn.layers.composite import Bidirectional, Residual
from groundup.nn.layers.convolution import Conv2D
from groundup.nn.layers.dense import Dense
from groundup.nn.layers.dropout import Dropout
from groundup.nn.layers.embedding import Embedding, PositionEmbedding, SinePositionEncoding
from groundup.nn.layers.gated import GRU, LSTM
from groundup.nn.layers.layer import Block, Input, Layer
from groundup.nn.layers.normalization import BatchNormalization, LayerNormalization
from groundup.nn.layers.pooling import AveragePooling2D, GlobalAveragePooling2D, MaxPooling2D
from groundup.nn.layers.recurrent import SimpleRNN
from groundup.nn.layers.reshaping import Flatten, Reshape
from groundup.nn.layers.sequence_convolution import Conv1D, GlobalMaxPooling1D
from groundup.nn.layers.upsampling import Conv2DTranspose, UpSampling2D
from groundup.nn.loading import load_model
from groundup.nn.loss import Loss
from groundup.nn.losses import Hinge, MeanAbsoluteError, MeanSquaredError, PerceptronLoss
from groundup.nn.metrics import (
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    F1Score,
    Metric,
    Precision,
    Recall,
)
from groundup.nn.model import Sequential
from groundup.nn.optimizer import Optimizer
from groundup.nn.optimizers import SGD, Adam, AdamW, RMSprop
from groundup.nn.random import set_random_seed
from groundup.nn.regularizers import L2, Regularizer
from groundup.nn.schedules import (
    CosineDecay,
    ExponentialDecay,
    LearningRateSchedule,
    PiecewiseConstantDecay,
)

__all__ = [
    "ELU",
    "GELU",
    "GRU",
    "L2",
    "LSTM",
    "SGD",
    "Accuracy",
    "Activation",
    "ActivationFunction",
    "Adam",
    "AdamW",
    "AveragePooling2D",
    "BatchNormalization",
    "Bidirectional",
    "BinaryAccuracy",
    "BinaryCrossentropy",
    "Block",
    "Callback",
    "CategoricalAccuracy",
    "CategoricalCrossentropy",
    "Constant",
    "Conv1D",
    "Conv2D",
    "Conv2DTranspose",
    "CosineDecay",
    "Dense",
    "DivergedError",
    "Dropout",
    "EarlyStopping",
    "Embedding",
    "ExponentialDecay",
    "F1Score",
    "Flatten",
    "GlobalAveragePooling2D",
    "GlobalMaxPooling1D",
    "GlorotNormal",
    "GlorotUniform",
    "GradientReport",
    "HeNormal",
    "HeUniform",
    "Hinge",
    "History",
    "Initializer",
    "Input",
    "Layer",
    "LayerNormalization",
    "LeakyReLU",
    "LearningRateSchedule",
    "Linear",
    "Loss",
    "MaxPooling2D",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "Metric",
    "MultiHeadAttention",
    "Ones",
    "Optimizer",
    "Orthogonal",
    "PerceptronLoss",
    "PiecewiseConstantDecay",
    "PositionEmbedding",
    "Precision",
    "ProgbarLogger",
    "RMSprop",
    "RandomNormal",
    "RandomUniform",
    "ReLU",
    "Recall",
    "Regularizer",
    "Reshape",
    "Residual",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "SimpleRNN",
    "SinePositionEncoding",
    "Softmax",
    "Softplus",
    "SparseCategoricalCrossentropy",
    "Step",
    "Tanh",
    "UpSampling2D",
    "Zeros",
    "gradient_check",
    "load_model",
    "set_random_seed",
]
