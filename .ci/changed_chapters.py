"""Names the chapters whose own text a change alters, one a line: the build trains them first.

What the change is compared with goes to standard error: the branch that it lands on, or where it's there
already, or where there is none, what was there before the last commit or merge.
"""

import subprocess
import sys

BRANCHES = ("origin/main", "origin/HEAD", "main")
CHAPTERS = ":(glob)book/**/*.md"


def git(*arguments: str) -> str | None:
    """What git answers; None if it can't."""
    try:
        result = subprocess.run(["git", *arguments], capture_output=True, text=True)
    except FileNotFoundError:
        return None
    return result.stdout.rstrip("\n") if result.returncode == 0 else None


def before() -> tuple[str | None, str]:
    """What a change is to be compared with, and words for it; None where nothing is known of it."""
    head = git("rev-parse", "HEAD")
    if head is None:
        return None, "nothing, for git knows no commit here"
    for branch in BRANCHES:
        if base := git("merge-base", branch, "HEAD"):
            if base != head:
                return base, f"{base[:9]}, where it leaves {branch}"
            break
    if parent := git("rev-parse", "--verify", "--quiet", "HEAD^1"):
        return parent, f"{parent[:9]}, before the last commit"
    if git("rev-parse", "--is-shallow-repository") == "true":
        return (
            None,
            "nothing, for this checkout is shallow: with its history changed chapters come first",
        )
    return git("hash-object", "-t", "tree", "/dev/null"), "nothing, this is the first commit"


def changed(base: str) -> list[str]:
    """The chapters that are there and weren't so in a commit; also those that aren't committed yet."""
    differ = git(
        "diff", "-z", "--name-only", "--no-renames", "--diff-filter=d", base, "--", CHAPTERS
    )
    new = git("ls-files", "-z", "--others", "--exclude-standard", "--", CHAPTERS)
    return sorted({*(differ or "").split("\0"), *(new or "").split("\0")} - {""})


if __name__ == "__main__":
    base, words = before()
    names = changed(base) if base else []
    print(f"changed chapters, compared with {words}: {', '.join(names) or 'none'}", file=sys.stderr)
    print("\n".join(names))
