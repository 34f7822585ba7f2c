# SPDX-License-Identifier: GPL-3.0-or-later
"""stasis evidence pool: against R's metafor on random studies, its refusals, and what it leaves out."""
import csv
import functools
import io
import json
import math
import random
import shutil
import statistics
import subprocess
import unittest

import support

ONE_ARM, TABLE, MEANS = ("PLO", "PR", "PLN", "PAS", "PFT"), ("OR", "RR", "RD", "PETO"), ("MD", "SMD", "ROM")
MEASURES = (*ONE_ARM, *TABLE, *MEANS, "COR", "ZCOR", "IRR", "IRLN", "GEN")
METHODS = ("FE", "DL", "REML", "ML", "PM", "EB", "SJ", "HE", "HS")
BACK = {"PLO": "transf.ilogit", "PLN": "exp", "PAS": "transf.iarcsin", "PFT": "hm", "OR": "exp", "RR": "exp",
        "PETO": "exp", "ROM": "exp", "ZCOR": "transf.ztor", "IRR": "exp", "IRLN": "exp"}

# Fits every job and writes what the program writes under the same names.
R_SCRIPT = r"""
suppressPackageStartupMessages({library(metafor); library(jsonlite)})
jobs <- fromJSON(commandArgs(TRUE)[1], simplifyDataFrame = FALSE)
columns <- list(PLO = c("xi", "ni"), OR = c("ai", "bi", "ci", "di"), MD = c("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i"),
                COR = c("ri", "ni"), IRR = c("x1i", "t1i", "x2i", "t2i"), IRLN = c("xi", "ti"))
family <- function(m) if (m %in% c("PR", "PLN", "PAS", "PFT")) "PLO" else if (m %in% c("RR", "RD", "PETO")) "OR" else
  if (m %in% c("SMD", "ROM")) "MD" else if (m == "ZCOR") "COR" else m
effects <- function(job, dat) {
  if (job$measure == "GEN") return(dat)
  args <- c(list(measure = job$measure), as.list(dat[columns[[family(job$measure)]]]))
  for (name in c("add", "to", "drop00")) if (!is.null(job[[name]])) args[[name]] <- job[[name]]
  es <- do.call(escalc, args)
  dat$yi <- c(es$yi); dat$vi <- c(es$vi)
  dat
}
back <- function(job, x, ni) if (is.null(job$back)) x else if (job$back == "hm")
  sapply(x, transf.ipft.hm, targs = list(ni = ni)) else sapply(x, get(job$back))
fit <- function(job, dat) {
  s <- median(dat$vi)
  ctl <- list(threshold = 1e-12 * s, maxiter = 10000, tol = 1e-14 * s, tau2.max = 1e6 * max(dat$vi, var(dat$yi), na.rm = TRUE))
  args <- list(yi = dat$yi, vi = dat$vi, data = dat, method = job$method, test = job$test, level = job$level, control = ctl)
  if (!is.null(job$mods)) args$mods <- as.formula(paste("~", job$mods))
  do.call(rma, args)
}
answer <- function(job) {
  dat <- effects(job, read.csv(job$file, colClasses = c(study = "character", arm = "character")))
  used <- !is.na(dat$yi) & !is.na(dat$vi) & dat$vi > 0
  out <- list(left_out = sum(!used))
  dat <- dat[used, ]
  if (nrow(dat) == 0) return(out)
  f <- fit(job, dat)
  out <- c(out, list(k = f$k, b = I(c(f$beta)), se = I(f$se), zval = I(f$zval), pval = I(f$pval), ci_lb = I(f$ci.lb),
    ci_ub = I(f$ci.ub), tau2 = f$tau2, se_tau2 = f$se.tau2, vt = f$vt, I2 = f$I2, H2 = f$H2, QE = f$QE, QEp = f$QEp,
    QM = f$QM, QMp = f$QMp, loglik = c(logLik(f)), yi = I(c(f$yi)), vi = I(f$vi), weight = I(c(weights(f))),
    scale = median(dat$vi)))
  if (f$p == 1) {
    p <- predict(f)
    out <- c(out, list(estimate = back(job, c(f$beta), dat$ni), estimate_lb = back(job, f$ci.lb, dat$ni),
                       estimate_ub = back(job, f$ci.ub, dat$ni)))
    if (job$method != "FE") out <- c(out, list(pi_lb = p$pi.lb, pi_ub = p$pi.ub, estimate_pi_lb = back(job, p$pi.lb, dat$ni),
                                               estimate_pi_ub = back(job, p$pi.ub, dat$ni)))
  } else out$names <- I(rownames(f$beta))
  if (job$method != "FE" && f$k > 1) {
    c <- confint(f, control = list(tol = 1e-14 * out$scale, tau2.max = 1e8 * max(dat$vi, var(dat$yi))))$random
    out <- c(out, list(tau2_lb = c[1, 2], tau2_ub = c[1, 3], I2_lb = c[3, 2], I2_ub = c[3, 3], H2_lb = c[4, 2],
                       H2_ub = c[4, 3]))
  }
  if (isTRUE(job$subgroup)) {
    parts <- lapply(split(dat, dat$arm), function(d) fit(job, d))
    out$sub_b <- I(sapply(parts, function(g) c(g$beta))); out$sub_se <- I(sapply(parts, function(g) g$se))
    out$sub_tau2 <- I(sapply(parts, function(g) g$tau2)); out$sub_names <- I(names(parts))
    if (length(parts) > 1) {
      between <- rma(out$sub_b, sei = out$sub_se, mods = ~ factor(names(parts)), method = "FE")
      out$sub_QM <- between$QM; out$sub_QMp <- between$QMp
    }
  }
  out
}
result <- lapply(jobs, function(job) tryCatch(suppressWarnings(answer(job)), error = function(e) list(error = conditionMessage(e))))
writeLines(toJSON(result, digits = NA, auto_unbox = TRUE, na = "null", null = "null"), commandArgs(TRUE)[2])
"""


