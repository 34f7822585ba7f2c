# SPDX-License-Identifier: GPL-3.0-or-later
"""evidence pool --levels and --bayes, evidence medians: against metafor, and integrals and likelihoods written in R."""
import json
import math
import random
import subprocess
import unittest

import support
from support import stasis

CRITICAL = 3.841458820694124 / 2

R_LEVELS = r"""
suppressPackageStartupMessages({library(metafor); library(jsonlite)})
jobs <- fromJSON(commandArgs(TRUE)[1], simplifyDataFrame = FALSE)
answer <- function(job) {
  d <- read.csv(job$file); d$arm <- seq_len(nrow(d)); o <- job$ours
  o$sigma2_lb <- sapply(o$sigma2_lb, function(x) if (is.null(x)) NA else x)
  o$sigma2_ub <- sapply(o$sigma2_ub, function(x) if (is.null(x)) NA else x)
  V <- if (job$rho > 0) vcalc(d$vi, cluster = d$study, obs = d$arm, rho = job$rho) else d$vi
  fit <- function(s) rma.mv(yi, V, mods = as.formula(job$mods), random = ~ 1 | study/arm, data = d, method = job$method,
                            test = job$test, sigma2 = s)
  f <- fit(unlist(o$sigma2))
  # metafor's own search, where it converges
  own <- tryCatch(suppressWarnings(fit(c(NA, NA))), error = function(e) NULL)
  profile <- function(i, value) if (is.na(value)) NA else { s <- c(NA, NA); s[i] <- value
    tryCatch(as.numeric(logLik(suppressWarnings(fit(s)))), error = function(e) NA) }
  out <- list(k = f$k, b = I(c(f$beta)), se = I(f$se), zval = I(f$zval), pval = I(f$pval), ci_lb = I(f$ci.lb), ci_ub = I(f$ci.ub),
    loglik = as.numeric(logLik(f)), QE = f$QE, QEp = f$QEp, QM = f$QM, QMp = f$QMp,
    own = if (is.null(own)) NA else as.numeric(logLik(own)), own_sigma2 = I(if (is.null(own)) c(NA, NA) else own$sigma2),
    lb = c(profile(1, o$sigma2_lb[1]), profile(2, o$sigma2_lb[2])), ub = c(profile(1, o$sigma2_ub[1]), profile(2, o$sigma2_ub[2])))
  r <- tryCatch(robust(f, cluster = d$study, adjust = TRUE), error = function(e) NULL)
  if (!is.null(r)) out <- c(out, list(robust_se = I(r$se), robust_p = I(r$pval), robust_lb = I(r$ci.lb)))
  if (f$p == 1) { p <- predict(f); out$pi_lb <- p$pi.lb; out$pi_ub <- p$pi.ub }
  # Typical sampling variance, and the bias-reduced sandwich with whole matrices
  X <- f$X; W0 <- chol2inv(chol(f$V)); P <- W0 - W0 %*% X %*% solve(t(X) %*% W0 %*% X) %*% t(X) %*% W0
  out$I2 <- 100 * f$sigma2 / (sum(f$sigma2) + (f$k - f$p) / sum(diag(P)))
  M <- f$M; W <- chol2inv(chol(M)); B <- solve(t(X) %*% W %*% X); e <- c(d$yi - X %*% f$beta); n <- nrow(X)
  H <- X %*% B %*% t(X) %*% W; groups <- split(seq_len(n), d$study)
  root <- function(a) { s <- eigen((a + t(a)) / 2); keep <- s$values > 1e-12 * max(s$values)
    s$vectors[, keep, drop = FALSE] %*% diag(1 / sqrt(s$values[keep]), sum(keep)) %*% t(s$vectors[, keep, drop = FALSE]) }
  if (length(groups) > f$p) {
    meat <- 0; G <- list()
    for (j in seq_along(groups)) { g <- groups[[j]]; I <- diag(n)[g, , drop = FALSE]
      D <- chol(M[g, g, drop = FALSE]); C <- (I - H[g, , drop = FALSE])
      A <- t(D) %*% root(D %*% C %*% M %*% t(C) %*% t(D)) %*% D
      S <- t(X[g, , drop = FALSE]) %*% W[g, g, drop = FALSE] %*% A
      meat <- meat + S %*% e[g] %*% t(S %*% e[g]); G[[j]] <- t(S %*% C) }
    out$cr2_se <- I(sqrt(diag(B %*% meat %*% B)))
    out$cr2_df <- I(sapply(seq_len(f$p), function(c) { U <- sapply(G, function(g) g %*% B[, c]); Q <- t(U) %*% M %*% U
      sum(diag(Q))^2 / sum(Q^2) }))
  }
  out
}
writeLines(toJSON(lapply(jobs, answer), digits = NA, auto_unbox = TRUE, na = "null", null = "null"), commandArgs(TRUE)[2])
"""

