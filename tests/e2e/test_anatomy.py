# SPDX-License-Identifier: GPL-3.0-or-later
"""Real livers: the examples as they stand, and the patients of the shared data where they are at hand."""
import json
import pathlib
import subprocess
import unittest

import support
from support import SHARED, SOURCE

TERMINALS = 20000
PATIENT_1 = {"couinaud": {str(i): i for i in range(1, 9)}, "hepatic_vein": 21, "portal_vein": 22, "artery": 23}
PATIENT_2 = {"liver": 1, "tumour": 2, "hepatic_vein": 21, "portal_vein": 22}


class RealLiver(support.Case):
    def result(self, case, *arguments):
        out = self.folder / "out"
        self.succeed("run", case, "-o", out, "-q", *arguments)
        self.assertTrue((out / "report.html").is_file())
        result = json.loads((out / "result.json").read_text())
        self.assertEqual(result["tree"]["crossings"], 0)
        self.assertEqual(result["tree"]["outside"], 0)
        self.assertTrue(result["sessions"])
        for session in result["sessions"]:
            p = session["particles"]
            self.assertEqual(p["injected"], p["lodged_tumour"] + p["lodged_normal"] + p["refluxed"] + p["passed"])
            self.assertLess(session["tumour_arterial_flow_left_percent"], 100)
        return result


class Examples(RealLiver):
    def setUp(self):
        super().setUp()
        made = subprocess.run([SOURCE / "tools/debian-liver.sh", support.PROGRAM, SOURCE / "build/demo"], text=True,
                              capture_output=True, check=False)
        if "could not be downloaded" in made.stderr:
            self.skipTest("the liver that Debian ships could not be downloaded")
        self.assertEqual(made.returncode, 0, made.stderr)

    def test_debian_liver(self):
        result = self.result(SOURCE / "examples/debian-liver/case.json")
        self.assertEqual(len(result["sessions"]), 2)
        self.assertTrue(result["liver"]["synthetic_lesions"])
        self.assertGreaterEqual(result["tree"]["terminals"], 150000)

    def test_single_lesion(self):
        result = self.result(SOURCE / "examples/single-lesion/case.json")
        self.assertEqual(len(result["liver"]["lesions"]), 1)
        self.assertEqual(len(result["sessions"]), 1)


class Patients(RealLiver):
    def shared(self, name):
        path = SHARED / name
        if not path.is_file():
            self.skipTest(f"{name} is not at hand ($STASIS_SHARED)")
        return path

    def make(self, labels, label_map):
        return self.case(terminals=TERMINALS, anatomy={"labels": str(labels), "map": label_map})

    def test_patient_1(self):
        labels = self.shared("patient1_couinaud_vessels.nii.gz")
        label_map = self.write("map.json", json.dumps(PATIENT_1))
        with_lesions = self.folder / "lesions.nii.gz"
        self.succeed("metastases", labels, "-o", with_lesions, "--map", label_map, "--count", 5, "--burden", 8,
                     "--seed", 1)
        result = self.result(self.make(with_lesions, {**PATIENT_1, "tumour": 255}))
        self.assertEqual(len(result["liver"]["lesions"]), 5)
        self.assertTrue(result["liver"]["synthetic_lesions"])

    def test_patient_2(self):
        labels = self.shared("patient2_liver_tumours_veins.nii.gz")
        result = self.result(self.make(labels, PATIENT_2))
        self.assertEqual(len(result["liver"]["lesions"]), 15)
        self.assertAlmostEqual(result["liver"]["volume_ml"], 1500, delta=75)
        self.assertFalse(result["liver"]["synthetic_lesions"])


if __name__ == "__main__":
    support.main()
