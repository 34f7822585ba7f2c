# SPDX-License-Identifier: GPL-3.0-or-later
"""The stages on their own, file by file: tree, flow, embolize."""
import csv
import json
import re
import unittest

import support


class Stages(support.Case):
    def setUp(self):
        super().setUp()
        self.liver = self.labels()
        self.map = self.write("map.json", json.dumps(support.LITS))
        self.tree = self.folder / "tree.vtp"
        self.grown = self.answer("tree", self.liver, "--map", self.map, "--terminals", 3000, "-o", self.tree, "-q")

    def test_tree(self):
        self.assertEqual(self.grown["terminals"], 3000)
        self.assertEqual(self.grown["crossings"], 0)
        self.assertEqual(self.grown["outside"], 0)
        for name in ("segments", "volume_mm3", "seconds", "peak_mb"):
            self.assertGreater(self.grown[name], 0, name)

    def test_arrays_of_the_tree_files(self):
        flow = self.folder / "flow.vtp"
        self.succeed("flow", self.tree, "-o", flow)
        names = ["Radius", "MaximumInscribedSphereRadius", "Flow", "Pressure", "Strahler", "Territory"]
        for path in (self.tree, flow):
            head = path.read_bytes()[:4000].decode("latin-1")
            for name in names:
                self.assertIn(f'Name="{name}"', head, path.name)
            self.assertEqual(int(re.search(r'NumberOfLines="(\d+)"', head).group(1)), self.grown["segments"])

    def test_a_tree_too_narrow_for_its_demand_is_written(self):
        thin = self.folder / "thin.vtp"
        grown = self.answer("tree", self.liver, "--map", self.map, "--terminals", 100, "--set", "root_diameter=1.5",
                            "-o", thin, "-q")
        self.assertIn("pressure", grown["unsolved"])
        self.assertIsNone(self.grown["unsolved"])
        self.assertFalse(b'Name="Pressure"' in thin.read_bytes())
        self.assertEqual(support.stasis("flow", thin, "-o", self.folder / "x.vtp").returncode, 7)

    def test_verify(self):
        found = self.answer("tree", "--verify", self.tree, self.liver, "--map", self.map)
        self.assertEqual((found["crossings"], found["outside"], found["roots"]), (0, 0, 1))
        self.assertEqual(found["terminals"], 3000)
        self.assertEqual(found["terminals_without_flow"], 0)
        self.assertLess(found["murray_worst"], 1e-4)
        for name in ("apart", "orphans", "without_length", "without_radius", "against_murray", "unbalanced",
                     "lesion_elsewhere"):
            self.assertEqual(found[name], 0, name)
        self.assertEqual(sum(part["terminals"] for part in found["lesions"]), 3000)
        orders = found["morphometry"]["strahler"]
        self.assertEqual(sum(order["segments"] for order in orders), found["segments"])
        self.assertEqual(orders[0]["elements"], 3000)
        self.assertEqual(found["morphometry"]["path_length_mm"]["n"], 3000)
        alone = self.answer("tree", "--verify", self.tree)
        self.assertIsNone(alone["outside"])
        self.assertIsNone(alone["lesion_elsewhere"])
        text = self.succeed("tree", "--verify", self.tree).stdout
        for word in ("not checked: outside", "branching", "path to a terminal"):
            self.assertIn(word, text)
        self.assertEqual(support.stasis("tree").returncode, 1)

    def test_verify_finds_what_crosses_and_what_leaves(self):
        crossed = self.write("crossed.vtp", """<VTKFile type="PolyData"><PolyData>
            <Piece NumberOfPoints="5" NumberOfLines="3"><PointData><DataArray type="Float32" Name="Radius"
            format="ascii">1 1 1 1 1</DataArray></PointData><Points><DataArray type="Float32" NumberOfComponents="3"
            format="ascii">0 0 0 20 0 0 30 0 0 20 30 0 10 -300 0.5</DataArray></Points><Lines>
            <DataArray type="Int32" Name="connectivity" format="ascii">0 1 1 2 1 3 3 4</DataArray>
            <DataArray type="Int32" Name="offsets" format="ascii">2 4 8</DataArray></Lines></Piece></PolyData></VTKFile>""")
        done = support.stasis("tree", "--verify", crossed, self.liver, "--map", self.map, "--json")
        self.assertEqual(done.returncode, 7, done.stderr)
        found = json.loads(done.stdout)
        self.assertEqual(found["crossings"], 2)  # the trunk, and the branch straight on
        self.assertGreaterEqual(found["outside"], 1)
        self.assertIn("crossed.vtp", done.stderr)
        self.assertIn("segment 0", done.stderr)

    def test_verify_finds_flow_that_is_lost(self):
        leaking = self.write("leaking.vtp", """<VTKFile type="PolyData"><PolyData>
            <Piece NumberOfPoints="4" NumberOfLines="3"><PointData><DataArray type="Float32" Name="Radius"
            format="ascii">1 1 0.5 0.5</DataArray></PointData><CellData><DataArray type="Float64" Name="Flow"
            format="ascii">3.1 1 2</DataArray></CellData><Points><DataArray type="Float32" NumberOfComponents="3"
            format="ascii">0 0 0 20 0 0 30 9 0 30 -9 0</DataArray></Points><Lines>
            <DataArray type="Int32" Name="connectivity" format="ascii">0 1 1 2 1 3</DataArray>
            <DataArray type="Int32" Name="offsets" format="ascii">2 4 6</DataArray></Lines></Piece></PolyData></VTKFile>""")
        done = support.stasis("tree", "--verify", leaking, "--json", "--set", "murray_exponent=2.4094208396532095")
        self.assertEqual(done.returncode, 7, done.stderr)
        found = json.loads(done.stdout)
        self.assertEqual((found["unbalanced"], found["against_murray"]), (1, 0))  # 2 (3/4)^g = 1
        self.assertIn("sum of the flows that leave them: 1, the first of them segment 0", done.stderr)

    def test_swc(self):
        swc, flow = self.folder / "tree.swc", self.folder / "flow.vtp"
        grown = self.answer("tree", self.liver, "--map", self.map, "--terminals", 300, "-o", swc, "-q")
        solved = self.answer("flow", swc, "-o", flow, "--inflow", 100)
        self.assertEqual(solved["segments"], grown["segments"])
        self.assertAlmostEqual(solved["root_flow_ml_min"], 100)
        self.assertEqual(support.stasis("tree", self.liver, "-o", self.folder / "tree.stl").returncode, 3)

    def test_convert(self):
        """Through every format that is read, and back: the same vessels and, where it is kept, the same flow."""
        for name in ["a.swc", "a.gxl", "a.xml", "a.nodes.csv", "a.edges.csv", "a.vtp"]:
            there, back = self.folder / name, self.folder / "back.vtp"
            found = self.answer("convert", self.tree, there)
            self.assertEqual(found["segments"], self.grown["segments"])
            self.succeed("convert", there, back)
            again = self.answer("tree", "--verify", back)
            self.assertEqual(again["length_mm"], self.grown["length_mm"])
            self.assertAlmostEqual(again["volume_mm3"] / self.grown["volume_mm3"], 1, places=12)
            self.assertEqual(again["terminals_without_flow"], None if name == "a.swc" else 0)
        for name in ["a.obj", "a.mz3", "a.json"]:
            self.succeed("convert", self.tree, self.folder / name)
            self.assertEqual(support.stasis("convert", self.folder / name, self.folder / "b.vtp").returncode, 3)
        network = json.loads((self.folder / "a.json").read_text())
        self.assertEqual(len(network["vessels"]), self.grown["segments"])
        done = support.stasis("convert", self.tree, self.folder / "a.stl")
        self.assertEqual(done.returncode, 3)
        self.assertIn(".nodes.csv", done.stderr)

    def test_flow_as_tables(self):
        edges = self.folder / "flow.edges.csv"
        solved = self.answer("flow", self.tree, "-o", edges)
        with edges.open(newline="") as stream:
            rows = list(csv.DictReader(stream))
        self.assertAlmostEqual(float(rows[0]["flow_ml_min"]) / solved["root_flow_ml_min"], 1, places=12)
        left = {row["to"] for row in rows} - {row["from"] for row in rows}
        least = min(float(row["pressure_mmhg"]) for row in rows if row["to"] in left)
        self.assertAlmostEqual(least / solved["smallest_terminal_pressure_mmhg"], 1, places=12)

    def test_chain(self):
        flow = self.folder / "flow.vtp"
        solved = self.answer("flow", self.tree, "-o", flow)
        self.assertEqual(solved["segments"], self.grown["segments"])
        self.assertEqual(solved["terminals_without_demand"], 0)
        self.assertGreater(solved["smallest_terminal_pressure_mmhg"], solved["back_pressure_mmhg"])
        given = self.answer("embolize", flow, "--labels", self.liver, "--map", self.map, "--tip", 1, "--sizes",
                            "200,400", "-q")
        p = given["particles"]
        self.assertEqual(p["injected"], p["lodged_tumour"] + p["lodged_normal"] + p["refluxed"] + p["passed"])
        self.assertLess(given["tip_flow_left_percent"], 100)

    def test_a_closed_terminal_stays_closed_in_the_next_stage(self):
        after, solved = self.folder / "after.vtp", self.folder / "solved.vtp"
        given = self.embolize("--tip", 0, "--sizes", "300,500", "--set", "plug_porosity=0", "-o", after)
        self.succeed("convert", after, self.folder / "after.edges.csv")
        with (self.folder / "after.edges.csv").open(newline="") as stream:
            rows = list(csv.DictReader(stream))
        left = float(rows[0]["flow_ml_min"])
        self.assertTrue(any(float(row["flow_ml_min"]) == 0 for row in rows))
        self.assertGreaterEqual(left, given["tip_flow_after_ml_min"])  # the catheter is out
        found = self.answer("flow", after, "-o", solved)
        self.assertEqual(found["terminals_without_demand"], 0)
        self.assertAlmostEqual(found["root_flow_ml_min"] / left, 1, places=6)

    def embolize(self, *arguments):
        return self.answer("embolize", self.tree, "--labels", self.liver, "--map", self.map, "-q", *arguments)

    def refuse_embolize(self, code, words, *arguments):
        done = support.stasis("embolize", self.tree, "--labels", self.liver, "--map", self.map, "-q", *arguments)
        self.assertEqual((done.returncode, done.stdout), (code, ""), done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)

    def test_a_protocol_is_given_in_order(self):
        given = self.embolize("--tip", 0, "--protocol", "TAE", "--agent", "tag-300-500")
        self.assertEqual(given["protocol"], "TAE")
        oil, particles = given["infusions"]
        self.assertEqual((oil["agent"], particles["agent"]), ("lipiodol", "tag-300-500"))
        self.assertAlmostEqual(oil["oil"]["injected_ml"], 5, places=9)
        self.assertEqual(given["oil"], oil["oil"])
        self.assertEqual(given["particles"], particles["particles"])
        self.assertEqual(oil["particles"]["injected"], 0)
        self.assertEqual(particles["oil"]["injected_ml"], 0)
        self.assertEqual(given["tip_flow_before_ml_min"], oil["tip_flow_before_ml_min"])
        self.assertAlmostEqual(oil["tip_flow_after_ml_min"] / particles["tip_flow_before_ml_min"], 1, places=12)
        for infusion in (oil, particles):
            curve = infusion["curve"]
            self.assertEqual(curve["suspension_ml"], sorted(curve["suspension_ml"]))
            self.assertEqual(len({len(column) for column in curve.values()}), 1)
        bland = self.embolize("--tip", 0, "--protocol", "TAE-bland", "--agent", "tag-300-500")
        self.assertEqual(bland["oil"]["injected_ml"], 0)
        self.assertEqual(len(bland["infusions"]), 1)
        text = self.succeed("embolize", self.tree, "--labels", self.liver, "--map", self.map, "-q", "--tip", 0,
                            "--protocol", "TAE", "--agent", "tag-300-500").stdout
        for word in ("oil          5 mL of lipiodol", f"{particles['particles']['injected']} of tag-300-500", "end          "):
            self.assertIn(word, text)

    def test_what_cannot_reach_the_endpoint_ends_and_says_so(self):
        for arguments, reason, particles in (
                (("--set", "dose_limit=1000"), "dose limit", 1000),
                (("--dose", 0.5), "dose", None),
                (("--sizes", "31,40", "--set", "closure_terminals=0"), "nothing lodges any more", 1000000)):
            given = self.embolize("--tip", 0, "--sizes", "200,400", *arguments)
            self.assertEqual(given["stopped_by"], reason)
            self.assertEqual(given["particles"]["injected"], particles or given["particles"]["injected"])
            text = self.succeed("embolize", self.tree, "--labels", self.liver, "--map", self.map, "-q", "--tip", 0,
                                "--sizes", "200,400", *arguments).stdout
            self.assertIn(f"no stasis: {reason}, after {given['particles']['injected']} particles", text)
        self.assertAlmostEqual(self.embolize("--tip", 0, "--endpoint", "dose", "--dose", 0.5)["suspension_ml"], 0.5, places=3)

    def test_refusals_of_an_infusion(self):
        own = self.write("mine.csv", "name,d_min_um,d_max_um\nwide,100,9000\n")
        wrong = self.write("wrong.csv", "name,d_min_um,d_max_um,d_mean_um,d_sd_um\na,100,200,250,5\n")
        narrow = self.grown["segments"] - 1
        self.refuse_embolize(1, ["--dose"], "--tip", 0, "--endpoint", "dose")
        self.refuse_embolize(4, [f"0 to {narrow}"], "--tip", narrow + 1)
        self.refuse_embolize(4, ["microcatheter_diameter", f"tip {narrow} cannot"], "--tip", narrow)
        self.refuse_embolize(4, ["wide", "9000 um", "segment 0"], "--tip", 0, "--agents", own, "--agent", "wide")
        self.refuse_embolize(4, ["wrong.csv:2", "d_mean_um", "100 to 200", "250"], "--tip", 0, "--agents", wrong)
        self.refuse_embolize(4, ["no agent", "tag-300-500"], "--tip", 0, "--agent", "tag-300-50")
        self.refuse_embolize(4, ["no protocol", "TAE-bland"], "--tip", 0, "--protocol", "TAE-blan")

    def test_same_tree_from_the_same_seed(self):
        again = self.folder / "again.vtp"
        self.succeed("tree", self.liver, "--map", self.map, "--terminals", 3000, "--threads", 1, "-o", again, "-q")
        self.assertEqual(again.read_bytes(), self.tree.read_bytes())

    def test_flow_refuses_what_is_no_tree(self):
        bad = self.write("bad.vtp", "<VTKFile")
        done = support.stasis("flow", bad, "-o", self.folder / "x.vtp")
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertFalse((self.folder / "x.vtp").exists())


if __name__ == "__main__":
    support.main()
