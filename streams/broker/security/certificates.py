"""An authority of the broker's own, and certificates that it signs for the broker and its users."""

from __future__ import annotations

import datetime
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from liveprofile.streams.broker.errors import BrokerError
from liveprofile.streams.broker.security.private_files import write_private

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.x509 import Certificate, CertificateBuilder, Name

AUTHORITY = "ca"
_AUTHORITY_NAME = "Liveprofile embedded broker"
_AUTHORITY_DAYS = 3650
_DAYS = 397
_RENEWED_DAYS = 30
"""A certificate with less life left is made anew when the broker starts."""
_EARLIER = datetime.timedelta(hours=1)
"""Certificates begin so long ago: clocks of virtual machines are put back."""


def ensure_authority(folder: Path) -> None:
    """Make ca.pem and ca.key unless they are there. BrokerError where the package cryptography is missing."""
    _require_cryptography()
    if _lasts(folder, AUTHORITY):
        return
    from cryptography import x509

    key = _new_key()
    builder = _builder(_AUTHORITY_NAME, key, _AUTHORITY_DAYS).issuer_name(_name(_AUTHORITY_NAME))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    _write(folder, AUTHORITY, key, _signed(builder, key))


def ensure_certificate(folder: Path, name: str) -> None:
    """Make NAME.pem and NAME.key, signed by the authority, for this machine; renewed when their life ends soon.

    The subject is `CN=NAME`, which the broker takes for the user NAME. NAME.store.pem has key and certificate in one
    file, as the broker reads its own.
    """
    if _lasts(folder, name) and (folder / f"{name}.store.pem").exists():
        return
    from cryptography import x509

    authority, authority_key = _read(folder, AUTHORITY)
    key = _new_key()
    builder = _builder(name, key, _DAYS).issuer_name(authority.subject)
    here = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    builder = builder.add_extension(x509.SubjectAlternativeName(here), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False
    )
    _write(folder, name, key, _signed(builder, authority_key))
    both = (folder / f"{name}.key").read_bytes() + (folder / f"{name}.pem").read_bytes()
    write_private(folder / f"{name}.store.pem", both)


def _require_cryptography() -> None:
    try:
        import cryptography  # noqa: F401  the extra `broker`: no other part makes certificates
    except ImportError:
        raise BrokerError(
            "A secured broker needs certificates, and the package cryptography, which makes them, is not installed.",
            "pip install 'liveprofile[broker]', or start the broker without --secure.",
        ) from None


def _new_key() -> EllipticCurvePrivateKey:
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.generate_private_key(ec.SECP256R1())


def _name(common_name: str) -> Name:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _builder(common_name: str, key: EllipticCurvePrivateKey, days: int) -> CertificateBuilder:
    from cryptography import x509

    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(_name(common_name)).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - _EARLIER)
    return builder.not_valid_after(now + datetime.timedelta(days=days))


def _signed(builder: CertificateBuilder, key: EllipticCurvePrivateKey) -> Certificate:
    from cryptography.hazmat.primitives import hashes

    return builder.sign(key, hashes.SHA256())


def _write(folder: Path, name: str, key: EllipticCurvePrivateKey, certificate: Certificate) -> None:
    from cryptography.hazmat.primitives import serialization

    written = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    write_private(folder / f"{name}.key", written)
    write_private(folder / f"{name}.pem", certificate.public_bytes(serialization.Encoding.PEM))


def _read(folder: Path, name: str) -> tuple[Certificate, EllipticCurvePrivateKey]:
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

    key = serialization.load_pem_private_key((folder / f"{name}.key").read_bytes(), password=None)
    assert isinstance(key, EllipticCurvePrivateKey)
    return x509.load_pem_x509_certificate((folder / f"{name}.pem").read_bytes()), key


def _lasts(folder: Path, name: str) -> bool:
    """Whether there is such a certificate, signed by the present authority, with enough life left."""
    from cryptography.exceptions import InvalidSignature

    try:
        certificate, _ = _read(folder, name)
        certificate.verify_directly_issued_by(_read(folder, AUTHORITY)[0])
    except (OSError, ValueError, AssertionError, InvalidSignature):
        return False
    left = certificate.not_valid_after_utc - datetime.datetime.now(datetime.UTC)
    return left > datetime.timedelta(days=_RENEWED_DAYS)
