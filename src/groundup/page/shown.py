"""What a page shows as HTML, and as text where it's no web page."""

from IPython.display import HTML


class Shown(HTML):
    """HTML with its words.

    Args:
        html: what browsers show.
        text: what all else shows.
    """

    def __init__(self, html: str, text: str):
        super().__init__(html)
        self.text = text

    def __repr__(self) -> str:
        return self.text
