# SPDX-License-Identifier: GPL-3.0-or-later
"""stasis evidence report: one page, whose numbers are those of the pool command on the same rows."""
import html.parser
import json
import math
import re
import unittest

import support

VOID = {"meta", "img", "br", "link"}
RESULT = {"case_id": "made-up <liver> & case", "follow_up": [
    {"week": 4, "recist": "SD", "mrecist": "PR", "who": "SD", "biochemical_response": "PR"},
    {"week": 12, "recist": "SD", "mrecist": "CR", "who": "PR", "biochemical_response": None}],
    "tissue": {"tumour_necrosis_percent": 58.25, "normal_liver_necrosis_percent": None}}


class Page(html.parser.HTMLParser):
    """Tables as rows of cells; complains of tags that do not close, and of anything that would be loaded."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tables, self.wrong = [], {}, []
        self.rows, self.cell, self.caption, self.text = None, None, None, []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name in ("src", "href") and not (value or "").startswith(("data:", "#")):
                self.wrong.append(f"<{tag}> loads {value}")
        if tag in VOID:
            return
        self.open.append(tag)
        if tag == "table":
            self.rows = []
        elif tag == "tr" and self.rows is not None:
            self.rows.append([])
        elif tag in ("td", "th", "caption"):
            self.cell = ""

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> closes what is not open")
        if tag in ("td", "th"):
            self.rows[-1].append(self.cell)
            self.cell = None
        elif tag == "caption":
            self.caption, self.cell = self.cell, None
        elif tag == "table":
            self.tables.setdefault(self.caption, self.rows)
            self.rows = None

    def handle_data(self, data):
        self.text.append(data)
        if self.cell is not None:
            self.cell += data


def percent(share):
    shown = 100 * share
    return f"{shown:.{1 if shown < 9.95 else 0}f}"


def number(measure, amount):
    if measure == "PLO":
        return percent(amount)
    return f"{amount:.{2 if amount < 9.995 else 1 if amount < 99.95 else 0}f}"


def value(measure, amount):
    return number(measure, amount) + (" %" if measure == "PLO" else "")


def interval(measure, estimate, lower, upper):
    return f"{value(measure, estimate)} ({number(measure, lower)} to {number(measure, upper)})"


class Report(support.Case):
    def page(self, *arguments):
        path = self.folder / "evidence.html"
        self.succeed("evidence", "report", "-q", "-o", path, *arguments)
        return Page(path.read_text())

    def pooled(self, name):
        rows = self.write(name + ".csv", self.succeed("evidence", "tables", "--pool", name, "--csv").stdout)
        return json.loads(self.succeed("evidence", "pool", rows, "--measure", "PLO", "--method", "REML", "--test", "knha",
                                       "--json").stdout)

    def table(self, page, start):
        return next(rows for caption, rows in page.tables.items() if caption.startswith(start))

    def test_the_page_is_whole_and_loads_nothing(self):
        page = self.page()
        self.assertEqual((page.wrong, page.open), ([], []))
        text = " ".join(page.text)
        for wanted in ("pooled from literature", "read in the literature", "RETNET", "Wangberg may share patients with Sward",
                       "one randomised trial of 26", "Research software"):
            self.assertIn(wanted, text)

    def test_the_same_bytes_twice(self):
        self.page()
        first = (self.folder / "evidence.html").read_bytes()
        self.page()
        self.assertEqual(first, (self.folder / "evidence.html").read_bytes())

    def test_numbers_are_those_of_the_pool_command(self):
        page = self.page()
        summary = {row[0]: row for row in self.table(page, "The review's outcomes")[1:]}
        for heading, name in (("Objective tumour response", "objective-response"), ("Deaths", "deaths-patients"),
                              ("Symptomatic response", "symptomatic-response"),
                              ("Complications", "complications-patients")):
            fit, row = self.pooled(name), summary[heading]
            self.assertEqual(row[4], f"{percent(fit['estimate'])} % ({percent(fit['estimate_lb'])} to "
                                     f"{percent(fit['estimate_ub'])})", heading)
            limits = [1 / (1 + math.exp(-fit[side])) for side in ("pi_lb", "pi_ub")]
            self.assertEqual(row[5], f"{percent(limits[0])} % to {percent(limits[1])} %", heading)
            self.assertEqual((int(row[6]), row[7]), (fit["k"], f"{fit['I2']:.0f}"), heading)
            events, n = (int(number) for number in re.match(r"(\d+) of (\d+)", row[3]).groups())
            rows = self.succeed("evidence", "tables", "--pool", name, "--csv").stdout.splitlines()
            self.assertEqual(len(rows) - 1, fit["k"])
            self.assertIn(f"{percent(events / n)} %", row[3])

    def test_the_documentation_shows_the_same(self):
        text = (support.SOURCE / "docs/evidence.md").read_text()
        told = [[cell.strip() for cell in line.strip("|\n ").split("|")] for line in text.splitlines()
                if re.match(r"\| .* of \d+: ", line)]
        summary = self.table(self.page(), "The review's outcomes")[1:]
        self.assertEqual(told, [row[:2] + row[3:] for row in summary])

    def test_groups_are_those_of_the_pool_command(self):
        text = re.sub(r"\s+", " ", " ".join(self.page().text))
        rows = self.write("rows.csv", self.succeed("evidence", "tables", "--pool", "objective-response", "--csv").stdout)
        for key in ("type", "modality"):
            fit = self.answer("evidence", "pool", rows, "--measure", "PLO", "--test", "knha", "--subgroup", key)
            between = fit["subgroups"]
            self.assertIn(f"Q({between['QM_df']}) = {between['QM']:.1f}", text)

    def rows_of(self, name):
        return self.write(name + ".csv", self.succeed("evidence", "tables", "--pool", name, "--csv").stdout)

    def test_other_models_are_those_of_the_pool_command(self):
        """In the section of one pool: its sentences, and the tables that follow it."""
        text = self.page_text()
        for heading, name, measure, models in (
                ("Objective tumour response", "objective-response", "PLO", ("FE", "DL", "PM", "REML", "GLMM")),
                ("Carcinoid against pancreatic: tumour response", "carcinoid-pnen-response", "OR",
                 ("FE", "DL", "PM", "REML", "GLMM", "MH", "PETO"))):
            section = text.split(f"<h3>{heading}</h3>")[1].split("<h3>")[0]
            told = self.interval_texts(section)
            rows = self.rows_of(name)
            for method in models:
                fit = self.answer("evidence", "pool", rows, "--measure", measure, "--method", method)
                self.assertIn(interval(measure, *(fit["estimate" + end] for end in ("", "_lb", "_ub"))), told, method)
            fit = self.answer("evidence", "pool", rows, "--measure", measure, "--test", "knha", "--bayes", "--levels",
                              "study", "--influence")
            mu = fit["bayes"]["mu"]
            back = math.exp if measure == "OR" else lambda x: 1 / (1 + math.exp(-x))
            self.assertIn(interval(measure, *map(back, (mu["median"], mu["lb"], mu["ub"]))), told)
            left = [row["estimate"] for row in fit["leave_one_out"]]
            self.assertIn(f"from {value(measure, min(left))} (without", section)
            self.assertIn(f"to {value(measure, max(left))} (without", section)
            if measure == "PLO":
                levels = fit["levels"]
                ends = [levels["estimate" + end] for end in ("", "_lb", "_ub")]
                self.assertIn(f"the pool is {interval(measure, *ends)}.", section)

    def test_medians_are_those_of_the_command(self):
        section = self.page_text().split("<h3>Median overall survival</h3>")[1].split("<h3>")[0]
        fit = self.answer("evidence", "medians", self.rows_of("median-survival"), "--median", "months", "--n", "ni")
        self.assertIn(f"weighted median of {fit['k']} medians", section)
        for method in fit["methods"]:
            self.assertIn(interval("months", *(method[end] for end in ("median", "ci_lb", "ci_ub"))), section)

    def page_text(self):
        path = self.folder / "evidence.html"
        self.succeed("evidence", "report", "-q", "-o", path)
        return re.sub(r"<(?!h3|/h3)[^>]*>", "", path.read_text())

    @staticmethod
    def interval_texts(section):
        return re.findall(r"[\d.]+(?: %)? \([\d.]+ to [\d.]+\)", section)

    def test_the_review_and_newer_studies_stand_apart(self):
        rows = {row[0]: row for row in self.table(self.page(), "The review's series and newer ones")[1:]}
        deaths = rows["Death within 30 days"]
        self.assertIn("50 of ", deaths[1])
        self.assertIn("1.9 %", deaths[4])  # 7 of 370 procedures and patients

    def test_audit_agrees_with_the_audit_command(self):
        audit = self.answer("evidence", "audit")
        page = " ".join(self.page().text)
        for row in audit:
            if row["kind"] == "claim" and row["verdict"] in ("does_not_reproduce", "contradicts_table"):
                self.assertIn(row["claim"], page)

    def test_simulated_cases_stand_beside(self):
        result = self.write("result.json", json.dumps(RESULT))
        page = self.page("--simulated", result, "--simulated", result)
        self.assertIn("0 of 2 by RECIST 1.1, 2 by mRECIST, 2 by WHO", " ".join(page.text))
        rows = self.table(page, "Simulated cases")
        self.assertEqual(rows[1], ["made-up <liver> & case", "12", "SD", "CR", "PR", "", "58.2", "–"])
        self.assertEqual(len(rows), 3)

    def test_tables_of_another_review(self):
        """Its own pools alone, and no word of the review that is compiled in."""
        def some(name, keeps=lambda line: True):
            lines = (support.SOURCE / f"data/evidence/{name}.csv").read_text().splitlines(keepends=True)
            self.write(f"mine/{name}.csv", "".join(filter(keeps, lines)))

        some("studies")
        some("outcomes")
        some("claims", lambda line: "pool." not in line)
        some("pools", lambda line: line.split(",")[0] in ("name", "objective-response", "deaths-patients"))
        page = self.page("--data", self.folder / "mine")
        self.assertEqual((page.wrong, page.open), ([], []))
        self.assertEqual([row[0] for row in self.table(page, "The review's outcomes")[1:]], ["Objective tumour response", "Deaths"])
        some("pools", lambda line: line.split(",")[0] in ("name", "deaths-patients"))
        pools = self.folder / "mine/pools.csv"
        pools.write_text(pools.read_text().replace(",PLO,", ",PR,"))
        done = support.stasis("evidence", "report", "-q", "-o", self.folder / "no.html", "--data", self.folder / "mine")
        self.assertEqual((done.returncode, (self.folder / "no.html").exists()), (4, False))
        self.assertIn('"deaths-patients" is of PR', done.stderr)
        text = " ".join(page.text)
        for word in ("Del Prete", "trial of 26", "RETNET", "Since the review"):
            self.assertNotIn(word, text)

    def test_a_refusal_leaves_the_page_as_it_was(self):
        page = self.write("evidence.html", "as it was")
        bad = {"no.json": (None, 2), "text.json": ("no json", 3), "list.json": ("[]", 4), "empty.json": ("{}", 4),
               "word.json": (json.dumps({**RESULT, "follow_up": [{"week": "12"}]}), 4),
               "range.json": (json.dumps({**RESULT, "tissue": {"tumour_necrosis_percent": 101}}), 4)}
        for name, (content, code) in bad.items():
            if content is not None:
                self.write(name, content)
            done = support.stasis("evidence", "report", "-q", "-o", page, "--simulated", self.folder / name)
            self.assertEqual((done.returncode, done.stdout), (code, ""), (name, done.stderr))
            self.assertIn(name, done.stderr)
            self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)
        done = support.stasis("evidence", "report", "-q", "-o", page, "--data", self.folder / "nowhere")
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertEqual(page.read_text(), "as it was")
        self.assertEqual(support.stasis("evidence", "report", "-q", "-o", self.folder / "no/such/evidence.html").returncode, 2)


if __name__ == "__main__":
    support.main()
