"""Certificates of TLS, for any role in a cluster: files that are given, or temporary ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from datagen.errors import RunError, reason_of

if TYPE_CHECKING:
    from distributed.security import Security

_ROLES = ("scheduler", "worker", "client")


def security_of(ca: str | None, cert: str | None, key: str | None) -> Security | None:
    """For a connection in any role; None leaves it to Dask's own configuration. Raises RunError if a file cannot be
    read.
    """
    given = {name: path for name, path in (("ca", ca), ("cert", cert), ("key", key)) if path is not None}
    if not given:
        return None
    for path in given.values():
        try:
            with open(path, "rb"):  # noqa: PTH123 - only whether it can be
                pass
        except OSError as error:
            raise RunError(f"cannot read '{path}': {reason_of(error)}") from None
    from distributed.security import Security  # a second of start-up

    files = {f"tls_{role}_{name}": path for role in _ROLES for name, path in given.items() if name != "ca"}
    return Security(require_encryption=True, **files, **({"tls_ca_file": ca} if ca is not None else {}))


def temporary() -> Security:
    """New credentials for all roles, which exist only in memory.

    The key is on the curve P-256. An RSA key, as in Dask's own temporary credentials, takes up to half a second.
    """
    from cryptography import x509  # start-up, like the others
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
    from distributed.security import Security

    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "datagen")]), datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("datagen")]), critical=False)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365))
        .sign(key, SHA256())
    )
    shown = certificate.public_bytes(Encoding.PEM).decode()
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    of_roles = {f"tls_{role}_{part}": text for role in _ROLES for part, text in (("cert", shown), ("key", secret))}
    return Security(require_encryption=True, tls_ca_file=shown, **of_roles)
