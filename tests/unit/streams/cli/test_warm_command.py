"""`warm` reads text; what is none is told with the way to convert it."""

from pathlib import Path

from click.testing import CliRunner

from liveprofile.streams.cli.main import main


def test_a_file_that_is_not_utf_8_is_told_with_the_way_to_convert_it(tmp_path: Path) -> None:
    file = tmp_path / "titles.txt"
    file.write_bytes("Schöne Pfanne\n".encode("latin-1"))
    done = CliRunner().invoke(main, ["warm", str(file)])
    assert done.exit_code == 2
    assert "is not text in UTF-8" in done.stderr
    assert "iconv -f latin1" in done.stderr
