"""What cells say themselves that they use."""

import pytest

from groundup.runs import source_files
from groundup.sphinxext.execution import cells


@pytest.mark.parametrize(
    "cell",
    [
        "!cat <a/b.txt",
        "!cat 'a/b.txt'; echo",
        "!sort a/b.txt|uniq",
        "!echo `cat a/b.txt` it's",
        '!sh -c "cat a/b.txt | wc"',
        "%%bash\nwc <a/b.txt",
        "import os\nos.system('tool --input=a/b.txt')",
        "import subprocess\nsubprocess.run('cat a/b.txt', shell=True)",
        "open('a/b.txt')",
    ],
)
def test_a_file_is_found_whatever_is_glued_to_its_name(cell):
    assert "a/b.txt" in cells.use([cell]).strings


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("import os\n[v for k, v in os.environ.items() if k.startswith('MINE_')]", "MINE_*"),
        ("from os import environ as e\n[k for k in e if k.startswith('mine_')]", "mine_*"),
        ("import os\nos.environ['mine']", "mine"),
        ("!echo `printenv MINE`", "MINE"),
        ("import subprocess\nsubprocess.run(['printenv', 'MINE'])", "MINE"),
        ("!echo ${MINE}", "MINE"),
    ],
)
def test_a_variable_of_the_environment_is_found(cell, name):
    assert name in cells.use([cell]).variables


def test_code_that_asks_for_no_variable_names_none():
    assert cells.use(["x = 'HOME'\nprint(x.startswith('PATH'))"]).variables == frozenset()
    assert cells.use(["import os\nos.environ['ONE'] + 'other'"]).variables == {"ONE"}


def test_what_a_shell_sets_anew_for_each_command_is_nobodys_variable():
    assert cells.use(["import os\nos.getenv('ONE').replace('_', '-')"]).variables == {"ONE"}
    assert cells.use(["!echo $_"]).variables == frozenset()
    for module in source_files.submodules("groundup"):
        assert "_" not in cells.variables(source_files.tree(module)), module