@functools.cache
def has_metafor():
    if shutil.which("Rscript") is None:
        return False
    done = subprocess.run(["Rscript", "-e", "q(status = !all(sapply(c('metafor', 'jsonlite'), requireNamespace)))"],
                          capture_output=True, check=False)
    return done.returncode == 0


def table(rows):
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0].keys(), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def events(rng, n, p):
    """Binomial, and now and then none or all."""
    return rng.choice((0, n)) if rng.random() < 0.12 else sum(rng.random() < p for _ in range(n))


def study(rng, measure, shift, spread):
    """One study of a measure with a true effect of its own."""
    effect = shift + rng.gauss(0, spread)
    p = 1 / (1 + math.exp(-effect))
    n = [rng.randint(2, 80) for _ in range(2)]
    if measure in ONE_ARM:
        return {"xi": events(rng, n[0], p), "ni": n[0]}
    if measure in TABLE:
        if rng.random() < 0.1:  # nothing happens in either arm, or everything
            a, c = rng.choice(((0, 0), n))
        else:
            a, c = events(rng, n[0], p), events(rng, n[1], 0.4)
        return {"ai": a, "bi": n[0] - a, "ci": c, "di": n[1] - c}
    if measure in MEANS:
        sd = [round(rng.uniform(0.3, 3), 3) for _ in range(2)]
        m = [round(rng.gauss(8 + e, s / 3), 4) for e, s in zip((effect, 0), sd)]
        return {"m1i": m[0], "sd1i": sd[0], "n1i": n[0], "m2i": m[1], "sd2i": sd[1], "n2i": n[1]}
    if measure in ("COR", "ZCOR"):
        return {"ri": round(math.tanh(effect / 2 + rng.gauss(0, 0.1)), 6), "ni": n[0]}
    t = [round(rng.uniform(10, 300), 1) for _ in range(2)]
    if measure == "IRR":
        return {"x1i": events(rng, n[0], p), "t1i": t[0], "x2i": events(rng, n[1], 0.4), "t2i": t[1]}
    if measure == "IRLN":
        return {"xi": events(rng, n[0], p), "ti": t[0]}
    v = rng.uniform(0.01, 1) ** 2
    return {"yi": effect + rng.gauss(0, math.sqrt(v)), "vi": v}


def studies(rng, measure, k, scale=1.0):
    shift, spread = rng.choice((-1, 0, 0.7)), rng.choice((0, 0.2, 1))
    rows = []
    for i in range(k):
        row = study(rng, measure, shift, spread)
        if measure == "GEN":
            row = {"yi": repr(row["yi"] * scale), "vi": repr(row["vi"] * scale * scale)}
        rows.append({"study": f"S{i}", "arm": rng.choice("xyz"), "dose": round(rng.gauss(3, 2), 2), **row})
    return rows


