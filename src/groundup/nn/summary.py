"""A network as a table."""

from groundup.nn import blocks

ROW = "{:<32} {:<24} {:>12}"


def summary(network) -> str:
    """The layers with their output shapes and how many parameters they have, then the sums.

    Args:
        network: a built network.
    """
    sizes = dict.fromkeys(blocks.names(network.layers), 0)
    trained = 0
    for block in network.blocks():
        sizes[block.name.partition("/")[0]] += block.values.size
        trained += block.values.size if block.gradient is not None else 0
    lines = [ROW.format("Layer (type)", "Output shape", "Parameters")]
    lines.append("─" * len(lines[0]))
    for layer, shape, (name, size) in zip(
        network.layers, network.output_shapes, sizes.items(), strict=True
    ):
        called = f"{name} ({type(layer).__name__})"
        lines.append(ROW.format(called, f"({', '.join(map(str, ['m', *shape]))})", f"{size:,}"))
    lines.append("─" * len(lines[0]))
    for what, size in {
        "Parameters": network.count_params(),
        "trainable": trained,
        "not trainable": network.count_params() - trained,
    }.items():
        lines.append(ROW.format(what, "", f"{size:,}"))
    return "\n".join(lines)
