"""Claims in place: the words in the prose that a comparison in a cell holds, and what was compared."""

from html import escape

from docutils import nodes
from markdown_it.renderer import RendererHTML
from myst_parser.parsers.mdit import create_md_parser
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole
from sphinx.writers.html5 import HTML5Translator

from groundup.page import claims, lexicon
from groundup.page.lexicon import Meaning
from groundup.sphinxext.checks import prose
from groundup.sphinxext.pages import provenance

logger = logging.getLogger(__name__)


class claimed(nodes.inline):  # noqa: N801
    """Words that a comparison holds."""


class ClaimRole(SphinxRole):
    """``{claim}`name | words``` holds the words; inline markup is allowed in them.

    A number of the comparison goes where its name stands in braces, such as ``{ratio}``.
    """

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """The words, to be held against what the cell named so compares."""
        name, bar, words = (part.strip() for part in self.text.partition("|"))
        if not (name and bar and words):
            message = f"expected {{claim}}`name | words`, got {self.text!r}"
            return [], [self.inliner.reporter.error(message, line=self.lineno)]
        place = claimed(claim=name, said=plain(self.env.myst_config, words))
        self.set_source_info(place)
        parts, messages = self.inliner.parse(words, self.lineno, self.inliner, place)
        place += parts
        return [place], messages


def plain(config, words: str) -> str:
    """The words of a claim without markup, formulas and glued values."""
    return prose.plain(create_md_parser(config, RendererHTML), words)


def hold(app: Sphinx, doctree: nodes.document) -> None:
    """Hold the words of a page against its claims, and give them their numbers; warn of what isn't so."""
    docname = app.env.docname
    made = {}
    for claim in provenance.traces(app.env, docname, "claim"):
        if claim.get("name") in made:
            logger.warning("two claims are named %r", claim["name"], location=docname)
        elif "name" in claim:
            made[claim["name"]] = claim
    said = {name: [] for name in made}
    for number, place in enumerate(list(doctree.findall(claimed)), start=1):
        if (claim := made.get(place["claim"])) is None:
            logger.warning(
                "no cell makes the claim %r; it makes: %s", place["claim"],
                ", ".join(made) or "none", location=place,
            )  # fmt: skip
            continue
        said[place["claim"]].append(_place(place, claim, number))
    for name, claim in made.items():
        if not said[name]:
            logger.warning(
                "the claim %r has no words: expected {claim}`%s | words` in the text",
                name, name, location=docname,
            )  # fmt: skip
        else:
            words = "; ".join(" ".join(words.split()) for words in said[name])
            claim["text"] = f"{words} ({claim['compared']})"


def _place(place: claimed, claim: dict, number: int) -> str:
    """Hold the words in one place, and fill in their numbers."""
    checked = claim["state"] == claims.HOLDS
    words = place["said"]
    if checked and (wrong := lexicon.faults(words, Meaning.of(claim["meaning"]))):
        logger.warning(
            "the claim %r says %r, but %s (compared: %s)",
            place["claim"], words, "; ".join(wrong), claim["compared"], location=place,
        )  # fmt: skip
    if not checked:
        place["classes"].append("originals")  # marked, where it may not be so
    for text in list(place.findall(nodes.Text)):
        try:
            text.parent.replace(text, nodes.Text(lexicon.fill(str(text), claim["numbers"])))
        except ValueError as error:
            logger.warning("the claim %r: %s", place["claim"], error, location=place)
    place["compared"] = f"{claims.MARKS[claim['state']]} {claim['compared']}" + (
        "" if checked else f" ({claim['state']})"
    )
    place["describes"] = f"claim-{nodes.make_id(place['claim'])}-{number}"
    return place.astext()


def _visit(writer: HTML5Translator, node: claimed) -> None:
    if "compared" in node:
        facts = {"tabindex": "0", "aria-describedby": node["describes"]}
        writer.body.append(writer.starttag(node, "span", "", CLASS="claimed", **facts))


def _depart(writer: HTML5Translator, node: claimed) -> None:
    if "compared" in node:
        says = escape(node["compared"])
        writer.body.append(
            f'<span class="claim-compared" role="tooltip" id="{node["describes"]}">{says}</span></span>'
        )


def setup(app: Sphinx) -> None:
    """Add the role, and connect to the end of reading a page, when its traces are known."""
    app.add_node(claimed, html=(_visit, _depart))
    app.add_role("claim", ClaimRole())
    app.connect("doctree-read", hold, priority=450)
