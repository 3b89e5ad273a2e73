"""Checks of this machine: versions, settings, key, model, folders, files. None of them needs Kafka."""

from __future__ import annotations

import os
import platform
import re
import resource
import shutil
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from pathlib import Path

from liveprofile.models.errors import ModelError
from liveprofile.streams.admin.doctor.case import Case
from liveprofile.streams.admin.doctor.finding import Answers, Finding
from liveprofile.streams.broker.locate import is_embedded
from liveprofile.streams.errors import SetupError, UserError
from liveprofile.streams.settings.data_folder import PRIVATE
from liveprofile.streams.settings.load import unknown_variables
from liveprofile.streams.settings.model_of import manifest_of
from liveprofile.streams.settings.pseudonym_key import FILE, pseudonym_key
from liveprofile.streams.transport.private_hooks.hook import HOOKS
from liveprofile.streams.transport.versions import CHECKED_WITH

MIB = 1 << 20
LEAST_DISK_MIB, GOOD_DISK_MIB = 256, 2_048
LEAST_FILES, GOOD_FILES = 256, 1_024
FILES_A_PARTITION = 64
"""Open files of one partition's RocksDB, about."""
PYTHONS = ((3, 11), (3, 15))
"""The first version that works, and the first that is not known to."""
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?\s*==\s*([^\s;,*]+)\s*$")


def versions(case: Case) -> Iterator[Finding]:
    """Python, the packages that are pinned, and the private parts of libraries that the transport overrides."""
    say = Answers("versions", "Python, installed packages, hooks of Faust and aiokafka")
    now = tuple(int(part) for part in platform.python_version_tuple()[:2])
    if not PYTHONS[0] <= now < PYTHONS[1]:
        yield say.fail(f"Python {platform.python_version()} is not one of 3.11 to 3.14.", "Use one of them: python3.11")
    wrong = [f"{name} {found or 'is missing'}, needed is {wanted}" for name, wanted, found in _wrong_packages()]
    if wrong:
        pins = " ".join(f"'{name}=={wanted}'" for name, wanted, _ in _wrong_packages())
        yield say.fail(f"Packages differ from those that were tested: {'; '.join(wrong)}.", f"pip install {pins}")
        return
    if problems := [problem for hook in HOOKS if (problem := hook.problem())]:
        yield say.fail(
            f"{len(problems)} hooks of libraries are not as expected: {problems[0]}.",
            "Install the pinned versions: pip install --require-hashes -r requirements.lock",
        )
        return
    known = ", ".join(f"{name} {wanted}" for name, wanted in CHECKED_WITH.items())
    yield say.ok(f"liveprofile {version('liveprofile')}, Python {platform.python_version()}, {known}.")


def _wrong_packages() -> list[tuple[str, str, str]]:
    """Name, wanted and installed version of each pinned package that differs; empty for one that is missing."""
    lines = requires("liveprofile") or ()
    pinned: dict[str, str] = {match[1]: match[2] for line in lines if (match := _PINNED.match(line))}
    found = []
    for name, wanted in (pinned | dict(CHECKED_WITH)).items():
        try:
            installed = version(name)
        except PackageNotFoundError:
            installed = ""
        if installed != wanted:
            found.append((name, wanted, installed))
    return found


def environment(case: Case) -> Iterator[Finding]:
    """Variables that look like settings; the file itself is refused before any check if a name is unknown."""
    say = Answers("settings", "the settings file and LIVEPROFILE_ variables")
    if unknown := unknown_variables(case.environment):
        yield say.warn(
            f"{', '.join(unknown)} is like no setting, and nothing is made of it.",
            f"unset {' '.join(unknown)}; `liveprofile settings` lists all settings.",
        )
    else:
        yield say.ok("Every name is a setting, every value within its limits.")


def key(case: Case) -> Iterator[Finding]:
    """The pseudonym key: there, long enough, and read by nobody else."""
    say = Answers("key", "the pseudonym key of the settings or of the data folder")
    settings = case.settings
    if "ingest" not in case.stages:
        yield say.skipped("Only the stage ingest needs it.")
        return
    alone = is_embedded(str(case.bootstrap or settings.bootstrap), settings.data_path)
    path = Path(settings.pseudonym_key_file) if settings.pseudonym_key_file else settings.data_path / FILE
    if alone and not settings.pseudonym_key and not path.exists():
        yield say.ok("There is none yet; the first worker beside the embedded broker makes one.")
        return
    try:
        pseudonym_key(settings, lambda _: None, may_create=False)
    except UserError as error:
        yield say.fail(error.message, error.next_step)
        return
    if settings.pseudonym_key is None and path.stat().st_mode & PRIVATE:
        yield say.warn(f"{path} can be read by others: they can tell whose profile is whose.", f"chmod 600 {path}")
    else:
        yield say.ok("It is there.")


