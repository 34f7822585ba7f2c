# SPDX-License-Identifier: GPL-3.0-or-later
"""stasis plan: what the vessels of a tree reach, counted again from the tree's tables."""
import csv
import json
import unittest

import support
from support import snapshot, stasis

USAGE, IO, FORMAT, VALUE = 1, 2, 3, 4
CATHETER = 0.4
PURITY = 0.95


class Tables:
    """A tree, read from the tables that stasis convert writes."""

    def __init__(self, stem):
        with open(f"{stem}.nodes.csv", newline="", encoding="utf-8") as stream:
            self.node = {row["node"]: [float(row[k]) for k in ("x_mm", "y_mm", "z_mm")]
                         for row in csv.DictReader(stream)}
        with open(f"{stem}.edges.csv", newline="", encoding="utf-8") as stream:
            edges = list(csv.DictReader(stream))
        ending = {row["to"]: i for i, row in enumerate(edges)}
        self.parent = [ending.get(row["from"]) for row in edges]
        self.diameter = [2 * float(row["radius_mm"]) for row in edges]
        self.end = [self.node[row["to"]] for row in edges]
        begun = {row["from"] for row in edges}
        self.terminals = [i for i, row in enumerate(edges) if row["to"] not in begun]
        self.lesion = [int(row["lesion"]) for row in edges]
        self.flow = [float(row["flow_ml_min"]) for row in edges]
        self.reach = [{} for _ in edges]  # flow to each lesion, 0 normal liver
        for i in self.terminals:
            for above in self.way_up(i):
                self.reach[above][self.lesion[i]] = self.reach[above].get(self.lesion[i], 0) + self.flow[i]

    def way_up(self, segment):
        while segment is not None:
            yield segment
            segment = self.parent[segment]

    def entered(self, segment):
        return all(self.diameter[i] >= CATHETER for i in self.way_up(segment))

    def feeders(self, lesion):
        """Segment by segment the flow for which the way of the catheter ends there."""
        part = {}
        for i in self.terminals:
            if self.lesion[i] == lesion:
                way = [k for k in reversed(list(self.way_up(i))) if self.entered(k)]
                pure = [k for k in way if self.reach[k][lesion] >= PURITY * sum(self.reach[k].values())]
                end = (pure or way[-1:])[0]
                part[end] = part.get(end, 0) + self.flow[i]
        return part


