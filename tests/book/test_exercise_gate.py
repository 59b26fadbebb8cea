"""What a page's exercises are held to: the stub fails its check, the solution passes it."""

import re

from tests.book.small import HEAD, Book, must_fail, must_pass


def cell(code: str, tag: str) -> str:
    tags = f":tags: [{tag}]\n\n" if tag else ""
    return f"```{{code-cell}} python3\n{tags}{code}\n```\n\n"


def exercise(title: str, check: str, stub: str | None, solution: str | None) -> str:
    option = f":check: {check}\n" if check else ""
    cells = {"stub": stub, "solution": solution}
    return f"```{{exercise}} {title}\n{option}\nWhat is it?\n```\n\n" + "".join(
        cell(code, tag) for tag, code in cells.items() if code
    )


IMPORTS = cell(
    "from groundup.exercises.convolution import digits\n"
    "from groundup.exercises.foundations import neuron, softmax_regression",
    "",
)


def test_exercises_that_are_proved_both_ways(tmp_path):
    book = Book(tmp_path)
    one = exercise(
        "a rate $\\eta$", "neuron.one_step", "neuron.one_step(...)", "neuron.one_step(0.5)"
    )
    # A wrong attempt elsewhere, shown on purpose, is no part of an exercise.
    other = cell("softmax_regression.first_loss(0.1)", "") + exercise(
        "a loss",
        "softmax_regression.first_loss",
        "loss = ...\nsoftmax_regression.first_loss(loss)",
        "softmax_regression.first_loss(2.3026)",
    )
    ref = "\n\nSee {ref}`softmax_regression.first_loss`.\n"
    book.write("chapter", f"{HEAD}# A chapter\n\n{ref}\n{IMPORTS}{one}{other}")
    must_pass(book.build())
    html = book.html()
    assert re.search(r'<p class="admonition-title">Exercise 1: a rate <', html)
    link = (
        '<a class="reference internal" href="#exercise-softmax-regression-first-loss">'
        "<span[^>]*>Exercise 2<"
    )
    assert re.search(link, html)
    assert 'id="exercise-softmax-regression-first-loss"' in html
    assert html.count(">Show the solution<") == html.count("<details") == 2
    assert html.count('<p class="check passed">') == 2
    assert html.count('<p class="check not-yet">') == 3
    # Two stubs ask for an answer, on the page where it's given: not in the notebook itself.
    where = '<a href="../notebooks/book/chapter.ipynb" download>notebook</a>, put your answer'
    assert html.count(where) == 2
    notebook = (book.folder / "_build/html/notebooks/book/chapter.ipynb").read_text()
    assert notebook.count("not yet: put your answer in place of") == 4  # as text and as HTML
    (facts,) = book.status().values()
    assert facts["exercises"] == [
        {"name": "Exercise 1: a rate \\eta", "check": "neuron.one_step", "proved": True},
        {"name": "Exercise 2: a loss", "check": "softmax_regression.first_loss", "proved": True},
    ]


def test_every_fault_of_an_exercise_fails_every_build(tmp_path):
    book = Book(tmp_path)
    faults = [
        cell("neuron.one_step(0.5)", "solution"),
        exercise(
            "easy",
            "softmax_regression.first_loss",
            "softmax_regression.first_loss(2.3)",
            "softmax_regression.first_loss(2.3)",
        ),
        exercise("wrong", "neuron.one_step", "neuron.one_step(...)", "neuron.one_step(1)"),
        exercise("free", "", "1 + 1", None),
        exercise("misspelled", "neuron.one_stop", "neuron.one_step(...)", "1 + 1"),
        exercise("bare", "digits.third", None, "digits.third(0, 0)"),
        exercise("again", "neuron.one_step", "neuron.one_step(...)", "neuron.one_step(0.5)"),
        "```{admonition} Exercise 0: old\n:class: exercise\n\nWhat is it?\n```\n\n",
        exercise("backwards", "digits.third", None, None)
        + cell("digits.third(3, 241_546)", "solution")
        + cell("digits.third(..., ...)", "stub"),
    ]
    book.write("chapter", f"{HEAD}# A chapter\n\n{IMPORTS}{''.join(faults)}")
    with (book.folder / "_toc.yml").open("a") as toc:
        toc.write("  - file: book/plain\n")
    book.write("plain", f"# Plain\n\n{exercise('alone', 'neuron.lowest_point', None, None)}")
    must_fail(
        book,
        "cell 2: it's a solution, and no {exercise} stands before it",
        "cell 3: this stub passes softmax_regression.first_loss already: leave ... in the place of the",
        "cell 6: this solution doesn't pass neuron.one_step, which says: this is the limit",
        "Exercise 3: free: it names no check: write it as {exercise}, with one of groundup.exercises",
        "Exercise 0: old: it names no check",
        "cell 8: this stub doesn't call its exercise's check (it calls neuron.one_step): "
        "end it with neuron.one_stop(…)",
        "cell 9: this solution doesn't call its exercise's check: end it with neuron.one_stop(…)",
        "Exercise 5: bare: below it were expected a cell with the tag stub and then one with the tag "
        "solution, each ending with digits.third(…), and there are these tags: solution",
        "Exercise 6: again: neuron.one_step is another exercise's check already",
        "and there are these tags: solution, stub",
        "plain.md:3: WARNING: Exercise 1: alone: below it were expected",
    )
