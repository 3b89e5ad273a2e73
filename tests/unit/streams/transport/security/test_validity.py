"""When a certificate begins and ends: what is read from the file agrees with OpenSSL."""

import shutil
import time
from pathlib import Path

import pytest
from support.certificates import authority, certify_until

from liveprofile.streams.transport.security.validity import validity_of

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="makes certificates with openssl")


@pytest.mark.parametrize("life_s", [5, 90, 40 * 366 * 86_400], ids=["seconds", "a minute", "beyond 2049"])
def test_the_end_of_a_certificate_is_read_to_the_second(tmp_path: Path, life_s: int) -> None:
    authority(tmp_path, "ours")
    ends_s = float(int(time.time()) + life_s)
    certify_until(tmp_path, "worker", "ours", "worker", ends_s)
    found = validity_of((tmp_path / "worker.pem").read_text())
    assert found is not None and found.ends_s == ends_s
    assert abs(found.begins_s - time.time()) < 5


def test_the_first_certificate_of_a_chain_counts(tmp_path: Path) -> None:
    for name in ("one", "other"):
        authority(tmp_path, name)
    one, other = ((tmp_path / f"{name}.pem").read_text() for name in ("one", "other"))
    key = (tmp_path / "one.key").read_text()
    certify_until(tmp_path, "worker", "one", "worker", 2_000_000_000.0)
    worker = (tmp_path / "worker.pem").read_text()
    found = validity_of(key + worker + one + other)
    assert found is not None and found.ends_s == 2_000_000_000.0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no certificate",
        "-----BEGIN CERTIFICATE-----\nMIIB",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
    ],
)
def test_what_is_no_certificate_has_no_end(text: str) -> None:
    assert validity_of(text) is None
