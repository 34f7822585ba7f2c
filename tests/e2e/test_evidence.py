# SPDX-License-Identifier: GPL-3.0-or-later
"""`stasis evidence tables` and `audit`: the review's tables, the pools made from them, the audit of its figures."""
import csv
import html.parser
import io
import json
import math
import pathlib
import re
import unittest

import support

VERDICTS = {"reproduces", "rounds", "does_not_reproduce", "contradicts_table", "not_recomputable"}
TABLES = ("studies", "outcomes", "claims", "newer", "unread", "indications", "references", "pools", "rules")
DATA = support.SOURCE / "data/evidence"
SHARED = support.SHARED.parent / "evidence"


def number(text):
    return float(text) if text else 0.0


class Evidence(support.Case):
    def csv(self, *arguments):
        return list(csv.DictReader(io.StringIO(self.succeed("evidence", "tables", "--csv", *arguments).stdout)))

    def copy(self):
        for file in DATA.glob("*.csv"):
            self.write(f"review/{file.name}", file.read_bytes())
        return self.folder / "review"


class Tables(Evidence):
    def test_csv_is_the_file(self):
        for name in TABLES:
            printed = self.succeed("evidence", "tables", "--table", name, "--csv").stdout
            rows = list(csv.reader(io.StringIO(printed)))
            file = support.SOURCE / "data/rules/review2014.csv" if name == "rules" else DATA / f"{name}.csv"
            with open(file, newline="", encoding="utf-8") as stream:
                self.assertEqual(rows, list(csv.reader(stream)), name)

    def test_csv_read_again_gives_the_same(self):
        for name in TABLES:
            self.write(f"own/{name}.csv", self.succeed("evidence", "tables", "--table", name, "--csv").stdout)
        own = self.folder / "own"
        for how in (["tables", "--json"], ["audit", "--json"], ["tables", "--list", "--json"]):
            self.assertEqual(self.succeed("evidence", *how, "--data", own).stdout, self.succeed("evidence", *how).stdout)

    def test_json_holds_every_cell(self):
        tables = self.answer("evidence", "tables")
        self.assertEqual(tuple(tables), TABLES)
        for name in TABLES:
            rows = self.csv("--table", name)
            self.assertEqual([{k: v or None for k, v in row.items()} for row in rows], tables[name])
            self.assertEqual(self.answer("evidence", "tables", "--table", name), tables[name])
        for cell in tables["outcomes"]:
            for member in ("verbatim", "line", "confidence", "reason"):
                self.assertTrue(cell[member], cell)

    def test_text_shows_every_cell(self):
        text = self.succeed("evidence", "tables", "--table", "outcomes").stdout
        for cell in self.csv("--table", "outcomes"):
            self.assertIn(f'line {cell["line"]:8}  "{cell["verbatim"]}"', text)

    def test_no_place_of_a_machine_and_nothing_recalled(self):
        for file in DATA.glob("*.csv"):
            self.assertIsNone(re.search(r"/(work|tmp|home)/", file.read_text()), file)
        for row in self.csv("--table", "newer"):
            self.assertIn(row["verification"], ("abstract", "secondary table", "registration"))
            self.assertIn(row["criterion"], ("", "WHO", "RECIST", "mRECIST", "EASL", "other", "unstated"))
            if row["in_review"] == "yes":
                self.assertTrue(row["overlaps"].startswith("review:"), row["row_id"])
        for row in self.csv("--table", "unread"):
            self.assertNotRegex(row["note"] + row["design"], r"\d")
        retnet = [r for r in self.csv("--table", "newer") if r["row_id"] == "retnet"]
        self.assertEqual([r["status"] for r in retnet], ["pending"])
        self.assertFalse(any(v for k, v in retnet[0].items() if k.endswith(("_x", "_n", "_percent"))))

    def test_pools(self):
        pools = self.answer("evidence", "tables", "--list")
        self.assertEqual([p["name"] for p in pools], [r["name"] for r in self.csv("--table", "pools")])
        for pool in pools:
            rows = self.csv("--pool", pool["name"])
            included = [row for row in pool["rows"] if row["included"]]
            self.assertEqual(pool["included"], len(included))
            self.assertEqual([row["label"] for row in rows], [row["label"] for row in included])
            for row, whole in zip(rows, included):
                for column in {"xi", "ni", "ai", "n1i", "ci", "n2i", "months"} & whole.keys() & row.keys():
                    self.assertEqual(float(row[column]), whole[column])
                if "bi" in row:
                    self.assertEqual(float(row["ai"]) + float(row["bi"]), float(row["n1i"]))
                    self.assertEqual(float(row["ci"]) + float(row["di"]), float(row["n2i"]))
        listed = {r["name"]: r for r in self.csv("--list")}
        self.assertEqual(listed["deaths-patients"]["included"], "13")
        text = self.succeed("evidence", "tables", "--pool", "objective-response").stdout
        self.assertIn("which arm the cell belongs to is not printed", text)

    def test_newer_response_stays_within_one_criterion(self):
        newer = {(r["study"], r["arm"]): r for r in self.csv("--table", "newer")}
        for criterion in ("mRECIST", "RECIST", "EASL", "WHO", "other", "unstated"):
            for row in self.answer("evidence", "tables", "--pool", f"newer-response-{criterion.lower()}")["rows"]:
                source = newer[row["study"], row["arm"]]
                self.assertEqual(source["criterion"], criterion)
                self.assertEqual(source["in_review"], "no")

    def test_overlapping_cohorts_are_out(self):
        folder = self.copy()
        rows = self.csv("--table", "newer")
        rows[[r["row_id"] for r in rows].index("particles2019_small")]["overlaps"] = "bonne2017_deb"
        with open(folder / "newer.csv", "w", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, rows[0])
            writer.writeheader()
            writer.writerows(rows)
        labels = [r["label"] for r in self.csv("--pool", "newer-response-mrecist", "--data", folder)]
        self.assertEqual(len(labels), 2)
        self.assertEqual(len(self.csv("--pool", "newer-response-mrecist")), 3)

    @unittest.skipUnless((SHARED / "ref").exists(), "the inputs for pooling are not at hand")
    def test_pools_are_those_of_the_reference(self):
        for file, pool in (("or_arms", "objective-response"), ("or_arms_plus_chamberlain0", "objective-response-zero"),
                           ("or_studies", "objective-response-studies"), ("or_taeonly", "objective-response-tae"),
                           ("disease_control", "disease-control"), ("sr_any", "symptomatic-response"),
                           ("sr_any_plus_partitions", "symptomatic-response-items"), ("br_major", "biochemical-response"),
                           ("complications_as_printed", "complications-printed"),
                           ("complications_patients", "complications-patients"),
                           ("complications_procedures", "complications-procedures"),
                           ("deaths_patients", "deaths-patients"), ("deaths_procedures", "deaths-procedures"),
                           ("deaths_without_eriksson_kamat", "deaths-without-outliers"),
                           ("two_arm_carcinoid_pnen_or", "carcinoid-pnen-response"),
                           ("two_arm_tae_tace_complications_procedures", "tae-tace-complications")):
            with open(SHARED / f"ref/input_{file}.csv", newline="", encoding="utf-8") as stream:
                wanted = list(csv.DictReader(stream))
            columns = ("ai", "n1i", "ci", "n2i") if "ai" in wanted[0] else ("events", "n")
            own = ("ai", "n1i", "ci", "n2i") if "ai" in wanted[0] else ("xi", "ni")
            self.assertEqual(sorted((r["label"], *(float(r[c]) for c in own)) for r in self.csv("--pool", pool)),
                             sorted((r["label"], *(float(r[c]) for c in columns)) for r in wanted), pool)


