"""Whatever is wrong is said once, with row, side and cause; the other jobs go on; nothing hangs."""

import unittest
from dataclasses import replace

from mailhaul_support.certificates import Authority
from mailhaul_support.corpus_bench import small
from mailhaul_support.mailhaul import Row
from mailhaul_support.processes import free_port
from mailhaul_support.proxy import Proxy
from mailhaul_support.scripted import ScriptedServer

from .harness import EndToEnd

GOOD = "good@old.example"
BAD = "bad@old.example"


class OneBadRow(EndToEnd):
    """The first row is good, the second is not; both are submitted together."""

    def setUp(self):
        super().setUp()
        self.source = self.dovecot("source", [GOOD, BAD])
        self.destination = self.dovecot("destination", [GOOD, BAD])
        for user in (GOOD, BAD):
            self.fill(self.source, user, small().first(50))

    def migrate_with(self, bad: Row, *options):
        """The good row arrives; the bad one's job is returned."""
        finished = self.migrate(
            [self.row(GOOD, self.source.port, self.destination.port), bad], *options
        )
        good_job, bad_job = finished.json()["jobs"]
        self.assertNotEqual(0, finished.code, "a failed job shows in the exit code")
        self.assertEqual("SUCCEEDED", good_job["state"], finished.everything())
        self.assert_arrived(GOOD, self.source, self.destination)
        return bad_job

    def assert_fails(self, bad: Row, side: str, cause: str, *options):
        job = self.migrate_with(bad, *options)
        self.assertEqual("FAILED", job["state"])
        self.assertEqual(side, job["error"]["side"])
        self.assertRegex(job["error"]["message"] + " " + job["error"].get("server_text", ""), cause)

    def bad_row(self) -> Row:
        return self.row(BAD, self.source.port, self.destination.port)

    def with_source(self, **changes) -> Row:
        row = self.bad_row()
        return replace(row, source=replace(row.source, **changes))

    def with_destination(self, **changes) -> Row:
        row = self.bad_row()
        return replace(row, destination=replace(row.destination, **changes))

    def test_wrong_password_at_the_source(self):
        self.assert_fails(
            self.with_source(password=self.TELLING_PART + "-wrong"), "SOURCE", "(?i)authentication"
        )

    def test_wrong_password_at_the_destination(self):
        self.assert_fails(
            self.with_destination(password=self.TELLING_PART + "-wrong"),
            "DESTINATION",
            "(?i)authentication",
        )

    def test_unknown_host(self):
        self.assert_fails(
            self.with_source(host="no-such-host.invalid"), "SOURCE", "no-such-host.invalid"
        )

    def test_nobody_listens(self):
        self.assert_fails(self.with_destination(port=free_port()), "DESTINATION", "(?i)refused")

    def test_expired_certificate(self):
        self.assert_certificate_refused(Authority.expired, "(?i)expired")

    def test_certificate_of_another_host(self):
        self.assert_certificate_refused(
            Authority.wrong_host, "(?i)host ?name|does not match|mismatch|another name"
        )

    def test_certificate_of_an_unknown_authority(self):
        self.assert_certificate_refused(
            Authority.valid, "(?i)self.signed|unknown|issuer|trust", trusted=False
        )

    def assert_certificate_refused(self, make, cause, *, trusted=True):
        authority = Authority(self.folder / "authority")
        server = self.dovecot("tls", [BAD], certificate=make(authority))
        options = ["--ca-file", authority.ca_file] if trusted else []
        self.assert_fails(
            self.with_source(port=server.tls_port, security="tls"), "SOURCE", cause, *options
        )

    def test_a_good_certificate_is_no_obstacle(self):
        authority = Authority(self.folder / "authority")
        server = self.dovecot("tls", [BAD], certificate=authority.valid())
        self.fill(server, BAD, small().first(20))
        for security, port in (("tls", server.tls_port), ("starttls", server.port)):
            with self.subTest(security):
                finished = self.migrate(
                    [self.with_source(port=port, security=security)], "--ca-file", authority.ca_file
                )
                self.assertEqual(0, finished.code, finished.everything())

    def test_starttls_where_there_is_none(self):
        self.assert_fails(self.with_source(security="starttls"), "SOURCE", "(?i)starttls")

    def test_a_web_server_instead_of_imap(self):
        web = self.enterContext(
            ScriptedServer(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        )
        self.assert_fails(self.with_source(port=web.port), "SOURCE", "(?i)imap|greeting")

    def test_noise_instead_of_imap(self):
        noise = self.enterContext(ScriptedServer(bytes(range(256)) * 4000))
        self.assert_fails(
            self.with_destination(port=noise.port), "DESTINATION", "(?i)imap|greeting|line"
        )

    def test_a_server_that_always_closes_in_the_middle_of_a_literal(self):
        road = self.enterContext(
            Proxy(self.folder, self.source.port, cut_after=20_000, cut_connections=1_000_000)
        )
        job = self.migrate_with(self.with_source(port=road.port))
        self.assertEqual("SOURCE", job["error"]["side"])

    def test_a_server_that_closes_once_in_the_middle_of_a_literal(self):
        road = self.enterContext(Proxy(self.folder, self.source.port, cut_after=50_000))
        finished = self.migrate([self.with_source(port=road.port)])
        self.assertEqual(0, finished.code, finished.everything())
        self.assert_arrived(BAD, self.source, self.destination, copies_appear=True)


class BadFile(EndToEnd):
    """Nothing is queued, and what is wrong is said on a few lines of standard error."""

    def refused(self, octets: bytes) -> str:
        jobs = self.folder / "jobs.csv"
        jobs.write_bytes(octets)
        finished = self.mailhaul.run("run", jobs, "--state-dir", self.folder / "state", seconds=30)
        self.assertNotEqual(0, finished.code)
        self.assertEqual("", finished.out)
        return finished.err

    def assert_refused(self, octets: bytes, *words: str, most_lines: int = 1):
        said = self.refused(octets)
        for word in words:
            self.assertRegex(said, word)
        self.assertLessEqual(len(said.strip().splitlines()), most_lines, said)
        self.assertLess(len(said), 2000)

    def test_ten_thousand_columns(self):
        header = ",".join(f"column{number}" for number in range(10_000))
        self.assert_refused(f"{header}\n".encode(), "(?i)column", most_lines=10)

    def test_a_binary_file(self):
        self.assert_refused(
            b"\x7fELF\x02\x01\x01\x00" + bytes(range(256)) * 100, "(?i)not|binary|text"
        )

    def test_a_zip_file(self):
        self.assert_refused(b"PK\x03\x04\x14\x00" + bytes(range(256)) * 100, "(?i)zip")

    def test_an_empty_file(self):
        self.assert_refused(b"", "(?i)empty|header")

    def test_all_bad_rows_at_once(self):
        header = (
            "source_user,source_password,source_host,source_port,destination_user,"
            "destination_password,destination_host\n"
        )
        rows = (
            "a,c4nary,old.example,70000,a,c4nary,new.example\nb,c4nary,,993,b,c4nary,new.example\n"
        )
        self.assert_refused(
            (header + rows).encode(), "line 2.*source_port", "line 3.*source_host", most_lines=6
        )

    def test_a_misspelt_column_is_refused_with_the_nearest_known_one(self):
        self.assert_refused(
            b"source_usr,source_password\n", "source_usr.*source_user", most_lines=8
        )

    def test_no_such_file(self):
        finished = self.mailhaul.run(
            "run", self.folder / "missing.csv", "--state-dir", self.folder / "state"
        )
        self.assertNotEqual(0, finished.code)
        self.assertIn("missing.csv", finished.err)


if __name__ == "__main__":
    unittest.main()
