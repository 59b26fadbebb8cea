"""Several stills of one run, to be stepped through."""

import base64
from collections.abc import Sequence
from html import escape

from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from groundup.figures.figure import svg


def steps(
    stills: Sequence[Axes | Figure], captions: Sequence[str], words: Sequence[str] | None = None
) -> None:
    """Show the stills of one run one at a time, to be stepped through with buttons, keys or a finger.

    On paper, in a notebook and where scripts don't run they stand one below the other.

    Args:
        stills: the pictures in order, all of one size; of each the figure or any of its axes.
        captions: for each a sentence that everybody reads: what there is to see, in Markdown.
        words: what each shows, for those who don't see it; its caption, if that says it.

    Raises:
        ValueError: there are fewer than two stills, captions or words are missing, a caption is no
            sentence, or the sizes differ.
    """
    words = captions if words is None else words
    if len(stills) < 2:
        raise ValueError(f"steps expected at least two stills, got {len(stills)}")
    for name, given in (("captions", captions), ("words", words)):
        if isinstance(given, str) or len(given) != len(stills):
            count = "one string" if isinstance(given, str) else len(given)
            raise ValueError(
                f"steps expected {len(stills)} {name}, one for each still, got {count}"
            )
        for number, text in enumerate(given, start=1):
            if not text.strip():
                raise ValueError(
                    f"steps expected {name} that say something, got none for still {number}"
                )
    for number, caption in enumerate(captions, start=1):
        if not caption.rstrip().endswith((".", "?", "!")):
            raise ValueError(
                f"steps expected sentences as captions, got {caption!r} for still {number}"
            )
    figures = [still if isinstance(still, Figure) else still.get_figure() for still in stills]
    sizes = [tuple(round(inches * 96) for inches in f.get_size_inches()) for f in figures]
    if len(set(sizes)) > 1:
        raise ValueError(f"steps expected stills of one size, got {sorted(set(sizes))} pixels")
    (width, height), *_ = sizes
    facts = [
        {"caption": caption, "alt": alt, "width": width, "height": height}
        for caption, alt in zip(captions, words, strict=True)
    ]
    lines = [
        f"{number}. {of['caption']}" + f" [{of['alt']}]" * (of["alt"] != of["caption"])
        for number, of in enumerate(facts, start=1)
    ]
    html = "".join(map(_still, map(svg, figures), facts))
    display(
        {"text/html": html, "text/plain": "\n".join(lines)},
        raw=True,
        metadata={"text/html": {"steps": facts}},
    )


def _still(picture: str, facts: dict) -> str:
    """A still as HTML that stands by itself."""
    data = base64.b64encode(picture.encode()).decode()
    return (
        f'<figure><img src="data:image/svg+xml;base64,{data}" alt="{escape(facts["alt"])}" '
        f'width="{facts["width"]}" height="{facts["height"]}" style="max-width: 100%; height: auto">'
        f"<figcaption>{escape(facts['caption'])}</figcaption></figure>\n"
    )


def pictures(html: str) -> list[str]:
    """The stills in the HTML that ``steps`` displays, as SVG."""
    parts = html.split('src="data:image/svg+xml;base64,')[1:]
    return [base64.b64decode(part.partition('"')[0]).decode() for part in parts]
