"""The pseudonym key: given, in a file, or made once with a mode that keeps it to its owner."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from liveprofile.streams.errors import UserError
from liveprofile.streams.settings import Secret, Settings
from liveprofile.streams.settings.data_folder import make_private
from liveprofile.streams.settings.pseudonym_key import pseudonym_key
from liveprofile.streams.stages.ingest.pseudonym import PseudonymKey

KEY = "0123456789abcdef"


def silent(_: str) -> None:
    pass


def test_a_key_is_made_once_said_and_found_again(tmp_path: Path) -> None:
    said: list[str] = []
    settings = Settings(data_dir=str(tmp_path / "data"))
    first = pseudonym_key(settings, said.append, may_create=True)
    assert pseudonym_key(settings, said.append, may_create=True).reveal() == first.reveal()
    assert len(said) == 1
    assert "0600" in said[0]
    assert first.reveal() not in said[0]
    (file,) = (tmp_path / "data").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_workers_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    settings = Settings(data_dir=str(tmp_path))
    with ThreadPoolExecutor(16) as pool:
        keys = {key.reveal() for key in pool.map(lambda _: pseudonym_key(settings, silent, may_create=True), range(64))}
    assert len(keys) == 1
    assert len(list(tmp_path.iterdir())) == 1


def test_the_setting_wins_over_the_file_and_that_over_the_made_one(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(f"{KEY}-file\n")
    settings = Settings(data_dir=str(tmp_path / "data"), pseudonym_key_file=str(file))
    assert pseudonym_key(settings, silent, may_create=True).reveal() == f"{KEY}-file"
    given = Settings(data_dir=str(tmp_path / "data"), pseudonym_key_file=str(file), pseudonym_key=Secret(KEY))
    assert pseudonym_key(given, silent, may_create=True).reveal() == KEY
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("content", ["short", "", "\xff\xfe"])
def test_a_file_without_a_proper_key_is_told_and_its_content_is_not(tmp_path: Path, content: str) -> None:
    file = tmp_path / "key"
    file.write_bytes(content.encode("latin-1"))
    with pytest.raises(UserError) as caught:
        pseudonym_key(Settings(pseudonym_key_file=str(file)), silent, may_create=True)
    assert str(file) in str(caught.value)
    assert "short" not in str(caught.value).replace("shorter", "")


def test_a_file_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        pseudonym_key(Settings(pseudonym_key_file=str(tmp_path / "none")), silent, may_create=True)


def test_without_leave_no_key_is_made_and_the_next_step_is_told(tmp_path: Path) -> None:
    settings = Settings(data_dir=str(tmp_path / "data"))
    with pytest.raises(UserError, match="liveprofile key create"):
        pseudonym_key(settings, silent, may_create=False)
    assert not (tmp_path / "data").exists()
    made = pseudonym_key(settings, silent, may_create=True)
    assert pseudonym_key(settings, silent, may_create=False).reveal() == made.reveal()


def test_the_check_value_tells_keys_apart_and_not_what_they_are() -> None:
    one, other = PseudonymKey(KEY.encode()), PseudonymKey(KEY.encode() + b"!")
    # printf 'liveprofile key check' | openssl dgst -sha256 -hmac 0123456789abcdef
    assert one.check_value == PseudonymKey(KEY.encode()).check_value != other.check_value
    assert one.check_value == "10d17358f2576e62a28edd54c2091eba"


def test_a_data_folder_is_made_private_and_so_is_what_is_made_in_it(tmp_path: Path) -> None:
    folder, before = tmp_path / "data", os.umask(0o022)
    try:
        folder.mkdir(mode=0o755)
        make_private(folder)
        (folder / "state").mkdir()
        (folder / "state" / "file").write_text("x")
    finally:
        os.umask(before)
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (folder, folder / "state", folder / "state" / "file")]
    assert modes == [0o700, 0o700, 0o600]
