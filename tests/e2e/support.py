# SPDX-License-Identifier: GPL-3.0-or-later
"""What the end-to-end tests share: the program, label maps made on the spot, and TAP output."""
import csv
import functools
import gzip
import hashlib
import io
import json
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

PROGRAM = os.environ.get("STASIS_PROGRAM", "stasis")
SANITIZED = os.environ.get("STASIS_SANITIZED", "")
SOURCE = pathlib.Path(os.environ.get("STASIS_SOURCE", pathlib.Path(__file__).parents[2])).resolve()
SHARED = pathlib.Path(os.environ.get("STASIS_SHARED", SOURCE.parent / "shared/data"))

# NIfTI datatype: code, bits, struct letter
TYPES = {"uint8": (2, 8, "B"), "int16": (4, 16, "h"), "float32": (16, 32, "f"), "uint16": (512, 16, "H")}
LITS = {"liver": 1, "tumour": 2}


def stasis(*arguments, program=PROGRAM, **options):
    """Runs the program; stdout and stderr are text."""
    return subprocess.run([program, *map(str, arguments)], text=True, capture_output=True, check=False,
                          stdin=subprocess.DEVNULL, **options)


@functools.cache
def has_r(*packages):
    """Whether there is an R with these packages and jsonlite."""
    if shutil.which("Rscript") is None:
        return False
    wanted = ", ".join(f"'{name}'" for name in (*packages, "jsonlite"))
    done = subprocess.run(["Rscript", "-e", f"q(status = !all(sapply(c({wanted}), requireNamespace)))"],
                          capture_output=True, check=False)
    return done.returncode == 0


def csv_text(rows):
    """The CSV of dictionaries that all have the keys of the first."""
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0].keys(), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def subcommands():
    """Their names, as --help lists them."""
    text = stasis("--help").stdout.split("subcommands:")[1].split("exit codes:")[0]
    return re.findall(r"^  ([a-z]+(?: [a-z]+)?)  ", text, re.M)


def phantom(scale=1.0, tumour=True):
    """An ellipsoid of liver on a 3 mm grid with a ball of tumour in either half: sizes and labels, x fastest."""
    half = (60 * scale, 45 * scale, 40 * scale)
    balls = (((-25 * scale, 5 * scale, 0), 11 * scale), ((28 * scale, -5 * scale, 5 * scale), 8 * scale))
    n = [2 * int(h / 3) + 5 for h in half]
    labels = []
    for z in range(n[2]):
        for y in range(n[1]):
            for x in range(n[0]):
                p = [3 * (i - (m - 1) / 2) for i, m in zip((x, y, z), n)]
                inside = sum((c / h) ** 2 for c, h in zip(p, half)) <= 1
                hit = tumour and any(sum((a - b) ** 2 for a, b in zip(p, c)) <= r * r for c, r in balls)
                labels.append(0 if not inside else 2 if hit else 1)
    return n, labels


def nifti(n, values, kind="uint8", magic=b"n+1\0", dim=None, voxel=3.0):
    """The bytes of a NIfTI-1 file; `dim` lies about the sizes."""
    code, bits, letter = TYPES[kind]
    header = bytearray(348)
    struct.pack_into("<i", header, 0, 348)
    struct.pack_into("<8h", header, 40, *(dim or [3, *n, 1, 1, 1, 1]))
    struct.pack_into("<hh", header, 70, code, bits)
    struct.pack_into("<8f", header, 76, 1, voxel, voxel, voxel, 1, 1, 1, 1)
    struct.pack_into("<f", header, 108, 352)
    struct.pack_into("<ff", header, 112, 1, 0)
    header[123] = 2  # mm
    struct.pack_into("<hh", header, 252, 0, 1)
    for i in range(3):
        row = [0.0, 0.0, 0.0, -voxel * (n[i] - 1) / 2]
        row[i] = voxel
        struct.pack_into("<4f", header, 280 + 16 * i, *row)
    header[344:348] = magic
    return bytes(header) + b"\0" * 4 + struct.pack(f"<{len(values)}{letter}", *values)


def nifti_bytes(path):
    return gzip.open(path).read() if str(path).endswith(".gz") else pathlib.Path(path).read_bytes()


def read_nifti(path):
    """Sizes, voxel volume in mm3 and values of a NIfTI-1 file that the program wrote."""
    data = nifti_bytes(path)
    n = struct.unpack_from("<3h", data, 42)
    code = struct.unpack_from("<h", data, 70)[0]
    spacing = struct.unpack_from("<3f", data, 80)
    offset = int(struct.unpack_from("<f", data, 108)[0])
    letter = next(t[2] for t in TYPES.values() if t[0] == code)
    values = struct.unpack_from(f"<{n[0] * n[1] * n[2]}{letter}", data, offset)
    return n, abs(spacing[0] * spacing[1] * spacing[2]), values


def snapshot(folder):
    """Every file below a folder with a digest of its content."""
    folder = pathlib.Path(folder)
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
            for p in sorted(folder.rglob("*")) if p.is_file()}


class Case(unittest.TestCase):
    """A test with a folder of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="stasis-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def labels(self, name="liver.nii.gz", **options):
        data = nifti(*phantom(**options))
        return self.write(name, gzip.compress(data, mtime=0) if name.endswith(".gz") else data)

    def case(self, name="case.json", terminals=2000, **changes):
        """A small case on liver.nii.gz; `changes` replace its members."""
        content = {"patient": {}, "anatomy": {"labels": "liver.nii.gz", "map": LITS},
                   "treatment": {"agent": "tag-300-500", "terminals": terminals}, "follow_up_weeks": [4, 12], **changes}
        return self.write(name, json.dumps(content))

    def succeed(self, *arguments, **options):
        done = stasis(*arguments, **options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def answer(self, *arguments, **options):
        return json.loads(self.succeed(*arguments, "--json", **options).stdout)


class TapResult(unittest.TestResult):
    """A line per test, as `meson test` reads it."""

    def __init__(self):
        super().__init__()
        self.count = 0

    def line(self, test, word, note=""):
        self.count += 1
        print(f"{word} {self.count} - {test.id().split('.', 1)[-1]}{note}", flush=True)

    def addSuccess(self, test):
        self.line(test, "ok")

    def addSkip(self, test, reason):
        self.line(test, "ok", f" # SKIP {reason}")

    def fail_with(self, test, err):
        self.line(test, "not ok")
        for line in self._exc_info_to_string(err, test).splitlines():
            print("# " + line)
        self.failures.append((test, ""))

    def addFailure(self, test, err):
        self.fail_with(test, err)

    def addError(self, test, err):
        self.fail_with(test, err)

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self.fail_with(subtest, err)


def main():
    result = TapResult()
    unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"]).run(result)
    print(f"1..{result.count}")
    sys.exit(1 if result.failures else 0)
