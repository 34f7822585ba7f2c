# SPDX-License-Identifier: GPL-3.0-or-later
"""stasis evidence pool --influence --cumulative --bias: against R's metafor on random studies, and what is refused."""
import json
import math
import random
import re
import subprocess
import unittest

import support

# For every job what the program writes, under its names.
R_SCRIPT = r"""
suppressPackageStartupMessages({library(metafor); library(jsonlite)})
jobs <- fromJSON(commandArgs(TRUE)[1], simplifyDataFrame = FALSE)
pdf(NULL)
columns <- c("b", "se", "zval", "pval", "ci_lb", "ci_ub")
lines <- function(r) {
  out <- setNames(lapply(1:6, function(j) I(c(r[[j]]))), columns)
  c(out, list(QE = I(r$Q), QEp = I(r$Qp), tau2 = I(if (is.null(r$tau2)) rep(0, length(r$Q)) else r$tau2), I2 = I(r$I2),
              H2 = I(r$H2)))
}
regression <- function(...) {
  sapply(c("lm", "rma"), function(model) tryCatch({
    r <- regtest(..., model = model)
    list(zval = r$zval, pval = r$pval, limit = c(r$est), limit_lb = c(r$ci.lb), limit_ub = c(r$ci.ub))
  }, error = function(e) NULL), simplify = FALSE)
}
trim <- function(f, estimator) tryCatch({
  t <- trimfill(f, estimator = estimator, control = f$control)
  out <- list(k0 = t$k0, se_k0 = t$se.k0, p_k0 = t$p.k0, side = t$side, yi = I(c(t$yi)[t$fill]), vi = I(c(t$vi)[t$fill]))
  g <- rma(c(t$yi), c(t$vi), method = f$method, test = f$test, control = f$control)
  c(out, list(fit = list(b = c(g$beta), se = g$se, ci_lb = g$ci.lb, ci_ub = g$ci.ub, tau2 = g$tau2, pval = g$pval)))
}, error = function(e) NULL)
answer <- function(job) {
  dat <- read.csv(job$file)
  if (job$measure == "PLO") dat <- escalc("PLO", xi = xi, ni = ni, data = dat)
  if (job$measure == "OR") dat <- escalc("OR", ai = ai, bi = bi, ci = ci, di = di, data = dat)
  yi <- c(dat$yi); vi <- c(dat$vi); s <- median(vi)
  ctl <- list(threshold = 1e-12 * s, maxiter = 10000, tol = 1e-14 * s)
  x <- dat$x
  f <- if (job$mods) rma(yi, vi, method = job$method, test = job$test, control = ctl, mods = ~ x) else
    rma(yi, vi, method = job$method, test = job$test, control = ctl)
  i <- influence(f)
  out <- list(scale = s, p = f$p, influence = list(rstudent = I(i$inf$rstudent), dffits = I(i$inf$dffits),
    cook_d = I(i$inf$cook.d), cov_r = I(i$inf$cov.r), tau2_del = I(i$inf$tau2.del), QE_del = I(i$inf$QE.del),
    hat = I(i$inf$hat), weight = I(i$inf$weight), influential = I(c(i$is.infl))), dfbs = as.matrix(as.data.frame(i$dfbs)))
  b <- baujat(f)
  out$baujat <- list(x = I(b$x), y = I(b$y), ids = I(b$ids))
  n <- if (job$measure == "PLO") dat$ni else if (job$measure == "OR") dat$ai + dat$bi + dat$ci + dat$di else NULL
  out$egger <- regression(f, predictor = "sei")
  out$vi <- regression(f, predictor = "vi")
  if (!is.null(n)) {
    out$ni <- regression(f, predictor = "ni", ni = n)
    out$ninv <- regression(f, predictor = "ninv", ni = n)
  }
  r <- ranktest(yi, vi)
  out$begg <- list(tau = c(r$tau), pval = r$pval)
  if (job$mods) return(out)
  out$leave_one_out <- lines(leave1out(f))
  out$cumulative <- lines(cumul(f, order = dat$year))
  out$order <- I(order(dat$year))
  out$trim <- sapply(c("L0", "R0", "Q0"), function(e) trim(f, e), simplify = FALSE)
  if (!is.null(n)) {
    d <- if (job$measure == "PLO") dat$xi else dat$ai + dat$ci
    keep <- d > 0 & d < n
    l <- summary(lm(yi ~ I(1 / n), weights = d * (n - d) / n, subset = keep))
    out$peters <- list(slope = l$coefficients[2, 1], se = l$coefficients[2, 2], zval = l$coefficients[2, 3],
                       pval = l$coefficients[2, 4], limit = l$coefficients[1, 1], df = l$df[2])
    a <- if (job$measure == "PLO") escalc("PAS", xi = xi, ni = ni, data = dat) else
      escalc("AS", ai = ai, bi = bi, ci = ci, di = di, data = dat, add = 0)
    out$arcsine <- regression(rma(c(a$yi), c(a$vi), method = job$method, test = job$test, control = ctl))
  }
  out
}
result <- lapply(jobs, function(job) tryCatch(suppressWarnings(answer(job)), error = function(e) list(error = conditionMessage(e))))
writeLines(toJSON(result, digits = NA, auto_unbox = TRUE, na = "null", null = "null"), commandArgs(TRUE)[2])
"""

