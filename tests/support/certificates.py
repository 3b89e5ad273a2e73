"""Certificates for tests, made with the program `openssl`."""

import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

_REGISTER = """
[ca]
default_ca = register
[register]
database = register/index
serial = register/serial
new_certs_dir = register
default_md = sha256
policy = names
unique_subject = no
[names]
commonName = supplied
"""
_NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


def openssl(folder: Path, *words: str) -> None:
    """Run openssl in a folder."""
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True, timeout=60)


def authority(folder: Path, name: str) -> None:
    """Make NAME.key and NAME.pem of an authority."""
    openssl(folder, "req", "-x509", *_NEW_KEY, "-keyout", f"{name}.key", "-out", f"{name}.pem", "-subj", f"/CN={name}")


def certificates(folder: Path, address: str, client: str, password: str) -> Path:
    """Make the authorities `ours` and `theirs`, certificates of `ours` for a broker at an address and for a client, and
    a file with a password; returns the folder.
    """
    for name in ("ours", "theirs"):
        authority(folder, name)
    certify(folder, "broker", "ours", address)
    certify(folder, client, "ours", f"DNS:{client}")
    (folder / "password").write_text(f"{password}\n")
    return folder


def certify(folder: Path, name: str, signer: str, alternative: str) -> None:
    """Make NAME.key and NAME.pem, signed by an authority, for a host (`DNS:…`) or an address (`IP:…`)."""
    signed = ("-CA", f"{signer}.pem", "-CAkey", f"{signer}.key", "-addext", f"subjectAltName={alternative}")
    new = (*_NEW_KEY, "-keyout", f"{name}.key", "-out", f"{name}.pem")
    openssl(folder, "req", "-x509", *new, "-subj", f"/CN={name}", *signed)


def certify_until(folder: Path, name: str, signer: str, client: str, ends_s: float) -> None:
    """Make NAME.key and NAME.pem for a client, signed by an authority, whose life ends at a second since 1970.

    `openssl req` counts in days only, so this goes by the commands of an authority with a register.
    """
    register = folder / "register"
    register.mkdir(exist_ok=True)
    (register / "index").touch()
    (register / "serial").write_text(f"{time.time_ns():016X}\n")
    (register / "ca.conf").write_text(_REGISTER)
    openssl(folder, "req", *_NEW_KEY, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={client}")
    signed = ("-cert", f"{signer}.pem", "-keyfile", f"{signer}.key", "-in", f"{name}.csr", "-out", f"{name}.pem")
    until = ("-enddate", f"{datetime.fromtimestamp(ends_s, UTC):%Y%m%d%H%M%SZ}")
    openssl(folder, "ca", "-batch", "-notext", "-config", "register/ca.conf", *signed, *until)