def model(case: Case) -> Iterator[Finding]:
    """The exported model: there, of this layout, and each file as it was written."""
    say = Answers("model", f"the files of {case.settings.model_path} and their SHA-256")
    if not {"ingest", "profile"} & set(case.stages):
        yield say.skipped("No stage of these needs it.")
        return
    folder = case.settings.model_path
    try:
        manifest = manifest_of(case.settings)
        for name in manifest.files:
            manifest.read(folder, name)
    except (ModelError, SetupError) as error:
        yield say.fail(f"{error.message.rstrip('.')}.", error.next_step)
        return
    except OSError as error:
        yield say.fail(f"{folder} cannot be read: {error.strerror}.", f"chmod -R u+rX {folder}")
        return
    yield say.ok(f"{manifest.model_id}, {len(manifest.files)} files as they were written.")


def folders(case: Case) -> Iterator[Finding]:
    """The data folder: writable, of its owner alone, and with room."""
    settings = case.settings
    folder = settings.data_path
    say = Answers("data folder", f"{folder}: rights, owner, room on its disk")
    there = _nearest(folder)
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        yield say.fail(
            f"{folder} cannot be written: {there} is not a folder that this user may write.",
            f"mkdir -p {folder} && chown {_user()} {folder}, or give another: --data-dir FOLDER",
        )
        return
    free_mib = shutil.disk_usage(there).free // MIB
    rocks = settings.profile.state == "rocksdb"
    if rocks and find_spec("rocksdict") is None:
        yield say.fail("profile.state is rocksdb, and RocksDB is not installed.", "pip install 'liveprofile[rocksdb]'")
    if free_mib < GOOD_DISK_MIB:
        words = f"{free_mib:,} MiB are free on the disk of {folder}, {GOOD_DISK_MIB:,} are usual."
        step = f"Make room, or move it: --data-dir FOLDER. What is there: du -sh {folder}/*"
        yield say.fail(words, step) if free_mib < LEAST_DISK_MIB else say.warn(words, step)
    elif folder.is_dir() and folder.stat().st_mode & PRIVATE:
        yield say.warn(f"{folder} can be read by others: it holds keys and texts.", f"chmod 700 {folder}")
    else:
        yield say.ok(f"Writable, {free_mib:,} MiB free.")


def _nearest(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    return next(one for one in (folder.absolute(), *folder.absolute().parents) if one.exists())


def _user() -> str:
    return str(os.geteuid())


def open_files(case: Case) -> Iterator[Finding]:
    """The limit of open files and connections of a process."""
    say = Answers("open files", "the limit of this user's processes (ulimit -n)")
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    settings = case.settings
    needed = GOOD_FILES + (FILES_A_PARTITION * settings.partitions if settings.profile.state == "rocksdb" else 0)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        yield say.ok(f"{'no limit' if soft == resource.RLIM_INFINITY else soft}, needed are {needed}.")
        return
    words = f"A process may open {soft} files and connections, needed are {needed}."
    step = f"ulimit -n {needed}; under systemd: LimitNOFILE={needed}"
    yield say.fail(words, step) if soft < LEAST_FILES else say.warn(words, step)


def ready_file(case: Case) -> Iterator[Finding]:
    """The folder of the file that `--ready-file` names."""
    file = case.ready_file
    say = Answers("ready file", "the folder of --ready-file")
    if file is None:
        yield say.skipped("None is named.")
    elif not file.parent.is_dir() or not os.access(file.parent, os.W_OK | os.X_OK):
        yield say.fail(
            f"{file} cannot be written: {file.parent} is no folder that this user may write.", f"mkdir -p {file.parent}"
        )
    elif file.is_dir():
        yield say.fail(f"{file} is a folder.", "Name a file: --ready-file PATH")
    else:
        yield say.ok(f"{file.parent} can be written.")


def variables() -> Mapping[str, str]:
    """The environment of this process."""
    return dict(os.environ)
