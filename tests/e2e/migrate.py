"""The nasty corpus between real servers by `mailhaul run`, judged by code that is not mailhaul's."""

import unittest

from mailhaul_support.corpus_nasty import (
    FOLDERS_REFUSED_BY_CYRUS,
    FOLDERS_REFUSED_BY_MAILDIR,
    MESSAGES_REFUSED_BY_CYRUS,
    nasty,
)

from .harness import EndToEnd

USER = "anna@old.example"
# mailhaul's stand-ins for a delimiter that is a letter in a name: they look alike and can be turned
# back.
FULLWIDTH = {".": "\uff0e", "/": "\uff0f"}
# Names that the servers' CREATE refuses.
REFUSED_BY_DOVECOT = {("~tilde",)}


def without_delimiter(delimiter: str):
    """Where a folder is expected on a server that separates with `delimiter`."""
    return lambda path: tuple(level.replace(delimiter, FULLWIDTH[delimiter]) for level in path)


class Migrate(EndToEnd):
    def migrate_nasty(self, source, destination) -> dict:
        """Fills the source, migrates, and returns the only job's report, whose sums it has checked."""
        self.fill(source, USER, nasty())
        self.finished = self.migrate([self.row(USER, source.port, destination.port)])
        (job,) = self.finished.json()["jobs"]
        self.assertEqual([], job.get("sum_errors", []))
        self.assertEqual(self.read(source, USER).message_count(), job["tally"]["found"])
        return job

    def assert_all_copied(self, job: dict):
        self.assertEqual("SUCCEEDED", job["state"], self.finished.everything())
        self.assertEqual(0, self.finished.code)
        self.assertEqual(job["tally"]["found"], job["tally"]["copied"])

    def test_dovecot_to_dovecot_with_another_delimiter_and_a_prefix(self):
        source = self.dovecot("source", [USER])
        destination = self.dovecot("destination", [USER], separator=".", prefix="INBOX.")
        job = self.migrate_nasty(source, destination)
        self.assert_all_copied(job)
        self.assert_arrived(USER, source, destination, folder_map=without_delimiter("."))
        renamed = {f["source_mailbox"] for f in job["folder_reports"] if f.get("rename_reason")}
        self.assertEqual({"A.B", "A.B/c.d"}, renamed)

    def test_dovecot_to_maildir_without_the_newer_extensions(self):
        source = self.dovecot("source", [USER], capability="IMAP4rev1 NAMESPACE")
        destination = self.dovecot(
            "destination", [USER], storage="maildir", capability="IMAP4rev1 NAMESPACE"
        )
        job = self.migrate_nasty(source, destination)
        self.assert_told(job, FOLDERS_REFUSED_BY_MAILDIR, problems=0)
        self.assert_arrived_but_for(FOLDERS_REFUSED_BY_MAILDIR, source, destination)

    def test_dovecot_to_cyrus(self):
        source = self.dovecot("source", [USER])
        destination = self.cyrus("destination")
        job = self.migrate_nasty(source, destination)
        self.assert_told(job, FOLDERS_REFUSED_BY_CYRUS, problems=len(MESSAGES_REFUSED_BY_CYRUS))
        self.assert_arrived_but_for(
            FOLDERS_REFUSED_BY_CYRUS,
            source,
            destination,
            left_out=lambda folder, sha256: sha256 in MESSAGES_REFUSED_BY_CYRUS,
            parents_appear=True,
        )

    def test_dovecot_to_cyrus_with_dots_and_a_prefix(self):
        source = self.dovecot("source", [USER])
        destination = self.cyrus("destination", dotted=True)
        job = self.migrate_nasty(source, destination)
        self.assert_told(job, FOLDERS_REFUSED_BY_CYRUS, problems=len(MESSAGES_REFUSED_BY_CYRUS))
        self.assert_arrived_but_for(
            FOLDERS_REFUSED_BY_CYRUS,
            source,
            destination,
            folder_map=without_delimiter("."),
            left_out=lambda folder, sha256: sha256 in MESSAGES_REFUSED_BY_CYRUS,
            parents_appear=True,
        )

    def test_cyrus_to_dovecot(self):
        source = self.cyrus("source")
        destination = self.dovecot("destination", [USER])
        job = self.migrate_nasty(source, destination)
        self.assert_told(job, REFUSED_BY_DOVECOT, problems=0)
        self.assert_arrived_but_for(REFUSED_BY_DOVECOT, source, destination)

    def assert_told(self, job: dict, refused_folders, problems: int):
        """The report names every folder and message that did not make it, in the server's words."""
        self.assertEqual("SUCCEEDED_WITH_SKIPS", job["state"], self.finished.everything())
        self.assertEqual(1, self.finished.code)
        failed = [folder for folder in job["folder_reports"] if folder.get("error")]
        self.assertEqual(
            {"/".join(p) for p in refused_folders}, {f["source_mailbox"] for f in failed}
        )
        told = [
            problem for f in job["folder_reports"] if f not in failed for problem in f.get("problems", [])
        ]
        self.assertEqual(problems, len(told), told)
        for error in [f["error"] for f in failed] + [problem["error"] for problem in told]:
            self.assertEqual("DESTINATION", error["side"])
            self.assertTrue(error["server_text"], error)

    def assert_arrived_but_for(self, refused_folders, source, destination, **known):
        before, after = self.read(source, USER), self.read(destination, USER)
        for path in refused_folders:
            del before.folders[path]
        self.assert_no_difference(before, after, **known)


class Places(EndToEnd):
    def test_everything_beneath_a_folder_of_the_destination(self):
        source = self.dovecot("source", [USER])
        destination = self.dovecot("destination", [USER])
        self.fill(source, USER, nasty(large_octets=0))
        row = self.row(USER, source.port, destination.port, folder="Old mail/2024")
        finished = self.migrate([row])
        self.assertEqual(0, finished.code, finished.everything())
        self.assert_arrived(
            USER, source, destination, folder_map=lambda path: ("Old mail", "2024", *path)
        )


if __name__ == "__main__":
    unittest.main()
