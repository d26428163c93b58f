"""The style checks find what they are there for: each is run on a small tree with a fault planted in it."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

TOOLS = pathlib.Path(__file__).resolve().parents[2] / "tools"

LAYERS = """
common/base:
common/net: common/base
common/obs: common/base
worker/imap: common/base common/net
worker: common worker proto
coordinator: common proto
cli: common worker coordinator
<hiredis/*>: common/redis
<spdlog/*>: common/obs/log.cc
<grpcpp/*>: coordinator/*_service.*
"""


class StyleCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())

    def run_check(self, tool):
        done = subprocess.run(
            [sys.executable, TOOLS / tool, self.root], capture_output=True, text=True
        )
        return done.returncode, done.stdout

    def assert_clean(self):
        code, output = self.run_check(self.TOOL)
        self.assertEqual((code, "clean"), (0, "clean"), output)

    def assert_fault(self, line):
        code, output = self.run_check(self.TOOL)
        self.assertEqual(code, 1, output)
        self.assertIn(line, output.splitlines())


class LayersTest(StyleCase):
    TOOL = "check_layers.py"

    def setUp(self):
        super().setUp()
        self.write("tools/layers.txt", LAYERS)
        self.write("common/base/a.h", '#include <string>\n#include "absl/strings/string_view.h"\n')
        self.write("common/obs/log.cc", "#include <spdlog/logger.h>\n")
        self.write(
            "worker/imap/session.h",
            '#include "common/net/stream.h"\n#include "worker/imap/line.h"\n',
        )
        self.write(
            "worker/app.cc", '#include "worker/imap/session.h"\n#include "mailhaul/v1/job.pb.h"\n'
        )
        self.write("coordinator/job_service.cc", "#include <grpcpp/grpcpp.h>\n")

    def test_a_tree_that_keeps_the_rules_passes(self):
        self.assert_clean()

    def test_an_include_up_the_layers_is_found(self):
        self.write(
            "common/base/b.cc", '#include "common/base/a.h"\n#include "common/net/stream.h"\n'
        )
        self.assert_fault("common/base/b.cc:2: common/base may not include common/net/stream.h")

    def test_coordinator_and_worker_may_not_meet(self):
        self.write("coordinator/app.cc", '#include "worker/app.h"\n')
        self.assert_fault("coordinator/app.cc:1: coordinator may not include worker/app.h")

    def test_imap_may_not_know_jobs(self):
        self.write("worker/imap/fetch.cc", '#  include  "mailhaul/v1/job.pb.h"\n')
        self.assert_fault(
            "worker/imap/fetch.cc:1: worker/imap may not include mailhaul/v1/job.pb.h"
        )

    def test_a_folder_may_not_include_the_folder_it_lies_in(self):
        self.write("worker/imap/fetch.cc", '#include "worker/app.h"\n')
        self.assert_fault("worker/imap/fetch.cc:1: worker/imap may not include worker/app.h")

    def test_a_library_outside_its_one_place_is_found(self):
        self.write("common/obs/metrics.cc", "#include <spdlog/spdlog.h>\n")
        self.assert_fault(
            "common/obs/metrics.cc:1: <spdlog/spdlog.h> may be included only in common/obs/log.cc"
        )

    def test_a_folder_without_a_rule_is_found(self):
        self.write("common/new/a.cc", "#include <string>\n")
        self.assert_fault("common/new/a.cc:1: tools/layers.txt has no line for common/new/a.cc")

    def test_rules_that_run_in_a_circle_are_found(self):
        self.write("tools/layers.txt", LAYERS.replace("common/base:", "common/base: common/net"))
        code, output = self.run_check(self.TOOL)
        self.assertEqual(code, 1)
        self.assertIn("tools/layers.txt: these include each other: ", output)


class TextTest(StyleCase):
    TOOL = "check_text.py"

    def setUp(self):
        super().setUp()
        self.write("common/a.cc", "int a;\n")
        self.write("tests/unit/a_test.cc", "int a;\n" * 500)
        self.write("tools/run", "#!/bin/sh\ntrue\n")
        self.write("image.png", b"\xff\xfe ")
        self.write("build/release/junk.cc", "junk  \n")

    def test_a_clean_tree_passes(self):
        self.assert_clean()

    def test_blanks_at_the_end_of_a_line_are_found(self):
        self.write("docs/a.md", "one\ntwo \n")
        self.assert_fault("docs/a.md:2: blanks at the end of the line")

    def test_they_are_found_in_scripts_without_a_suffix_too(self):
        self.write("tools/run", "#!/bin/sh\ntrue\t\n")
        self.assert_fault("tools/run:2: blanks at the end of the line")

    def test_windows_line_ends_are_found(self):
        self.write("common/b.h", "int b;\r\n")
        self.assert_fault("common/b.h:1: blanks at the end of the line")

    def test_a_missing_last_line_end_is_found(self):
        self.write("common/b.h", "int b;")
        self.assert_fault("common/b.h:1: the last line has no end")

    def test_unfinished_work_is_found(self):
        self.write("common/b.h", "int b;  // TO" + "DO: c\n")
        self.assert_fault("common/b.h:1: something is left to do: do it, or open an issue")

    def test_long_files_are_found(self):
        self.write("common/b.cc", "int b;\n" * 401)
        self.assert_fault("common/b.cc:400: longer than 400 lines: split it")

    def test_long_tests_are_found(self):
        self.write("tests/unit/b_test.cc", "int b;\n" * 501)
        self.assert_fault("tests/unit/b_test.cc:500: longer than 500 lines: split it")

    def test_long_lines_are_found(self):
        self.write("common/b.cc", "//" + "x" * 99 + "\n")
        self.assert_fault("common/b.cc:1: longer than 100 columns")

    def test_other_encodings_are_found(self):
        self.write("docs/a.md", b"M\xfcller\n")
        self.assert_fault("docs/a.md:1: is not UTF-8")


if __name__ == "__main__":
    unittest.main()