class Audit(Evidence):
    def setUp(self):
        super().setUp()
        self.rows = self.answer("evidence", "audit")
        self.by_claim = {row["claim"]: row for row in self.rows}

    def test_every_claim_of_the_list(self):
        wanted = [row for row in self.csv("--table", "claims")]
        if (SHARED / "claims.csv").exists():
            with open(SHARED / "claims.csv", newline="", encoding="utf-8") as stream:
                listed = list(csv.DictReader(stream))
            self.assertEqual([{k: r[k] for k in listed[0]} for r in wanted if r["origin"] == "listed"], listed)
        self.assertEqual(len(self.by_claim), len(self.rows))
        for row in wanted:
            found = self.by_claim[row["claim"]]
            self.assertEqual((found["where"], found["printed"], found["origin"]),
                             (row["where"], row["printed"], row["origin"]))

    def test_verdicts(self):
        for row in self.rows:
            self.assertIn(row["verdict"], VERDICTS)
            self.assertIn(row["kind"], ("claim", "percentage", "categories", "reference"))
            if row["verdict"] != "not_recomputable":
                self.assertTrue(row["arithmetic"] and row["recomputed"], row["claim"])
            self.assertNotIn("nan", row["recomputed"] + row["arithmetic"])

    def test_every_printed_percentage_is_there(self):
        printed = [row for row in self.csv("--table", "outcomes") if row["percent"]]
        rows = [row for row in self.rows if row["kind"] == "percentage"]
        self.assertEqual([f'{row["percent"]}%' for row in printed], [row["printed"] for row in rows])

    def test_arithmetic_is_right(self):
        checked = 0
        for row in self.rows:
            for terms, total in re.findall(r"((?:[\d.]+ \+ )+[\d.]+) = ([\d.]+)", row["arithmetic"]):
                self.assertAlmostEqual(sum(map(float, terms.split(" + "))), float(total), msg=row["claim"])
                checked += 1
            for x, n, percent in re.findall(r"([\d.]+) / ([\d.]+) = ([\d.]+) %", row["arithmetic"]):
                self.assertAlmostEqual(float(x) * 100 / float(n) / float(percent) if float(percent) else 1, 1, places=3)
                checked += 1
            for name, values, value in re.findall(r"(min|max)\(([\d., ]+)\) = ([\d.]+)", row["arithmetic"]):
                self.assertEqual({"min": min, "max": max}[name](map(float, values.split(", "))), float(value))
                checked += 1
        self.assertGreater(checked, 100)

    def test_fisher(self):
        """The exact test by whole numbers."""
        found = 0
        for row in self.rows:
            match = re.search(r"(\d+) / (\d+) = .*; (\d+) / (\d+) = .*; p = ([\d.e-]+) \(Fisher\)", row["arithmetic"])
            if match:
                x, n, y, m = map(int, match.groups()[:4])
                ways = [math.comb(n, k) * math.comb(m, x + y - k) for k in range(x + y + 1)]
                p = sum(w for w in ways if w <= ways[x]) / sum(ways)
                self.assertAlmostEqual(float(match[5]) / p, 1, delta=0.06, msg=row["claim"])
                found += 1
        self.assertGreaterEqual(found, 5)

    def test_recount(self):
        """The sums once more, from the CSV alone."""
        studies, cells = self.csv("--table", "studies"), self.csv("--table", "outcomes")
        patients = sum(number(row["n_patients"]) for row in studies)
        procedures = sum(number(row["tae"]) for row in studies)
        deaths, complications = (sum(number(row["numerator"]) for row in cells if row["outcome"] == outcome)
                                 for outcome in ("death", "complication"))
        self.assertEqual((patients, procedures, deaths, complications), (909, 979, 50, 133))
        for claim, value in (("896 patients with NEN and liver metastases treated", patients),
                             ("979 TAE procedures", procedures), ("50 TAE-related deaths", deaths),
                             ("125 patients with complications", complications)):
            row = self.by_claim[claim]
            self.assertEqual(float(row["recomputed"]), value)
            self.assertEqual(row["verdict"] == "reproduces", row["printed"] == f"{value:g}")
        response = [row for row in cells if row["outcome"] == "tumour_response" and row["category"] in ("CR", "PR")
                    and row["numerator"]]
        events = sum(number(row["numerator"]) for row in response)
        of = sum({(row["study_id"], row["arm"]): number(row["denominator"]) for row in response}.values())
        self.assertIn(f"{events:g} / {of:g} = ", self.by_claim["Objective tumour response (CR+PR) 50% as average"]
                      ["arithmetic"])

    def test_rounding_rules(self):
        """Each percentage with its count, by a rule of our own."""
        for row in self.rows:
            match = re.fullmatch(r"(\d+) / (\d+) = [\d.]+ %", row["arithmetic"])
            if row["kind"] != "percentage" or not match:
                continue
            x, n = int(match[1]), int(match[2])
            digits = row["printed"].rstrip("%").partition(".")[2]
            scale = 10 ** len(digits)
            wanted = round(float(row["printed"].rstrip("%")) * scale)
            down, rest = divmod(100 * scale * x, n)
            half_up = down + (2 * rest >= n)
            expected = ("reproduces" if wanted == half_up else "rounds" if wanted in (down, down + (rest > 0))
                        else "does_not_reproduce")
            self.assertEqual(row["verdict"], expected, row["claim"])

    def test_ways(self):
        ways = [way["text"] for way in self.by_claim["125 patients with complications"]["ways"]]
        self.assertEqual(len(ways), 1)
        self.assertIn("Fiore 2014 TACE", ways[0])
        ways = self.by_claim["896 patients with NEN and liver metastases treated"]["ways"]
        self.assertIn("Ho 2007 counted as 33 instead of 46", [way["text"] for way in ways])

    def test_text_says_the_same(self):
        text = self.succeed("evidence", "audit").stdout
        for row in self.rows:
            self.assertIn(row["claim"], text)
            self.assertIn(row["arithmetic"], text)

    def test_page(self):
        page = self.folder / "audit.html"
        done = self.succeed("evidence", "audit", "-o", page)
        self.assertEqual(done.stdout, "")
        content = page.read_text()
        self.assertNotRegex(content, r"(?:src|href)=|https?://|<script")
        open_tags, claims, rows = [], content.count('<article class="claim'), self.rows

        class Reader(html.parser.HTMLParser):
            def handle_starttag(self, tag, attributes):
                if tag not in ("meta", "br"):
                    open_tags.append(tag)

            def handle_endtag(self, tag):
                assert open_tags.pop() == tag, tag

        Reader().feed(content)
        self.assertEqual(open_tags, [])
        self.assertEqual(claims, sum(r["kind"] == "claim" and r["verdict"] != "not_recomputable" for r in rows))
        for row in rows:
            self.assertIn(html.escape(row["claim"]).replace("&#x27;", "&#39;"), content)

    def test_same_bytes(self):
        for how in (["audit"], ["audit", "--json"], ["tables"]):
            self.assertEqual(self.succeed("evidence", *how).stdout, self.succeed("evidence", *how).stdout)