LINE = ("b", "se", "zval", "pval", "ci_lb", "ci_ub", "QE", "QEp", "tau2", "I2", "H2")
ROW = ("rstudent", "dffits", "cook_d", "cov_r", "tau2_del", "QE_del", "hat", "weight", "influential")
# Below these the difference counts, not its ratio to the value: metafor's tau2 ends by steps, at 1e-14 as well as at 0.
FLOOR = {"I2": 1, "pval": 1e-6, "QEp": 1e-6, "vi": 1e-6}


def studies(rng, measure, k, tau, slope):
    """k studies whose small ones differ by `slope`; years repeat; some values are equal."""
    rows = []
    for _ in range(k):
        n = round(math.exp(rng.uniform(1.8, 5.5)))
        effect = 0.3 + rng.gauss(0, tau) + slope / math.sqrt(n)
        row = {"study": f"s{len(rows) + 1}", "year": rng.randint(1980, 1980 + k // 2), "x": round(rng.gauss(0, 1), 3)}
        p = 1 / (1 + math.exp(-effect))
        if measure == "PLO":
            row |= {"xi": sum(rng.random() < p for _ in range(n)), "ni": n}
        elif measure == "OR":
            m = round(n * rng.uniform(0.7, 1.4)) + 1
            a, c = sum(rng.random() < p for _ in range(n)), sum(rng.random() < 0.5 for _ in range(m))
            row |= {"ai": a, "bi": n - a, "ci": c, "di": m - c}
        else:
            vi = rng.uniform(1, 4) / n
            digits = rng.choice((1, 15))
            row |= {"yi": round(effect + rng.gauss(0, math.sqrt(vi)), digits), "vi": round(vi, digits) + 0.02}
        rows.append(row)
    return rows


@unittest.skipUnless(support.has_r("metafor"), "R with metafor and jsonlite is not installed")
class AgainstMetafor(support.Case):
    def jobs(self):
        rng = random.Random(20140)
        sizes = (3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 18, 25)
        for i in range(66):
            measure = ("GEN", "PLO", "OR")[i // 3 % 3]
            method = ("FE", "DL", "REML")[i % 3]
            mods = i % 11 == 10
            k = 60 if i in (17, 40) else sizes[i % len(sizes)] + (3 if mods else 0)
            rows = studies(rng, measure, k, rng.choice((0, 0, 0.2, 0.6)), rng.choice((0, 0, 2, -2)))
            path = self.write(f"{i}.csv", support.csv_text(rows))
            yield {"file": str(path), "measure": measure, "method": method, "k": k, "mods": mods,
                   "test": "knha" if method != "FE" and i % 2 else "z"}

    def near(self, got, wanted, key, scale=1e-3):
        self.assertEqual(got is None, wanted is None, f"{key}: {got}, {wanted}")
        if got is not None:
            self.assertLessEqual(abs(got - wanted), 1e-8 * max(abs(wanted), FLOOR.get(key, scale)), key)

    def lines(self, got, wanted, scale):
        self.assertEqual(len(got), len(wanted["b"]))
        for j, line in enumerate(got):
            for key in LINE:
                self.near(line[key], wanted[key][j], key, scale if key == "tau2" else 1e-3)

    def regression(self, got, wanted):
        for model, r in wanted.items():
            if model == "lm" and r and abs(r["zval"]) > 1e7:  # rounding in place of scatter about the line
                self.assertIsNone(got[model]["pval"])
                continue
            for key in r or ():
                if r[key] is None or isinstance(r[key], dict | list):  # metafor leaves it away
                    self.assertIsNone(got[model][key], key)
                else:
                    self.near(got[model][key], r[key], key)

    def trim(self, got, wanted, k):
        self.assertEqual("reason" in got, wanted is None, got)
        if wanted is None:
            return
        self.assertEqual((got["k0"], got["side"]), (wanted["k0"], wanted["side"]))
        self.assertEqual(got["k0"], len(got["filled"]))
        self.near(got["p_k0"], wanted["p_k0"], "p_k0")
        if k - got["k0"] > 1:  # of one alone, which is its own pool, metafor's rounding chooses a side
            self.near(got["se_k0"], wanted["se_k0"], "se_k0")
        for key in ("yi", "vi"):
            for filled, value in zip(got["filled"], wanted[key]):
                self.near(filled[key], value, key)
        for key, value in wanted["fit"].items():
            self.near(got["fit"][key][0] if isinstance(got["fit"][key], list) else got["fit"][key], value, key)

    def compare(self, job, got, wanted):
        scale = wanted["scale"]
        for j, row in enumerate(got["influence"]):
            for key in ROW:
                self.near(row[key], wanted["influence"][key][j], key, scale if key == "tau2_del" else 1e-3)
            for shift, value in zip(row["dfbs"], wanted["dfbs"][j], strict=True):
                self.near(shift, value, "dfbs")
        for x, y, at in zip(*(wanted["baujat"][key] for key in ("x", "y", "ids")), strict=True):
            self.near(got["baujat"][at - 1]["x"], x, "baujat x")
            self.near(got["baujat"][at - 1]["y"], y, "baujat y")
        self.regression(got["egger"], wanted["egger"])
        for predictor in ("vi", "ni", "ninv"):
            if predictor in wanted:
                self.regression(got["regression"][predictor], wanted[predictor])
            else:
                self.assertIsNone(got["regression"][predictor])
        for key in ("tau", "pval"):
            self.near(got["begg"][key], wanted["begg"][key], key)
        if job["mods"]:
            self.assertIsNone(got["leave_one_out"])
            self.assertIsNone(got["peters"])
            self.assertIn("moderators", got["trim_and_fill"]["L0"]["reason"])
            return
        self.lines(got["leave_one_out"], wanted["leave_one_out"], scale)
        self.lines(got["cumulative"], wanted["cumulative"], scale)
        self.assertEqual([line["label"] for line in got["cumulative"]], [f"s{at}" for at in wanted["order"]])
        for estimator, trim in wanted["trim"].items():
            self.trim(got["trim_and_fill"][estimator], trim, job["k"])
        if job["measure"] == "GEN":
            self.assertIsNone(got["peters"])
            self.assertIsNone(got["arcsine"])
        else:
            for key, value in wanted["peters"].items():
                self.near(got["peters"][key], value, key)
            self.regression(got["arcsine"], wanted["arcsine"])

    def test_random_studies(self):
        jobs = list(self.jobs())
        script, asked, said = self.write("checks.R", R_SCRIPT), self.write("jobs.json", json.dumps(jobs)), self.folder / "r.json"
        done = subprocess.run(["Rscript", "--vanilla", script, asked, said], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        seen = set()
        for job, wanted in zip(jobs, json.loads(said.read_text()), strict=True):
            self.assertNotIn("error", wanted, job)
            arguments = ["--mods", "x"] if job["mods"] else ["--cumulative", "year"]
            got = self.answer("evidence", "pool", job["file"], "--measure", job["measure"], "--method", job["method"],
                              "--test", job["test"], "--influence", "--bias", *arguments)
            with self.subTest(**job):
                self.compare(job, got, wanted)
            seen |= {"filled"} if any(t and t["k0"] for t in (wanted.get("trim") or {}).values()) else set()
            seen |= {"Q0"} if "trim" in wanted and wanted["trim"]["Q0"] is None else set()
            seen |= {"ties"} if not got["begg"]["exact"] else set()
            seen |= {"influential"} if any(wanted["influence"]["influential"]) else set()
            seen |= {"boundary"} if got["tau2"] == 0 and job["method"] == "REML" else set()
        self.assertEqual(seen, {"filled", "Q0", "ties", "influential", "boundary"})  # none of them went untested


class Answers(support.Case):
    ROWS = [{"study": f"s{i}", "year": 2000 + i, "xi": x, "ni": n}
            for i, (x, n) in enumerate(((5, 10), (12, 40), (8, 13), (33, 60), (4, 6), (70, 100), (9, 11), (20, 33), (7, 16),
                                        (15, 22)))]

    def pool(self, rows, *arguments, **options):
        return self.answer("evidence", "pool", self.write("a.csv", support.csv_text(rows)), "--measure", "PLO", *arguments, **options)

    def test_one_study_and_two(self):
        for k in (1, 2):
            for method in ("FE", "DL", "REML"):
                got = self.pool(self.ROWS[:k], "--method", method, "--influence", "--bias", "--cumulative", "year")
                self.assertEqual(len(got["leave_one_out"]), k)
                self.assertEqual(got["leave_one_out"][0]["b"] is None, k == 1)
                self.assertEqual(got["influence"][0]["cook_d"] is None, k == 1)
                self.assertFalse(k == 1 and got["influence"][0]["influential"])
                self.assertEqual(got["cumulative"][-1]["b"], got["b"][0])
                for model in ("lm", "rma"):
                    self.assertIsNone(got["egger"][model]["pval"])
                self.assertIsNone(got["peters"]["pval"])
                self.assertEqual(got["begg"]["pval"], None if k == 1 else 1)
                for estimator in ("L0", "R0", "Q0"):
                    self.assertIn("3 studies", got["trim_and_fill"][estimator]["reason"])
                text = self.succeed("evidence", "pool", self.folder / "a.csv", "--measure", "PLO", "--method", method,
                                    "--influence", "--bias", "--cumulative", "year").stdout
                self.assertIn("needs more studies", text)
                self.assertNotIn(" nan", text)

    def test_low_power_is_said_below_ten(self):
        self.assertIn("BMJ 2011;343:d4002", self.pool(self.ROWS[:9], "--bias")["bias_note"])
        self.assertIsNone(self.pool(self.ROWS, "--bias")["bias_note"])
        for k, said in ((9, True), (10, False)):
            text = self.succeed("evidence", "pool", self.write("a.csv", support.csv_text(self.ROWS[:k])), "--measure", "PLO",
                                "--bias").stdout
            self.assertEqual("little power" in text, said)

    def test_equal_variances_are_a_gap_with_a_reason(self):
        rows = [{"yi": y, "vi": 0.1} for y in (0.1, 0.5, 0.2, 0.9)]
        got = self.answer("evidence", "pool", self.write("a.csv", support.csv_text(rows)), "--measure", "GEN", "--bias")
        self.assertIn("equal", got["egger"]["reason"])
        self.assertIn("equal", got["trim_and_fill"]["L0"]["reason"])
        self.assertIsNone(got["begg"]["pval"])

    def test_nothing_unless_asked(self):
        got = self.pool(self.ROWS)
        for member in ("leave_one_out", "influence", "baujat", "cumulative", "egger", "begg", "trim_and_fill", "figures"):
            self.assertNotIn(member, got)

    def test_text_has_every_study_and_the_marks(self):
        text = self.succeed("evidence", "pool", self.write("a.csv", support.csv_text(self.ROWS)), "--measure", "PLO", "--influence",
                            "--cumulative", "year", "--bias").stdout
        got = self.pool(self.ROWS, "--influence")
        marked = [row["label"] for row in got["influence"] if row["influential"]]
        part = text.split("influence (")[1].split("cumulative by year")[0]
        self.assertEqual(re.findall(r"^(s\d) .*\*$", part, re.M), marked)
        self.assertTrue(marked)
        self.assertIn(f"{len(marked)} of 10 studies marked", part)
        self.assertEqual(len(re.findall(r"^20\d\d s\d ", text, re.M)), 10)

    def refused(self, *arguments):
        done = support.stasis("evidence", "pool", self.write("a.csv", support.csv_text(self.ROWS)), "--measure", "PLO", *arguments)
        self.assertEqual(done.stdout, "")
        return done.returncode, done.stderr

    def test_refusals(self):
        code, said = self.refused("--cumulative", "when")
        self.assertEqual(code, 3)
        self.assertIn("when", said)
        code, said = self.refused("--cumulative", "study")
        self.assertEqual(code, 4)
        code, said = self.refused("--cumulative", "year", "--mods", "year")
        self.assertEqual(code, 1)
        code, said = self.refused("--forest", self.folder / "f.png", "--mods", "year")
        self.assertEqual(code, 1)
        code, said = self.refused("--labbe", self.folder / "l.png")
        self.assertEqual(code, 1)
        self.assertIn("OR, RR, RD and PETO", said)
        code, said = self.refused("--forest", self.folder / "f.bmp")
        self.assertEqual(code, 1)
        self.assertIn(".svg", said)
        rows = [dict(row) for row in self.ROWS]
        rows[3]["year"] = ""
        done = support.stasis("evidence", "pool", self.write("b.csv", support.csv_text(rows)), "--measure", "PLO", "--cumulative", "year")
        self.assertEqual(done.returncode, 4)
        self.assertIn("b.csv:5", done.stderr)

    def test_pictures(self):
        rows = [dict(row, group="ab"[i % 2]) for i, row in enumerate(self.ROWS)]
        got = self.pool(rows, "--subgroup", "group", "--bias", "--forest", self.folder / "f.svg", "--funnel",
                        self.folder / "fu.pdf", "--baujat", self.folder / "b.png")
        self.assertEqual(got["figures"]["forest"], str(self.folder / "f.svg"))
        self.assertTrue((self.folder / "f.svg").read_text().rstrip().endswith("</svg>"))
        self.assertTrue((self.folder / "fu.pdf").read_bytes().startswith(b"%PDF"))
        self.assertTrue((self.folder / "b.png").read_bytes().startswith(b"\x89PNG"))
        tables = [{"ai": 3, "bi": 7, "ci": 1, "di": 9}, {"ai": 0, "bi": 8, "ci": 2, "di": 9}]
        self.succeed("evidence", "pool", self.write("t.csv", support.csv_text(tables)), "--measure", "RR", "--labbe",
                     self.folder / "l.svg", "--forest", self.folder / "f2.svg")
        self.assertTrue((self.folder / "l.svg").exists() and (self.folder / "f2.svg").exists())


if __name__ == "__main__":
    support.main()
