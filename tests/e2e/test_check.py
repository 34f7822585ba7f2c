# SPDX-License-Identifier: GPL-3.0-or-later
"""`stasis check`: the answer for machines, the answer for people, and what is refused."""
import json

import support

EXAMPLE = support.SOURCE / "examples/patient.json"


class Check(support.Case):
    def record(self, **changes):
        record = json.loads(EXAMPLE.read_text())
        for section, members in changes.items():
            record[section].update(members)
        return self.write("patient.json", json.dumps(record))

    def test_answer(self):
        answer = self.answer("check", EXAMPLE)
        self.assertEqual(answer["grade"], "G2")
        self.assertTrue(answer["grade_reason"])
        self.assertEqual(answer["work_up"]["missing"], [])
        self.assertEqual(answer["eligibility"]["verdict"], "eligible")
        for rule in answer["eligibility"]["reasons"]:
            self.assertIn(rule["status"], ("met", "not_met", "unknown"))
            self.assertTrue(rule["rule"] and rule["text"] and rule["source"])
        self.assertIn("TAE", [option["option"] for option in answer["options"]])

    def test_text_says_the_same(self):
        text = self.succeed("check", EXAMPLE).stdout
        answer = self.answer("check", EXAMPLE)
        for part in (answer["grade_reason"], answer["eligibility"]["verdict"], *answer["eligibility"]["decided_by"]):
            self.assertIn(part, text)
        for rule in answer["eligibility"]["reasons"]:
            self.assertIn(rule["text"], text)

    def test_empty_record(self):
        answer = self.answer("check", self.write("empty.json", "{}"))
        self.assertEqual(answer["grade"], "indeterminate")
        self.assertEqual(answer["eligibility"]["verdict"], "undetermined")
        self.assertIn("tumour.ki67_percent", answer["work_up"]["missing"])

    def test_parameter_decides(self):
        record = self.record(liver={"tumour_burden_percent": 80})
        self.assertEqual(self.answer("check", record)["eligibility"]["verdict"], "caution")
        record = self.write("ecog.json", json.dumps({**json.loads(EXAMPLE.read_text()), "performance_status_ecog": 2}))
        self.assertEqual(self.answer("check", record)["eligibility"]["verdict"], "eligible")
        answer = self.answer("check", record, "--set", "poor_performance_ecog=2")
        self.assertEqual(answer["eligibility"]["verdict"], "caution")
        self.assertEqual(answer["eligibility"]["decided_by"], ["T4.C3"])

    def test_refusals(self):
        for content, code, says in (('{\n "labs": {"bilirubin": 1}}', 4, "bilirubin_mg_dl"),
                                    ('{"liver": {"tumour_burden_percent": 120}}', 4, "0 to 100"),
                                    ('{\n "id": }', 3, "patient.json:2")):
            done = support.stasis("check", self.write("patient.json", content))
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertIn(says, done.stderr)
            self.assertEqual(done.stdout, "")
        self.assertEqual(support.stasis("check", self.folder / "none.json").returncode, 2)
        self.assertEqual(support.stasis("check").returncode, 1)


if __name__ == "__main__":
    support.main()
