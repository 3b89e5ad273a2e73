"""The client in TypeScript: its types are those of the description, and its own tests pass against a service."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.listening import listening
from support.paths import ROOT
from support.serving import Shop, snapshot
from support.serving_fakes import TOPICS

FOLDER = ROOT / "clients" / "ts"

pytestmark = pytest.mark.skipif(
    not shutil.which("npm") or not (FOLDER / "node_modules").is_dir(),
    reason="SKIPPED FOR WANT OF clients/ts/node_modules: run `make clients`",
)


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    shop = Shop(tmp_path)
    for number in range(5):
        key = f"{number:016x}" + "0" * 16  # differs from others in its first half, as digests do
        shop.put(TOPICS.profiles, key, snapshot(number) | {"profile_id": key})
    with listening(shop.app) as address:
        yield address
    shop.store.close()


def run(*command: str, url: str) -> str:
    done = subprocess.run(
        command, cwd=FOLDER, env=os.environ | {"LIVEPROFILE_URL": url}, capture_output=True, text=True, timeout=200
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    return done.stdout


def test_the_types_are_those_of_the_description(url: str, tmp_path: Path) -> None:
    made = tmp_path / "api.d.ts"
    run("npx", "--no-install", "openapi-typescript", f"{url}/v1/openapi.json", "--output", str(made), url=url)
    assert made.read_text() == (FOLDER / "src" / "api.d.ts").read_text(), "run `make clients`, and commit the types"


def test_its_own_tests_pass_against_a_service(url: str) -> None:
    said = run("npm", "test", url=url)
    assert "# pass 3" in said and "# skipped 0" in said and "# fail 0" in said
