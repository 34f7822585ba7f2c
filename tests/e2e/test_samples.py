# SPDX-License-Identifier: GPL-3.0-or-later
"""--samples: the intervals are those of the rows that are left, at any number of threads, alone and in a run."""
import csv
import json
import math
import subprocess
import unittest

import support

AGENT = "tag-300-500"
MINE = "name,agents,distribution,low,high\nsize,*,uniform,0.7,1.3\nhaematocrit,,uniform,0.4,0.5\n"


def percentile(values, percent):
    """As R's quantile() does, type 7."""
    ordered = sorted(values)
    at = percent / 100 * (len(ordered) - 1)
    low = math.floor(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (at - low) * (ordered[high] - ordered[low])


def ranks(values):
    return [sum(v < x for v in values) + (sum(v == x for v in values) + 1) / 2 for x in values]


def correlation(x, y):
    mean = [sum(v) / len(v) for v in (x, y)]
    x, y = [a - mean[0] for a in x], [a - mean[1] for a in y]
    squares = sum(a * a for a in x) * sum(a * a for a in y)
    return sum(a * b for a, b in zip(x, y)) / math.sqrt(squares) if squares else math.nan


class Samples(support.Case):
    def setUp(self):
        super().setUp()
        self.liver = self.labels()
        self.map = self.write("map.json", json.dumps(support.LITS))
        self.tree = self.folder / "tree.vtp"
        self.table = self.folder / "samples.csv"
        self.succeed("tree", self.liver, "--map", self.map, "--terminals", 3000, "-o", self.tree, "-q")

    def embolize(self, *arguments):
        return self.answer("embolize", self.tree, "--labels", self.liver, "--map", self.map, "--tip", 0, "--agent",
                           AGENT, "-q", *arguments)

    def refused(self, *arguments):
        return support.stasis("embolize", self.tree, "--labels", self.liver, "--map", self.map, "--tip", 0, *arguments)

    def test_the_summary_is_that_of_the_rows(self):
        plain = self.embolize()
        found = self.embolize("--samples", 40, "--samples-csv", self.table, "--uncertainty", self.write("mine.csv", MINE))
        samples = found.pop("samples")
        self.assertEqual(found, plain)
        rows = list(csv.DictReader(self.table.open()))
        self.assertEqual((samples["n"], len(rows), samples["failed"]), (40, 40, sum(r["error"] != "" for r in rows)))
        rows = [r for r in rows if r["error"] == ""]
        self.assertEqual([i["name"] for i in samples["inputs"]], ["size of " + AGENT, "haematocrit"])
        drawn = {i["name"]: [float(r[i["name"]]) for r in rows] for i in samples["inputs"]}
        for result in samples["results"]:
            values = [float(r[result["name"]]) for r in rows if r[result["name"]] != ""]
            if not values:
                self.assertTrue(result["name"].startswith("oil") and result["median"] is None, result["name"])
                continue
            for name, percent in (("p5", 5), ("median", 50), ("p95", 95)):
                self.assertAlmostEqual(result[name], percentile(values, percent), delta=1e-9 * abs(result[name]))
            for name, rho in result["rho_all"].items():
                wanted = correlation(ranks(drawn[name]), ranks(values))
                self.assertTrue(math.isnan(wanted) if rho is None else abs(rho - wanted) < 1e-9, (result["name"], name))
        particles = samples["results"][0]
        self.assertEqual(particles["driver"], "size of " + AGENT)
        self.assertEqual(particles["value"], plain["particles"]["injected"])
        self.same_in_r(samples)

    def same_in_r(self, samples):
        """R reads the table and finds the same, where there is an R."""
        script = ('s <- read.csv("%s", check.names = FALSE); x <- s[["particles_injected"]];'
                  'cat(sprintf("%%.15g", c(quantile(x, c(.05, .5, .95), na.rm = TRUE, type = 7),'
                  'cor(x, s[["haematocrit"]], method = "spearman", use = "complete.obs"))))') % self.table
        if not support.has_r():
            return
        done = subprocess.run(["Rscript", "-e", script], text=True, capture_output=True, check=True)
        particles = samples["results"][0]
        wanted = [particles["p5"], particles["median"], particles["p95"], particles["rho_all"]["haematocrit"]]
        for value, theirs in zip(wanted, map(float, done.stdout.split())):
            self.assertAlmostEqual(value, theirs, delta=1e-9 * abs(theirs))

    def test_same_rows_at_any_number_of_threads_and_samples(self):
        more = self.folder / "more.csv"
        one = self.embolize("--samples", 8, "--threads", 1, "--samples-csv", self.table)
        two = self.embolize("--samples", 8, "--threads", 2)
        self.embolize("--samples", 12, "--threads", 2, "--samples-csv", more)
        self.assertEqual(one, two)
        self.assertEqual(self.table.read_text().splitlines(), more.read_text().splitlines()[:9])

    def test_printed(self):
        text = self.succeed("embolize", self.tree, "--labels", self.liver, "--map", self.map, "--tip", 0, "--agent",
                            AGENT, "--samples", 4, "-q").stdout
        self.assertIn("uncertainty  4 samples of 7 inputs; median (5 % to 95 %)", text)
        self.assertIn("no clear driver", text)

    def test_what_is_refused(self):
        bad = self.write("bad.csv", "name,distribution,low,high\nhaematocrti,uniform,0.4,0.5\n")
        for status, says, arguments in (
                (1, "it takes a whole number from 0 to 10000", ("--samples", -1)),
                (1, "it takes a whole number from 0 to 10000", ("--samples", 10001)),
                (1, "--samples", ("--samples", "many")),
                (1, "needs --samples", ("--samples-csv", self.table)),
                (1, "needs --samples", ("--uncertainty", bad)),
                (2, "nothing.csv", ("--samples", 2, "--uncertainty", self.folder / "nothing.csv")),
                (4, "bad.csv:2: name:", ("--samples", 2, "--uncertainty", bad))):
            done = self.refused(*arguments)
            self.assertEqual(done.returncode, status, done.stderr)
            self.assertIn(says, done.stderr)
            self.assertEqual(len(done.stderr.splitlines()), 2 if status == 1 else 1, done.stderr)
            self.assertFalse(self.table.exists())

    def test_all_failed(self):
        mine = self.write("mine.csv", "name,distribution,low,high\ninlet_pressure,uniform,50,50.1\n"
                          "arterial_back_pressure,uniform,39.9,40\n")
        done = self.refused("--samples", 3, "--uncertainty", mine, "--agent", AGENT, "-q")
        self.assertEqual(done.returncode, 7, done.stdout)
        self.assertIn("all 3 samples failed; the first: ", done.stderr)

    def test_a_run_has_it_in_report_and_result(self):
        out = self.folder / "out"
        self.write("mine.csv", MINE)
        case = self.case(samples=6, uncertainty="mine.csv")
        self.succeed("run", case, "-o", out, "-q")
        result = json.loads((out / "result.json").read_text())
        found = {r["name"]: r for r in result["uncertainty"]["results"]}
        self.assertEqual(result["uncertainty"]["n"], 6)
        self.assertEqual(found["particles_injected"]["value"], sum(s["particles"]["injected"] for s in result["sessions"]))
        for name in ("tumour_arterial_flow_left_percent", "normal_arterial_flow_left_percent"):
            self.assertAlmostEqual(found[name]["value"], result["sessions"][-1][name], delta=0.5)
        self.assertEqual(len(list(csv.DictReader((out / "samples.csv").open()))), 6)
        self.assertIn("Uncertainty", (out / "report.html").read_text())
        self.succeed("run", case, "-o", out, "-q", "--samples", 0)
        self.assertIsNone(json.loads((out / "result.json").read_text())["uncertainty"])
        self.assertFalse((out / "samples.csv").exists())
        self.assertNotIn("Uncertainty", (out / "report.html").read_text())

    def test_a_case_that_asks_for_too_many(self):
        done = support.stasis("run", self.case(samples=10001), "-q")
        self.assertEqual(done.returncode, 4)
        self.assertIn("samples", done.stderr)


if __name__ == "__main__":
    support.main()
