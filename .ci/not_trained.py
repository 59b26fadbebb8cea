"""Says which chapters of the book, as it was last built, there was no time to train."""

import json
from pathlib import Path

STATUS = Path("_build/html/status.json")


def not_trained() -> list[str]:
    """Their names."""
    return json.loads(STATUS.read_text())["not_trained"]


if __name__ == "__main__":
    print(f"not trained here: {', '.join(not_trained()) or 'none, every chapter was'}")
