"""Numbers that the works of works.mjs are made of, the same as there."""

import math

# Classes that a recurrent network tells apart, as in works.mjs.
CLASSES = 10


class Trial:
    """A call, and a function that gives the values it left, as a flat array."""

    def __init__(self, run, values):
        self.run, self.values = run, values
        self.sample_seconds, self.calls_per_sample = 0.01, 1


def uniform(count, seed, scale=1.0, centre=0.0):
    """The same numbers as uniform() in works.mjs."""
    import numpy as np

    h = np.arange(count, dtype=np.uint32) + np.uint32(seed << 20)
    h = (h ^ (h >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    h = (h ^ (h >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    h ^= h >> np.uint32(16)
    return (((h >> np.uint32(8)) / 2.0**23 - 1) * scale + centre).astype(np.float32)


def parameters_of(shapes, centres=None):
    """First parameters, as parametersOf() in works.mjs gives them; centres are 0 unless told."""
    parameters = []
    for i, shape in enumerate(shapes):
        size, width = math.prod(shape), shape[-1]
        limit = 0.1 if len(shape) == 1 else math.sqrt(6 / (size // width + width))
        centre = centres[i] if centres else 0.0
        parameters.append(uniform(size, 10 + i, limit, centre).reshape(shape))
    return parameters


def indices(count, seed, classes):
    """Indices below a number of classes."""
    return ((uniform(count, seed).astype("float64") + 1) / 2 * classes).astype("int64")


def with_biases(shapes):
    """Shapes of weights [..., in, out], each with that of its bias behind it."""
    return [each for shape in shapes for each in (shape, shape[-1:])]


def training(shapes, batch, features, classes):
    """Parameters, x and class indices, as training() in works.mjs gives them."""
    x = uniform(batch * features, 8).reshape(batch, features)
    return parameters_of(shapes), x, indices(batch, 9, classes)


def recurrent_inputs(cell, batch, steps, features, units):
    """As those of the kind recurrent in works.mjs."""
    columns = {"lstm": 4, "gru": 3}[cell] * units
    bias = (2, columns) if cell == "gru" else (columns,)
    shapes = [(features, columns), (units, columns), bias, (units, CLASSES), (CLASSES,)]
    return training(shapes, batch, steps * features, CLASSES)


def gpt_inputs(batch, layers, width, time, vocabulary):
    """As those of the kind gpt in works.mjs: parameters, ids, and those that follow."""
    norm = [(width,), (width,)]
    attention = [*norm, *with_biases([(width, 3 * width), (width, width)])]
    block = [*attention, *norm, *with_biases([(width, 4 * width), (4 * width, width)])]
    shapes = [(vocabulary, width), (time, width), *(block * layers), *norm]
    # Weights of norms are near 1.
    centres = [0.0, 0.0, *([1.0, 0.0] + [0.0] * 4 + [1.0, 0.0] + [0.0] * 4) * layers, 1.0, 0.0]
    ids = [indices(batch * time, seed, vocabulary) for seed in (8, 9)]
    return parameters_of(shapes, centres), ids[0].reshape(batch, time), ids[1]