class Plan(support.Case):
    def setUp(self):
        super().setUp()
        self.liver = self.labels()
        self.map = self.write("map.json", json.dumps(support.LITS))
        self.common = ["--map", self.map, "--set", f"microcatheter_diameter={CATHETER}", "-q"]
        self.tree = self.folder / "tree.vtp"
        self.answered = self.answer("plan", self.liver, *self.common, "--terminals", 2000, "-o", self.tree)
        self.succeed("convert", self.tree, self.folder / "tree.nodes.csv")
        self.tables = Tables(self.folder / "tree")

    def test_every_vessel_that_a_catheter_enters(self):
        t, found = self.tables, self.answered
        self.assertEqual(found["segments"], len(t.parent))
        self.assertEqual([v["segment"] for v in found["vessels"]], [i for i in range(len(t.parent)) if t.entered(i)])
        self.assertGreater(len(found["vessels"]), 20)
        for v in found["vessels"]:
            i = v["segment"]
            flow = sum(t.reach[i].values())
            self.assertAlmostEqual(v["diameter_mm"], t.diameter[i], places=6)
            self.assertAlmostEqual(v["flow_ml_min"] / flow, 1, places=9)
            self.assertAlmostEqual(v["normal_percent"], 100 * t.reach[i].get(0, 0) / flow, places=6)
            self.assertAlmostEqual(v["tumour_percent"] + v["normal_percent"], 100, places=9)
            self.assertEqual(v["above"], t.parent[i])
            self.assertEqual({part["lesion"] for part in v["lesions"]}, set(t.reach[i]) - {0})
            for part in v["lesions"]:
                self.assertAlmostEqual(part["flow_ml_min"] / t.reach[i][part["lesion"]], 1, places=9)
                self.assertAlmostEqual(part["share_percent"],
                                       100 * t.reach[i][part["lesion"]] / t.reach[0][part["lesion"]], places=6)

    def test_feeders_are_ranked_and_whole(self):
        t = self.tables
        self.assertEqual([lesion["lesion"] for lesion in self.answered["feeders"]], [1, 2])
        for lesion in self.answered["feeders"]:
            number = lesion["lesion"]
            shares = [v["share_percent"] for v in lesion["vessels"]]
            self.assertEqual(shares, sorted(shares, reverse=True))
            self.assertAlmostEqual(sum(shares), lesion["reached_percent"], places=9)
            self.assertLessEqual(sum(shares), 100 + 1e-9)
            wanted = t.feeders(number)
            self.assertEqual({v["segment"] for v in lesion["vessels"]}, set(wanted))
            for v in lesion["vessels"]:
                self.assertAlmostEqual(v["share_percent"], 100 * wanted[v["segment"]] / t.reach[0][number], places=6)
                self.assertAlmostEqual(v["through_percent"],
                                       100 * t.reach[v["segment"]][number] / t.reach[0][number], places=6)

    def test_a_tree_and_its_label_map_say_the_same(self):
        alone = self.answer("plan", self.tree, *self.common)
        self.assertIsNone(alone["lesions"])
        self.assertEqual(alone["sessions"], [])
        self.assertIsNone(alone["seed"])
        mapped = self.answer("plan", self.tree, "--labels", self.liver, *self.common)
        for found in (alone, mapped):
            self.assertEqual([[v["segment"] for v in lesion["vessels"]] for lesion in found["feeders"]],
                             [[v["segment"] for v in lesion["vessels"]] for lesion in self.answered["feeders"]])
        tips = [[tip["segment"] for tip in s["tips"]] for s in mapped["sessions"]]
        self.assertEqual(tips, [[tip["segment"] for tip in s["tips"]] for s in self.answered["sessions"]])
        self.assertGreater(sum(map(len, tips)), 0)

    def test_same_answer_from_the_same_seed(self):
        """At any number of threads, and in the tree that stasis tree grows."""
        grown = self.folder / "grown.vtp"
        again = self.answer("plan", self.liver, *self.common, "--terminals", 2000, "--threads", 1, "-o", self.tree)
        for answer in (again, self.answered):
            answer.pop("milliseconds")
        self.assertEqual(again, self.answered)
        self.succeed("tree", self.liver, "--map", self.map, "--terminals", 2000, "-o", grown, "-q")
        read = self.answer("plan", grown, "--labels", self.liver, *self.common)  # the file's units cost the last bit
        self.assertEqual([v["segment"] for v in read["vessels"]], [v["segment"] for v in again["vessels"]])
        for lesion, other in zip(read["feeders"], again["feeders"]):
            self.assertEqual([v["segment"] for v in lesion["vessels"]], [v["segment"] for v in other["vessels"]])

    def test_swc_takes_lesions_from_the_label_map(self):
        swc = self.folder / "tree.swc"
        self.succeed("convert", self.tree, swc)
        self.assertEqual(self.answer("plan", swc, *self.common)["feeders"], [])
        self.assertIn("none in the tree", self.succeed("plan", swc, *self.common).stdout)
        found = self.answer("plan", swc, "--labels", self.liver, *self.common)
        self.assertEqual(found["terminals_without_demand"], 2000)
        self.assertEqual(len(found["feeders"]), 2)
        self.assertGreater(found["feeders"][0]["reached_percent"], 0)

    def test_tips_that_are_given(self):
        number = self.answered["feeders"][0]["vessels"][0]["segment"]
        found = self.answer("plan", self.tree, "--tips", f"{number},0", *self.common)
        self.assertEqual(found["tips"], "given")
        tips = found["sessions"][0]["tips"]
        self.assertEqual([tip["segment"] for tip in tips], [number, 0])
        self.assertAlmostEqual(tips[1]["tumour_flow_share_percent"], 100, places=9)
        self.assertAlmostEqual(found["sessions"][0]["coverage_percent"], 100, places=9)  # the one below adds nothing
        self.assertAlmostEqual(tips[0]["lesion_flow_share_percent"][0],
                               self.answered["feeders"][0]["vessels"][0]["through_percent"], places=9)

    def check_territory(self, path, tips, geometry_of):
        """Every fifth voxel against the nearest terminal of its own class, sought among all of them."""
        t = self.tables
        n, _, territory = support.read_nifti(path)
        shape, labels = support.phantom()
        self.assertEqual(list(n), shape)
        mine, theirs = support.nifti_bytes(path), support.nifti_bytes(geometry_of)
        self.assertEqual(mine[40:48] + mine[76:92] + mine[252:328], theirs[40:48] + theirs[76:92] + theirs[252:328])
        kind = {i: t.lesion[i] for i in t.terminals}
        checked = 0
        for v in range(0, len(labels), 5):
            if labels[v] == 0:
                self.assertEqual(territory[v], 0)
                continue
            voxel = (v % n[0], v // n[0] % n[1], v // (n[0] * n[1]))
            ras = [3 * (c - (m - 1) / 2) for c, m in zip(voxel, n)]
            lps = (-ras[0], -ras[1], ras[2])
            # the larger ball is lesion 1, at negative x of the grid
            own = 0 if labels[v] == 1 else 1 if ras[0] < 0 else 2
            near = sorted((sum((a - b) ** 2 for a, b in zip(t.end[i], lps)), i) for i in t.terminals if kind[i] == own)
            if near[1][0] - near[0][0] < 1e-3:
                continue  # the tables round
            above = next((tips.index(i) + 1 for i in t.way_up(near[0][1]) if i in tips), 0)
            self.assertEqual(territory[v], above, voxel)
            checked += 1
        self.assertGreater(checked, 500)
        return n, territory

    def test_territory(self):
        path = self.folder / "territory.nii.gz"
        found = self.answer("plan", self.tree, "--labels", self.liver, *self.common, "--territory", path)
        tips = [tip for s in found["sessions"] for tip in s["tips"]]
        self.assertEqual([tip["tip"] for tip in tips], list(range(1, len(tips) + 1)))
        _, territory = self.check_territory(path, [tip["segment"] for tip in tips], self.liver)
        self.assertEqual(set(territory), set(range(len(tips) + 1)))
        for tip in tips:
            volume = territory.count(tip["tip"]) * 27 / 1000
            self.assertAlmostEqual(tip["tumour_ml"] + tip["normal_ml"], volume, places=9)

    def test_territory_of_given_tips(self):
        path = self.folder / "territory.nii"
        below = self.answered["feeders"][1]["vessels"][0]["segment"]
        self.succeed("plan", self.tree, "--labels", self.liver, *self.common, "--territory", path, "--tips",
                     f"0,{below}")
        _, territory = self.check_territory(path, [0, below], self.liver)
        _, labels = support.phantom()
        self.assertEqual([v > 0 for v in territory], [v > 0 for v in labels])  # the root supplies everything

    def test_text(self):
        text = self.succeed("plan", self.tree, "--labels", self.liver, *self.common).stdout
        for word in ("session 1", "lesion L1, ", "lesion L2, ", "0.40 mm, enters", "middle, mm LPS"):
            self.assertIn(word, text)

    def refuse(self, code, words, *arguments):
        before = snapshot(self.folder)
        done = stasis("plan", *arguments)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertEqual(done.stdout, "")
        told = [line for line in done.stderr.splitlines() if line.startswith("stasis")]
        self.assertEqual(len(told), 1, done.stderr)
        for word in words:
            self.assertIn(word, told[0])
        self.assertEqual(snapshot(self.folder), before)

    def test_bad_tips(self):
        t = self.tables
        last = len(t.parent) - 1
        self.refuse(VALUE, [f"tip {last + 1}", f"0 to {last}"], self.tree, *self.common, "--tips", last + 1)
        narrow = t.terminals[0]
        first = next(i for i in reversed(list(t.way_up(narrow))) if t.diameter[i] < CATHETER)
        self.refuse(VALUE, [f"tip {narrow} ", f"segment {first}", "0.4 mm", f"{t.diameter[first]:.4g} mm"], self.tree,
                    *self.common, "--tips", f"0,{narrow}")
        self.refuse(VALUE, ["twice"], self.tree, *self.common, "--tips", "0,0")
        for text in ("", "x", "1,", "-1", "1;2", "1e3", "99999999999999999999"):
            self.refuse(USAGE, ["--tips"], self.tree, *self.common, f"--tips={text}")
        self.refuse(USAGE, ["256"], self.tree, *self.common, "--tips", ",".join(map(str, range(300))))

    def test_bad_files(self):
        out = self.folder / "x.nii.gz"
        self.refuse(USAGE, ["--territory", "--labels"], self.tree, *self.common, "--territory", out)
        self.refuse(VALUE, ["x.txt", ".nii"], self.liver, *self.common, "--territory", self.folder / "x.txt")
        self.refuse(IO, ["none.vtp"], self.folder / "none.vtp", *self.common)
        self.refuse(IO, ["none.nii.gz"], self.folder / "none.nii.gz", *self.common)
        self.refuse(IO, ["none.nii"], self.tree, "--labels", self.folder / "none.nii", *self.common)
        self.refuse(USAGE, ["--labels"], self.liver, "--labels", self.liver, *self.common)
        self.refuse(USAGE, ["--terminals"], self.tree, "--terminals", 100, *self.common)
        self.refuse(FORMAT, ["x.stl"], self.tree, *self.common, "-o", self.folder / "x.stl")
        healthy = self.labels("healthy.nii.gz", tumour=False)
        self.refuse(VALUE, ["no territory"], healthy, *self.common, "--terminals", 200, "--territory", out)


if __name__ == "__main__":
    support.main()
