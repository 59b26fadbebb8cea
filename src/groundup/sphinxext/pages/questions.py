"""Questions that readers answer before the page does; what is right, a cell of the page computes.

A browser answers in the page, without a server; where no script runs, the answer is folded below.
"""

import re
from html import escape

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

from groundup.page import claims
from groundup.sphinxext.pages import folds, provenance, site

logger = logging.getLogger(__name__)

FEWEST, MOST = 2, 4  # choices
BUTTON = '<button class="btn" hidden="hidden">Check my guess</button>'
REPLY = '<div class="reply" role="status"></div>'
NOT_CHECKED = "This answer comes from stand-in data; it isn't checked."


class question(nodes.container):  # noqa: N801
    """A question: what is asked, choices or a place for a number, the answers."""


class choices(nodes.bullet_list):  # noqa: N801
    """What there is to choose."""


class choice(nodes.list_item):  # noqa: N801
    """One of them; its words are in it."""


class words(nodes.paragraph):  # noqa: N801
    """The words of a choice."""


class QuestionDirective(SphinxDirective):
    """``question`` asks for one of the choices in its list, or with ``tolerance`` for a number.

    A choice is ``- [ ] words``, and ``- [x] words`` the one that is expected to be right; what stands
    below the words is said to whoever chooses it. What stands below a question for a number is said to
    everybody; its tolerance is in the unit that a reader types, or a share of the number, ``5%``.
    """

    required_arguments = 1
    has_content = True
    option_spec = {"tolerance": directives.unchanged_required}  # noqa: RUF012

    def run(self) -> list[nodes.Node]:
        """The question with its answers; which is right, no cell has said yet."""
        self.assert_has_content()
        name = self.arguments[0]
        target = nodes.make_id(f"question-{name}")
        body = nodes.Element()
        self.state.nested_parse(self.content, self.content_offset, body)
        found = question(ids=[target], classes=["question"], question=name)
        self.set_source_info(found)
        title = nodes.strong("", "Your guess")
        found += nodes.paragraph("", "", title, classes=["question-title"])
        asked = nodes.container(ids=[f"{target}-asked"])
        replies = nodes.bullet_list(classes=["replies"])
        try:
            if "tolerance" in self.options:
                found["tolerance"] = _tolerance(self.options["tolerance"])
                asked += body.children[:1]
                replies += nodes.list_item("", nodes.paragraph(), *body.children[1:])
                form = [_control("")]  # once the unit is known
            else:
                *before, listed = body.children
                asked += before
                form = [_choices(found, listed, replies)]
        except ValueError as error:
            return [
                self.state.document.reporter.error(f"question {name!r}: {error}", line=self.lineno)
            ]
        answers = folds.fold("", folds.summary("", "The answer"), replies, classes=["answer"])
        found += [asked, *form, _control(BUTTON), _control(REPLY), answers]
        return [found]


def _control(html: str) -> nodes.raw:
    """A part of a form, which means nothing away from its page."""
    return nodes.raw("", html, format="html", classes=["control"])


def _tolerance(text: str) -> tuple[float, bool]:
    """How much a number may be off, and whether that's a share of it, in percent."""
    found = re.fullmatch(r"(\d*\.?\d+)\s*(%?)", text)
    if not found:
        raise ValueError(f"expected a tolerance such as 2 or 10%, got {text!r}")
    return float(found[1]), bool(found[2])


def _choices(found: question, listed: nodes.Node, replies: nodes.bullet_list) -> choices:
    """The choices of a list; their words and what is said to them go to the replies."""
    if "contains-task-list" not in getattr(listed, "attributes", {}).get("classes", ()):
        raise ValueError(
            "expected a list of choices at its end, - [ ] words, and - [x] words for the right one, or "
            "the option tolerance, which asks for a number"
        )
    form, expected = choices(), []
    for item in listed.children:
        line, *reply = item.children
        box = line.children[0]
        if not isinstance(box, nodes.raw) or not reply:
            said = "".join(part.astext() for part in line if not isinstance(part, nodes.raw))
            raise ValueError(
                f"expected [ ] or [x], words, and a reply below them: {said.strip()!r}"
            )
        expected += ["checked=" in box.astext()]
        first, *rest = line.children[1:]
        parts = [
            nodes.Text(first.astext().lstrip()) if isinstance(first, nodes.Text) else first,
            *rest,
        ]
        form += choice("", words("", "", *parts))
        strong = nodes.strong("", "", *(part.deepcopy() for part in parts))
        replies += nodes.list_item("", nodes.paragraph("", "", strong), *reply)
    if not FEWEST <= len(form) <= MOST or sum(expected) != 1:
        raise ValueError(
            f"expected {FEWEST} to {MOST} choices, one of them with [x], got {len(form)} and "
            f"{sum(expected)} with it"
        )
    found["expected"] = expected.index(True)
    return form


