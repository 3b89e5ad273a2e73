"""What all tests share: one real Kafka per session, names of their own, the exported model."""

import os
import signal
import tempfile
import uuid
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import settings
from support.secured.suite import ASKED, MECHANISM, REGISTRY, startup_path, suite_broker

from liveprofile.streams.admin.topics import create_topics
from liveprofile.streams.broker import Broker
from liveprofile.streams.contract.topics import Topics

ROOT = Path(__file__).resolve().parents[1]

# How long an example takes tells of the machine and of what else runs on it.
settings.register_profile("untimed", settings(), deadline=None)
settings.load_profile("untimed")


def pytest_configure() -> None:
    """One thread for linear algebra, before NumPy is imported, here and in workers of tests; and Ctrl-C is one.

    Our matrices are small. With more threads each product waits for all of them, and where two processes share two
    cores that wait is twenty times the work.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # in the background of a shell: children would inherit it
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if mechanism := os.environ.pop(ASKED, os.environ.get(MECHANISM, "")):
        secure_the_suite(mechanism)


def secure_the_suite(mechanism: str) -> None:
    """The brokers of this session deny by default; the product is led to them, here and in processes of tests."""
    from support.secured.lead import lead

    os.environ[MECHANISM] = mechanism
    os.environ.setdefault(REGISTRY, tempfile.mkdtemp(prefix="secured-suite-"))
    paths = [startup_path(), os.environ.get("PYTHONPATH", "")]
    os.environ["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(path for path in paths if path))
    lead()


@pytest.fixture(autouse=True)
def logs_of_its_own() -> Iterator[None]:
    """A command that a test runs sends all logs its way; the next test has them as they come."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker for the whole session, on a free port and in a temporary folder; it cannot outlive the session."""
    with suite_broker(tmp_path_factory.mktemp("broker"), properties={"log.cleaner.backoff.ms": "500"}) as running:
        yield running


@pytest.fixture
def bootstrap(broker: Broker) -> str:
    """Where Kafka clients of a test connect to."""
    return broker.bootstrap


@pytest.fixture
def app_id() -> str:
    """An application id that no other test has."""
    return f"test-{uuid.uuid4().hex[:10]}"


@pytest.fixture
def new_topics(broker: Broker, app_id: str) -> Callable[..., Awaitable[Topics]]:
    """Creates a full set of topics of the test's own: `topics = await new_topics(partitions=2)`."""

    async def create(partitions: int = 4) -> Topics:
        topics = Topics(app_id, partitions, prefix=f"{app_id}-")
        await create_topics(broker.bootstrap, topics)
        return topics

    return create


@pytest.fixture(scope="session")
def model_folder() -> Path:
    """The exported model of this checkout."""
    folder = ROOT / ".liveprofile" / "model"
    if not folder.is_dir() or not any(folder.iterdir()):
        pytest.fail(f"there is no exported model in {folder}: run make setup")
    return folder


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """How tests are given out where several processes run them."""
    from tests.support.sharing import Sharing

    return Sharing(config, log)
