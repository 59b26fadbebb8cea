"""How many threads a step of training has for its matrix products."""

import contextlib
import math
from collections.abc import Iterator

from groundup.nn.layers import chain

# With fewer multiplications forward, a second thread costs more than it saves. Measured with two cores,
# three hidden layers of 128 units: from 6 to 9 million two threads take 1.13 to 1.25 times as long as
# one; at 13 million both are alike; at 17 million two take 0.85 to 0.9 times as long.
WORTH_SHARING = 15_000_000


def multiplications(network, batch_size: int) -> int:
    """About how many there are in a step forward: each parameter is used at all places of its layer."""
    layers = zip(network.layers, network.output_shapes, strict=True)
    return batch_size * sum(
        math.prod(block.shape) * math.prod(shape[:-1])
        for layer, shape in layers
        for part in chain.every([layer])
        for block in part.blocks.values()
        if block.trainable
    )


@contextlib.contextmanager
def limit(network, batch_size: int) -> Iterator[None]:
    """For ``with``: within it, a matrix product has one thread where a second would only cost time.

    Otherwise as many as without it, so never more than ``OMP_NUM_THREADS`` or threadpoolctl allow.
    """
    import threadpoolctl  # takes a while

    pools = threadpoolctl.ThreadpoolController().select(user_api="blas")
    worth = multiplications(network, batch_size) >= WORTH_SHARING
    with contextlib.nullcontext() if worth else pools.limit(limits=1):
        yield