# The posterior by integrate() over tau, mu given tau by its normal distribution: quantiles are checked by what lies below.
# A second route for mu: a grid in two dimensions.
R_BAYES = r"""
suppressPackageStartupMessages(library(jsonlite))
jobs <- fromJSON(commandArgs(TRUE)[1], simplifyDataFrame = FALSE)
answer <- function(job) {
  d <- read.csv(job$file); y <- d$yi; v <- d$vi; o <- job$ours; s <- job$number
  prior <- switch(job$prior, halfnormal = function(t) 2 * dnorm(t, 0, s), halfcauchy = function(t) 2 * dcauchy(t, 0, s),
                  uniform = function(t) dunif(t, 0, s))
  m0 <- job$mean; p0 <- if (is.null(job$sd)) 0 else 1 / job$sd^2; if (is.null(m0)) m0 <- 0
  given <- function(t) { w <- 1 / (v + t^2); c(mean = (sum(w * y) + p0 * m0) / (sum(w) + p0), sd = 1 / sqrt(sum(w) + p0)) }
  density <- function(t) sapply(t, function(u) { g <- given(u)
    prod(dnorm(y, g[1], sqrt(v + u^2))) * (if (p0 > 0) dnorm(g[1], m0, 1 / sqrt(p0)) else 1) / dnorm(g[1], g[1], g[2]) * prior(u) })
  cuts <- if (job$prior == "uniform") c(0, s / 8, s / 4, s / 2, s) else c(0, 0.05, 0.2, 0.5, 1, 2, 4, Inf)
  whole <- function(f, cuts) sum(mapply(function(a, b) integrate(f, a, b, rel.tol = 1e-11, abs.tol = 0, subdivisions = 2000)$value,
                                        head(cuts, -1), tail(cuts, -1)))
  top <- max(density(seq(0, 3, 0.01)))
  scaled <- function(t) density(t) / top
  total <- whole(scaled, cuts)
  mean_of <- function(g) whole(function(t) scaled(t) * sapply(t, g), cuts) / total
  below_tau <- function(x) whole(scaled, c(cuts[cuts < x], x)) / total
  out <- list(mu_mean = mean_of(function(t) given(t)[1]), tau_mean = mean_of(identity), tau_sq = mean_of(function(t) t^2))
  out$mu_sd <- sqrt(mean_of(function(t) { g <- given(t); g[2]^2 + (g[1] - out$mu_mean)^2 }))
  out$mu_below <- sapply(c(o$mu$median, o$mu$lb, o$mu$ub), function(x) mean_of(function(t) { g <- given(t); pnorm(x, g[1], g[2]) }))
  out$predict_below <- sapply(c(o$predict$lb, o$predict$ub), function(x) mean_of(function(t) { g <- given(t)
    pnorm(x, g[1], sqrt(g[2]^2 + t^2)) }))
  out$tau_below <- sapply(c(o$tau$median, o$tau$lb, o$tau$ub), below_tau)
  out$tau_short <- below_tau(o$tau$shortest_ub) - if (o$tau$shortest_lb > 0) below_tau(o$tau$shortest_lb) else 0
  out$theta_mean <- mean_of(function(t) { b <- v[1] / (v[1] + t^2); b * given(t)[1] + (1 - b) * y[1] })
  out$log_marginal <- if (p0 > 0) log(total) + log(top) else NA
  out$bayes <- density(0) / prior(0) / (total * top)
  # mu and tau on a grid: Simpson's rule in both
  simpson <- function(n) c(1, rep(c(4, 2), (n - 3) / 2), 4, 1)
  n <- 1001; hi <- if (job$prior == "uniform") s else 8 * s; t <- seq(0, hi, length.out = n); m <- seq(out$mu_mean - 12 * out$mu_sd, out$mu_mean + 12 * out$mu_sd, length.out = 401)
  if (job$prior != "halfcauchy") {
    L <- outer(m, t, function(a, b) { z <- 0; for (i in seq_along(y)) z <- z + dnorm(y[i], a, sqrt(v[i] + b^2), log = TRUE); z })
    L <- exp(L - max(L)) * outer(if (p0 > 0) dnorm(m, m0, 1 / sqrt(p0)) else rep(1, 401), prior(t)) * outer(simpson(401), simpson(n))
    out$grid_mean <- sum(L * m) / sum(L); out$grid_tau <- sum(t(L) * t) / sum(L)
  }
  out
}
writeLines(toJSON(lapply(jobs, answer), digits = NA, auto_unbox = TRUE, na = "null", null = "null"), commandArgs(TRUE)[2])
"""

