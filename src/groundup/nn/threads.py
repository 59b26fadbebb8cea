"""How many threads share a matrix product while a model trains."""

import math

# A product of fewer multiplications is over before a second thread has begun. Measured with two cores.
WORTH_SHARING = 8_000_000


def multiplications(network, batch_size: int) -> int:
    """About how many there are in a step forward: each parameter is used at all places of its layer."""
    layers = zip(network.layers, network.output_shapes, strict=True)
    return batch_size * sum(
        math.prod(block.shape) * math.prod(shape[:-1])
        for layer, shape in layers
        for block in layer.blocks.values()
        if block.trainable
    )


def limit(network, batch_size: int):
    """For ``with``: within it, one thread computes a product where a second would only cost time.

    Otherwise as many as there are without it; so there are never more than ``OMP_NUM_THREADS`` or
    threadpoolctl allow.
    """
    import threadpoolctl  # takes a while

    shared = multiplications(network, batch_size) >= WORTH_SHARING
    return threadpoolctl.threadpool_limits(None if shared else 1, "blas")
