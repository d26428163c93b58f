"""The nasty corpus between real servers by `mailhaul run`, checked over IMAP with code that is not
mailhaul's.
"""

import hashlib
import unittest

from mailhaul_support.corpus_nasty import NASTY, nasty

from .harness import EndToEnd

USER = "anna@old.example"
# mailhaul's stand-ins for a delimiter that is a letter in a name: they look alike and can be turned
# back.
FULLWIDTH = {".": "\uff0e", "/": "\uff0f"}


def without_delimiter(delimiter: str):
    """Where a folder is expected on a server that separates with `delimiter`."""
    return lambda path: tuple(level.replace(delimiter, FULLWIDTH[delimiter]) for level in path)


class Migrate(EndToEnd):
    def migrate_one(self, source, destination, **row):
        finished = self.migrate([self.row(USER, source.port, destination.port, **row)])
        self.report = finished
        return finished

    def test_dovecot_to_dovecot_with_another_delimiter_and_a_prefix(self):
        source = self.dovecot("source", [USER])
        destination = self.dovecot("destination", [USER], separator=".", prefix="INBOX.")
        self.fill(source, USER, nasty())

        finished = self.migrate_one(source, destination)

        self.assertEqual(0, finished.code, finished.everything())
        self.assert_arrived(USER, source, destination, folder_map=without_delimiter("."))

    def test_dovecot_to_cyrus(self):
        source = self.dovecot("source", [USER])
        destination = self.cyrus("destination")
        self.fill(source, USER, nasty())

        finished = self.migrate_one(source, destination)

        self.assert_arrived(USER, source, destination, parents_appear=True)

    def test_cyrus_to_dovecot(self):
        source = self.cyrus("source")
        destination = self.dovecot("destination", [USER])
        self.fill(source, USER, nasty())

        finished = self.migrate_one(source, destination)

        self.assertEqual(0, finished.code, finished.everything())
        self.assert_arrived(USER, source, destination)


if __name__ == "__main__":
    unittest.main()
