"""The page of the demo: where the service listens, and that a demo goes on without one."""

import socket
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from liveprofile.streams.broker.ports import is_free
from liveprofile.streams.cli.demo import page as demo_page
from liveprofile.streams.cli.demo.children import Child, Children
from liveprofile.streams.cli.demo.page import PACKAGES, page_of
from liveprofile.streams.cli.demo.processes import Starter
from liveprofile.streams.serve.auth.tokens import Tokens
from liveprofile.streams.settings import Settings
from liveprofile.streams.settings.serve import Serve
from liveprofile.streams.transport.connection import Connection


@dataclass
class FakeStarter:
    """Starts a Python program in the place of the service."""

    folder: Path
    program: str
    port: int
    told: list[str] = field(default_factory=list)
    arguments: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        settings = Settings(data_dir=str(self.folder), serve=Serve(port=self.port))
        self.context = SimpleNamespace(settings=settings, inform=self.told.append)
        self.children = Children(self.folder)

    def start(self, _: Connection, name: str, *arguments: str, **environment: str) -> Child:
        self.arguments, self.environment = arguments, environment
        log = self.folder / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen([sys.executable, "-c", self.program, *arguments], stdout=output, stderr=output)
        child = Child(name, log, process)
        self.children.alive.append(child)
        return child


READY = "import sys, pathlib, time; pathlib.Path(sys.argv[-1]).write_text('http://here/'); time.sleep(60)"


def address(starter: FakeStarter, *, secure: bool = False) -> str:
    with page_of(cast(Starter, starter), cast(Any, None), secure=secure) as page:
        return page()


@pytest.fixture
def taken() -> Any:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


def test_a_port_on_which_something_listens_is_not_free(taken: int) -> None:
    assert not is_free(taken)
    assert is_free(0)


def test_a_taken_port_is_replaced_by_a_free_one_with_a_word(tmp_path: Path, taken: int) -> None:
    starter = FakeStarter(tmp_path, READY, taken)
    assert address(starter) == "http://here/"
    assert starter.arguments[:2] == ("--port", "0")
    assert starter.told == [f"port {taken} is taken: the page takes a free one", "the page: http://here/"]
    assert starter.children.alive[0].exit_code() is not None, "it ends with the page"


def test_a_service_that_does_not_start_costs_the_page_and_not_the_demo(tmp_path: Path) -> None:
    starter = FakeStarter(tmp_path, "raise SystemExit('the folder is in use')", 0)
    assert address(starter) == ""
    assert starter.children.alive == []
    assert starter.told[-1].startswith("there is no page: the folder is in use (its log: ")


def test_without_the_optional_packages_there_is_no_page_and_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo_page, "find_spec", lambda name: None if name == PACKAGES[2] else object())
    starter = FakeStarter(tmp_path, READY, 0)
    assert address(starter) == ""
    assert starter.told == [
        f"there is no page: the package {PACKAGES[2]} is missing. Install it: pip install 'liveprofile[serve]'"
    ]


def test_a_secured_demo_has_a_token_of_its_own_unless_there_are_some(tmp_path: Path) -> None:
    starter = FakeStarter(tmp_path, READY, 0)
    with page_of(cast(Starter, starter), cast(Any, None), secure=True):
        path = Path(starter.environment["LIVEPROFILE_SERVE__TOKENS_FILE"])
        assert Tokens(path).any()
    assert not path.exists()
    Tokens(tmp_path / "tokens.json").create("mine", ("admin",))
    address(starter, secure=True)
    assert starter.environment == {}
