"""What a person does to an account with a mail program, for tests that look at what becomes of it.
"""

from .compare import item_of, log_in, messages_in, ok
from .mailbox_names import quote


class MailClient:
    """Works in one account while the `with` block runs; messages are named by their subjects."""

    def __init__(self, port: int, user: str, password: str):
        self._client, self._layout = log_in(port, user, password=password)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._client.logout()

    def write(self, path, subject: str) -> None:
        identity = f"<{subject}@own>"
        message = f"From: me@example.org\r\nSubject: {subject}\r\nMessage-ID: {identity}\r\n\r\n"
        ok(self._client.append(self._mailbox(path), "()", None, message.encode()))

    def create(self, path) -> None:
        ok(self._client.create(self._mailbox(path)))

    def duplicate(self, path, subject: str) -> None:
        """The message once more in its folder."""
        ok(self._client.uid("COPY", self._find(path, subject), self._mailbox(path)))

    def change_flags(self, path, subject: str, change: str, flags: str) -> None:
        """change: "+FLAGS" or "-FLAGS"."""
        ok(self._client.uid("STORE", self._find(path, subject), change, f"({flags})"))

    def flags(self, path, subject: str) -> set:
        """In lower case."""
        answer = ok(
            self._client.uid(
                "FETCH", self._find(path, subject), "(FLAGS INTERNALDATE BODY.PEEK[])"
            )
        )
        return set(item_of(*next(messages_in(answer))).flags)

    def delete(self, path, subject: str) -> None:
        uid = self._find(path, subject)
        ok(self._client.uid("STORE", uid, "+FLAGS", "(\\Deleted)"))
        ok(self._client.uid("EXPUNGE", uid))

    def count(self, path) -> int:
        """Messages in the folder, 0 while it is not there."""
        status, data = self._client.status(self._mailbox(path), "(MESSAGES)")
        return int(data[0].rsplit(b" ", 1)[1].rstrip(b")")) if status == "OK" else 0

    def recreate(self, path) -> None:
        """The same name with the same messages in another order: UIDVALIDITY and UIDs are new."""
        aside = self._mailbox(("set aside",))
        ok(self._client.rename(self._mailbox(path), aside))
        ok(self._client.create(self._mailbox(path)))
        ok(self._client.select(aside))
        for uid in reversed(ok(self._client.uid("SEARCH", "ALL"))[0].split()):
            ok(self._client.uid("COPY", uid.decode(), self._mailbox(path)))
        ok(self._client.unselect())
        ok(self._client.delete(aside))

    def _find(self, path, subject: str) -> str:
        """The only message's UID."""
        ok(self._client.select(self._mailbox(path)))
        found = ok(self._client.uid("SEARCH", "HEADER", "Subject", quote(subject)))[0].split()
        if len(found) != 1:
            raise AssertionError(f"{len(found)} messages {subject!r} in {path}")
        return found[0].decode()

    def _mailbox(self, path) -> str:
        return quote(self._layout.mailbox(path))