def near(value, wanted, relative, absolute=0.0):
    """None of R's null, the program's null and numbers is mistaken for another."""
    if value is None or wanted is None:
        return value is None and wanted is None
    return abs(value - wanted) <= relative * abs(wanted) + absolute


class AgainstMetafor(support.Case):
    """Numbers of the program and of R on the same file, to 1e-8 unless it is said."""

    def run_r(self, jobs):
        path, out = self.write("jobs.json", json.dumps(jobs)), self.folder / "r.json"
        script = self.write("pool.R", R_SCRIPT)
        subprocess.run(["Rscript", script, path, out], check=True, capture_output=True)
        return json.loads(out.read_text())

    def ours(self, job):
        arguments = ["evidence", "pool", job["file"], "--measure", job["measure"], "--method", job["method"], "--test",
                     job["test"], "--level", job["level"]]
        for name in ("add", "to"):
            arguments += [f"--{name}", job[name]] if name in job else []
        arguments += ["--drop00"] if job.get("drop00") else []
        arguments += ["--mods", job["mods"].replace(" + ", ",")] if "mods" in job else []
        arguments += ["--subgroup", "arm"] if job.get("subgroup") else []
        return support.stasis(*arguments, "--json")

    def compare(self, job, done, r):
        """Both fail, or agree; False where metafor's iteration ended without a result."""
        if "not converge" in r.get("error", "") or "Division by zero" in r.get("error", ""):
            self.assertEqual(done.returncode, 0, (job, r, done.stderr))
            return False
        if "b" not in r:
            self.assertIn("Number of parameters" if "error" in r else "", r.get("error", ""), job)
            self.assertEqual(done.returncode, 4, (job, r, done.stdout, done.stderr))
            return True
        self.assertEqual(done.returncode, 0, (job, done.stderr))
        s = json.loads(done.stdout)
        self.assertEqual((s["k"], s["skipped"]["no_estimate"]), (r["k"], r["left_out"]), job)
        unit = math.sqrt(r["scale"])  # what a number close to 0 is measured against
        z = [abs(x) if x is not None else 0 for x in r["zval"]]

        def check(name, value, wanted, relative=1e-8, absolute=0.0):
            self.assertTrue(near(value, wanted, relative, absolute), (name, value, wanted, job))
        for name in ("b", "se", "zval", "pval", "ci_lb", "ci_ub"):
            self.assertEqual(len(s[name]), len(r[name]), job)
            for j, (value, wanted) in enumerate(zip(s[name], r[name])):
                slack = {"b": r["se"][j], "ci_lb": r["se"][j], "ci_ub": r["se"][j], "zval": 1}.get(name, 0) or 0
                check(name, value, wanted, 1e-8 * (1 + z[j] ** 2 if name == "pval" else 1), 1e-8 * slack)
        for name in ("tau2", "tau2_lb", "tau2_ub"):
            if name in r:
                value = s["tau2"] if name == "tau2" else s["confint"]["tau2"][name[-2:]]
                check(name, value, r[name], 1e-8, 1e-9 * r["scale"])
        for name in ("I2_lb", "I2_ub", "H2_lb", "H2_ub"):
            if name in r:
                check(name, s["confint"][name[:2]][name[-2:]], r[name], 1e-8, 1e-7)
        for name in ("se_tau2", "vt", "H2", "QE", "QM", "QMp", "QEp", "loglik", "I2"):
            large = {"QEp": 1 + r["QE"], "QMp": 1 + (r["QM"] or 0)}.get(name, 1)
            check(name, s[name], r[name], 1e-8 * large, {"I2": 1e-7, "QE": 1e-12, "QM": 1e-10, "loglik": 1e-8}.get(name, 0))
        for name in ("estimate", "estimate_lb", "estimate_ub", "pi_lb", "pi_ub", "estimate_pi_lb", "estimate_pi_ub"):
            if name in r:
                check(name, s[name], r[name], 1e-8, 1e-8 * (unit if name.startswith("pi") else min(1, unit)))
        for i, row in enumerate(s["studies"]):
            for name in ("yi", "vi", "weight"):
                check(name, row[name], r[name][i], 1e-8, 1e-14 * unit)
        if "names" in r:
            self.assertEqual(s["mods"], r["names"], job)
        if "sub_b" in r:
            levels = s["subgroups"]["levels"]
            self.assertEqual([v["name"] for v in levels], r["sub_names"])
            for g, level in enumerate(levels):
                check("sub_b", level["b"][0], r["sub_b"][g], 1e-8, 1e-8 * r["sub_se"][g])
                check("sub_se", level["se"][0], r["sub_se"][g])
                check("sub_tau2", level["tau2"], r["sub_tau2"][g], 1e-8, 1e-9 * r["scale"])
            check("sub_QM", s["subgroups"]["QM"], r.get("sub_QM"), 1e-8, 1e-8)
            check("sub_QMp", s["subgroups"]["QMp"], r.get("sub_QMp"), 1e-7)
        return True

    def agree(self, jobs, at_least=0.97):
        compared = sum([self.compare(job, self.ours(job), r) for job, r in zip(jobs, self.run_r(jobs))])
        self.assertGreaterEqual(compared, at_least * len(jobs))

    def job(self, measure, rows, name, **more):
        back = {"back": BACK[measure]} if measure in BACK else {}
        path = self.folder / name
        if not path.exists():
            self.write(name, table(rows))
        return {"file": str(path), "measure": measure, "method": "REML", "test": "z", "level": 95, **back, **more}

    def setUp(self):
        super().setUp()
        if not has_metafor():
            self.skipTest("R with metafor and jsonlite is not installed")

    def test_measures_methods_and_moderators(self):
        """85 tables: every measure, each with one study, two, three and more, by every method."""
        rng, jobs = random.Random(1), []
        for measure in MEASURES:
            for k in (1, 2, 3, 8, 20):
                rows = studies(rng, measure, k)
                for m, method in enumerate(METHODS):
                    name = f"{measure}-{k}.csv"
                    test = ("z", "knha")[(m + k) % 2]
                    jobs.append(self.job(measure, rows, name, method=method, test=test, level=(95, 90, 99.5)[m % 3]))
                    if k == 20:
                        mods = ("dose", "dose + factor(arm)")[m % 2]
                        jobs.append(self.job(measure, rows, name, method=method, test=("knha", "z")[m % 2], mods=mods))
        self.agree(jobs)

    def test_zeros(self):
        rng, jobs = random.Random(2), []
        for measure in (*ONE_ARM, *TABLE, "IRR", "IRLN"):
            for n, options in enumerate(({"to": "all"}, {"to": "if0all", "add": 0.25}, {"to": "none"}, {"add": 1},
                                         {"to": "only0", "add": 0}, {"drop00": True}, {"drop00": True, "to": "if0all"})):
                if "drop00" in options and measure in (*ONE_ARM, "IRLN"):
                    continue
                jobs.append(self.job(measure, studies(rng, measure, 12), f"{measure}-{n}.csv",
                                     method=rng.choice(("FE", "DL", "REML")), **options))
        self.agree(jobs)

    def test_subgroups(self):
        rng, jobs = random.Random(3), []
        for measure in MEASURES:
            for n, method in enumerate(("REML", "DL")):
                jobs.append(self.job(measure, studies(rng, measure, 14), f"{measure}-{n}.csv", method=method, subgroup=True))
        self.agree(jobs, 0.9)

    def test_huge_and_tiny_variances(self):
        rng, jobs = random.Random(4), []
        for n, scale in enumerate((1e-6, 1e6, 1e-6, 1e6)):
            for method in METHODS:
                rows = studies(rng, "GEN", 9, scale)
                jobs.append(self.job("GEN", rows, f"{n}-{method}.csv", method=method, test=("z", "knha")[n % 2]))
                jobs.append(self.job("GEN", rows, f"{n}-{method}.csv", method=method, mods="dose + factor(arm)"))
        self.agree(jobs)

    def test_variances_far_apart_in_one_pool(self):
        """1e-12 beside 1e12: the weight is all on the exact ones."""
        rng, jobs = random.Random(5), []
        for n in range(6):
            rows = studies(rng, "GEN", 8)
            for i, row in enumerate(rows):
                row["vi"] = ("1e-12", "1e12", "1")[(i + n) % 3]
            for method in ("FE", "DL", "HS", "HE", "SJ"):
                jobs.append(self.job("GEN", rows, f"{n}.csv", method=method))
        self.agree(jobs)


if __name__ == "__main__":
    support.main()