class Refusals(Evidence):
    def refuse(self, code, says, *arguments):
        done = support.stasis("evidence", *arguments)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertIn(says, done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 2 if code == 1 else 1, done.stderr)

    def change(self, file, old, new):
        folder = self.copy()
        text = (folder / file).read_text()
        self.assertIn(old, text)
        (folder / file).write_text(text.replace(old, new, 1))
        return folder

    def test_broken_folders(self):
        self.refuse(2, "studies.csv", "audit", "--data", self.folder / "none")
        for file, old, new, code, says in (
                ("outcomes.csv", "1,1,Loewe", "1,1,Lowe", 4, "outcomes.csv:2: study_id: the study is not in"),
                ("outcomes.csv", "CR,4,22", "CR,23,22", 4, "outcomes.csv:2: numerator: is above its denominator"),
                ("outcomes.csv", "CR,4,22", "CR,four,22", 4, "outcomes.csv:2"),
                ("outcomes.csv", "numerator,", "numerators,", 3, "numerator"),
                ("studies.csv", ",23,23,", ",23,x,", 4, "studies.csv:2"),
                ("studies.csv", "study_id,study", "study_id,study,study2", 3, "studies.csv:2"),
                ("newer.csv", ",49,77,", ",78,77,", 4, "newer.csv"),
                ("claims.csv", ",sum,studies.n_patients", ",sums,studies.n_patients", 4, "claims.csv:2: there is no"),
                ("claims.csv", ",sum,studies.n_patients", ",sum,studies.patients", 4, "claims.csv:2"),
                ("pools.csv", 'objective-response,"', 'other,"', 4, "objective-response"),
                ("pools.csv", ",tumour_response,,CR|PR,CR|PR,sum,", ",tumour_response,arms=1,CR|PR,CR|PR,sum,", 4, "arms"),
                ("pools.csv", ",tumour_response,,CR|PR,CR|PR,sum,", ",tumour_response,,CR|PR,CR|PR,all,", 4, "several")):
            self.refuse(code, says, "audit", "--data", self.change(file, old, new))
        folder = self.copy()
        (folder / "claims.csv").write_bytes(b"claim,where\n\xff,\n")
        self.refuse(3, "claims.csv", "audit", "--data", folder)
        (folder / "claims.csv").unlink()
        self.refuse(2, "claims.csv", "audit", "--data", folder)

    def test_smallest_folder(self):
        folder = self.copy()
        for name in ("newer", "unread", "indications", "references", "pools"):
            (folder / f"{name}.csv").unlink()
        rows = json.loads(self.succeed("evidence", "audit", "--json", "--data", folder).stdout)
        self.assertEqual({row["kind"] for row in rows}, {"claim", "percentage", "categories"})

    def test_options(self):
        self.refuse(4, "did you mean", "tables", "--pool", "objective-respons")
        self.refuse(1, "--table", "tables", "--table", "studis")
        self.refuse(1, "one of", "tables", "--table", "studies", "--list")
        self.refuse(1, "one of", "tables", "--csv", "--json")
        self.refuse(1, "one of", "tables", "--pool", "x", "--list")
        self.refuse(2, "page.html", "audit", "-o", self.folder / "none/page.html")
        self.assertEqual(list(pathlib.Path(self.folder).glob("*")), [])


if __name__ == "__main__":
    support.main()
