"""What a piece of code takes from elsewhere, told from its syntax.

A string that names a module of ours, and no package, counts as an import of it.
"""

import ast
import importlib.util
import re
from collections.abc import Iterable

from groundup.runs import source_files

WHOLE = ".*"
IMPORTERS = frozenset({"__import__", "import_module"})


def references(tree: ast.AST, module: str = "__main__") -> frozenset[str]:
    """The dotted names that code takes from elsewhere, such as ``groundup.nn.Sequential``.

    Args:
        tree: the code.
        module: the module it is, for relative imports.

    Returns:
        Names; a package that is used as a whole has ``.*`` at its end.

    Raises:
        ImportError: a relative import leads nowhere.
    """
    found: set[str] = set()
    nodes = [*ast.walk(tree)]
    bound, inner = bindings(nodes, module), set()
    for node in nodes:
        if isinstance(node, ast.Import):
            if _imports_inside(node):
                inner.add(node.names[0].name.partition(".")[0])
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            stars = (alias for alias in node.names if alias.name == "*")
            found |= {absolute(node, module) + WHOLE for _ in stars}
        elif isinstance(node, ast.Constant) and _is_module_of_ours(node.value):
            found.add(node.value)
        elif isinstance(node, ast.Call) and called(node) in IMPORTERS:
            names = [a.value for a in node.args[:1] if isinstance(a, ast.Constant)]
            found |= {str(name) + WHOLE for name in names}
    accessed = set()
    for name, *attributes in chains(tree):
        for dotted in bound.get(name, ()):
            accessed.add(dotted)
            whole = not attributes and source_files.is_package(dotted)
            found.add(dotted + WHOLE if whole else ".".join([dotted, *attributes]))
    for dotted in set().union(*bound.values()) - accessed - inner:  # others may take it from here
        found.add(
            dotted + WHOLE
            if source_files.is_package(dotted) and source_files.is_ours(dotted)
            else dotted
        )
    return frozenset(found)


def _imports_inside(node: ast.AST) -> bool:
    return isinstance(node, ast.Import) and "." in node.names[0].name and not node.names[0].asname


def bindings(nodes: Iterable[ast.AST], module: str) -> dict[str, set[str]]:
    """What each name may stand for that code imports, anywhere among what is in it."""
    bound: dict[str, set[str]] = {}
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.partition(".")[0]
                name, dotted = (alias.asname, alias.name) if alias.asname else (first, first)
                bound.setdefault(name, set()).add(dotted)
        elif isinstance(node, ast.ImportFrom):
            base = absolute(node, module)
            for alias in node.names:
                if alias.name != "*":
                    name = alias.asname or alias.name
                    bound.setdefault(name, set()).add(f"{base}.{alias.name}")
    return bound


def chains(tree: ast.AST) -> Iterable[list[str]]:
    """The names that code looks up, each with the attributes taken of it: ``nn.Dense.forward``."""
    waiting = [tree]
    while waiting:
        node, attributes = waiting.pop(), []
        while isinstance(node, ast.Attribute):
            attributes.insert(0, node.attr)
            node = node.value
        if isinstance(node, ast.Name):
            yield [node.id, *attributes]
        else:
            waiting += ast.iter_child_nodes(node)


def called(node: ast.Call) -> str:
    """The last name of what is called."""
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def imports_by_computed_name(nodes: Iterable[ast.AST]) -> bool:
    """Whether code imports a module whose name it computes, told from all that is in it."""
    return any(
        called(node) in IMPORTERS and not all(isinstance(a, ast.Constant) for a in node.args)
        for node in nodes
        if isinstance(node, ast.Call)
    )


def absolute(node: ast.ImportFrom, module: str) -> str:
    """The module that an import in ``module`` names, without leading dots."""
    package = module if source_files.is_package(module) else module.rpartition(".")[0]
    return importlib.util.resolve_name("." * node.level + (node.module or ""), package)


def _is_module_of_ours(name: object) -> bool:
    if not isinstance(name, str) or not re.fullmatch(r"[a-z]\w*(\.\w+)+", name):
        return False
    return (
        source_files.is_ours(name)
        and source_files.spec(name) is not None
        and not source_files.is_package(name)
    )
