"""What a change is held to before it lands, and what may be published."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
SCRIPTS = ROOT / ".ci"
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
            [sys.executable, SCRIPTS / "changed_chapters.py"],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=True,
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


def test_where_git_knows_nothing_no_chapter_comes_first(tmp_path):
    result = check("changed_chapters.py", tmp_path)
    assert result.stdout.split() == []
    assert "git knows no commit here: none" in result.stderr


def test_what_is_published_has_no_budget_and_time_for_all_runs():
    assert "BUDGET" not in WORKFLOW.read_text()
    build = yaml.safe_load(WORKFLOW.read_text())["jobs"]["build"]
    assert build["timeout-minutes"] == 180
    (book,) = (step for step in build["steps"] if step.get("run") == "make book")
    assert book["env"] == {"GROUNDUP_PUBLISH": "1"}


@pytest.fixture
def status(tmp_path):
    """What writes the status of a book, as a build leaves it."""
    html = tmp_path / "_build" / "html"
    html.mkdir(parents=True)

    def write(pages: dict, not_trained: tuple[str, ...] = (), name: str = "status.json") -> None:
        content = {"versions": {}, "not_trained": [*not_trained], "pages": pages}
        (html / name).write_text(json.dumps(content))

    return write


def check(script: str, folder: Path) -> subprocess.CompletedProcess:
    command = [sys.executable, SCRIPTS / script]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


NUMBERS = {
    "book/foundations/softmax-regression": {"train-accuracy": 1, "test-accuracy": 1},
    "book/foundations/backpropagation": {"test-accuracy": 1},
    "book/convolution/digits": {"test-accuracy": 1, "better-test-accuracy": 1},
    "book/convolution/cifar10": {"first-accuracy": 1, "best-accuracy": 1},
    "book/foundations/neuron": {"w-found": 1.8, "b-found": 32},
    "book/sequences/shakespeare": {"pair-bits": 2.4},
    "book/sequences/attention": {"gpt-held": 1.6},
}


def test_numbers_are_asked_of_the_chapters_that_were_trained(status, tmp_path):
    pages = {page: {"numbers": dict(numbers)} for page, numbers in NUMBERS.items()}
    status(pages)
    assert check("check_numbers.py", tmp_path).returncode == 0
    pages["book/convolution/digits"]["numbers"]["test-accuracy"] = 0.9
    status(pages)
    assert "out of bounds: test-accuracy" in check("check_numbers.py", tmp_path).stderr
    status(pages, ("book/convolution/digits",))
    result = check("check_numbers.py", tmp_path)
    assert result.returncode == 0
    assert "book/convolution/digits: left out, not trained here" in result.stdout
    pages["book/sequences/attention"]["numbers"]["gpt-held"] = 1.7
    status(pages, ("book/convolution/digits",))
    assert "out of bounds: gpt-held" in check("check_numbers.py", tmp_path).stderr
    pages["book/sequences/attention"]["numbers"]["gpt-held"] = 1.6
    pages["book/foundations/neuron"]["numbers"]["w-found"] = 1.7
    status(pages, ("book/convolution/digits",))
    assert "out of bounds: w-found" in check("check_numbers.py", tmp_path).stderr


def test_a_second_build_trains_nothing_and_only_what_was_left_over_may_differ(status, tmp_path):
    build = 'book:\n\ttest "$$GROUNDUP_BUDGET" = 0\n\tcp _build/html/next _build/html/status.json\n'
    (tmp_path / "Makefile").write_text(build)
    before = {"a": {"executed": 1}, "b": {"executed": 1}}
    for after, left_over, passes in [
        (before, (), True),
        (before | {"b": {"executed": 2}}, (), False),
        (before | {"b": {"executed": 2}}, ("b",), True),
        (before | {"b": {"executed": 2}}, ("a",), False),
        ({"a": {"executed": 1}}, (), False),
        (before | {"c": {"executed": 1}}, (), False),
    ]:
        status(before, left_over)
        status(after, left_over, name="next")
        result = check("check_unchanged.py", tmp_path)
        assert (result.returncode == 0) == passes, result.stdout + result.stderr
    assert "executed again: c" in result.stderr


def test_the_end_says_what_was_not_trained(status, tmp_path):
    status({}, ("book/a", "book/b"))
    assert "not trained here: book/a, book/b" in check("not_trained.py", tmp_path).stdout
    status({})
    assert "none" in check("not_trained.py", tmp_path).stdout