R_MEDIANS = r"""
suppressPackageStartupMessages({library(jsonlite); library(metafor)})
jobs <- fromJSON(commandArgs(TRUE)[1], simplifyDataFrame = FALSE)
answer <- function(job) {
  d <- read.csv(job$file); reached <- d$median != "NR"; y <- log(ifelse(reached, suppressWarnings(as.numeric(d$median)), d$follow))
  v <- 1 / (job$shape^2 * ifelse(is.na(d$events), job$fraction * d$n, d$events))
  ll <- function(mu, t2) sum(dnorm(y, mu, sqrt(v + t2), log = TRUE)[reached]) +
    sum(pnorm(y, mu, sqrt(v + t2), lower.tail = FALSE, log.p = TRUE)[!reached])
  best <- NULL
  for (start in c(-6, -2, 0)) { f <- optim(c(mean(y), start), function(x) -ll(x[1], exp(x[2])), method = "BFGS",
      control = list(reltol = 1e-15, maxit = 1000)); if (is.null(best) || f$value < best$value) best <- f }
  edge <- optimize(function(m) ll(m, 0), range(y) + c(-1, 1), maximum = TRUE, tol = 1e-12)
  at_mu <- function(m) max(ll(m, 0), sapply(-8:2, function(x0) optimize(function(x) ll(m, exp(x)), c(2 * x0, 2 * x0 + 2),
      maximum = TRUE, tol = 1e-10)$objective))
  at_t <- function(t2) optimize(function(m) ll(m, t2), range(y) + c(-30, 30), maximum = TRUE, tol = 1e-10)$objective
  o <- job$ours
  out <- list(loglik = max(-best$value, edge$objective), mu = if (edge$objective >= -best$value) edge$maximum else best$par[1],
    tau2 = if (edge$objective >= -best$value) 0 else exp(best$par[2]), same = ll(o$log_median, o$tau2),
    ends = c(at_mu(log(o$ci_lb)), at_mu(log(o$ci_ub)), at_t(o$tau2_lb), at_t(o$tau2_ub)))
  if (all(reached)) { f <- rma(y, v, method = "ML", control = list(threshold = 1e-13, maxiter = 10000))
    out$rma_b <- c(f$beta); out$rma_tau2 <- f$tau2; out$rma_ll <- c(logLik(f)) }
  out
}
writeLines(toJSON(lapply(jobs, answer), digits = NA, auto_unbox = TRUE, na = "null", null = "null"), commandArgs(TRUE)[2])
"""


