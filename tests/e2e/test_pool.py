# SPDX-License-Identifier: GPL-3.0-or-later
"""stasis evidence pool: against R's metafor on random studies, its refusals, and what it leaves out."""
import json
import math
import random
import statistics
import subprocess

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
    out$sub_estimate <- I(mapply(function(g, d) back(job, c(g$beta), d$ni), parts, split(dat, dat$arm)))
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
                check("sub_estimate", level["estimate"], r["sub_estimate"][g], 1e-8, 1e-9)
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
            self.write(name, support.csv_text(rows))
        return {"file": str(path), "measure": measure, "method": "REML", "test": "z", "level": 95, **back, **more}

    def setUp(self):
        super().setUp()
        if not support.has_r("metafor"):
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


class Pool(support.Case):
    """What the program takes, refuses, leaves out and promises, without R."""

    def pool(self, text, *arguments):
        return self.answer("evidence", "pool", self.write("t.csv", text), *arguments)

    def refuse(self, text, *arguments, code=4):
        done = support.stasis("evidence", "pool", self.write("t.csv", text), *arguments)
        self.assertEqual((done.returncode, done.stdout), (code, ""), done.stderr)
        return done.stderr

    def same_pool(self, one, other):
        for name in ("k", "b", "se", "tau2", "QE", "pi_lb"):
            self.assertEqual(one[name], other[name], name)

    def test_columns_that_stand_in(self):
        """n1i for bi, mi for ni, sei for vi: the same bytes in the answer; a row may lack one of the two."""
        tables = self.pool("ai,bi,ci,di\n3,7,5,6\n4,9,1,8\n0,5,2,9\n", "--measure", "OR")
        self.same_pool(tables, self.pool("ai,n1i,ci,n2i\n3,10,5,11\n4,13,1,9\n0,5,2,11\n", "--measure", "OR"))
        self.same_pool(tables, self.pool("ai,bi,n1i,ci,di,n2i\n3,7,10,5,,11\n4,,13,1,8,\n0,5,5,2,9,11\n", "--measure", "OR"))
        self.assertIn("t.csv:3: n1i: 12 is not ai + bi", self.refuse("ai,bi,n1i,ci,n2i\n1,2,3,1,4\n3,7,12,5,11\n", "--measure", "RD"))
        one = self.pool("xi,ni\n3,10\n4,13\n", "--measure", "PLN")
        self.same_pool(one, self.pool("xi,mi\n3,7\n4,9\n", "--measure", "PLN"))
        gen = self.pool("yi,vi\n1,0.25\n2,4\n0,1\n", "--measure", "GEN")
        self.same_pool(gen, self.pool("yi,sei\n1,0.5\n2,2\n0,1\n", "--measure", "GEN"))
        self.same_pool(gen, self.pool("yi,vi,sei\n1,,0.5\n2,4,7\n0,1,\n", "--measure", "GEN"))
        self.assertIn("sei: -1 is not above 0", self.refuse("yi,sei\n1,-1\n", "--measure", "GEN"))

    def test_refusals_name_the_place(self):
        for text, measure, words in (
                ("xi,ni\n1,5\n6,5\n", "PLO", "t.csv:3: xi: 6 is more than ni"),
                ("xi,ni\n1,5\n-1,5\n", "PFT", "t.csv:3: xi: -1 is negative"),
                ("ai,n1i,ci,n2i\n7,5,1,5\n", "OR", "t.csv:2: bi: -2 is negative"),
                ("xi,ni\n1,5\n,5\n", "PLO", "t.csv:3: xi: a value is missing; --skip-missing"),
                ("yi,vi\n1,5\nInf,5\n", "GEN", "t.csv:3: yi: a value is infinite; --skip-missing"),
                ("yi,vi\n1,0\n", "GEN", "t.csv:2: vi: 0 is not above 0"),
                ("ri,ni\n1.2,9\n", "COR", "t.csv:2: ri: 1.2 is no correlation"),
                ("m1i,sd1i,n1i,m2i,sd2i,n2i\n1,-1,9,1,1,9\n", "SMD", "t.csv:2: sd1i: -1 is negative")):
            with self.subTest(text=text):
                self.assertIn(words, self.refuse(text, "--measure", measure))
        self.assertIn('no column "ni"; the header has: xi, n', self.refuse("xi,n\n1,5\n", "--measure", "PR", code=3))
        self.assertIn('no column "year"', self.refuse("xi,ni\n1,5\n", "--measure", "PR", "--mods", "year", code=3))
        self.assertIn('"two" is no number', self.refuse("xi,ni\ntwo,5\n", "--measure", "PR"))

    def test_options_are_checked(self):
        good = "xi,ni,arm\n1,5,a\n2,5,b\n3,9,a\n"
        for arguments, words in (
                ((), "--measure is missing; known are PLO PR"),
                (("--measure", "XX"), 'no measure "XX"; known are PLO PR'),
                (("--measure", "PLO", "--method", "reml"), 'no method "reml"; known are FE DL REML'),
                (("--measure", "PR", "--method", "MH"), "--method MH pools OR, RR, RD and IRR, not PR"),
                (("--measure", "PR", "--method", "GLMM"), "--method GLMM pools PLO"),
                (("--measure", "PR", "--method", "PETO"), "--method PETO pools PETO"),
                (("--measure", "PR", "--test", "t"), "one of z,knha"),
                (("--measure", "PR", "--to", "some"), "one of all,only0"),
                (("--measure", "PR", "--drop00"), "--drop00 has no meaning for PR"),
                (("--measure", "GEN", "--add", "1"), "--add has no meaning for GEN"),
                (("--measure", "MD", "--to", "all"), "--to has no meaning for MD"),
                (("--measure", "PR", "--add", "-1"), "--add got"),
                (("--measure", "PR", "--level", "0.95"), "from 50 to"),
                (("--measure", "PR", "--mods", "ni", "--subgroup", "arm"), "--mods fits one model"),
                (("--measure", "PR", "--mods", "ni", "--bootstrap", "9"), "--mods fits one model"),
                (("--measure", "PR", "--mods", "ni,"), "--mods got"),
                (("--measure", "PR", "--mods", "factor()"), "--mods got"),
                (("--measure", "PR", "--mds", "ni"), "did you mean --mods")):
            with self.subTest(arguments=arguments):
                self.assertIn(words, self.refuse(good, *arguments, code=1))
        self.assertIn("has one level", self.refuse("xi,ni,arm\n1,5,a\n2,5,a\n3,9,a\n", "--measure", "PR", "--mods", "factor(arm)"))
        self.assertIn("coefficient 3 of the model follows", self.refuse(
            "yi,vi,a,b\n1,1,1,2\n2,1,2,4\n3,1,3,6\n4,1,5,10\n", "--measure", "GEN", "--mods", "a,b"))
        self.assertIn("cannot be estimated from 3 studies", self.refuse(good, "--measure", "PR", "--mods", "ni,xi"))

    def test_rows_left_out_are_counted(self):
        s = self.pool("study,yi,vi,dose\nA,1,1,1\nB,,1,2\nC,2,Inf,3\nD,3,1,NA\nE,2,0.5,5\nF,4,2,4\n", "--measure", "GEN",
                      "--mods", "dose", "--skip-missing")
        self.assertEqual((s["k"], s["skipped"]), (3, {"missing": 3, "no_estimate": 0}))
        self.assertEqual([r["label"] for r in s["studies"]], ["A", "E", "F"])
        s = self.pool("xi,ni\n0,5\n2,7\n7,7\n3,8\n", "--measure", "PLO", "--to", "none")
        self.assertEqual((s["k"], s["skipped"]), (2, {"missing": 0, "no_estimate": 2}))
        self.assertEqual([r["label"] for r in s["studies"]], ["study 1", "study 2"])
        text = self.succeed("evidence", "pool", self.write("t.csv", "xi,ni\n0,5\n2,7\n"), "--measure", "PR", "--to", "none").stdout
        self.assertIn("k = 1 study; left out: 0 with a value missing or infinite, 1 without an estimate", text)
        self.assertIn("no study is left to pool: 1 rows lack a value, 1 give no estimate",
                      self.refuse("xi,ni\n0,5\n,7\n", "--measure", "PR", "--to", "none", "--skip-missing"))

    def test_levels_stand_in_their_order(self):
        rows = "".join(f"{i % 7},{1 + i % 3},{g}\n" for i, g in enumerate((10, 9, 2, 10, 9, 2, 10, 9, 2)))
        s = self.pool("yi,vi,g\n" + rows, "--measure", "GEN", "--mods", "factor(g)")
        self.assertEqual(s["mods"], ["intrcpt", "factor(g)9", "factor(g)10"])
        self.assertIsNone(s["estimate"])
        s = self.pool("yi,vi,g\n" + rows.replace("9\n", "B\n"), "--measure", "GEN", "--subgroup", "g")
        self.assertEqual([v["name"] for v in s["subgroups"]["levels"]], ["10", "2", "B"])
        self.assertEqual(s["subgroups"]["QM_df"], 2)
        s = self.pool("yi,vi,g\n1,1,x\n2,2,x\n", "--measure", "GEN", "--subgroup", "g")
        self.assertEqual((s["subgroups"]["QM"], s["subgroups"]["QMp"]), (None, None))

    def test_notes(self):
        s = self.pool("xi,ni\n2,7\n", "--measure", "PLO", "--test", "knha")
        self.assertEqual((s["test"], s["df"], s["tau2"], s["se_tau2"], len(s["notes"])), ("z", None, 0, None, 1))
        s = self.pool("xi,ni\n2,7\n3,9\n", "--measure", "PLO", "--test", "knha", "--method", "FE")
        self.assertIn("not for FE", s["notes"][0])
        self.assertIsNone(s["confint"])
        self.assertIsNone(s["pi_lb"])

    def test_bootstrap(self):
        text = "xi,ni\n" + "".join(f"{i},{10 + 3 * i}\n" for i in range(1, 12))
        path = self.write("b.csv", text)
        arguments = ("evidence", "pool", path, "--measure", "PFT", "--bootstrap", 500, "--json")
        one = self.succeed(*arguments, "--seed", 3).stdout
        self.assertEqual(one, self.succeed(*arguments, "--seed", 3, env={"OMP_NUM_THREADS": "1"}).stdout)
        b = json.loads(one)["bootstrap"]
        self.assertEqual((b["n"], b["seed"]), (500, 3))
        self.assertLess(b["b_lb"], json.loads(one)["b"][0])
        self.assertGreater(b["b_ub"], json.loads(one)["b"][0])
        self.assertTrue(0 < b["estimate_lb"] < b["estimate_ub"] < 1)
        self.assertNotEqual(b, json.loads(self.succeed(*arguments, "--seed", 4).stdout)["bootstrap"])
        self.assertNotIn("bootstrap", self.pool(text, "--measure", "PFT"))
        # the spread of the draws is about the standard error
        self.assertAlmostEqual(b["b_se"] / json.loads(one)["se"][0], 1, delta=0.5)

    def test_text(self):
        done = self.succeed("evidence", "pool", support.SOURCE / "examples/responses.csv", "--measure", "PLO", "--test", "knha",
                            "--subgroup", "arm", "--bootstrap", 100, "--level", 90)
        for words in ("REML (restricted maximum likelihood)", "Knapp and Hartung, t(9)", "k = 10 studies", "90 % interval",
                      "prediction interval", "between levels: Q(1)", "bootstrap of studies, 100 draws", "Invented J"):
            self.assertIn(words, done.stdout)
        done = self.succeed("evidence", "pool", support.SOURCE / "examples/responses.csv", "--measure", "PLO", "--mods", "year,factor(arm)")
        for words in ("mixed-effects model", "residual heterogeneity", "moderators: QM(2)", "factor(arm)TAE"):
            self.assertIn(words, done.stdout)
        self.assertNotIn("nan", done.stdout)

    def test_many_studies_are_pooled_and_not_listed(self):
        rng = random.Random(6)
        rows = [(round(rng.gauss(0, 1), 6), round(rng.uniform(0.1, 1), 6)) for _ in range(100001)]
        s = self.pool("yi,vi\n" + "".join(f"{y},{v}\n" for y, v in rows), "--measure", "GEN", "--method", "HE")
        self.assertEqual((s["k"], s["studies"]), (100001, None))
        self.assertAlmostEqual(s["tau2"], statistics.variance([y for y, _ in rows]) - statistics.fmean([v for _, v in rows]), 10)


if __name__ == "__main__":
    support.main()
