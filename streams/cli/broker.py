"""`liveprofile broker start|stop|status`: the embedded Apache Kafka of the data folder."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from liveprofile.streams.broker.security.mechanism import Mechanism
from liveprofile.streams.cli.context import Context, echo_json, examples, pass_context
from liveprofile.streams.errors import ExitCode
from liveprofile.streams.settings.data_folder import make_private

if TYPE_CHECKING:
    from liveprofile.streams.broker import Broker
    from liveprofile.streams.broker.jars import Progress
    from liveprofile.streams.broker.security.secured import Secured

DEFAULT_PORT = 9092
MECHANISMS = tuple(one.value for one in Mechanism)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object.")


def _override_data_dir(context: click.Context, _: click.Parameter, value: str | None) -> None:
    if value is not None:
        context.ensure_object(Context).overrides["data_dir"] = value


def secure_option(function: click.decorators.FC) -> click.decorators.FC:
    """Accept --secure with a mechanism."""
    return click.option("--secure", type=click.Choice(MECHANISMS), help="How clients say who they are.")(function)


@click.group(epilog=examples("liveprofile broker start", "liveprofile broker status --json", "liveprofile broker stop"))
def command() -> None:
    """Start, stop and inspect the embedded Apache Kafka: one node, on loopback only, no Docker needed."""


def data_dir_option(function: click.decorators.FC) -> click.decorators.FC:
    """Also accept --data-dir after the command's name."""
    return click.option(
        "--data-dir",
        metavar="FOLDER",
        expose_value=False,
        callback=_override_data_dir,
        help="Folder of this project's data; the broker uses FOLDER/broker.",
    )(function)


@command.command(
    epilog=examples(
        "liveprofile broker start",
        "liveprofile broker start --port 0",
        "liveprofile broker start --secure scram    # TLS, passwords, and no right but those of `liveprofile acls`",
    )
)
@click.option("--port", type=click.IntRange(0, 65535), help=f"{DEFAULT_PORT} by default; 0: a free one.")
@secure_option
@AS_JSON
@data_dir_option
@pass_context
def start(context: Context, port: int | None, secure: str | None, as_json: bool) -> None:
    """Start the broker and return when it answers; it keeps running until `broker stop`.

    With --secure all connections are encrypted, and each user may do what `liveprofile acls` prints for its role on the
    topics of the settings, and nothing else. Secrets and a settings file for each user are in DATA_DIR/broker/security.

    \b
    scram         a password, SCRAM-SHA-512
    oauthbearer   an access token; an issuer for tests runs beside the broker
    mtls          a certificate of the broker's own authority
    """
    began = time.monotonic()
    make_private(context.settings.data_path)
    if (running := _broker(context).running()) and port in (None, 0, running.port):
        broker = _broker(context, secure=secure).start()
        secured = _let_in(context, broker)
        if as_json:
            click.echo(_as_json(broker, answers=True))
        context.inform(f"already running on [bold]{running.bootstrap}[/bold], process {running.pid}")
        _tell(context, secured, as_json)
        return
    broker = _broker(context, DEFAULT_PORT if port is None else port, secure)
    with jar_progress(context) as progress:
        broker.start(progress)
    running, secured = broker.running(), _let_in(context, broker)
    assert running is not None
    _tell(context, secured, as_json)
    if as_json:
        click.echo(_as_json(broker, answers=True))
        return
    from rich.text import Text

    line = Text(f"Apache Kafka {running.kafka_version} answers on ").append(running.bootstrap, "bold")
    took = f" (process {running.pid}, {time.monotonic() - began:.1f} s); "
    context.write(line.append(took).append(f"data and logs in {broker.folder}"), 2)


@command.command(epilog=examples("liveprofile broker stop"))
@AS_JSON
@data_dir_option
@pass_context
def stop(context: Context, as_json: bool) -> None:
    """Stop the broker; prints a message if none was running."""
    broker = _broker(context)
    stopped = broker.stop()
    if as_json:
        echo_json({"stopped": stopped, "folder": str(broker.folder)})
    else:
        context.out.print("stopped" if stopped else f"no broker was running in {broker.folder}", soft_wrap=True)


@command.command(epilog=examples("liveprofile broker status", "liveprofile broker status --json"))
@AS_JSON
@data_dir_option
@pass_context
def status(context: Context, as_json: bool) -> None:
    """Show whether the broker runs and answers. Exit code 0 if it does, 4 if not."""
    broker = _broker(context)
    running, answers = broker.running(), broker.answers()
    if as_json:
        click.echo(_as_json(broker, answers))
    elif running is None:
        context.out.print(f"no broker runs in {broker.folder}", soft_wrap=True)
    else:
        state = "answers" if answers else "does not answer"
        context.out.print(
            f"Apache Kafka {running.kafka_version}, process {running.pid}, {state} on {running.bootstrap}"
        )
    click.get_current_context().exit(0 if answers else ExitCode.NO_KAFKA)


@command.command(hidden=True, epilog=examples("liveprofile broker fetch"))
@pass_context
def fetch(context: Context) -> None:
    """Fetch the broker's jars into the user's cache and prepare fast starts (`make setup` does it)."""
    from liveprofile.streams.broker.jars import ensure_jars, kafka_version
    from liveprofile.streams.broker.prepare import write_class_archive

    with jar_progress(context) as progress:
        folder = ensure_jars(progress=progress)
    write_class_archive()
    context.out.print(f"Apache Kafka {kafka_version()} is in {folder}")


@contextmanager
def jar_progress(context: Context) -> Iterator["Progress"]:
    """A bar for the download of the jars, if there is one; a line of text without a terminal."""
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    from liveprofile.streams.broker.jars import jars_are_present, kafka_version

    if jars_are_present():
        yield lambda done, total: None
        return
    title = f"fetching Apache Kafka {kafka_version()} from Maven Central"
    if not context.err.is_terminal:
        context.inform(title)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=context.err, disable=not context.err.is_terminal) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _broker(context: Context, port: int = 0, secure: str | None = None) -> "Broker":
    from liveprofile.streams.broker import Broker
    from liveprofile.streams.broker.locate import broker_folder

    mechanism = Mechanism(secure) if secure else None
    return Broker(broker_folder(context.settings.data_path), port, detached=True, secure=mechanism)


def _let_in(context: Context, broker: "Broker") -> "Secured | None":
    """Make the users of a secured broker and give them their rights; None for an open broker."""
    if broker.secured is None:
        return None
    from liveprofile.streams.admin.acls.embedded import let_in

    return let_in(broker, context.settings.topics)


def _tell(context: Context, secured: "Secured | None", as_json: bool) -> None:
    """Show how to connect to a secured broker: by the settings of one user, and where those of the others are."""
    if secured is None or as_json:
        return
    from rich.markup import escape

    from liveprofile.streams.admin.acls.embedded import USERS, WORKER

    context.inform(f"only users with a right get in: {', '.join(USERS)}")
    context.inform(escape(f"settings of each: --config {secured.settings_file('USER')}; those of {WORKER}:"))
    click.echo(secured.settings(secured.connection(WORKER)))


def _as_json(broker: "Broker", answers: bool) -> str:
    from dataclasses import asdict

    import orjson

    running = broker.running()
    status = {"running": running is not None, "answers": answers, "folder": str(broker.folder)}
    if running is not None:
        status |= {"bootstrap": running.bootstrap} | asdict(running)
    if (secured := broker.secured) is not None:
        status |= {"settings_files": str(secured.settings_file("USER"))}
    return orjson.dumps(status).decode()
