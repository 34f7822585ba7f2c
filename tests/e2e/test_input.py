# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input: one sentence that says what and where, the documented exit code, nothing half written."""
import gzip
import json
import os
import pathlib
import resource
import signal
import subprocess
import tempfile
import time
import unittest

import support
from support import nifti, phantom, snapshot, stasis

USAGE, IO, FORMAT, VALUE, ANATOMY, INTERRUPTED = 1, 2, 3, 4, 5, 8


class BadInput(support.Case):
    def refuse(self, code, words, *arguments, **options):
        """The program ends with `code`, says every one of `words` in one line and leaves no file behind."""
        before = snapshot(self.folder)
        done = stasis(*arguments, **options)
        self.assertEqual(done.returncode, code, done.stderr)
        told = [line for line in done.stderr.splitlines() if line.startswith("stasis")]
        self.assertEqual(len(told), 1, done.stderr)
        for word in words:
            self.assertIn(word, told[0])
        self.assertEqual(snapshot(self.folder), before)

    def refuse_labels(self, code, words, name, content):
        """The same label map through the tree and through a case."""
        path = self.write(name, content)
        map_file = self.write("map.json", json.dumps(support.LITS))
        self.refuse(code, [name, *words], "tree", path, "--map", map_file, "--terminals", 100, "-o",
                    self.folder / "t.vtp", "-q")
        case = self.case(anatomy={"labels": name, "map": support.LITS})
        self.refuse(code, [name, *words], "run", case, "-o", self.folder / "out", "-q")

    # ---- label maps

    def test_missing_label_map(self):
        case = self.case()
        self.refuse(IO, ["liver.nii.gz"], "run", case, "-o", self.folder / "out", "-q")

    def test_missing_case(self):
        self.refuse(IO, ["none.json"], "run", self.folder / "none.json", "-o", self.folder / "out", "-q")

    def test_truncated_gzip(self):
        whole = gzip.compress(nifti(*phantom()), mtime=0)
        self.refuse_labels(FORMAT, [], "cut.nii.gz", whole[:len(whole) // 2])

    def test_corrupt_gzip(self):
        whole = bytearray(gzip.compress(nifti(*phantom()), mtime=0))
        whole[len(whole) // 2] ^= 0xFF
        self.refuse_labels(FORMAT, [], "corrupt.nii.gz", bytes(whole))

    def test_truncated_plain(self):
        whole = nifti(*phantom())
        self.refuse_labels(FORMAT, [], "cut.nii", whole[:-1000])

    def test_wrong_magic(self):
        self.refuse_labels(FORMAT, [], "magic.nii", nifti(*phantom(), magic=b"abc\0"))

    def test_no_nifti_at_all(self):
        self.refuse_labels(FORMAT, [], "text.nii", "liver\n" * 200)

    def test_empty_file(self):
        self.refuse_labels(FORMAT, [], "empty.nii", b"")

    def test_absurd_dimensions(self):
        n, values = phantom()
        self.refuse_labels(FORMAT, [], "huge.nii", nifti(n, values, dim=[3, 32767, 32767, 32767, 1, 1, 1, 1]))
        self.refuse_labels(FORMAT, [], "negative.nii", nifti(n, values, dim=[3, -5, n[1], n[2], 1, 1, 1, 1]))
        self.refuse_labels(FORMAT, [], "zero.nii", nifti(n, values, dim=[3, 0, n[1], n[2], 1, 1, 1, 1]))

    def test_labels_that_are_not_whole(self):
        n, values = phantom()
        values[values.index(1)] = 1.5
        self.refuse_labels(VALUE, ["1.5"], "float.nii", nifti(n, values, kind="float32"))

    def test_float_labels_that_are_whole(self):
        path = self.write("float.nii", nifti(*phantom(scale=0.5), kind="float32"))
        map_file = self.write("map.json", json.dumps(support.LITS))
        self.succeed("tree", path, "--map", map_file, "--terminals", 100, "-o", self.folder / "t.vtp", "-q")

    def test_no_liver_label(self):
        n, values = phantom()
        self.refuse_labels(ANATOMY, [], "empty.nii", nifti(n, [9 if v else 0 for v in values]))

    def test_tumour_outside_liver(self):
        n, values = phantom(tumour=False)
        for z in range(4):
            for y in range(4):
                for x in range(4):
                    values[(z * n[1] + y) * n[0] + x] = 2
        self.refuse_labels(ANATOMY, [], "outside.nii", nifti(n, values))

    def test_root_outside_the_organ(self):
        self.labels()
        case = self.case(anatomy={"labels": "liver.nii.gz", "map": support.LITS, "root_lps_mm": [500, 0, 0]})
        self.refuse(ANATOMY, ["500"], "run", case, "-o", self.folder / "out", "-q")

    def test_import_refuses_what_is_no_inrimage(self):
        header = "#INRIMAGE-4#{\nXDIM=4\nYDIM=4\nZDIM=4\nVDIM=1\nTYPE=unsigned fixed\nPIXSIZE=8 bits\nCPU=decm\n" \
                 "VX=1\nVY=1\nVZ=1\n"
        whole = (header + "\n" * (252 - len(header)) + "##}\n").encode() + bytes(64)
        out = self.folder / "out.nii"
        self.refuse(FORMAT, ["cut.inr"], "import", self.write("cut.inr", whole[:-1]), "--axes", "LPS", "-o", out)
        self.refuse(FORMAT, ["no.inr"], "import", self.write("no.inr", "liver"), "--axes", "LPS", "-o", out)
        self.refuse(VALUE, ["LPL"], "import", self.write("good.inr", whole), "--axes", "LPL", "-o", out)
        self.succeed("import", self.folder / "good.inr", "--axes", "LPS", "-o", out)

    def test_metastases_that_do_not_fit(self):
        self.labels()
        map_file = self.write("map.json", json.dumps(support.LITS))
        self.refuse(ANATOMY, [], "metastases", self.folder / "liver.nii.gz", "--map", map_file, "--count", 500,
                    "--burden", 90, "-o", self.folder / "out.nii.gz")

    # ---- case files

    def test_malformed_json_has_line_and_column(self):
        case = self.write("bad.json", '{\n "patient": {},\n "anatomy": {"labels" "l.nii"}\n}\n')
        self.refuse(FORMAT, ["bad.json:3:"], "run", case, "-o", self.folder / "out", "-q")

    def test_unknown_field_names_the_nearest(self):
        self.labels()
        case = self.case(treatment={"agnt": "pva-75-150"})
        self.refuse(VALUE, ["agnt", "agent"], "run", case, "-o", self.folder / "out", "-q")

    def test_unknown_field_of_the_patient(self):
        self.labels()
        case = self.case(patient={"tumour": {"ki67_percnt": 3}})
        self.refuse(VALUE, ["ki67_percnt", "ki67_percent"], "run", case, "-o", self.folder / "out", "-q")

    def test_unknown_agent_names_the_nearest(self):
        self.labels()
        case = self.case(treatment={"agent": "pva-75-15"})
        self.refuse(VALUE, ["pva-75-150"], "run", case, "-o", self.folder / "out", "-q")

    def test_treatment_that_cannot_be_given(self):
        """Agent, protocol, endpoint and file of agents: the sentence names the case file and the field."""
        self.labels()
        self.write("mine.csv", "name,d_min_um,d_max_um,d_mean_um,d_sd_um\nwrong,50,60,70,1\n")
        self.write("wide.csv", "name,d_min_um,d_max_um\nwide,100,9000\n")
        for code, words, treatment in (
                (VALUE, ["case.json: treatment.agent: ", "xyzzy"], {"agent": "xyzzy"}),
                (VALUE, ["case.json: treatment.agent: ", "oil"], {"agent": "lipiodol"}),
                (VALUE, ["case.json: treatment.protocol: ", '"TAE"'], {"protocol": "TAEE"}),
                (VALUE, ["case.json: treatment.endpoint: ", "near-stasis"], {"endpoint": "stais"}),
                (VALUE, ["case.json: treatment.endpoint: ", "dose_ml"], {"endpoint": "dose"}),
                (IO, ["case.json: treatment.agents: ", "none.csv"], {"agents": "none.csv"}),
                (VALUE, ["mine.csv:2: d_mean_um", "50 to 60", "70"], {"agents": "mine.csv", "agent": "wrong"}),
                (VALUE, ["case.json", "wide", "9000 um", "segment 0"],
                 {"agents": "wide.csv", "agent": "wide", "protocol": "TAE-bland", "tips": [0], "terminals": 1000}),
                (VALUE, ["case.json", "tip 1998", "microcatheter_diameter"], {"tips": [1998], "terminals": 1000})):
            with self.subTest(treatment=treatment):
                self.refuse(code, words, "run", self.case(treatment=treatment), "-o", self.folder / "out", "-q")

    def test_agents_of_ones_own(self):
        head = "name,d_min_um,d_max_um,d_mean_um,d_sd_um\n"
        for code, words, text in (
                (VALUE, ["mine.csv:3", "d_mean_um", "50 to 60", "70"], head + "a,50,60,,\nb,50,60,70,1\n"),
                (VALUE, ["mine.csv:2", "d_min_um", "not 0"], head + "a,0,60,,\n"),
                (VALUE, ["mine.csv:3", "name", "line 2"], head + "a,50,60,,\na,50,60,,\n"),
                (FORMAT, ["mine.csv:1", "deformaton", "deformation"], "name,d_min_um,d_max_um,deformaton\na,50,60,0\n"),
                (FORMAT, ["mine.csv"], b"\x00\x01")):
            self.refuse(code, words, "agents", "--agents", self.write("mine.csv", text))
        self.refuse(IO, ["none.csv"], "agents", "--agents", self.folder / "none.csv")

    def test_value_out_of_range_shows_the_range(self):
        self.labels()
        case = self.case(parameters={"murray_exponent": 7})
        self.refuse(VALUE, ["murray_exponent", "2.4", "3.1"], "run", case, "-o", self.folder / "out", "-q")
        case = self.case(patient={"tumour": {"ki67_percent": 140}})
        self.refuse(VALUE, ["ki67_percent", "100"], "run", case, "-o", self.folder / "out", "-q")

    def test_wrong_type(self):
        self.labels()
        case = self.case(seed="one")
        self.refuse(VALUE, ["seed"], "run", case, "-o", self.folder / "out", "-q")

    def test_set_is_checked(self):
        self.labels()
        case = self.case()
        self.refuse(VALUE, ["murray_exponent"], "run", case, "--set", "murray_exponnt=3", "-o", self.folder / "o")

    # ---- command line

    def test_unknown_words(self):
        self.refuse(USAGE, ["tree"], "tre")
        self.refuse(USAGE, ["terminals"], "tree", "x.nii", "--terminal", 5)
        self.refuse(USAGE, [], "tree")

    # ---- where results go

    def test_unwritable_folder(self):
        self.labels()
        case = self.case()
        self.write("file", "not a folder")
        self.refuse(IO, ["file"], "run", case, "-o", self.folder / "file" / "out", "-q")

    def test_standard_output_full(self):
        with open("/dev/full", "w", encoding="ascii") as full:
            done = subprocess.run([support.PROGRAM, "parameters"], stdout=full, stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, IO, done.stderr)


class Interrupted(support.Case):
    def test_ctrl_c(self):
        self.labels()
        out = self.folder / "out"
        self.succeed("run", self.case(), "-o", out, "-q")
        self.case(terminals=100000)
        before = snapshot(self.folder)
        with subprocess.Popen([support.PROGRAM, "run", self.folder / "case.json", "-o", out, "-q"], text=True,
                              stderr=subprocess.PIPE) as run:
            time.sleep(0.5)
            run.send_signal(signal.SIGINT)
            told = run.communicate(timeout=120)[1]
        self.assertEqual(run.returncode, INTERRUPTED, told)
        self.assertEqual(len(told.splitlines()), 1, told)
        self.assertEqual(snapshot(self.folder), before)


class FullDisk(support.Case):
    """A disk that takes no more: by a limit on the size of a file, and, where one can be mounted, a small tmpfs."""

    def setUp(self):
        super().setUp()
        self.labels()
        self.out = self.folder / "out"
        self.succeed("run", self.case(), "-o", self.out, "-q")

    def fail_at(self, limit):
        def limited():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        before = snapshot(self.folder)
        done = stasis("run", self.folder / "case.json", "--seed", 2, "-o", self.out, "-q", preexec_fn=limited)
        self.assertEqual(done.returncode, IO, done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.assertEqual(snapshot(self.folder), before)

    def test_first_file_fails(self):
        self.fail_at(100)

    def test_largest_file_fails(self):
        sizes = sorted(p.stat().st_size for p in self.out.rglob("*") if p.is_file())
        self.fail_at(sizes[-1] // 2)

    def test_small_tmpfs(self):
        with tempfile.TemporaryDirectory(prefix="stasis-full-") as place:
            mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "stasis-test", place]
            if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
                self.skipTest("a tmpfs can be mounted by root alone")
            try:
                kept = pathlib.Path(place) / "kept.txt"
                kept.write_text("earlier")
                done = stasis("run", self.folder / "case.json", "-o", place, "-q")
                self.assertEqual(done.returncode, IO, done.stderr)
                self.assertEqual(list(snapshot(place)), ["kept.txt"])
            finally:
                subprocess.run(["umount", place], check=True)


if __name__ == "__main__":
    support.main()
