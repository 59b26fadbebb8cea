"""Links that only all pages together can tell: from code to its equations, and to chapters that use it.

A page whose links have become others is written again.
"""

from collections.abc import Iterator

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole

from groundup.runs import uses
from groundup.sphinxext.pages import numbering, provenance

logger = logging.getLogger(__name__)


class links(nodes.Inline, nodes.Element):  # noqa: N801
    """Where links go, once all pages have been read.

    ``labels`` are those of equations, or ``of`` is the dotted name of what chapters use.
    """


class EquationsRole(SphinxRole):
    """``:equations:`label label``` links to these, with the titles of their pages."""

    def run(self) -> tuple[list[nodes.Node], list]:
        """Leave the place to be filled."""
        return [links(labels=self.text.split())], []


class UsedInRole(SphinxRole):
    """``:used-in:`groundup.nn.Dense``` links to the chapters whose cells use it."""

    def run(self) -> tuple[list[nodes.Node], list]:
        """Leave the place to be filled."""
        return [links(of=self.text)], []


def note(app: Sphinx, doctree: nodes.document) -> None:
    """Keep what a page refers to that other pages decide."""
    labels, used, code = set(), set(), set()
    for place in doctree.findall(links):
        labels.update(place.get("labels", ()))
        used.update([place["of"]] if "of" in place else ())
    for reference in doctree.findall(addnodes.pending_xref):
        if reference.get("reftype") == "eq":
            labels.add(reference["reftarget"])
        elif reference.get("refdomain") == "py":
            code.add(reference["reftarget"])
    for block in doctree.findall(nodes.literal_block):
        labels.update(numbering.EQUATION.findall(block.astext()))
    refers = {"equations": sorted(labels), "used": sorted(used), "code": sorted(code)}
    app.env.metadata[app.env.docname]["refers"] = refers


def found(env: BuildEnvironment) -> dict[str, dict]:
    """For each page, where everything is that it refers to."""
    users = _users(env)
    equations, code = env.get_domain("math").equations, env.get_domain("py").objects
    pages = {}
    for docname in sorted(env.found_docs):
        refers = env.metadata[docname].get("refers", {})
        pages[docname] = {
            "equations": {
                label: (*equations[label], env.titles[equations[label][0]].astext())
                for label in refers.get("equations", ())
                if label in equations
            },
            "used": {name: users(name) for name in refers.get("used", ())},
            "code": {name: code[name].docname for name in refers.get("code", ()) if name in code},
        }
    return pages


def _users(env: BuildEnvironment):
    """A function that gives, for a dotted name, the chapters whose cells use it: names and titles."""
    chapters = {}
    for docname in provenance.in_order(env, env.config.root_doc):
        if stands_on := env.metadata[docname].get("stands_on"):
            names = stands_on["uses"].names
            every = {*names, *uses.exports(names).values()}
            parts = (name.split(".") for name in every)
            chapters[docname] = {".".join(p[:end]) for p in parts for end in range(1, len(p) + 1)}

    def users(name: str) -> list[tuple[str, str]]:
        defined = uses.exports([name]).get(name, name)
        return [
            (docname, env.titles[docname].astext())
            for docname, used in chapters.items()
            if defined in used
        ]

    return users


def show_anew(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """The pages that were read before and whose links are others now."""
    before, env.groundup_links = getattr(env, "groundup_links", {}), found(env)
    return [name for name, now in env.groundup_links.items() if before.get(name, now) != now]


def fill(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the links where their places are; where there are none to put, take the field away."""
    facts = app.env.groundup_links[docname]
    for place in list(doctree.findall(links)):

        def link(page: str, text: str, anchor: str = "") -> nodes.reference:
            uri = app.builder.get_relative_uri(docname, page) if page != docname else ""
            return nodes.reference("", text, refuri=uri + anchor, internal=True)

        if "of" in place:
            groups = [[link(*chapter)] for chapter in facts["used"][place["of"]]]
        else:
            groups = _equations(place, facts["equations"], docname, link)
        if groups:
            place.replace_self(
                [node for group in groups for node in (nodes.Text("; "), *group)][1:]
            )
        else:
            _remove(place)


def _equations(place: links, known: dict, docname: str, link) -> list[list[nodes.Node]]:
    """The numbers of the equations, those of another page with its title."""
    pages: dict[tuple[str, str], list[nodes.Node]] = {}
    for label in place["labels"]:
        if label not in known:
            logger.warning("equation not found: %s", label, location=place)
            continue
        page, number, title = known[label]
        group = pages.setdefault((page, title), [])
        group += [nodes.Text(", ")] if group else []
        group.append(link(page, f"({number})", f"#{nodes.make_id(f'equation-{label}')}"))
    for (page, title), group in pages.items():
        group += [nodes.Text(" in "), link(page, title)] if page != docname else []
    return list(pages.values())


def _remove(place: links) -> None:
    """Take a place away, with the field that is there for it alone, if it's in one."""
    field = next((node for node in _above(place) if isinstance(node, nodes.field)), place)
    parent = field.parent
    parent.remove(field)
    if isinstance(parent, nodes.field_list) and not len(parent):
        parent.parent.remove(parent)


def _above(node: nodes.Node) -> Iterator[nodes.Element]:
    while (node := node.parent) is not None:
        yield node


def setup(app: Sphinx) -> None:
    """Add the roles and connect to the build."""
    app.add_node(links)
    app.add_role("equations", EquationsRole())
    app.add_role("used-in", UsedInRole())
    app.connect("doctree-read", note)
    app.connect("env-updated", show_anew)
    app.connect("doctree-resolved", fill)
