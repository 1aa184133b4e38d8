"""Words at rest: what people wrote is encrypted with a key that lies apart from the database."""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import secrets
from pathlib import Path

import msgspec
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from bot.model import Evidence

log = logging.getLogger(__name__)

FOR_OTHERS = 0o077
_DECODER = msgspec.msgpack.Decoder(tuple[str, Evidence])


class KeyFileError(Exception):
    """The key file cannot be used; the message names it and holds nothing of what stands in it."""


class Seal:
    """Encrypts with the first key of a file, decrypts with any of them."""

    def __init__(self, key_file: Path) -> None:
        """Read the keys, one per line, the newest first; make the file if there is none."""
        self.key_file = key_file
        try:
            if not key_file.exists():
                _create(key_file)
            if os.name == "posix" and key_file.stat().st_mode & FOR_OTHERS:
                log.warning("The key file %s can be read by others on this machine: chmod 600 keeps it for its owner.", key_file)
            lines = key_file.read_text("ascii").split()
        except (OSError, UnicodeDecodeError) as error:
            raise KeyFileError(f"The key file {key_file} cannot be read: {type(error).__name__}.") from None
        # The oldest key signs the links: those that are out in the world go on working when a new key is put first.
        self.link_secret = hmac.new(lines[-1].encode(), b"links", hashlib.sha256).hexdigest() if lines else ""
        self._mark_key = hmac.new(lines[-1].encode(), b"traces", hashlib.sha256).digest() if lines else b""
        try:
            self._newest = Fernet(lines[0]) if lines else None
            self._keys = MultiFernet([Fernet(line) for line in lines])
        except ValueError:
            raise KeyFileError(
                f"The key file {key_file} holds no usable key: one key per line, as first written there. Put the right file back."
            ) from None

    def lock(self, words: str, evidence: Evidence) -> bytes:
        """Encrypt what is in a report with the newest key."""
        return self._keys.encrypt(msgspec.msgpack.encode((words, evidence)))

    def unlock(self, locked: bytes) -> tuple[str, Evidence] | None:
        """Decrypt the words and the evidence with whichever key fits; ``None`` if none does or it is no evidence any more."""
        try:
            return _DECODER.decode(self._keys.decrypt(locked))
        except (InvalidToken, msgspec.DecodeError):
            return None

    def relock(self, locked: bytes) -> bytes | None:
        """Encrypt with the newest key what an older one locked; ``None`` if the newest did, or if none opens it."""
        try:
            if self._newest is not None:
                self._newest.decrypt(locked)
                return None
        except InvalidToken:
            pass
        try:
            return self._keys.rotate(locked)
        except InvalidToken:
            return None

    def roles_in(self, locked: bytes) -> dict[str, str]:
        """Who was there, by role, in evidence of an earlier version; nobody if it cannot be opened."""
        opened = self.unlock(locked)
        return {} if opened is None else opened[1].roles

    def mark(self, words: str) -> str:
        """Give the keyed hash of a few words: without the key nobody can try out which words they were."""
        return hmac.new(self._mark_key, words.encode(), hashlib.sha256).hexdigest()[:24]


def _create(key_file: Path) -> None:
    """Write a new key whole or not at all, for its owner only, and safe on the disk before anything is locked with it."""
    key_file.parent.mkdir(parents=True, exist_ok=True)
    draft = key_file.with_name(f".{key_file.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(Fernet.generate_key() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, key_file)
    except FileExistsError:
        return  # another process was first: its key is the one
    finally:
        draft.unlink()
    folder = os.open(key_file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
