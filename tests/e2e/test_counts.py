# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts pooled by MH, PETO and GLMM against R's metafor (rma.mh, rma.peto, rma.glmm), and refusals."""
import csv
import io
import json
import math
import random
import subprocess
import unittest

import support

SETS = 50
COLUMNS = {"OR": ("ai", "bi", "ci", "di"), "IRR": ("x1i", "t1i", "x2i", "t2i"), "PLO": ("xi", "ni"), "IRLN": ("xi", "ti")}
COLUMNS |= {name: COLUMNS["OR"] for name in ("RR", "RD", "PETO")}

# Answers every job. GLMM with quadrature of as many points as lme4 takes where tau2 is large, for there few are too few;
# logLik of rma.glmm is that of the conditional deviance (3.8-1 with lme4 and nAGQ > 1), so that likelihoods at R's
# estimates are integrated here. CM.EL of OR, for which metafor wants a further package, is maximized here.
R_SCRIPT = r"""
suppressPackageStartupMessages({library(metafor); library(jsonlite)})
jobs <- fromJSON(commandArgs(TRUE)[1], simplifyDataFrame = FALSE)
control <- list(glmerCtrl = list(optimizer = "bobyqa", optCtrl = list(rhobeg = 0.2, rhoend = 1e-8, maxfun = 20000), tolPwrss = 1e-11),
                glmCtrl = list(epsilon = 1e-14, maxit = 100))
over_normal <- function(f, tau) if (tau < 1e-6) f(0) else
  sum(sapply(seq(-10, 8, 2), function(from) integrate(function(z) dnorm(z) * f(tau * z), from, from + 2, rel.tol = 1e-10)$value))
loglik <- function(job, d, b, tau, own) sum(sapply(seq_along(d[[1]]), function(i) {
  x <- sapply(d, function(column) column[i])
  log(over_normal(switch(paste(job$measure, if (length(x) > 2) job$model else ""),
    "PLO " = function(v) dbinom(x[1], x[2], plogis(b + v)), "IRLN " = function(v) dpois(x[1], x[2] * exp(b + v)),
    "OR UM.FS" = function(v) dbinom(x[1], x[1] + x[2], plogis(own[i] + b + v / 2)) * dbinom(x[3], x[3] + x[4], plogis(own[i] - v / 2)),
    "IRR UM.FS" = function(v) dpois(x[1], x[2] * exp(own[i] + b + v / 2)) * dpois(x[3], x[4] * exp(own[i] - v / 2)),
    "OR CM.AL" = function(v) dbinom(x[1], x[1] + x[3], plogis(b + v + log((x[1] + x[2]) / (x[3] + x[4])))),
    "IRR CM.EL" = function(v) dbinom(x[1], x[1] + x[3], plogis(b + v + log(x[2] / x[4]))),
    "OR CM.EL" = function(v) {
      u <- max(0, x[1] - x[4]):min(x[1] + x[2], x[1] + x[3])
      w <- lchoose(x[1] + x[2], u) + lchoose(x[3] + x[4], x[1] + x[3] - u)
      sapply(v, function(v) { e <- w + u * (b + v); exp(e[u == x[1]] - max(e)) / sum(exp(e - max(e))) })
    }), tau))
}))
exact <- function(job, d) {
  f <- function(p) -loglik(job, d, p[1], exp(p[2] / 2), NULL)
  o <- optim(c(0, -1), f, method = "BFGS", control = list(reltol = 1e-14, maxit = 500))
  o <- optim(o$par, f, method = "Nelder-Mead", control = list(reltol = 1e-15, maxit = 1000))
  equal <- optimize(function(b) loglik(job, d, b, 0, NULL), c(-5, 5), maximum = TRUE, tol = 1e-9)
  list(k = length(d[[1]]), b = o$par[1], tau2 = exp(o$par[2]), loglik = -o$value, loglik_equal = equal$objective)
}
tables <- function(f) list(k = f$k, b = c(f$beta), se = f$se, zval = f$zval, pval = f$pval, ci_lb = f$ci.lb, ci_ub = f$ci.ub,
  QE = f$QE, QEp = f$QEp, I2 = f$I2, H2 = f$H2, loglik = c(logLik(f)), cmh = f$MH, cmh_p = f$MHp, tarone = f$TA,
  tarone_p = f$TAp, breslow_day = f$BD, breslow_day_p = f$BDp)
mixed <- function(job, d) {
  notes <- character()
  fit <- function(points) withCallingHandlers(do.call(rma.glmm, c(d, list(measure = job$measure, model = job$model,
    nAGQ = points, control = control, retfit = TRUE))), warning = function(w) { notes <<- c(notes, conditionMessage(w)); invokeRestart("muffleWarning") })
  f <- fit(if (job$model == "UM.RS") 1 else 20)
  if (job$model != "UM.RS" && f$tau2 > 0.7) f <- fit(if (f$tau2 < 2) 40 else 100)
  own <- if (job$model == "UM.FS" && length(d) > 2) lme4::fixef(f$res.ML)[-1] else NULL
  used <- if (length(d) > 2) lapply(d, function(column) column[f$not.na]) else d
  p <- predict(f)
  list(k = f$k, b = c(f$beta), se = f$se, zval = f$zval, pval = f$pval, ci_lb = f$ci.lb, ci_ub = f$ci.ub, tau2 = f$tau2,
       sigma2 = f$sigma2, I2 = f$I2, H2 = f$H2, QE_wald = f$QE.Wld, QE_wald_p = f$QEp.Wld, QE_lrt = f$QE.LRT, QE_lrt_p = f$QEp.LRT,
       pi_lb = p$pi.lb, pi_ub = p$pi.ub, complaint = length(grep("converge|positive definite|singular|unidentif|boundary", notes)) > 0,
       loglik = if (job$model == "UM.RS") c(logLik(f$res.ML)) else loglik(job, used, f$beta[1], sqrt(f$tau2), own))
}
answer <- function(job) {
  d <- lapply(job$data, as.numeric)
  if (job$method == "MH") return(tables(do.call(rma.mh, c(d, list(measure = job$measure, correct = job$correct)))))
  if (job$method == "PETO") return(tables(do.call(rma.peto, d)))
  if (job$measure == "OR" && job$model == "CM.EL") exact(job, d) else mixed(job, d)
}
quiet <- function(job) suppressMessages(suppressWarnings(tryCatch(answer(job), error = function(e) list(error = conditionMessage(e)))))
writeLines(toJSON(lapply(jobs, quiet), digits = NA, auto_unbox = TRUE, na = "null", null = "null"), commandArgs(TRUE)[2])
"""


