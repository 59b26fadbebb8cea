"""What a change is held to before it lands, and what may be published."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / ".ci" / "changed_chapters.py"
WORKFLOW = ROOT / ".github" / "workflows" / "publish.yml"


class Repository:
    """A repository with a chapter in its first commit, on the branch ``main``."""

    def __init__(self, folder: Path):
        self.folder = folder
        folder.mkdir()
        self.git("init", "-q", "-b", "main")
        self.commit("book/part/old.md", "book/other.md")

    def git(self, *arguments: str) -> str:
        who = ["-c", "user.name=x", "-c", "user.email=x@localhost", "-c", "commit.gpgsign=false"]
        environment = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull}
        result = subprocess.run(
            ["git", *who, *arguments],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert result.returncode == 0, result.stderr
        return result.stdout

    def write(self, *names: str) -> None:
        for name in names:
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(path.read_text() + "more\n" if path.exists() else "new\n")

    def commit(self, *names: str) -> None:
        self.write(*names)
        self.git("add", "--all")
        self.git("commit", "-q", "-m", "x")

    def changed(self) -> tuple[list[str], str]:
        result = subprocess.run(
            [sys.executable, SCRIPT], cwd=self.folder, capture_output=True, text=True, check=True
        )
        return result.stdout.split(), result.stderr


@pytest.fixture
def repository(tmp_path):
    if shutil.which("git") is None:
        pytest.skip("there is no git")
    return Repository(tmp_path / "repository")


def test_a_branch_is_compared_with_where_it_leaves_the_one_it_lands_on(repository):
    repository.git("checkout", "-q", "-b", "change")
    repository.commit("book/part/old.md", "src/code.py", "book/typed.yml")
    repository.commit("book/part/new.md")
    repository.git("checkout", "-q", "main")
    repository.commit("book/other.md")
    repository.git("checkout", "-q", "change")
    found, said = repository.changed()
    assert found == ["book/part/new.md", "book/part/old.md"]
    assert "where it leaves main: book/part/new.md, book/part/old.md" in said
    repository.git("rm", "-q", "book/part/old.md")
    repository.write("book/not-committed.md")
    assert repository.changed()[0] == ["book/not-committed.md", "book/part/new.md"]


def test_the_remote_branch_goes_before_the_local_one(repository):
    repository.git("update-ref", "refs/remotes/origin/main", "HEAD")
    repository.commit("book/other.md")
    repository.commit("src/code.py")
    found, said = repository.changed()
    assert found == ["book/other.md"]
    assert "origin/main" in said


@pytest.mark.parametrize("detached", [False, True])
def test_what_has_landed_is_compared_with_what_was_before(repository, detached):
    repository.git("checkout", "-q", "-b", "change")
    repository.commit("book/other.md")
    repository.commit("book/part/new.md")
    repository.git("checkout", "-q", "main")
    repository.commit("book/part/old.md")
    repository.git("merge", "-q", "--no-edit", "change")
    if detached:
        repository.git("checkout", "-q", "--detach")
        repository.git("branch", "-q", "-D", "main")
    found, said = repository.changed()
    assert found == ["book/other.md", "book/part/new.md"]
    assert "before the last commit" in said


def test_in_the_first_commit_all_is_new_and_in_a_shallow_checkout_nothing_is_known(repository):
    assert repository.changed()[0] == ["book/other.md", "book/part/old.md"]
    repository.commit("book/other.md")
    shallow = repository.folder.with_name("shallow")
    repository.git("clone", "-q", "--depth", "1", repository.folder.as_uri(), str(shallow))
    repository.folder = shallow
    found, said = repository.changed()
    assert found == []
    assert "shallow" in said


def test_what_is_published_has_no_budget_and_time_for_all_runs():
    assert "BUDGET" not in WORKFLOW.read_text()
    build = yaml.safe_load(WORKFLOW.read_text())["jobs"]["build"]
    assert build["timeout-minutes"] == 180
    (book,) = (step for step in build["steps"] if step.get("run") == "make book")
    assert book["env"] == {"GROUNDUP_PUBLISH": "1"}
