#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every test: `test.py` is what `make test` runs, `test.py --fuzz SECONDS` what `make fuzz` runs.

Builds with gcc and, under address and undefined-behaviour sanitizers, with clang, both with warnings as errors; runs
the tests of both builds; checks the order of the rooms and the exported names; runs the fuzz targets. The last line is
`N passed, N failed`."""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PLAIN = ROOT / "build/test/gcc"
SANITIZED = ROOT / "build/test/clang"
SANITIZER_OPTIONS = {
    "ASAN_OPTIONS": "detect_stack_use_after_return=1:allocator_may_return_null=1",
    "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
    "LSAN_OPTIONS": f"suppressions={ROOT}/tools/leaks.supp:print_suppressions=0",
}
FUZZ_SECONDS = 10


class Tally:
    """What passed and what failed, told as it happens."""

    def __init__(self):
        self.passed, self.failed, self.skipped = 0, 0, 0
        self.start = time.monotonic()

    def add(self, name, passed=0, failed=0, skipped=0, detail=""):
        self.passed, self.failed, self.skipped = self.passed + passed, self.failed + failed, self.skipped + skipped
        seconds = time.monotonic() - self.start
        word = "FAILED" if failed else "ok" if passed else "skipped"
        print(f"{seconds:6.0f} s  {word:8} {name} ({passed} passed, {failed} failed, {skipped} skipped)", flush=True)
        if detail and (failed or skipped):
            print("\n".join("          " + line for line in detail.splitlines()), flush=True)

    def close(self):
        print(f"{self.skipped} skipped" if self.skipped else "none skipped")
        print(f"{self.passed} passed, {self.failed} failed")
        return 1 if self.failed or not self.passed else 0


def command(arguments, **environment):
    return subprocess.run([str(a) for a in arguments], cwd=ROOT, env={**os.environ, **environment}, text=True,
                          errors="replace", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)


def check(tally, name, arguments, **environment):
    done = command(arguments, **environment)
    good = done.returncode == 0
    tally.add(name, passed=int(good), failed=int(not good), detail=done.stdout[-6000:])
    return good


def build(tally, folder, compiler, options, **environment):
    """Sets the folder up once and builds it; a warning is an error."""
    if not (folder / "build.ninja").exists():
        done = command(["meson", "setup", folder, "--werror", "-Dtests=enabled", *options], CC=compiler)
        if done.returncode != 0:
            tally.add(f"set-up with {compiler}", failed=1, detail=done.stdout[-6000:])
            return False
    return check(tally, f"build with {compiler}, no warnings", ["ninja", "-C", folder, "--quiet"], **environment)


def tap_counts(text):
    """Passed, failed and skipped points of a TAP stream, with the lines that tell of the last two. (cmocka writes
    "not ok # SKIP".)"""
    passed, failed, skipped, told = 0, 0, 0, []
    for line in text.splitlines():
        if re.match(r"(not )?ok\b.*#\s*skip", line, re.I):
            skipped += 1
            told.append(line)
        elif line.startswith("ok"):
            passed += 1
        elif line.startswith("not ok"):
            failed += 1
            told.append(line)
    return passed, failed, skipped, told


def meson_tests(tally, folder, title, extra=(), **environment):
    """Runs the tests of a build and counts the points of each TAP stream."""
    log = folder / "meson-logs/testlog.json"
    log.unlink(missing_ok=True)
    done = command(["meson", "test", "-C", folder, "--no-rebuild", *extra], **environment)
    if not log.exists():
        tally.add(title, failed=1, detail=done.stdout[-6000:])
        return
    for line in log.read_text(encoding="utf-8").splitlines():
        test = json.loads(line)
        passed, failed, skipped, told = tap_counts(test.get("stdout", ""))
        if not failed and (test["returncode"] != 0 or test["result"] in ("ERROR", "TIMEOUT", "INTERRUPT")):
            failed = 1  # a crash, a leak, or no end
        detail = "\n".join(told)
        if failed:
            detail = (test.get("stdout", "") + test.get("stderr", ""))[-6000:]
        tally.add(f"{title}: {test['name'].split(' / ')[-1]}", passed, failed, skipped, detail)


def exported(tally):
    """Every symbol of the shared library begins with st_."""
    library = next(PLAIN.glob("libstasis.so*"))
    names = [line.split()[-1] for line in command(["nm", "-D", "--defined-only", library]).stdout.splitlines()]
    wrong = [name for name in names if not name.startswith("st_")]
    tally.add("exported names begin with st_", passed=int(bool(names) and not wrong),
              failed=int(not names or bool(wrong)), detail=" ".join(wrong))


def fuzz_one(target, seconds):
    name = target.name.removeprefix("fuzz_")
    grown = ROOT / "build/test/fuzz" / name
    grown.mkdir(parents=True, exist_ok=True)
    seeds = [folder for folder in [ROOT / "fuzz/corpus" / name] if folder.is_dir()]
    return command([target, f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=3072", "-max_len=65536",
                    "-verbosity=0", "-print_final_stats=1", f"-artifact_prefix={grown}-", grown, *seeds],
                   **SANITIZER_OPTIONS)


def fuzz(tally, seconds):
    targets = sorted(p for p in (SANITIZED / "fuzz").glob("fuzz_*") if p.is_file())
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for target, done in zip(targets, pool.map(lambda t: fuzz_one(t, seconds), targets)):
            good = done.returncode == 0
            runs = re.search(r"number_of_executed_units: (\d+)", done.stdout)
            tally.add(f"{target.name} for {seconds} s, {runs.group(1) if runs else 'no'} inputs", passed=int(good),
                      failed=int(not good), detail=done.stdout[-6000:])


def build_sanitized(tally):
    return build(tally, SANITIZED, "clang", ["-Db_sanitize=address,undefined", "-Db_lundef=false", "-Dfuzz=true"],
                 **SANITIZER_OPTIONS)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fuzz", type=int, metavar="SECONDS")
    options = parser.parse_args()
    tally = Tally()
    if options.fuzz:
        if build_sanitized(tally):
            fuzz(tally, options.fuzz)
        return tally.close()
    check(tally, "order of the rooms", [sys.executable, "tools/check_rooms.py", ROOT])
    plain = build(tally, PLAIN, "gcc", [])
    sanitized = build_sanitized(tally)
    if plain:
        exported(tally)
        other = {"STASIS_SANITIZED": str(SANITIZED / "src/cli/stasis"), **SANITIZER_OPTIONS} if sanitized else {}
        meson_tests(tally, PLAIN, "gcc", **other)
    if sanitized:
        meson_tests(tally, SANITIZED, "clang, sanitizers", ["--suite", "unit", "--timeout-multiplier", "4"],
                    **SANITIZER_OPTIONS)
        fuzz(tally, FUZZ_SECONDS)
    return tally.close()


sys.exit(main())
