"""Whatever is wrong is said once, with row, side and cause; the other jobs go on; nothing hangs."""

import unittest
from dataclasses import dataclass, replace

from mailhaul_support.certificates import Authority
from mailhaul_support.corpus import Corpus, Message
from mailhaul_support.corpus_bench import small
from mailhaul_support.mailhaul import Row
from mailhaul_support.processes import free_port
from mailhaul_support.proxy import Proxy
from mailhaul_support.scripted import ScriptedServer

from .harness import EndToEnd

GOOD = "good@old.example"


@dataclass(frozen=True)
class Case:
    """A row that must fail, on which side, and words that must be in the message."""

    row: Row
    side: str
    cause: str


HEADER = (
    "source_user,source_password,source_host,source_port,destination_user,"
    "destination_password,destination_host\n"
)


class BadRows(EndToEnd):
    def setUp(self):
        super().setUp()
        self.authority = Authority(self.folder / "authority")
        self.users = [GOOD, *(f"bad{number}@old.example" for number in range(1, 20))]
        self.source = self.dovecot("source", self.users)
        self.destination = self.dovecot("destination", self.users)
        self.unused_users = iter(self.users[1:])
        self.fill(self.source, GOOD, small().first(50))

    def good_row(self) -> Row:
        return self.row(GOOD, self.source.port, self.destination.port)

    def with_source(self, **changes) -> Row:
        row = self.row(next(self.unused_users), self.source.port, self.destination.port)
        return replace(row, source=replace(row.source, **changes))

    def with_destination(self, **changes) -> Row:
        row = self.row(next(self.unused_users), self.source.port, self.destination.port)
        return replace(row, destination=replace(row.destination, **changes))

    def with_certificate(self, certificate) -> Row:
        server = self.dovecot(certificate.key.stem, self.users, certificate=certificate)
        return self.with_source(port=server.tls_port, security="tls")

    def talking_to(self, octets: bytes) -> int:
        return self.enterContext(ScriptedServer(octets)).port

    def always_cut(self) -> Row:
        """Its one message is longer than any connection lives."""
        road = Proxy(self.folder, self.source.port, cut_after=50_000, cut_connections=1_000_000)
        row = self.with_source(port=self.enterContext(road).port)
        body = b"Subject: long\r\n\r\n" + (b"x" * 70 + b"\r\n") * 3000
        only = Message(("INBOX",), body)
        self.fill(self.source, row.source.user, Corpus("one", (("INBOX",),), lambda: iter([only])))
        return row

    def cases(self) -> dict[str, Case]:
        wrong = self.TELLING_PART + "-wrong"
        web = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
        noise = bytes(range(256)) * 4000
        return {
            "wrong password at the source": Case(
                self.with_source(password=wrong), "SOURCE", "(?i)log-?in|authentication"
            ),
            "wrong password at the destination": Case(
                self.with_destination(password=wrong), "DESTINATION", "(?i)log-?in|authentication"
            ),
            "unknown host": Case(
                self.with_source(host="no-such-host.invalid"), "SOURCE", "no-such-host.invalid"
            ),
            "nobody listens": Case(
                self.with_destination(port=free_port()), "DESTINATION", "(?i)refused"
            ),
            "expired certificate": Case(
                self.with_certificate(self.authority.expired()), "SOURCE", "expired"
            ),
            "certificate of another host": Case(
                self.with_certificate(self.authority.wrong_host()), "SOURCE", "another host"
            ),
            "no STARTTLS": Case(self.with_source(security="starttls"), "SOURCE", "STARTTLS"),
            "web server": Case(
                self.with_source(port=self.talking_to(web)), "SOURCE", "(?i)imap|greeting"
            ),
            "noise": Case(
                self.with_destination(port=self.talking_to(noise)),
                "DESTINATION",
                "(?i)imap|greeting|line",
            ),
            "cut in the middle of every literal": Case(
                self.always_cut(), "SOURCE", "(?i)closed|lost"
            ),
        }

    def test_each_is_told_once_with_side_and_cause_and_the_good_one_goes_on(self):
        cases = self.cases()
        rows = [self.good_row(), *(case.row for case in cases.values())]
        finished = self.migrate(rows, "--ca-file", self.authority.ca_file)

        self.assertEqual(1, finished.code, "mailboxes that failed show in the exit code")
        good_job, *bad_jobs = finished.json()["jobs"]
        self.assertEqual("SUCCEEDED", good_job["state"], finished.everything())
        self.assert_arrived(GOOD, self.source, self.destination)
        for (name, case), job in zip(cases.items(), bad_jobs, strict=True):
            with self.subTest(name):
                self.assert_told(case, job, finished.err)

    def assert_told(self, case: Case, job: dict, err: str):
        self.assertEqual("FAILED", job["state"])
        error = job["error"]
        self.assertEqual(case.side, error["side"])
        self.assertRegex(error["message"] + " " + error.get("server_text", ""), case.cause)
        row_number = job["name"].rsplit("/", 1)[1]
        told = [
            line for line in err.splitlines() if f"#{row_number} " in line and " failed " in line
        ]
        self.assertEqual(1, len(told), err)

    def test_a_certificate_of_an_unknown_authority_is_refused(self):
        (job,) = self.migrate([self.with_certificate(self.authority.valid())]).json()["jobs"]
        self.assertEqual("FAILED", job["state"])
        self.assertRegex(job["error"]["message"], "(?i)self.signed|unknown|issuer|trust")

    def test_a_good_certificate_is_no_obstacle_by_tls_or_starttls(self):
        certificate = self.authority.valid()
        server = self.dovecot("secure", self.users, certificate=certificate)
        by_tls = self.with_source(port=server.tls_port, security="tls", host="localhost")
        by_starttls = self.with_source(port=server.port, security="starttls")
        finished = self.migrate([by_tls, by_starttls], "--ca-file", self.authority.ca_file)
        self.assertEqual(0, finished.code, finished.everything())

    def test_a_connection_cut_once_in_the_middle_of_a_literal_is_made_anew(self):
        road = self.enterContext(Proxy(self.folder, self.source.port, cut_after=50_000))
        row = self.good_row()
        finished = self.migrate([replace(row, source=replace(row.source, port=road.port))])
        self.assertEqual(0, finished.code, finished.everything())
        self.assertGreater(road.total_connections(), 1, "it was cut")
        self.assert_arrived(GOOD, self.source, self.destination, copies_appear=True)


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
        rows = (
            "a,c4nary,old.example,70000,a,c4nary,new.example\nb,c4nary,,993,b,c4nary,new.example\n"
        )
        self.assert_refused(
            (HEADER + rows).encode(), "line 2.*source_port", "line 3.*source_host", most_lines=6
        )

    def test_a_thousand_bad_rows_are_named_and_the_rest_is_counted(self):
        rows = [f"u{n},pw,127.0.0.1,99999,d{n},pw,127.0.0.1" for n in range(1200)]
        said = self.refused((HEADER + "\n".join(rows) + "\n").encode())
        for line in (2, 500, 1001):
            self.assertIn(f"line {line}, source_port:", said)
        self.assertIn("and 200 more", said)

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