class WithR(support.Case):
    def run_r(self, script, jobs):
        self.write("script.R", script)
        self.write("jobs.json", json.dumps(jobs))
        done = subprocess.run(["Rscript", self.folder / "script.R", self.folder / "jobs.json", self.folder / "out.json"],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads((self.folder / "out.json").read_text())

    def near(self, value, wanted, tolerance, what, floor=1e-12):
        if wanted is None or value is None:
            self.assertEqual(value, wanted, what)
        else:
            self.assertLessEqual(abs(value - wanted), tolerance * max(abs(wanted), floor), f"{what}: {value}, R {wanted}")


def csv_text(header, rows):
    return "\n".join([",".join(header), *(",".join(map(str, row)) for row in rows)]) + "\n"


def nested(rng, item):
    """Arms in studies: with and without spread at either level, single arms, one study, a moderator."""
    between, within = rng.choice((0, 0.05, 0.5, 3)), rng.choice((0, 0.05, 0.5))
    studies = 1 if item % 15 == 7 else rng.choice((4, 6, 10, 14))
    rows = []
    for study in range(studies):
        shift = rng.gauss(0, math.sqrt(between))
        arms = 1 if item % 15 == 3 else 6 if studies == 1 else rng.choice((1, 1, 2, 3, 5))
        for _ in range(arms):
            v, x = rng.uniform(0.02, 0.6), rng.gauss(0, 1)
            rows.append((f"s{study}", 0.4 + shift + rng.gauss(0, math.sqrt(within + v)), v, x))
    rng.shuffle(rows)
    return rows


@unittest.skipUnless(support.has_r("metafor"), "R with metafor and jsonlite is not installed")
class Levels(WithR):
    N = 60

    def test_against_rma_mv(self):
        rng = random.Random(41)
        jobs = []
        for item in range(self.N):
            rows = nested(rng, item)
            path = self.write(f"{item}.csv", csv_text(("study", "yi", "vi", "x"), rows))
            job = {"file": str(path), "mods": "~ x" if item % 4 == 1 else "~ 1", "method": "ML" if item % 3 == 2 else "REML",
                   "test": "t" if item % 2 else "z", "rho": 0.5 if item % 5 == 4 else 0}
            options = ["--measure", "GEN", "--levels", "study", "--method", job["method"]]
            options += ["--test", "knha"] if job["test"] == "t" else []
            options += ["--mods", "x"] if job["mods"] == "~ x" else []
            options += ["--rho", job["rho"]] if job["rho"] else []
            job["ours"] = self.answer("evidence", "pool", path, *options)["levels"]
            jobs.append(job)
        searched = better = limits = 0
        for item, (job, r) in enumerate(zip(jobs, self.run_r(R_LEVELS, jobs))):
            o, at = job["ours"], f"data set {item}"
            self.near(o["loglik"], r["loglik"], 1e-11, at)
            for name in ("b", "se", "zval", "pval", "ci_lb", "ci_ub"):
                for a, b in zip(o[name], r[name], strict=True):
                    self.near(a, b, 1e-10, f"{at} {name}", 1e-6)
            for name in ("QE", "QEp", "QM", "QMp"):
                self.near(o[name], r[name], 1e-10, f"{at} {name}", 1e-6)
            for a, b in zip(o["I2"], r["I2"]):
                self.near(a, b, 1e-10, f"{at} I2", 1e-6)
            if "pi_lb" in r:
                self.near(o["pi_lb"], r["pi_lb"], 1e-10, at)
                self.near(o["pi_ub"], r["pi_ub"], 1e-10, at)
            if "robust_se" in r:
                for name, other in (("se", "robust_se"), ("pval", "robust_p"), ("ci_lb", "robust_lb")):
                    for a, b in zip(o["robust"][name], r[other], strict=True):
                        self.near(a, b, 1e-10, f"{at} {other}", 1e-6)
            if "cr2_se" in r:
                for name in ("se", "df"):
                    for a, b in zip(o["cr2"][name], r["cr2_" + name], strict=True):
                        self.near(a, b, 1e-9, f"{at} CR2 {name}")
            if r["own"] is not None:  # never below what metafor finds; the same place where it is as high
                searched += 1
                self.assertGreaterEqual(o["loglik"], r["own"] - 1e-9, at)
                better += o["loglik"] > r["own"] + 1e-9
                if abs(o["loglik"] - r["own"]) < 1e-11 and all(o["identified"]):
                    for a, b in zip(o["sigma2"], r["own_sigma2"]):
                        self.near(a, b, 1e-5, f"{at} sigma2", 0.1)
            for level in range(2):
                for name, side in (("sigma2_ub", "ub"), ("sigma2_lb", "lb")):
                    end = o[name][level]
                    if end and r[side][level] is not None and all(o["identified"]):
                        self.near(r[side][level], o["loglik"] - CRITICAL, 1e-8, f"{at} {name}")
                        limits += 1
        self.assertGreater(searched, self.N // 2)
        self.assertGreater(limits, self.N)

    def test_single_arms_and_single_study(self):
        rng = random.Random(8)
        rows = [(f"s{i}", rng.gauss(0.3, 0.8), rng.uniform(0.05, 0.2)) for i in range(12)]
        path = self.write("single.csv", csv_text(("study", "yi", "vi"), rows))
        answer = self.answer("evidence", "pool", path, "--measure", "GEN", "--levels", "study")
        levels = answer["levels"]
        self.assertEqual(levels["identified"], [True, False])
        self.near(levels["sigma2"][0], answer["tau2"], 1e-10, "tau2 of the model of two levels")
        self.near(levels["loglik"], answer["loglik"], 1e-10, "log likelihood")
        path = self.write("one.csv", csv_text(("study", "yi", "vi"), [("s", *row[1:]) for row in rows]))
        levels = self.answer("evidence", "pool", path, "--measure", "GEN", "--levels", "study")["levels"]
        self.assertEqual(levels["identified"], [False, True])
        self.assertEqual(levels["sigma2"][0], 0)
        self.near(levels["sigma2"][1], answer["tau2"], 1e-10, "tau2 of the model of two levels")

    def test_refusals(self):
        path = self.write("a.csv", "study,xi,ni\na,3,10\na,4,12\n,5,20\n")
        done = stasis("evidence", "pool", path, "--measure", "PLO", "--levels", "study")
        self.assertEqual(done.returncode, 4)
        self.assertIn(":4:", done.stderr)
        done = stasis("evidence", "pool", path, "--measure", "PLO", "--levels", "place")
        self.assertEqual(done.returncode, 3)
        self.assertIn("place", done.stderr)
        done = stasis("evidence", "pool", path, "--measure", "PLO", "--rho", "0.5")
        self.assertEqual(done.returncode, 1)


@unittest.skipUnless(support.has_r("metafor"), "R with metafor and jsonlite is not installed")
class Bayes(WithR):
    N = 54

    def test_against_integration(self):
        rng = random.Random(17)
        jobs = []
        for item in range(self.N):
            k = rng.choice((3, 4, 6, 9, 14))
            spread = rng.choice((0, 0.3, 0.8))
            rows = [(f"s{i}", rng.gauss(-0.4, spread) + rng.gauss(0, 0.3), rng.uniform(0.03, 0.4)) for i in range(k)]
            path = self.write(f"{item}.csv", csv_text(("study", "yi", "vi"), rows))
            prior = ("halfnormal", "halfcauchy", "uniform")[item % 3]
            job = {"file": str(path), "prior": prior, "number": {"halfnormal": 0.5, "halfcauchy": 0.7, "uniform": 4}[prior]}
            options = ["--prior-tau", f"{prior}:{job['number']}"]
            if item % 2:
                job |= {"mean": 0.5, "sd": 2.0}
                options += ["--prior-mu", "0.5,2"]
            job["ours"] = self.answer("evidence", "pool", path, "--measure", "GEN", "--bayes", *options)["bayes"]
            self.assertLess(job["ours"]["change"], 1e-8)
            jobs.append(job)
        for item, (job, r) in enumerate(zip(jobs, self.run_r(R_BAYES, jobs))):
            o, at = job["ours"], f"data set {item}"
            self.near(o["mu"]["mean"], r["mu_mean"], 1e-9, f"{at} mu", 0.1)
            if o["mu"]["sd"] is not None:
                self.near(o["mu"]["sd"], r["mu_sd"], 1e-9, f"{at} sd")
            self.near(o["tau"]["mean"], r["tau_mean"], 1e-9, f"{at} tau")
            self.near(o["studies"][0]["mean"], r["theta_mean"], 1e-9, f"{at} theta", 0.1)
            self.near(o["bayes_factor_tau0"], r["bayes"], 1e-9, f"{at} Bayes factor")
            self.near(o["log_marginal"], r["log_marginal"], 1e-9, f"{at} marginal likelihood")
            for name in ("mu_below", "tau_below"):
                for a, b in zip(r[name], (0.5, 0.025, 0.975)):
                    self.near(a, b, 1e-9, f"{at} {name}")
            for a, b in zip(r["predict_below"], (0.025, 0.975)):
                self.near(a, b, 1e-9, f"{at} prediction")
            self.near(r["tau_short"], 0.95, 1e-9, f"{at} shortest interval of tau")
            if "grid_mean" in r and job["prior"] == "halfnormal":
                self.near(o["mu"]["mean"], r["grid_mean"], 1e-6, f"{at} mu on a grid", 0.1)
                self.near(o["tau"]["mean"], r["grid_tau"], 1e-5, f"{at} tau on a grid")

    def test_defaults_and_refusals(self):
        path = self.write("a.csv", "study,xi,ni\na,3,10\nb,4,12\nc,5,20\n")
        answer = self.answer("evidence", "pool", path, "--measure", "PLO", "--bayes")["bayes"]
        self.assertEqual(answer["prior"], {"mu": "flat", "tau": {"name": "halfnormal", "number": 0.5}})
        self.assertIsNone(answer["log_marginal"])
        self.assertAlmostEqual(answer["mu"]["estimate"], 1 / (1 + math.exp(-answer["mu"]["median"])), 12)
        text = self.succeed("evidence", "pool", path, "--measure", "PLO", "--bayes").stdout
        self.assertIn("assumed priors: mu even over all numbers; tau half normal with this scale, 0.5", text)
        for options, says in ((("--measure", "PR", "--bayes"), "--prior-tau"),
                              (("--measure", "PLO", "--prior-tau", "halfnormal:1"), "is for --bayes"),
                              (("--measure", "PLO", "--bayes", "--prior-tau", "halfnormal:0"), "halfnormal:SCALE"),
                              (("--measure", "PLO", "--bayes", "--prior-tau", "gamma:1"), "halfnormal:SCALE"),
                              (("--measure", "PLO", "--bayes", "--prior-mu", "0,-1"), "MEAN,SD"),
                              (("--measure", "PLO", "--bayes", "--prior-mu", "0"), "2 numbers"),
                              (("--measure", "PLO", "--bayes", "--mods", "ni"), "--mods")):
            done = stasis("evidence", "pool", path, *options)
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn(says, done.stderr)
            self.assertEqual(done.stdout, "")


@unittest.skipUnless(support.has_r("metafor"), "R with metafor and jsonlite is not installed")
class Medians(WithR):
    N = 54

    def test_against_optim(self):
        rng = random.Random(23)
        jobs, shapes = [], {}
        for item in range(self.N):
            rows, bounds = [], item % 3
            for i in range(rng.choice((3, 5, 9, 16))):
                n, time = rng.randint(6, 120), round(30 * math.exp(rng.gauss(0, rng.choice((0.1, 0.8)))), 1)
                events = rng.choice(("", rng.randint(n // 2, n)))
                missed = bounds and i > 0 and rng.random() < 0.3
                rows.append((f"s{i}", "NR" if missed else time, n, events, time if missed else ""))
            path = self.write(f"{item}.csv", csv_text(("study", "median", "n", "events", "follow"), rows))
            fraction = rng.choice((0.5, 0.8))
            answer = self.answer("evidence", "medians", path, "--median", "median", "--n", "n", "--events", "events",
                                 "--censored", "follow", "--fraction", fraction)
            self.assertEqual(answer["k"], len(rows))
            self.assertEqual(answer["left_out"], [])
            for method in answer["methods"][:4]:
                shapes[method["shape"]] = shapes.get(method["shape"], 0) + 1
            ours = answer["methods"][item % 4]
            jobs.append({"file": str(path), "shape": ours["shape"], "fraction": fraction, "ours": ours})
        self.assertEqual(shapes, {1: 2 * self.N, 0.7: self.N, 1.5: self.N})
        for item, (job, r) in enumerate(zip(jobs, self.run_r(R_MEDIANS, jobs))):
            o, at = job["ours"], f"data set {item}"
            self.near(o["loglik"], r["same"], 1e-10, at)
            self.assertGreaterEqual(o["loglik"], r["loglik"] - 1e-9, at)
            self.near(o["loglik"], r["loglik"], 1e-8, at, 1)
            self.near(o["log_median"], r["mu"], 1e-5, f"{at} mu")
            self.near(o["tau2"], r["tau2"], 1e-4, f"{at} tau2", 0.1)
            self.near(o["median"], math.exp(o["log_median"]), 1e-12, at)
            ends = [end for end, limit in zip(r["ends"], (o["ci_lb"], o["ci_ub"], o["tau2_lb"], o["tau2_ub"])) if limit]
            for end in ends:
                self.near(end, o["loglik"] - CRITICAL, 1e-8, f"{at} limits", 1)
            if "rma_b" in r:
                self.near(o["log_median"], r["rma_b"], 1e-10, f"{at} rma")
                self.near(o["tau2"], r["rma_tau2"], 1e-9, f"{at} rma tau2", 0.1)
                self.near(o["loglik"], r["rma_ll"], 1e-10, f"{at} rma log likelihood", 1)


class MediansCommand(support.Case):
    TABLE = ("study,months,n,dead,follow\nA,20,40,25,\nB,35,30,,\nC,NR,50,10,60\nD,>48,20,,\nE,NR,22,,\n"
             "F,,10,,\nG,12,,,\nH,18,33,,\n")

    def test_rows_left_out_are_told(self):
        path = self.write("m.csv", self.TABLE)
        options = ("evidence", "medians", path, "--median", "months", "--n", "n", "--events", "dead", "--label", "study",
                   "--censored", "follow")
        answer = self.answer(*options)
        self.assertEqual((answer["rows"], answer["k"]), (8, 5))
        self.assertEqual([(row["label"], row["line"]) for row in answer["left_out"]], [("E", 6), ("F", 7), ("G", 8)])
        self.assertIn("no follow-up", answer["left_out"][0]["why"])
        self.assertEqual([m["method"] for m in answer["methods"]], ["exponential", "weibull", "weibull", "weibull", "order"])
        for method in answer["methods"]:
            self.assertEqual(method["not_reached"], 2)
            self.assertTrue(method["assumed"])
        self.assertIn("deaths as given in 2 of 5 arms, else 0.5 of the patients", answer["methods"][0]["assumed"])
        text = self.succeed(*options).stdout
        self.assertIn("left out: line 6 E: median not reached, and no follow-up given", text)
        self.assertIn("pooled from literature", text)
        order = self.answer(*options, "--method", "order")["methods"]
        self.assertEqual(len(order), 1)
        self.assertEqual(order[0]["median"], 35)
        self.assertEqual(order[0]["ci_lb"], 0)
        self.assertIsNone(order[0]["ci_ub"])

    def test_example(self):
        answer = self.answer("evidence", "medians", support.SOURCE / "examples/medians.csv", "--median", "months", "--n", "n",
                             "--events", "deaths", "--label", "study", "--censored", "follow_up")
        self.assertEqual((answer["k"], answer["left_out"]), (7, []))

    def test_refusals(self):
        options = ("--median", "months", "--n", "n", "--events", "dead")
        for change, code, says in ((("20,40", "0,40"), 4, ":2:"), (("20,40", "20,4.5"), 4, "whole number"),
                                   (("40,25", "40,41"), 4, "deaths"), (("40,25", "40,0"), 4, "was reached"),
                                   (("A,20", "A,twenty"), 4, "months"), ((">48", ">x"), 4, "NR"),
                                   (("months", "weeks"), 3, "months")):
            path = self.write("m.csv", self.TABLE.replace(*change))
            done = stasis("evidence", "medians", path, *options)
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertIn(says, done.stderr)
            self.assertEqual(done.stdout, "")
        path = self.write("m.csv", self.TABLE)
        self.assertEqual(stasis("evidence", "medians", path, "--n", "n").returncode, 1)
        self.assertEqual(stasis("evidence", "medians", path, *options, "--method", "mean").returncode, 1)
        self.assertEqual(stasis("evidence", "medians", path, *options, "--fraction", "0").returncode, 1)
        path = self.write("m.csv", "months,n,dead\nNR,20,\n")
        done = stasis("evidence", "medians", path, *options)
        self.assertEqual(done.returncode, 4)


if __name__ == "__main__":
    support.main()
