"""Takes a picture of what a command prints: python -m support.terminal_screenshot FILE.png COMMAND [ARGUMENT ...].

It needs Chromium, and for Chinese the characters of Debian's fonts-noto-cjk, two columns wide each.
"""

import contextlib
import fcntl
import io
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import termios
from collections.abc import Sequence

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

COLUMNS = 112
PAGE = """<!doctype html><meta charset="utf-8"><style>{stylesheet}
body {{ margin: 0; padding: 16px; width: max-content; color: {foreground}; background: {background}; }}
pre {{ margin: 0; font: 15px/1.35 "DejaVu Sans Mono", "Noto Sans Mono CJK SC", monospace; }}
i {{ display: inline-block; width: 2ch; text-align: center; font-style: normal; }}</style><body><pre>{code}</pre>"""

_WIDE = re.compile("[\u3000-\u9fff\uff01-\uff60]")
"""Characters of two columns."""


def main(picture: str, *command: str) -> None:
    """Run a command as on a terminal, and draw its output."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or sys.exit("No Chromium. Install it: apt-get install chromium")
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi(_printed(command)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page()
        page.set_content(_WIDE.sub(r"<i>\g<0></i>", console.export_html(theme=MONOKAI, code_format=PAGE)))
        page.locator("body").screenshot(path=picture)
        browser.close()
    if shutil.which("pngquant"):
        subprocess.run(["pngquant", "--force", "--skip-if-larger", "--output", picture, "64", picture], check=False)


def _printed(command: Sequence[str]) -> str:
    """What a command prints on a terminal of `COLUMNS` columns."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
    wide = os.environ | {"COLUMNS": str(COLUMNS), "TERM": "xterm-256color"}
    parts = []
    with subprocess.Popen(command, env=wide, stdout=theirs, stderr=subprocess.DEVNULL):
        os.close(theirs)
        with contextlib.suppress(OSError):  # the end of a terminal on Linux
            while part := os.read(ours, 65_536):
                parts.append(part)
    os.close(ours)
    return b"".join(parts).decode().replace("\r\n", "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