def bind(app: Sphinx, doctree: nodes.document) -> None:
    """Take from a page's cells which answers are right; warn where they say otherwise or nothing."""
    docname = app.env.docname
    answers: dict[str, list[dict]] = {}
    for left in provenance.traces(app.env, docname, "answer"):
        answers.setdefault(left["question"], []).append(left)
    known = app.env.metadata[docname]["questions"] = []
    names = set()
    for asked in doctree.findall(question):
        name = asked["question"]
        given = answers.pop(name, [])
        try:
            if name in names:
                raise ValueError("another one on this page has its name")
            names.add(name)
            if len(given) != 1:
                raise ValueError(
                    f"expected one cell to say page.answer({name!r}, …), got {len(given)}"
                )
            if (given[0]["line"] or asked.line) < asked.line:
                raise ValueError(
                    "it stands below the cell that answers it, and isn't a guess there"
                )
            (_bind_number if "tolerance" in asked else _bind_choice)(asked, given[0])
        except ValueError as error:
            logger.warning("question %r: %s", name, error, location=asked)
        else:
            known.append({"name": name, "state": given[0]["state"]})
            if given[0]["state"] == claims.NOT_CHECKED:
                asked[-1] += nodes.paragraph("", NOT_CHECKED, classes=["not-checked"])
    for name in answers:
        logger.warning(
            "page.answer(%r, …) answers no {question} of this page", name, location=docname
        )


def _bind_number(asked: question, given: dict) -> None:
    """Say in the form what number is right.

    Raises:
        ValueError: the cell gave no number.
    """
    if "value" not in given:
        raise ValueError(
            "it has a tolerance and asks for a number; the cell says which choice holds"
        )
    value, (tolerance, is_share) = given["value"], asked["tolerance"]
    asked["data"] = {
        "value": value,
        "tolerance": abs(value) * tolerance / 100 if is_share else tolerance,
        "shown": given["text"],
    }
    (place,) = [node for node in asked if isinstance(node, nodes.raw) and not node.astext()]
    html = (
        '<label>Your number: <input type="number" step="any" required="required" /> '
        f"{escape(given['unit'])}</label>"
    )
    place += nodes.Text(html)
    (reply,) = asked[-1][1]
    reply[0] += nodes.strong("", given["text"])


def _bind_choice(asked: question, given: dict) -> None:
    """Say in the form which choice is right.

    Raises:
        ValueError: the cell speaks of other choices, or another one is right than the text expects.
    """
    if "holding" not in given:
        raise ValueError("it asks for a choice; the cell gave a number")
    (form,) = asked.findall(choices)
    says = [node.astext() for node in form.findall(words)]
    named = {_named(key, says): key for key in given["choices"]}
    if len(named) != len(given["choices"]) or len(named) != len(says):
        raise ValueError(f"expected one condition for each of {says}, got {given['choices']}")
    holding = [at for at, key in named.items() if key in given["holding"]]
    right = holding[0] if len(holding) == 1 else asked["expected"]
    if given["state"] == claims.HOLDS and right != asked["expected"]:
        raise ValueError(
            f"the text expects {says[asked['expected']]!r}, and the results say {says[right]!r}"
        )
    asked["data"] = {"right": right}
    asked[-1][1][right][0].insert(0, nodes.Text("✓ "))


def _named(key: str, says: list[str]) -> int:
    """Which choice a cell means."""
    found = [i for i, text in enumerate(says) if text == key] or [
        i for i, text in enumerate(says) if text.startswith(key)
    ]
    if len(found) != 1:
        raise ValueError(f"expected {key!r} to begin one of the choices {says}, got {len(found)}")
    return found[0]


def _visit_question(writer: HTML5Translator, node: question) -> None:
    data = {f"data-{name}": str(value) for name, value in node.get("data", {}).items()}
    # No form element: once a page has loaded, Chromium asks whether each of its forms can be seen, and so
    # has all sections laid out that hold one.
    writer.body.append(writer.starttag(node, "div", **data))


def _depart_question(writer: HTML5Translator, node: question) -> None:
    writer.body.append("</div>\n")


def _visit_choices(writer: HTML5Translator, node: choices) -> None:
    writer.body.append(f'<fieldset aria-labelledby="{node.parent["ids"][0]}-asked">\n')


def _depart_choices(writer: HTML5Translator, node: choices) -> None:
    writer.body.append("</fieldset>\n")


def _visit_choice(writer: HTML5Translator, node: choice) -> None:
    group, value = node.parent.parent["ids"][0], node.parent.index(node)
    writer.body.append(
        f'<label><input type="radio" name="{group}" value="{value}" required="required" /> '
    )


def _depart_choice(writer: HTML5Translator, node: choice) -> None:
    writer.body.append("</label>\n")


def _visit_words(writer: HTML5Translator, node: words) -> None:
    writer.body.append("<span>")


def _depart_words(writer: HTML5Translator, node: words) -> None:
    writer.body.append("</span>")


def without_controls(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Leave out the forms where nothing would answer, as in an EPUB: choices are a list there."""
    if site.is_built(app):
        return
    for node in list(doctree.findall(question)):
        for control in [raw for raw in node.findall(nodes.raw) if "control" in raw["classes"]]:
            control.parent.remove(control)
        for form in list(node.findall(choices)):
            said = (nodes.paragraph("", "", *choice[0].children) for choice in form)
            listed = nodes.bullet_list("", *(nodes.list_item("", words) for words in said))
            form.replace_self(listed)
        node.replace_self(nodes.container("", *node.children, ids=node["ids"]))


def setup(app: Sphinx) -> None:
    """Add the parts of a question and the directive, and connect to the end of reading a page."""
    app.add_node(question, html=(_visit_question, _depart_question))
    app.add_node(choices, html=(_visit_choices, _depart_choices))
    app.add_node(choice, html=(_visit_choice, _depart_choice))
    app.add_node(words, html=(_visit_words, _depart_words))
    app.add_directive("question", QuestionDirective)
    app.connect("doctree-read", bind)
    app.connect("doctree-resolved", without_controls)