def table(columns):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values()))
    return out.getvalue()


def draw(rng, n, logit):
    p = 1 / (1 + math.exp(-logit))
    return sum(rng.random() < p for _ in range(n))


def study_set(rng):
    """Two arms with a random effect and now and then empty, full and double-zero studies; times for the rates."""
    k, tau, level = rng.choice((2, 3, 4, 5, 6, 8, 12)), rng.choice((0, 0.3, 0.8, 1.5)), rng.choice((-3.5, -2, -1, 0, 1))
    effect, most = rng.gauss(0, 0.7), rng.choice((12, 40, 120))
    rows = []
    for _ in range(k):
        n1, n2 = rng.randint(4, most), rng.randint(4, most)
        here, v = level + rng.gauss(0, 0.5), rng.gauss(0, tau)
        a, c = draw(rng, n1, here + effect + v / 2), draw(rng, n2, here - v / 2)
        if rng.random() < 0.08:
            a, c = rng.choice(((0, 0), (n1, n2), (0, c), (n1, c)))
        rows.append((a, n1 - a, c, n2 - c, round(rng.uniform(1, 60), 1), round(rng.uniform(1, 60), 1)))
    a, b, c, d, t1, t2 = (list(column) for column in zip(*rows))
    n1 = [x + y for x, y in zip(a, b)]
    return {"OR": (a, b, c, d), "IRR": (a, t1, c, t2), "PLO": (a, n1), "IRLN": (a, t1)}


def jobs():
    rng = random.Random(20)
    made = []
    for i in range(SETS):
        data = study_set(rng)

        def job(measure, method, model="UM.FS", correct=True):
            columns = data[measure if measure in data else "OR"]
            made.append({"set": i, "measure": measure, "method": method, "model": model, "correct": correct,
                         "data": dict(zip(COLUMNS[measure], columns))})

        for measure in ("OR", "RR", "RD", "IRR"):
            job(measure, "MH", correct=i % 2 == 0)
        job("PETO", "PETO")
        job("PLO", "GLMM")
        job("IRLN", "GLMM")
        for model in ("UM.FS", "UM.RS", "CM.AL"):
            job("OR", "GLMM", model)
        for model in ("UM.FS", "UM.RS", "CM.EL"):
            job("IRR", "GLMM", model)
        if i % 5 == 0 and len(data["OR"][0]) < 7:
            job("OR", "GLMM", "CM.EL")
    return made


