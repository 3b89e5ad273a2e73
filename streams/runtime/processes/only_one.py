"""Keeps two supervisors of one name apart on a machine: each would take the places of the other's processes."""

from __future__ import annotations

import fcntl
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from liveprofile.streams.errors import UserError

_OTHERS = re.compile(r"[^A-Za-z0-9._-]+")
MOST_CHARACTERS = 200


def name_of(instance_id: str) -> str:
    """The beginning of the instance ids of all processes: the setting, or the name of the machine."""
    return instance_id or _OTHERS.sub("-", socket.gethostname())[:MOST_CHARACTERS].strip("-") or "worker"


@contextmanager
def the_only_one(folder: Path, group: str, name: str) -> Iterator[None]:
    """Hold the name of a group in a data folder; UserError while another supervisor has it."""
    path = folder / f"processes-{group}-{name}.lock"
    with path.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UserError(
                f"Another `liveprofile worker --processes` runs here under the name {name}.",
                "Stop it, or give this one a name of its own: worker.instance_id (LIVEPROFILE_WORKER__INSTANCE_ID).",
            ) from None
        yield
