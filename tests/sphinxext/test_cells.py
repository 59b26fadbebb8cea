"""What cells use, as far as their text says."""

import ast

from groundup.sphinxext import cells


def test_a_mark_is_no_name_of_a_variable():
    """A shell gives ``_`` the command that it starts, so it's another for ``make`` than for a script."""
    code = "import os\nparts = name.split('_')\nhome = os.environ.get(variable)\nother = '_X'"
    assert cells.variables(ast.parse(code)) == {"_X"}