@unittest.skipUnless(support.has_r("metafor", "lme4"), "R with metafor and lme4 is not installed")
class AgreesWithMetafor(support.Case):
    @classmethod
    def setUpClass(cls):
        cls.pairs = None

    def both(self):
        if AgreesWithMetafor.pairs is None:
            made = jobs()
            script, request, response = self.write("fit.R", R_SCRIPT), self.write("jobs.json", json.dumps(made)), self.folder / "out.json"
            done = subprocess.run(["Rscript", script, request, response], capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            AgreesWithMetafor.pairs = [(job, self.ours(job), theirs)
                                       for job, theirs in zip(made, json.loads(response.read_text()))]
        return AgreesWithMetafor.pairs

    def ours(self, job):
        path = self.write("counts.csv", table(job["data"]))
        options = [] if job["method"] != "GLMM" or len(job["data"]) < 4 else ["--model", job["model"]]
        options += ["--points", "1"] if job["model"] == "UM.RS" else []
        options += [] if job["correct"] else ["--no-continuity"] if job["method"] == "MH" else []
        found = self.answer("evidence", "pool", path, "--measure", job["measure"], "--method", job["method"], *options)
        flat = {key: value[0] if isinstance(value, list) and value and key != "notes" else value for key, value in found.items()}
        for key in ("cmh", "tarone", "breslow_day", "QE_wald", "QE_lrt"):
            flat[key], flat[key + "_p"] = found[key]["stat"], found[key]["p"]
        return flat

    def near(self, ours, theirs, keys, tolerance, floor=1e-3):
        for key in keys:
            a, b = ours[key], theirs.get(key)
            if isinstance(b, str):  # Inf
                b = None
            if b is None:
                self.assertIsNone(a, key)
            else:
                self.assertIsNotNone(a, key)
                self.assertLessEqual(abs(a - b), tolerance * max(floor, abs(b)), f"{key}: {a} and R's {b}")

    def of(self, method, *models):
        return [(job, ours, theirs) for job, ours, theirs in self.both()
                if job["method"] == method and (not models or job["model"] in models) and
                not (job["measure"] == "OR" and job["model"] == "CM.EL")]

    def test_tables(self):
        compared = 0
        for job, ours, theirs in self.of("MH") + self.of("PETO"):
            with self.subTest(job=job["measure"], set=job["set"]):
                if "error" in theirs:  # R stops where one of the outcomes never occurred
                    self.assertIsNone(ours["b"])
                    self.assertEqual(len(ours["notes"]), 1)
                    continue
                keys = ["k", "b", "se", "zval", "pval", "ci_lb", "ci_ub", "QE", "QEp", "I2", "H2", "loglik"]
                if job["measure"] == "OR":
                    keys += ["cmh", "cmh_p", "tarone", "tarone_p", "breslow_day", "breslow_day_p"]
                if job["measure"] == "IRR":
                    keys += ["cmh", "cmh_p"]
                self.near(ours, theirs, keys, 1e-10)
                compared += 1
        self.assertGreater(compared, 4.5 * SETS)

    def test_mixed_models(self):
        """Where lme4 does not complain. Where it fails we have an estimate, or a sentence why there is none."""
        compared = 0
        for job, ours, theirs in self.of("GLMM", "UM.FS", "CM.AL", "CM.EL"):
            with self.subTest(job=(job["measure"], job["model"]), set=job["set"]):
                if "error" in theirs or theirs["complaint"] or ours["b"] is None:
                    self.assertEqual(ours["b"] is None, len(ours["notes"]) == 1)
                    continue
                self.near(ours, theirs, ["k"], 0)
                self.near(ours, theirs, ["QE_lrt", "QE_lrt_p"], 1e-8)
                wide = theirs["tau2"] > 5  # a hundred points are too few for lme4 there
                self.near(ours, theirs, ["b", "se", "tau2", "H2", "ci_lb", "ci_ub", "zval", "pi_lb", "pi_ub", "pval", "I2"],
                          1e-2 if wide else 1e-5, floor=1)
                if not any(0 in column for column in job["data"].values()) and job["measure"] not in ("PLO", "OR"):
                    self.near(ours, theirs, ["QE_wald", "QE_wald_p"], 1e-6)
                compared += 1
        self.assertGreater(compared, 4 * SETS)

    def test_likelihood_is_never_below(self):
        """Whether lme4 complains or not: at R's estimates, integrated accurately, the likelihood is not above ours."""
        complaints = compared = 0
        for job, ours, theirs in self.of("GLMM", "UM.FS", "CM.AL", "CM.EL"):
            if theirs.get("loglik") is None or ours["loglik"] is None:
                continue
            with self.subTest(job=(job["measure"], job["model"]), set=job["set"]):
                self.assertGreaterEqual(ours["loglik"], theirs["loglik"] - 1e-8)
                compared += 1
                complaints += theirs["complaint"]
        self.assertGreater(compared, 4.5 * SETS)
        self.assertGreater(complaints, 5)

    def test_random_study_effects(self):
        """UM.RS by Laplace's approximation, as metafor has it. lme4 takes standard errors from differences, which
        near a variance of zero lose digits: most agree to 1e-5, all to a hundredth."""
        close = compared = 0
        for job, ours, theirs in self.of("GLMM", "UM.RS"):
            with self.subTest(job=job["measure"], set=job["set"]):
                if "error" in theirs or theirs["b"] is None or ours["b"] is None:
                    self.assertEqual(ours["b"] is None, len(ours["notes"]) == 1)
                    continue
                if not isinstance(theirs["se"], float) or theirs["se"] > 1e3:  # the estimate runs away
                    continue
                self.assertGreaterEqual(ours["loglik"], theirs["loglik"] - 1e-8)
                if theirs["complaint"]:
                    continue
                self.near(ours, theirs, ["k"], 0)
                self.near(ours, theirs, ["b", "tau2", "sigma2"], 1e-4, floor=1)
                self.near(ours, theirs, ["se"], 2e-2)
                close += abs(ours["se"] / theirs["se"] - 1) < 1e-5
                compared += 1
        self.assertGreater(compared, SETS // 2)
        self.assertGreater(close, 0.75 * compared)

    def test_exact_conditional_model(self):
        compared = 0
        for job, ours, theirs in self.both():
            if (job["measure"], job["model"]) != ("OR", "CM.EL") or ours["b"] is None:
                continue
            with self.subTest(set=job["set"]):
                self.assertNotIn("error", theirs)
                self.assertAlmostEqual(ours["loglik"], theirs["loglik"], delta=1e-6)
                self.assertGreaterEqual(ours["loglik"], theirs["loglik"] - 1e-8)
                self.assertAlmostEqual(ours["loglik_equal"], theirs["loglik_equal"], delta=1e-9)
                if ours["tau2"] > 0.01:
                    self.near(ours, theirs, ["b", "tau2"], 1e-3, floor=1)
                compared += 1
        self.assertGreater(compared, 5)


class Options(support.Case):
    def setUp(self):
        super().setUp()
        self.tables = self.write("t.csv", "ai,bi,ci,di\n6,14,6,14\n3,17,7,23\n15,15,8,12\n0,9,0,11\n")

    def refuse(self, words, *options):
        done = support.stasis("evidence", "pool", self.tables, *options)
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(done.stdout, "")
        self.assertIn(words, done.stderr)

    def test_what_does_not_go_together_is_refused(self):
        self.refuse("--mods goes with estimates", "--measure", "OR", "--method", "MH", "--mods", "x")
        for option in ("--influence", "--bias", "--bayes", "--forest=f.svg", "--labbe=l.svg", "--levels=study"):
            self.refuse(f"{option.split('=')[0]} goes with estimates", "--measure", "OR", "--method", "MH", option)
        self.refuse("--test knha goes with", "--measure", "OR", "--method", "GLMM", "--test", "knha")
        self.refuse("belong to --method GLMM", "--measure", "OR", "--method", "MH", "--model", "CM.EL")
        self.refuse("belong to --method GLMM", "--measure", "OR", "--points", "7")
        self.refuse("belongs to --method MH", "--measure", "OR", "--method", "GLMM", "--no-continuity")
        self.refuse("not RR", "--measure", "RR", "--method", "GLMM")
        self.refuse("UM.FS,UM.RS,CM.EL,CM.AL", "--measure", "OR", "--method", "GLMM", "--model", "UM")

    def test_peto_is_one_method_by_either_measure(self):
        answers = [self.answer("evidence", "pool", self.tables, "--measure", measure, "--method", "PETO")
                   for measure in ("OR", "PETO")]
        self.assertEqual(*({**answer, "measure": None} for answer in answers))

    def test_double_zero_studies(self):
        found = self.answer("evidence", "pool", self.tables, "--measure", "OR", "--method", "GLMM")
        self.assertEqual((found["k"], found["left_out"]), (3, 1))
        found = self.answer("evidence", "pool", self.tables, "--measure", "RD", "--method", "MH")
        self.assertEqual(found["k"], 4)  # it says something on the difference of risks

    def test_no_events_give_a_sentence(self):
        path = self.write("none.csv", "xi,ni\n0,12\n0,30\n")
        found = self.answer("evidence", "pool", path, "--measure", "PLO", "--method", "GLMM")
        self.assertEqual((found["b"], found["estimate"], found["tau2"]), ([None], None, None))
        self.assertIn("minus infinity", found["notes"][0])
        self.assertIn("minus infinity", self.succeed("evidence", "pool", path, "--measure", "PLO", "--method", "GLMM").stdout)

    def test_same_bytes(self):
        runs = {self.succeed("evidence", "pool", self.tables, "--measure", "OR", "--method", "GLMM", "--model", model,
                             "--json").stdout for model in ("UM.RS", "UM.RS")}
        self.assertEqual(len(runs), 1)


if __name__ == "__main__":
    support.main()
