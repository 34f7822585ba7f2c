# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole small case: what it leaves, what it conserves, the same bytes at any number of threads and in any build."""
import json
import pathlib
import re
import unittest

import support
from support import read_nifti, snapshot


class Run(support.Case):
    def setUp(self):
        super().setUp()
        self.labels()

    def run_case(self, name, *arguments, program=support.PROGRAM, **changes):
        out = self.folder / name
        self.succeed("run", self.case(**changes), "-o", out, "-q", *arguments, program=program)
        return out

    def outcome(self, out):
        """Every byte that has to be the same: maps, tree, labels, and result.json without its timing."""
        files = {name: digest for name, digest in snapshot(out).items()
                 if name.startswith("maps/") or name in ("tree.vtp", "labels.nii.gz")}
        result = json.loads((out / "result.json").read_text())
        del result["timing_s"]
        return files, json.dumps(result)

    def test_same_bytes_at_one_and_two_threads(self):
        one = self.outcome(self.run_case("one", "--threads", 1))
        two = self.outcome(self.run_case("two", "--threads", 2))
        self.assertGreater(len(one[0]), 5)
        self.assertIn("maps/lipiodol_ct.nii.gz", one[0])
        self.assertEqual(one, two)

    def test_same_bytes_under_sanitizers(self):
        if not support.SANITIZED:
            self.skipTest("no build with sanitizers at hand ($STASIS_SANITIZED)")
        self.assertEqual(self.outcome(self.run_case("plain")),
                         self.outcome(self.run_case("sanitized", program=support.SANITIZED)))

    def test_another_seed_gives_another_tree(self):
        self.assertNotEqual(self.outcome(self.run_case("one"))[0]["tree.vtp"],
                            self.outcome(self.run_case("other", "--seed", 2))[0]["tree.vtp"])

    def test_what_a_run_leaves(self):
        out = self.folder / "out"
        kept = self.write("out/kept.txt", "mine")
        self.run_case("out")
        self.assertEqual(kept.read_text(), "mine")
        for name in ("report.html", "result.json", "labels.nii.gz", "tree.vtp", "run.log"):
            self.assertTrue((out / name).is_file(), name)
        self.assertTrue(list((out / "figures").iterdir()))
        page = (out / "report.html").read_text()
        self.assertIn("not a medical device", page)
        self.assertFalse(re.findall(r'(?:src|href)\s*=\s*["\'](?:https?:)?//[^"\']*\.(?:js|css|png|svg|woff2?)', page))
        self.assertFalse(re.search(r"<script[^>]+src|@import|<link[^>]+stylesheet", page))

    def test_geometry_of_the_maps(self):
        out = self.run_case("out")
        n, volume, labels = read_nifti(out / "labels.nii.gz")
        result = json.loads((out / "result.json").read_text())
        liver = sum(1 for v in labels if v) * volume / 1000
        tumour = sum(1 for v in labels if v == 2) * volume / 1000
        self.assertAlmostEqual(result["liver"]["volume_ml"], liver, delta=1e-6 * liver)
        self.assertAlmostEqual(result["liver"]["tumour_volume_ml"], tumour, delta=1e-6 * tumour)
        for path in sorted((out / "maps").glob("*.nii.gz")):
            size, _, values = read_nifti(path)
            self.assertEqual(size, n, path.name)
            self.assertFalse(any(v for v, label in zip(values, labels) if label == 0), path.name)

    def test_conservation(self):
        out = self.run_case("out")
        result = json.loads((out / "result.json").read_text())
        self.assertTrue(result["sessions"])
        for session in result["sessions"]:
            for account in [session["particles"], *(tip["particles"] for tip in session["tips"])]:
                self.assertEqual(account["injected"], account["lodged_tumour"] + account["lodged_normal"] +
                                 account["refluxed"] + account["passed"])
        lodged = sum(read_nifti(out / "maps/lodged.nii.gz")[2])
        stopped = sum(s["particles"]["lodged_tumour"] + s["particles"]["lodged_normal"] for s in result["sessions"])
        refluxed = sum(s["particles"]["refluxed"] for s in result["sessions"])
        self.assertGreater(stopped, 0)
        self.assertGreaterEqual(lodged, stopped)
        self.assertLessEqual(lodged, stopped + refluxed)  # what flowed back may have passed through

    def test_feeders_of_each_lesion(self):
        """As stasis plan finds them in the tree that the run leaves, before its vessels were closed."""
        out = self.run_case("out", "--set", "microcatheter_diameter=0.5")
        plan = json.loads((out / "result.json").read_text())["plan"]
        self.assertEqual(plan["microcatheter_diameter_mm"], 0.5)
        self.assertEqual([lesion["lesion"] for lesion in plan["feeders"]], [1, 2])
        found = self.answer("plan", self.folder / "liver.nii.gz", "--map",
                            self.write("map.json", json.dumps(support.LITS)), "--terminals", 2000, "--set",
                            "microcatheter_diameter=0.5", "-q")
        self.assertEqual(plan["vessels_entered"], len(found["vessels"]))
        self.assertEqual(plan["feeders"], found["feeders"])
        page = (out / "report.html").read_text()
        table = page[page.index("Feeders of each lesion, ranked by flow"):]
        for lesion in plan["feeders"]:
            for vessel in lesion["vessels"][:3]:
                self.assertIn(f'<td>L{lesion["lesion"]}</td><td class="n">{vessel["segment"]}</td>', table)

    def test_a_tip_too_narrow_for_the_catheter(self):
        case = self.case(treatment={"terminals": 500, "tips": [0, 400]})
        done = support.stasis("run", case, "-o", self.folder / "out", "-q")
        self.assertEqual(done.returncode, 4, done.stderr)
        for word in ("case.json", "treatment.tips[1]", "tip 400 ", "0.9 mm"):
            self.assertIn(word, done.stderr)
        self.assertFalse((self.folder / "out" / "report.html").exists())
    def test_oil(self):
        """It is all somewhere, and the CT shows what is in the tissue, and the tissue's own number where it is not."""
        out = self.run_case("out")
        result = json.loads((out / "result.json").read_text())
        accounts = [a["oil"] for s in result["sessions"] for a in [s, *s["tips"], *(i for t in s["tips"]
                                                                                    for i in t["infusions"])]]
        for oil in accounts:
            parts = oil["tumour_ml"] + oil["normal_ml"] + oil["portal_ml"] + oil["refluxed_ml"]
            self.assertAlmostEqual(oil["injected_ml"], parts, delta=1e-9 * oil["injected_ml"])
        self.assertGreater(accounts[0]["injected_ml"], 1)
        _, volume, labels = read_nifti(out / "labels.nii.gz")
        own, oil = {1: 55, 2: 45}, 12000
        found, plain = 0, 0
        for hu, label in zip(read_nifti(out / "maps/lipiodol_ct.nii.gz")[2], labels):
            if label:
                found += (hu - own[label]) / (oil - own[label]) * volume / 1000
                plain += hu == own[label]
        tissue = sum(s["oil"][key] for s in result["sessions"] for key in ("tumour_ml", "normal_ml", "portal_ml"))
        self.assertAlmostEqual(found / tissue, 1, places=4)
        self.assertGreater(plain, 0)

    def test_bland(self):
        out = self.run_case("out")
        treatment = {"agent": "tag-300-500", "terminals": 2000, "protocol": "TAE-bland"}
        self.run_case("out", treatment=treatment)
        result = json.loads((out / "result.json").read_text())
        self.assertEqual(result["treatment"]["protocol"], "TAE-bland")
        self.assertEqual([step["agent"] for step in result["treatment"]["steps"]], ["tag-300-500"])
        for session in result["sessions"]:
            self.assertEqual(session["oil"]["injected_ml"], 0)
            self.assertGreater(session["particles"]["injected"], 0)
        for name in ("maps/lipiodol_ct.nii.gz", "figures/lipiodol_ct.png"):
            self.assertFalse((out / name).exists(), name)
        self.assertFalse(any("lipiodol" in note for note in result["notes"]))

    def test_chemoembolization(self):
        treatment = {"modality": "TACE", "agent": "tag-300-500", "terminals": 2000}
        out = self.run_case("out", treatment=treatment)
        result = json.loads((out / "result.json").read_text())
        self.assertEqual(result["treatment"]["protocol"], "TACE")
        for session in result["sessions"]:
            for tip in session["tips"]:
                self.assertEqual([i["agent"] for i in tip["infusions"]], ["lipiodol-doxorubicin", "tag-300-500"])
        self.assertTrue(any("effect of doxorubicin is not modelled" in note for note in result["notes"]))

    def test_an_agent_of_ones_own(self):
        self.write("agents/mine.csv", "name,d_min_um,d_max_um,d_mean_um,d_sd_um\nmine,250,450,350,40\n")
        out = self.run_case("out", treatment={"agents": "agents/mine.csv", "agent": "mine", "terminals": 2000})
        result = json.loads((out / "result.json").read_text())
        self.assertEqual(result["treatment"]["agent"], {"name": "mine", "smallest_um": 250, "largest_um": 450})
        self.assertGreater(result["sessions"][0]["particles"]["injected"], 0)

    def test_json_is_result_json(self):
        out = self.folder / "out"
        printed = self.answer("run", self.case(), "-o", out, "-q")
        written = json.loads((out / "result.json").read_text())
        del printed["timing_s"], written["timing_s"]
        self.assertEqual(printed, written)

    def test_a_run_without_tumour(self):
        self.labels(tumour=False)
        out = self.run_case("out")
        result = json.loads((out / "result.json").read_text())
        self.assertEqual(result["liver"]["lesions"], [])
        self.assertEqual(result["sessions"], [])
        self.assertIsNone(result["plan"])


if __name__ == "__main__":
    support.main()
