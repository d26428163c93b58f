"""The model of the protocol has no state with a double or a loss, and needs every rule it has."""

import os
import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "model"))

import spin  # noqa: E402  the path had to be set first

PAGE = ROOT / "docs" / "exactly-once.md"

# What the faults do to each other is seen with two of them; a user's mail and other orders of
# arrival multiply the states, and are seen with one.
WHOLE = (
    ["FAULTS=2", "IN_ORDER"],
    ["FAULTS=1", "ARRIVALS=1"],
    ["FAULTS=1", "ODD=0"],
    ["FAULTS=1", "ODD=2"],
)
ONE_FAULT = ["FAULTS=1"]
TWO_FAULTS = ["FAULTS=2", "IN_ORDER"]
NEEDS_TWO = {"LEASES_SURVIVE"}

WITNESSES = {
    1: "a message of the intent is found again",
    2: "after a rollback one is found that the intent does not name",
    3: "a job runs again and finds nothing to do",
    4: "a worker that has lost its lease is refused",
    5: "a late checkpoint is refused for its number",
    6: "a late checkpoint is refused for its token",
    7: "everything ends",
}


def switches(heading):
    """What the model's section of this heading can be told."""
    text = spin.MODEL.with_name("switches.pml").read_text()
    section = text[text.index(heading) :].split("/* -- ")[0]
    return re.findall(r"^#ifndef (\w+)", section, re.MULTILINE)


RULES = switches("Rules that can be taken away")
ASSUMPTIONS = switches("Assumptions that can be taken away")


class ModelCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        missing = spin.missing()
        if missing and os.environ.get("CI"):
            raise RuntimeError(f"not installed: {', '.join(missing)}; tools/setup installs it")
        if missing:
            raise unittest.SkipTest(f"not installed: {', '.join(missing)}")

    def search(self, *definitions, quick_build=True):
        verdict = spin.search(definitions, quick_build=quick_build)
        print(f"{' '.join(definitions)}: {verdict}", flush=True)
        return verdict


class WholeModelTest(ModelCase):
    def test_no_state_has_a_double_or_a_loss_and_none_is_a_dead_end(self):
        for definitions in WHOLE:
            with self.subTest(" ".join(definitions)):
                verdict = self.search(*definitions, "QUIET", quick_build=False)
                self.assertEqual((verdict.errors, verdict.fault), (0, ""))
                self.assertTrue(verdict.whole, "not every state was visited")

    def test_what_the_rules_are_there_for_does_happen(self):
        for number, what in WITNESSES.items():
            with self.subTest(what):
                verdict = self.search(*TWO_FAULTS, f"SHOW={number}")
                self.assertEqual(verdict.fault, f"assertion violated ({number}!={number})")


class WeakenedTest(ModelCase):
    def assert_breaks(self, switch):
        verdict = self.search(switch, *(TWO_FAULTS if switch in NEEDS_TWO else ONE_FAULT))
        self.assertTrue(verdict.double or verdict.loss, verdict)

    def test_without_any_one_rule_there_is_a_double_or_a_loss(self):
        self.assertGreater(len(RULES), 10)
        for rule in RULES:
            with self.subTest(rule):
                self.assert_breaks(rule)

    def test_what_is_not_covered_does_break_it(self):
        for assumption in ASSUMPTIONS:
            with self.subTest(assumption):
                self.assert_breaks(assumption)


class PageTest(unittest.TestCase):
    def test_the_page_says_why_each_rule_is_there(self):
        page = PAGE.read_text()
        for switch in RULES + ASSUMPTIONS:
            with self.subTest(switch):
                self.assertIn(f"`{switch}`", page)


if __name__ == "__main__":
    unittest.main()
