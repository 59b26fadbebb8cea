"""What consoles print that don't know every character."""

import codecs
import sys

ERRORS = "groundup-plain"  # for what an encoding lacks: the same in ASCII, or a question mark
PLAIN = {
    "─": "-", "–": "-", "−": "-", "→": "->", "←": "<-", "…": "...", "×": "x", "·": "*", "\u202f": " ",
    "✓": "+", "○": "o", "’": "'", "“": '"', "”": '"',
}  # fmt: skip


def _plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(PLAIN.get(character, "?") for character in lacking), error.end


codecs.register_error(ERRORS, _plain)


def printable(text: str) -> str:
    """A text as standard output can show it."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    return text.encode(encoding, ERRORS).decode(encoding)
