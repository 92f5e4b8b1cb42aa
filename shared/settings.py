"""Settings: from the environment, secrets also from files (``…_FILE``), nowhere else."""

from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_SECRETS = (
    "database_url",
    "database_password",
    "chain_key",
    "dashboard_password",
    "nats_url",
    "nats_password",
    "s3_access_key_id",
    "s3_secret_access_key",
    "oidc_client_secret",
    "secret_key",
    "smtp_password",
)
"""What may also be read from a file, named by ``<NAME>_FILE``."""


class Settings(BaseSettings):
    """What an operator can set. Every value has a safe default for one machine."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    data_dir: Path = Path("data")
    """Where one-machine mode keeps its databases, stream and keys."""
    port: int = 8000
    host: str = "127.0.0.1"
    database_url: SecretStr | None = None
    """A PostgreSQL URL. ``{service}`` in it is filled with the service's name; without it the service's name is
    added to the database's. Unset: the embedded server is started."""
    database_password: SecretStr | None = None
    dashboard_password: SecretStr | None = None
    """With it the role ``dashboard`` of the embedded PostgreSQL can log in, and read what is published by SQL; unset:
    nobody can. On a server of your own you give that role its password there."""
    nats_url: SecretStr | None = None
    nats_user: str | None = None
    nats_password: SecretStr | None = None
    nats_replicas: int = Field(default=1, ge=1, le=5)
    """Copies of each stream in a NATS cluster."""
    partition_groups: int = Field(default=4, ge=1, le=16)
    """Into how many independently worked groups the 16 partitions of a subscription are cut."""
    idempotency_days: int = Field(default=90, ge=1, le=3_650)
    """How long the first answer to an idempotency key is kept."""
    public_url: str | None = None
    """The address customers reach, for signed survey links; default: the address this process serves."""
    oidc_issuer: str | None = None
    oidc_audience: str = "shouhou"
    oidc_roles_claim: str = "roles"
    oidc_client_id: str | None = None
    """As which client people sign in with the issuer in a browser (authorization code flow with PKCE)."""
    oidc_client_secret: SecretStr | None = None
    """Unset: a public client."""
    secret_key: SecretStr | None = None
    """Signs survey links and makes the pseudonyms of persons; in one-machine mode made in the data folder."""
    chain_key: SecretStr | None = None
    """The Ed25519 key (PEM) that signs the chains' heads; unset: made in the data folder."""
    company_name: str = ""
    """As it stands at the head of the forms that customers get."""
    company_phone: str = ""
    """The number for service and complaints on those forms (4.1)."""
    report_font: Path | None = None
    """A TrueType font with Chinese that forms are set in and carry with them; unset: the one of every PDF reader."""
    documents_bucket: str | None = None
    """The bucket of an S3-compatible store that keeps documents; unset: the folder ``documents`` of ``data_dir``."""
    documents_prefix: str = ""
    """What the names of objects begin with in a bucket that is shared with others."""
    s3_endpoint: str | None = None
    """The store's address; unset: Amazon's."""
    s3_region: str = "us-east-1"
    s3_access_key_id: str | None = None
    s3_secret_access_key: SecretStr | None = None
    s3_virtual_hosted: bool = False
    """The bucket is part of the host name, and ``s3_endpoint`` names it, as some stores (Alibaba Cloud OSS) want."""
    smtp_host: str | None = None
    """The mail server that takes our mail; unset: no mail is sent."""
    smtp_port: int = 587
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    mail_from: str = "shouhou@localhost"
    """Who our mail says it is from."""
    outgoing_private: str = ""
    """Private networks that webhooks and mail servers of notices may lie in, separated by commas
    (``10.1.2.0/24,127.0.0.0/8``); there, http will do. Empty: public addresses by https alone."""
    log_level: str = "INFO"
    otel_exporter_otlp_endpoint: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _secrets_from_files(cls, values: dict[str, Any]) -> dict[str, Any]:
        import os

        for name in _SECRETS:
            path = os.environ.get(f"{name.upper()}_FILE")
            if path and not values.get(name):
                values[name] = Path(path).read_text().strip()
        return values

    def database_of(self, service: str) -> str:
        """The PostgreSQL URL of one service's own database. Raises ValueError when no server is set."""
        if self.database_url is None:
            raise ValueError("DATABASE_URL is not set")
        url = self.database_url.get_secret_value()
        if "{service}" in url:
            url = url.replace("{service}", service)
        else:
            parts = urlsplit(url)
            name = parts.path.lstrip("/") or "shouhou"
            url = urlunsplit(parts._replace(path=f"/{name}_{service}"))
        if self.database_password is not None:
            parts = urlsplit(url)
            user, _, host = parts.netloc.rpartition("@")
            login = f"{user.split(':')[0]}:{quote(self.database_password.get_secret_value(), safe='')}@"
            url = urlunsplit(parts._replace(netloc=login + host))
        return url
