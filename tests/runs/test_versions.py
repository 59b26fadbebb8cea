"""Which libraries stand in a key with their versions."""

import pytest

from groundup.runs import versions


@pytest.fixture
def libraries(tmp_path, monkeypatch):
    """Three that are installed: what the first requires depends on a condition."""
    facts = {
        "firstlib": (
            "Requires-Dist: second; python_version >= '3'",
            "Requires-Dist: third; extra == 'more' or python_version < '3'",
        ),
        "second": (),
        "third": (),
    }
    for name, required in facts.items():
        folder = tmp_path / f"{name}-1.0.dist-info"
        folder.mkdir()
        lines = ["Metadata-Version: 2.1", f"Name: {name}", "Version: 1.0", *required]
        (folder / "METADATA").write_text("\n".join(lines) + "\n")
        (folder / "top_level.txt").write_text(f"{name}\n")
    monkeypatch.syspath_prepend(tmp_path)
    versions.forget()
    yield
    versions.forget()


def test_what_is_required_on_a_condition_counts_where_it_holds(libraries):
    assert versions.installed(["firstlib"]) == {"firstlib": "1.0", "second": "1.0"}
