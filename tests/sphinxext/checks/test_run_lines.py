"""Which lines of code are about runs."""

import pytest

from groundup.sphinxext.checks.run_lines import about_runs

IMPORTS = "from functools import partial\nimport numpy as np\nfrom groundup import nn, page, runs\n"


def about(*cells: str, hidden: tuple[int, ...] = ()) -> list[str]:
    """The lines about runs of the cells shown, below one with imports."""
    found = about_runs([IMPORTS, *cells], [n for n in range(1, len(cells) + 1) if n not in hidden])
    return [
        line
        for cell, numbers in zip(cells, found[1:], strict=True)
        for number, line in enumerate(cell.split("\n"), start=1)
        if number in numbers
    ]


@pytest.mark.parametrize(
    "cell",
    [
        "run = runs.fit(make, x, y)",
        "found = runs.fit_all(\n    [make]\n)",
        "import groundup\ngroundup.runs.fit(make)",
        "from groundup.runs import fit as learn\nlearn(make)",
        "import groundup.page as says\nsays.claim('One.', True)",
        "fit = partial(runs.fit, make)",
        "print(runs.fit(make).history)",
        "print({width: [runs.fit(make) for _ in [0]] for width in [1]})",
    ],
)
def test_calls_of_runs_and_page_with_all_their_lines(cell):
    lines = [line for line in cell.split("\n") if not line.startswith(("import", "from"))]
    assert about(cell) == lines


@pytest.mark.parametrize(
    "cell",
    [
        "runs = 3\nprint(runs)",
        "def f(page):\n    return page.turn()",
        "def f(run: runs.Run) -> runs.Run:\n    return run.model",
        "model = nn.Sequential([])\nmodel.fit(x, y)",
        "text = 'runs.fit(make)'  # runs.fit",
        "for x in runs_of(page_of()):\n    print(x)",
        "",
        "this is not Python",
    ],
)
def test_other_code_that_has_the_names_in_it(cell):
    assert about(cell) == []


def test_what_is_only_built_for_a_later_call_in_another_cell():
    build = (
        "seeds, names = range(20), {}\n"
        "names['a'] = 'xor'\n"
        "calls = []\n"
        "for seed in seeds:\n"
        "    calls.append(\n"
        "        partial(make, seed)\n"
        "    )\n"
        "calls += [make]"
    )
    assert about(build, "runs.fit_all(calls, names)") == [
        *build.split("\n"), "runs.fit_all(calls, names)",
    ]  # fmt: skip
    assert about(build) == []
    assert about(build, "runs.fit_all(calls, names)", hidden=(2,)) == []


def test_what_other_code_uses_too_is_no_mere_argument():
    assert about("widths = [2, 4]\nruns.fit(widths)\nprint(widths)") == ["runs.fit(widths)"]
    assert about("a = [2]\nb = a\nruns.fit(b)\ndef f():\n    return a") == ["b = a", "runs.fit(b)"]
    assert about("widths = [2]\nruns.fit(widths)", "plot(widths)", hidden=(2,)) == [
        "runs.fit(widths)"
    ]
    assert about("a = [1]\nb = a\na = b") == []


def test_models_data_and_results_are_the_experiment_itself():
    call = "runs.fit(model, x)"
    assert about(f"model = nn.Sequential([])\nx = np.linspace(0, 1)\n{call}") == [call]
    assert about("def make():\n    return nn.Sequential([])\n\n\nruns.fit(make)") == [
        "runs.fit(make)"
    ]
    assert about("z = w * x + b", "page.glue('z', z, 'decimal')", hidden=(2,)) == []
    glued = "z = w * x + b\npage.glue('z', z, 'decimal')"
    assert about(glued) == glued.split("\n")


def test_the_head_of_a_block_counts_if_all_in_it_does():
    loop = "for seed in range(3):\n    runs.fit(make, seed)"
    assert about(loop) == loop.split("\n")
    either = "if large:\n    runs.fit(a)\nelse:\n    runs.fit(b)"
    assert about(either) == either.split("\n")
    inner = "    rates = [rate]\n    run = runs.fit(make, rates)"
    mixed = f"@cached\ndef f(rate):\n{inner}\n    return run.model"
    assert about(mixed, "rates = [3]\nprint(rates)") == inner.split("\n")


def test_magics_keep_their_lines():
    commands = "%%time\n%matplotlib inline\n!ls \\\n  -l\n\nfiles = !ls\nx = %timeit -n 3 f()\n"
    cell = f"{commands}%time run = runs.fit(make)"
    assert about(cell) == ["%time run = runs.fit(make)"]
    assert about("%%capture\n\nruns.fit(make)") == ["runs.fit(make)"]
    assert about("%%bash\nruns.fit(make)") == []
