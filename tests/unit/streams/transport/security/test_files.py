"""Files that hold a secret: what of them counts, and the error when they cannot be read."""

from pathlib import Path

import pytest

from liveprofile.streams.errors import UserError
from liveprofile.streams.transport.security.files import read_secret


@pytest.mark.parametrize("content", ["pass word ", "pass word \n", "pass word \r\n"])
def test_the_end_of_the_line_is_no_part_of_a_secret_and_blanks_are(tmp_path: Path, content: str) -> None:
    (tmp_path / "file").write_bytes(content.encode())
    assert read_secret("kafka.password_file", str(tmp_path / "file")) == "pass word "


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot be read: No such file"),
        (b"\n", "is empty"),
        (b"\xff\xfe", "cannot be read: it is not text"),
    ],
)
def test_a_file_without_a_secret_is_told_by_its_setting(tmp_path: Path, content: bytes | None, words: str) -> None:
    path = tmp_path / "file"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match=rf"kafka\.password_file = .*file' {words}"):
        read_secret("kafka.password_file", str(path))
