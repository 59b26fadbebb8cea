"""The book's mark: a network that grows from the ground up, one unit at its top."""

import itertools

# Ink and accent of the figures' palette, light and dark; that takes Matplotlib, and a test compares them.
INKS, ACCENTS = ("#1f2933", "#e7ebf0"), ("#0b63a5", "#74b9f5")
SIZE, GROUND = 32, 29.5
# From the ground up: how many units, how high they stand.
ROWS = ((3, 24.0), (2, 14.5), (1, 5.0))
APART, RADIUS = 10.0, 2.9


def logo() -> str:
    """The mark as SVG in the colour of the text around it, its top in the accent."""
    return _svg("currentColor", "var(--pst-color-primary)", 'class="book-mark" aria-hidden="true"')


def favicon() -> str:
    """The mark as a file of its own, which follows the browser's scheme."""
    style = (
        f"<style>:root{{color:{INKS[0]};--top:{ACCENTS[0]}}}@media(prefers-color-scheme:dark)"
        f"{{:root{{color:{INKS[1]};--top:{ACCENTS[1]}}}}}</style>"
    )
    return _svg("currentColor", "var(--top)", 'xmlns="http://www.w3.org/2000/svg"', style)


def _svg(ink: str, top: str, attributes: str, style: str = "") -> str:
    rows = [
        [(SIZE / 2 + APART * (i - (units - 1) / 2), y) for i in range(units)] for units, y in ROWS
    ]
    lines = "".join(
        f"M{x:g} {y:g}L{u:g} {v:g}"
        for below, above in itertools.pairwise(rows)
        for (x, y), (u, v) in itertools.product(below, above)
    )
    units = [
        f'<circle cx="{x:g}" cy="{y:g}" r="{RADIUS}" fill="{top if len(row) == 1 else ink}"/>'
        for row in rows
        for x, y in row
    ]
    return (
        f'<svg {attributes} viewBox="0 0 {SIZE} {SIZE}">{style}'
        f'<path d="{lines}M2 {GROUND}H{SIZE - 2}" stroke="{ink}" stroke-width="1.4" '
        f'stroke-linecap="round"/>{"".join(units)}</svg>'
    )
