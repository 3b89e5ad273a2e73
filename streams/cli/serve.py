"""`liveprofile serve`: the query service, until a signal."""

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from liveprofile.streams.cli.context import Context, UserError, bootstrap_option, examples, pass_context

if TYPE_CHECKING:
    from liveprofile.streams.serve.follow.follower import CatchUp
    from liveprofile.streams.serve.service import PseudonymOf
    from liveprofile.streams.settings import Settings


@click.command(
    epilog=examples(
        "liveprofile serve",
        "liveprofile serve --port 9000",
        "curl -s localhost:8321/v1/profiles?segment=vip        # from another terminal",
        "curl -N localhost:8321/v1/stream                      # changes and anomalies as they happen",
    )
)
@click.option("--host", metavar="ADDRESS", help="Address to listen on.  [serve.host: 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), metavar="PORT", help="Port to listen on.  [serve.port: 8321]")
@click.option(
    "--ready-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file that gets the address of the page, with its sign-in, once the service has caught up.",
)
@bootstrap_option
@pass_context
def command(context: Context, host: str | None, port: int | None, ready_file: Path | None) -> None:
    """Answer questions about profiles over HTTP: read, push, why, at any version.

    It follows the topics into a store of its own (serve in the data folder), and is ready when it has caught up; after
    a restart it goes on where it was. Start several for more readers: they share nothing. GET /v1/openapi.json
    describes all that can be asked, docs/serve.md explains it.

    On this machine's own address no token is needed, until there is one: liveprofile token create. On another address
    it starts only with a token and TLS. Ctrl-C ends it after the open requests.
    """
    for name, value in (("serve.host", host), ("serve.port", port)):
        if value is not None:
            context.overrides[name] = str(value)
    try:
        from liveprofile.streams.serve.server import Serving, listening, new_loop, run
    except ModuleNotFoundError as error:
        raise UserError(
            f"The package {error.name} is missing.", "Install it: pip install 'liveprofile[serve]'."
        ) from None
    from liveprofile.streams.settings.data_folder import make_private

    context.start_logs("warning")
    settings, bootstrap = context.settings, context.bootstrap()
    make_private(settings.data_path)
    bound = listening(settings)
    host, port = bound.getsockname()[:2]
    serving = Serving(settings, bootstrap, _pseudonyms(context, settings))
    scheme = "https" if settings.serve.certificate_file else "http"
    bar = _Bar(context)
    address = f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"

    def ready() -> None:
        """Who waits for a file signs in by it: then no log has the link."""
        page = f"{address}{serving.page_path()}"
        bar.end(f"ready: {page if ready_file is None else address} shows it, Ctrl-C ends it")
        if ready_file is not None:
            _write_private(ready_file, page)

    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(run(serving, bound, bar.show, ready))


def _write_private(path: Path, text: str) -> None:
    """The file at once and whole, for its owner alone."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)


def _pseudonyms(context: Context, settings: "Settings") -> "PseudonymOf | None":
    """The pseudonym of an id under the shop's key; None where there is no key here."""
    from liveprofile.streams.query.identity import profile_id
    from liveprofile.streams.settings.pseudonym_key import has_key, pseudonym_key

    if not has_key(settings):
        context.inform("no pseudonym key here: nobody is found by a shop's own id")
        return None
    key = pseudonym_key(settings, context.inform, may_create=False).reveal().encode()
    return lambda user_id, anonymous: profile_id(user_id, key, anonymous=anonymous)


class _Bar:
    """The catch-up on standard error: a bar on a terminal, else a line at its beginning and its end."""

    def __init__(self, context: Context) -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        self._context = context
        columns = (TextColumn("reading the topics"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"))
        hidden = not context.err.is_terminal
        self._bar = Progress(*columns, TimeElapsedColumn(), console=context.err, disable=hidden, transient=True)
        self._task = self._bar.add_task("", total=None)
        self._bar.start()

    def show(self, progress: "CatchUp") -> None:
        self._bar.update(self._task, completed=progress.done, total=progress.total)

    def end(self, text: str) -> None:
        self._bar.stop()
        self._context.inform(text)
