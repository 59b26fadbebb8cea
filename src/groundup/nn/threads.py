"""How many threads a step of training has for its matrix products."""

import contextlib
import math
from collections.abc import Iterator

from groundup.nn.layers import chain

# With fewer multiplications forward, a second thread costs more than it saves. Measured with two cores:
# at 17 million one thread is as quick or quicker; at 29 million it's one in some trials and two in
# others; from 69 million on two are quicker.
WORTH_SHARING = 25_000_000


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
