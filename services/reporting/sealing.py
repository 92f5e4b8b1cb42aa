"""Secrets and addresses beside the log, encrypted: who reads the database alone can neither sign nor reach anybody.

The key is made of the company's own (``SECRET_KEY``), so whoever changes that has to enter the addresses anew.
"""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken


class Unsealable(Exception):
    """It was sealed with another ``SECRET_KEY``, or for something else: enter it anew."""


class Seal:
    """Encrypts what belongs to one thing; what was copied to another can't be opened there."""

    def __init__(self, company: bytes) -> None:
        self._fernet = Fernet(base64.urlsafe_b64encode(hmac.digest(company, b"sealed beside the log", hashlib.sha256)))

    def close(self, owner: str, text: str) -> bytes:
        """``text``, sealed for ``owner``, which has no line end."""
        return self._fernet.encrypt(f"{owner}\n{text}".encode())

    def open(self, owner: str, sealed: bytes) -> str:
        """Raises ``Unsealable``."""
        try:
            whose, _, text = self._fernet.decrypt(sealed).decode().partition("\n")
        except InvalidToken as error:
            raise Unsealable(owner) from error
        if whose != owner:
            raise Unsealable(owner)
        return text
