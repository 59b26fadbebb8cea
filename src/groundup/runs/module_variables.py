"""What modules hold: a run leaves it as it is, for a remembered one changes nothing."""

from collections.abc import Iterable

from groundup.runs import key, loaded
from groundup.runs.store import differences


def seen(modules: Iterable[str]) -> dict[str, dict]:
    """What these modules hold now, by module and variable, in plain terms."""
    found = loaded.lasting(modules)
    return {m: {n: key.told(value, n) for n, value in held.items()} for m, held in found.items()}


def expect_as_before(what: str, before: dict[str, dict]) -> None:
    """Refuse what leaves its modules as others than they were: the next time it would compute otherwise.

    Args:
        what: what was done.
        before: what was seen before it.

    Raises:
        TypeError: something is other now; says what.
    """
    after = seen(before)
    held = {n: told for module in before for n, told in after[module].items()}
    for module, was in before.items():  # what is computed when it's first needed is no change
        for name in after[module].keys() - was.keys():
            if loaded.is_filled_once(module, name):
                del held[name]
    was = {n: told for variables in before.values() for n, told in variables.items()}
    if changed := differences(was, held):
        raise TypeError(
            f"{what} changes what its module holds ({'; '.join(changed)}), which a remembered run "
            "wouldn't do; expected a pure function"
        )
