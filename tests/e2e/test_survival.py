# SPDX-License-Identifier: GPL-3.0-or-later
"""`stasis evidence survival` against R's survival on random data, and what it refuses."""
import json
import math
import random
import subprocess
import unittest

import support

COLUMNS = ("time", "status", "cause", "start", "grp", "centre", "x", "b", "f")

# One run for all data sets of a folder: everything that the program tells, by survfit, survdiff, coxph, cox.zph.
R_SCRIPT = r"""
suppressMessages({library(survival); library(jsonlite)})
options(warn = -1)
control <- coxph.control(eps = 1e-12, iter.max = 100)
curve <- function(fit, i = 1) {
  s <- summary(fit, censored = TRUE)
  table <- summary(fit, rmean = "common")$table
  end <- if (is.matrix(table)) table[i, ] else table
  pick <- if (is.null(s$strata)) seq_along(s$time) else which(as.integer(s$strata) == i)
  q <- quantile(fit, c(.25, .75))
  q <- lapply(q, function(m) if (is.matrix(m)) m[i, ] else m)
  list(n = end[["records"]], events = end[["events"]], rmean = end[["rmean"]], se = end[["se(rmean)"]],
       median = unname(end[c("median", "0.95LCL", "0.95UCL")]),
       quartiles = unname(rbind(q$quantile, q$lower, q$upper)),
       time = s$time[pick], n_risk = s$n.risk[pick], n_event = s$n.event[pick], n_censor = s$n.censor[pick],
       surv = s$surv[pick], std_err = s$std.err[pick], lower = s$lower[pick], upper = s$upper[pick])
}
tests <- function(fit) {
  s <- summary(fit)
  c(list(p = unname(s$coefficients[, "Pr(>|z|)"]), z = unname(s$coefficients[, "z"]),
         hazard_ratio = unname(s$conf.int[, "exp(coef)"]), hazard_ratio_lb = unname(s$conf.int[, "lower .95"]),
         hazard_ratio_ub = unname(s$conf.int[, "upper .95"]), lrt_p = s$logtest[["pvalue"]],
         wald_p = pchisq(fit$wald.test, s$waldtest[["df"]], lower.tail = FALSE), score_p = s$sctest[["pvalue"]]),
    found(fit))
}
found <- function(fit) list(coef = unname(coef(fit)), se = unname(sqrt(diag(as.matrix(vcov(fit))))),
  loglik = fit$loglik,
  score = unname(fit$score), wald = unname(fit$wald.test), df = sum(!is.na(coef(fit))),
  concordance = unname(fit$concordance["concordance"]), concordance_se = unname(fit$concordance["std"]))
zph <- function(fit, how) tryCatch(unname(cox.zph(fit, transform = how)$table), error = function(e) NULL)
model <- function(d, left, ties, strata) {
  f <- paste(if (left) "Surv(start, time, status)" else "Surv(time, status)", "~ x + b + factor(f)",
             if (strata) "+ strata(centre)" else "")
  tryCatch(coxph(as.formula(f), d, ties = ties, control = control), error = function(e) NULL)
}
one <- function(file) {
  d <- read.csv(file)
  out <- list()
  for (conf in c("log", "log-log", "plain"))
    out[[conf]] <- curve(survfit(Surv(time, status) ~ 1, d, conf.type = conf))
  fit <- survfit(Surv(time, status) ~ grp, d)
  groups <- length(unique(d$grp))
  if (groups > 1) out$groups <- lapply(seq_len(groups), function(i) curve(fit, i))
  fit <- survfit(Surv(time, status) ~ 1, d, conf.int = .8)
  table <- tryCatch(summary(fit, rmean = max(d$time) / 3)$table, error = function(e) c("rmean" = NA, "se(rmean)" = NA))
  out$level <- list(lower = fit$lower, upper = fit$upper, rmean = table[["rmean"]], se = table[["se(rmean)"]])
  out$left <- curve(survfit(Surv(start, time, status) ~ 1, d))
  differ <- function(f, rho) tryCatch({
    s <- survdiff(f, d, rho = rho)
    obs <- if (is.matrix(s$obs)) rowSums(s$obs) else s$obs
    exp <- if (is.matrix(s$exp)) rowSums(s$exp) else s$exp
    list(chisq = s$chisq, df = sum(exp > 0) - 1, p = s$pvalue, observed = obs, expected = exp)
  }, error = function(e) NULL)
  out$logrank <- differ(Surv(time, status) ~ grp, 0)
  out$peto <- differ(Surv(time, status) ~ grp, 1)
  out$stratified <- differ(Surv(time, status) ~ grp + strata(centre), 0)
  for (ties in c("efron", "breslow")) for (strata in c(FALSE, TRUE)) for (left in c(FALSE, TRUE)) {
    fit <- model(d, left, ties, strata)
    name <- paste(ties, strata, left)
    if (!is.null(fit)) {
      out[[name]] <- tests(fit)
      out[[paste(name, "zph")]] <- lapply(c("km", "identity", "rank", "log"), function(how)
        if (how == "log" && any(d$time == 0)) NULL else zph(fit, how))
    }
  }
  if (any(d$cause > 0)) {
    cause <- factor(d$cause, 0:max(d$cause))
    present <- sort(unique(d$cause[d$cause > 0]))
    for (conf in c("log", "log-log", "plain")) {
      fit <- survfit(Surv(time, factor(d$cause, c(0, present))) ~ 1, d, conf.type = conf)
      cut <- function(m) unname(lapply(seq_along(present), function(k) m[, k + 1]))
      out[[paste("competing", conf)]] <- list(time = fit$time, n_risk = fit$n.risk[, 1], cif = cut(fit$pstate),
        std_err = cut(fit$std.err), lower = cut(fit$lower), upper = cut(fit$upper), n_event = cut(fit$n.event))
    }
  }
  out
}
files <- readLines("files")
write(toJSON(lapply(files, one), digits = NA, auto_unbox = TRUE, na = "null", null = "null"), "answers.json")
"""


def rows_of(rng, kind, n):
    """Subjects with times of one kind; start lies before time."""
    rows = []
    for i in range(n):
        x, b, f = rng.gauss(50, 10), rng.randrange(2), rng.randrange(1, 4)
        rate = 0.1 * math.exp(0.03 * (x - 50) + 0.5 * b - 0.3 * (f == 2))
        time = rng.expovariate(rate)
        time = {"real": time, "integer": float(round(time)), "heavy": float(min(3, int(time / 5))),
                "one": 2.0, "float": 0.1 * (1 + int(time)) + 0.2, "tiny": time * 1e-3, "large": time * 1e5}[kind]
        if kind == "float" and rng.random() < 0.3:
            time = round(time, 1)
        status = int(rng.random() < 0.65)
        cause = status * rng.choice((1, 2, 2))
        start = time - rng.uniform(0.1, 1) * (0.5 + time) if kind != "integer" else time - rng.randrange(1, 5)
        rows.append([time, status, cause, start, rng.randrange(3), rng.randrange(2), x, b, f])
    return rows


def data_sets():
    rng = random.Random(20140)
    sets = []
    for kind in ("real", "integer", "heavy", "float", "tiny", "large"):
        for n in (12, 25, 60, 90, 150, 200, 300, 400):
            sets.append((f"{kind} {n}", rows_of(rng, kind, n)))
    for name, change in (("all censored", lambda r: (0, 0)), ("all events", lambda r: (1, r[2] or 1)),
                         ("no event in a group", lambda r: (r[1] * (r[4] > 0), r[2] * (r[4] > 0))),
                         ("no event at a level", lambda r: (r[1] * (r[8] != 2), r[2] * (r[8] != 2)))):
        for kind in ("real", "integer"):
            rows = rows_of(rng, kind, 40)
            for row in rows:
                row[1:3] = change(row)
            sets.append((name, rows))
    sets.append(("one time", rows_of(rng, "one", 30)))
    sets.append(("one subject", [[3.0, 1, 1, 1.0, 0, 0, 50.0, 0, 1]]))
    sets.append(("one censored subject", [[3.0, 0, 0, 1.0, 0, 0, 50.0, 0, 1]]))
    flat = [[float(t), s, s, t - 1.5, t % 2, t % 2, 1.0 * t * t, t % 2, 1 + t % 3]
            for t, s in ((1, 1), (2, 1), (3, 0), (4, 0), (5, 1), (6, 1), (7, 0), (8, 0))]
    sets.append(("a curve that rests at a level", flat))
    sets.append(("events every second time", [r[:1] + [i % 2, i % 2] + r[3:] for i, r in enumerate(flat)]))
    return sets


@unittest.skipUnless(support.has_r("survival"), "R with survival is not installed")
class AgreementWithR(support.Case):
    """1e-8 relative wherever R has a number."""

    LIMIT = 1e-8
    BASIC = ("evidence", "survival", "--time", "time", "--status")

    def setUp(self):
        super().setUp()
        self.worst = {}

    def close(self, what, value, wanted, limit=LIMIT, floor=1e-12):
        if isinstance(wanted, list):
            self.assertIsInstance(value, list, what)
            self.assertEqual(len(value), len(wanted), what)
            for v, w in zip(value, wanted):
                self.close(what, v, w, limit, floor)
            return
        if wanted in ("NA", "NaN", "Inf", "-Inf"):
            wanted = None
        self.assertEqual(value is None, wanted is None, f"{what}: {value}, R has {wanted}")
        if wanted is None:
            return
        off = abs(value - wanted) if value != wanted else 0
        relative = off / abs(wanted) if wanted else off
        if off > floor:
            key = what.rsplit(": ", 1)[-1]
            self.worst[key] = max(self.worst.get(key, 0), relative)
            self.assertLessEqual(relative, limit, f"{what}: {value!r}, R has {wanted!r}")

    def curve(self, what, own, r):
        array = lambda v: v if isinstance(v, list) else [v]
        self.assertEqual((own["n"], own["events"]), (r["n"], r["events"]), what)
        for name in ("time", "n_risk", "n_event", "n_censor", "surv", "std_err", "lower", "upper"):
            self.close(f"{what}: {name}", own["curve"][name], array(r[name]))
        self.close(f"{what}: rmean", own["rmean"]["est"], r["rmean"])
        self.close(f"{what}: rmean se", own["rmean"]["se"], r["se"])
        for i, name in enumerate(("est", "lb", "ub")):
            self.close(f"{what}: median {name}", own["median"][name], r["median"][i])
            for q, quarter in enumerate(("25", "75")):
                wanted, value = r["quartiles"][i][q], own["quartiles"][quarter][name]
                apart = isinstance(wanted, float) and value is not None and abs(value - wanted) > 1e-9 * wanted
                if name == "ub" and apart and self.rises(own["curve"]["upper"]):
                    self.first_crossing(what, own["curve"], 1 - int(quarter) / 100, value, wanted)
                    continue
                self.close(f"{what}: quartile {name}", value, wanted)

    def first_crossing(self, what, curve, level, value, wanted):
        """Where an upper limit rises again, R's quantile may take a later crossing; we take the first."""
        below = [t for t, u in zip(curve["time"], curve["upper"]) if u is not None and u < level]
        self.assertEqual(value, below[0], what)
        self.assertTrue(any(abs(t - wanted) <= 1e-12 * t for t in below[1:]), what)
        self.later += 1

    @staticmethod
    def rises(limit):
        known = [v for v in limit if v is not None]
        return any(b > a for a, b in zip(known, known[1:]))

    def logrank(self, what, own, r):
        if r is None:
            return
        if r["df"] < 1:  # R: chisq 0, and a p of 0 or 1
            self.assertEqual((own["df"], own["p"]), (0, None), what)
            return
        for name in ("chisq", "df", "p", "observed", "expected"):
            self.close(f"{what}: {name}", own[name], r[name], floor=1e-300 if name == "p" else 1e-12)

    def cox(self, what, own, r):
        if r is None or r["df"] == 0:
            self.assertTrue(own["df"] == 0 or r is None, what)
            return
        if own["infinite"]:  # R goes on to some finite number, or to none; now and then to a likelihood above 1
            if r["loglik"][1] < 0:
                self.assertGreater(own["loglik"][1], r["loglik"][1] - 1e-7, what)
            self.close(f"{what}: score", own["score"], r["score"])
            gone = [c for c, term in zip(r["coef"], own["terms"])
                    if c in (None, "NA") and term not in own["redundant"]]
            if not gone and abs(own["loglik"][1] - r["loglik"][1]) < 1e-9:
                for term, value, wanted in zip(own["terms"], own["coef"], r["coef"]):
                    if term not in own["infinite"] and isinstance(wanted, float):
                        self.close(f"{what}: coef beside an infinite one", value, wanted, 1e-6)
            return
        for name in ("coef", "se", "loglik", "score", "wald", "df", "concordance", "concordance_se"):
            r_value = [0 if v is None else v for v in r[name]] if name == "se" else r[name]
            value = [0 if v is None else v for v in own[name]] if name == "se" else own[name]
            self.close(f"{what}: {name}", value, r_value, floor=1e-11)
        kept = [j for j, coef in enumerate(own["coef"]) if coef is not None]
        for name in ("p", "z", "hazard_ratio", "hazard_ratio_lb", "hazard_ratio_ub"):
            for j in kept:
                overflows = r[name][j] == "Inf" and own[name][j] is None
                self.close(f"{what}: {name}", own[name][j], None if overflows else r[name][j], floor=1e-300)
        for name in ("lrt_p", "wald_p", "score_p"):
            self.close(f"{what}: {name}", own[name], r[name], floor=1e-300)
        self.close(f"{what}: lrt", own["lrt"], 2 * (r["loglik"][1] - r["loglik"][0]), floor=1e-10)

    def zph(self, what, own, r):
        if r is None or own is None or any(row[0] is None for row in r):
            return
        for term, row in zip(own["terms"], r):
            if term["chisq"] is None and abs(row[0]) < 1e-6:
                continue  # what R has left of nothing
            for name, value in zip(("chisq", "df", "p"), row):
                self.close(f"{what}: zph {name}", term[name], value, floor=1e-300 if name == "p" else 1e-10)
        self.compared_zph += 1

    def run_models(self, name, path, r):
        for ties in ("efron", "breslow"):
            for strata in (False, True):
                for left in (False, True):
                    key = f"{ties} {str(strata).upper()} {str(left).upper()}"
                    for i, how in enumerate(("km", "identity", "rank", "log")):
                        options = ["--cox", "x,b,factor(f)", "--ties", ties]
                        options += ["--strata", "centre"] if strata else []
                        options += ["--start", "start"] if left else []
                        tests = r.get(f"{key} zph") or [None] * 4
                        if tests[i] is not None or how == "km":
                            options += ["--zph", how]
                        elif how != "km":
                            continue
                        own = self.answer(*self.BASIC, "status", *options, path)
                        if how == "km":
                            self.cox(f"{name}: {key}", own["cox"], r.get(key))
                        self.zph(f"{name}: {key} {how}", own["zph"], tests[i])

    def run_set(self, name, path, rows, r):
        basic = (*self.BASIC, "status", path)
        for conf in ("log", "log-log", "plain"):
            own = self.answer(*basic, "--group", "grp", "--conf", conf)
            self.curve(f"{name}: {conf}", own["overall"], r[conf])
        if max(row[0] for row in rows) > 0:
            own = self.answer(*basic, "--level", 80, "--rmean", repr(max(row[0] for row in rows) / 3))["overall"]
            for member, value in (("lower", own["curve"]["lower"]), ("upper", own["curve"]["upper"])):
                wanted = r["level"][member]
                self.close(f"{name}: level {member}", value, wanted if isinstance(wanted, list) else [wanted])
            if r["level"]["rmean"] not in (None, "NA"):  # R refuses an end before the first time
                self.close(f"{name}: restricted mean", own["rmean"]["est"], r["level"]["rmean"])
                self.close(f"{name}: restricted mean se", own["rmean"]["se"], r["level"]["se"])
        own = self.answer(*basic, "--group", "grp")
        for group, wanted in zip(own["groups"], r.get("groups") or []):
            self.curve(f"{name}: group", group, wanted)
        if len(own["groups"]) > 1:
            self.logrank(f"{name}: logrank", own["logrank"], r.get("logrank"))
            self.logrank(f"{name}: peto", self.answer(*basic, "--group", "grp", "--rho", 1)["logrank"], r.get("peto"))
            own = self.answer(*basic, "--group", "grp", "--strata", "centre")
            self.logrank(f"{name}: stratified", own["logrank"], r.get("stratified"))
        self.curve(f"{name}: left", self.answer(*basic, "--start", "start")["overall"], r["left"])
        if len({row[8] for row in rows}) > 1:
            self.run_models(name, path, r)
        for conf in ("log", "log-log", "plain"):
            own = self.answer(*self.BASIC, "cause", "--competing", "--conf", conf, path)["competing"]
            wanted = r.get(f"competing {conf}")
            self.assertEqual(own is None, wanted is None, name)
            for member in wanted or ():
                value = wanted[member]
                if not isinstance(value, list):
                    value = [value]
                if member not in ("time", "n_risk"):
                    value = [v if isinstance(v, list) else [v] for v in value]
                self.close(f"{name}: competing {member}", own["curve"][member], value)

    def test_random_data(self):
        sets = data_sets()
        self.assertGreater(len(sets), 55)
        self.compared_zph = self.later = 0
        for i, (_, rows) in enumerate(sets):
            lines = [",".join(COLUMNS)] + [",".join(repr(v) for v in row) for row in rows]
            self.write(f"{i}.csv", "\n".join(lines) + "\n")
        self.write("files", "\n".join(f"{i}.csv" for i in range(len(sets))) + "\n")
        self.write("reference.R", R_SCRIPT)
        done = subprocess.run(["Rscript", "--vanilla", "reference.R"], cwd=self.folder, text=True, capture_output=True,
                              check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        answers = json.loads((self.folder / "answers.json").read_text())
        for i, (name, rows) in enumerate(sets):
            with self.subTest(name):
                self.run_set(name, self.folder / f"{i}.csv", rows, answers[i])
        self.assertGreater(self.compared_zph, 500)
        self.assertGreater(self.later, 0)
        for what, off in sorted(self.worst.items()):
            print(f"# {what}: {off:.1e}")


TABLE = """months,died,arm,site,age,entry
3.5,1,A,10,61,0
4,0,B,9,55,1
5.25,1,B,9,70,0
6,1,A,10,48,2
8,0,A,9,66,0
9.5,1,B,10,59,0.5
"""


class Survival(support.Case):
    """What the program does with a file."""

    def ask(self, *options, content=TABLE, name="t.csv"):
        return self.answer("evidence", "survival", self.write(name, content), "--time", "months", "--status", "died",
                           *options)

    def refuse(self, code, says, *options, content=TABLE):
        done = support.stasis("evidence", "survival", self.write("t.csv", content), "--time", "months", "--status",
                              "died", *options)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertEqual(done.stdout, "")
        for text in says if isinstance(says, tuple) else (says,):
            self.assertIn(text, done.stderr)
        self.assertLessEqual(len(done.stderr.splitlines()), 2)

    def test_members(self):
        own = self.ask("--group", "arm", "--cox", "age", "--zph", "km", "--competing")
        self.assertEqual((own["n"], own["events"]), (6, 4))
        for curve in (own["overall"], *own["groups"]):
            self.assertLessEqual({"n", "events", "median", "curve"}, curve.keys())
            self.assertEqual(curve["median"].keys(), {"est", "lb", "ub"})
            arrays = ("time", "n_risk", "n_event", "n_censor", "surv", "lower", "upper")
            self.assertEqual(len({len(curve["curve"][name]) for name in arrays}), 1)
        self.assertEqual([g["name"] for g in own["groups"]], ["A", "B"])
        self.assertLessEqual({"chisq", "df", "p"}, own["logrank"].keys())
        self.assertLessEqual({"terms", "coef", "se", "loglik", "score", "wald", "lrt"}, own["cox"].keys())
        self.assertEqual((own["cox"]["terms"], len(own["cox"]["loglik"])), (["age"], 2))
        self.assertEqual([z["term"] for z in own["zph"]["terms"]], ["age", "GLOBAL"])
        self.assertEqual((own["competing"]["causes"], len(own["competing"]["curve"]["cif"])), ([1], 1))
        self.assertEqual([g["name"] for g in own["competing"]["groups"]], ["A", "B"])
        bare = self.ask()
        self.assertEqual((bare["groups"], bare["logrank"], bare["cox"], bare["zph"], bare["competing"]),
                         ([], None, None, None, None))

    def test_order_of_names(self):
        self.assertEqual([g["name"] for g in self.ask("--group", "site")["groups"]], ["9", "10"])
        terms = self.ask("--cox", " factor(site) , factor(arm)")["cox"]["terms"]
        self.assertEqual(terms, ["factor(site)10", "factor(arm)B"])
        mixed = TABLE.replace(",10,", ",ten,")
        self.assertEqual([g["name"] for g in self.ask("--group", "site", content=mixed)["groups"]], ["9", "ten"])
        same = TABLE.replace("5.25,1,B,9", "5.25,1,B,9.0")
        self.assertEqual([g["name"] for g in self.ask("--group", "site", content=same)["groups"]], ["9", "10"])

    def test_spelling_of_files(self):
        plain = self.ask("--group", "arm")
        for content in (TABLE.replace("\n", "\r\n"), "\ufeff" + TABLE, TABLE.replace("A", '"A"'),
                        TABLE.replace("months,died", "died,months").replace("3.5,1,", "1,3.5,").replace("4,0,", "0,4,")
                        .replace("5.25,1,", "1,5.25,").replace("6,1,", "1,6,").replace("8,0,", "0,8,")
                        .replace("9.5,1,", "1,9.5,")):
            self.assertEqual(self.ask("--group", "arm", content=content), plain)
        lines = TABLE.splitlines()
        shuffled = "\n".join(lines[:1] + lines[:0:-1]) + "\n"
        self.assertEqual(self.ask("--group", "arm", content=shuffled), plain)

    def test_missing_is_skipped_when_asked(self):
        holes = TABLE.replace("4,0,B", "4,NA,B").replace("66,0", ",0")
        self.refuse(4, (":3:", "died", "--skip-missing"), content=holes)
        own = self.ask("--skip-missing", content=holes)
        self.assertEqual((own["n"], own["skipped"]), (5, 1))  # age is not asked for
        own = self.ask("--skip-missing", "--cox", "age", content=holes)
        self.assertEqual((own["n"], own["skipped"]), (4, 2))
        text = self.succeed("evidence", "survival", self.folder / "t.csv", "--time", "months", "--status", "died",
                            "--skip-missing", "--cox", "age").stdout
        self.assertIn("2 rows", text)
        self.refuse(4, "none of the 6 rows", "--skip-missing", content="months,died\n" + "NA,1\n" * 6)

    def test_refusals(self):
        self.refuse(3, ("sight", "arm"), "--group", "sight")
        self.refuse(4, (":2:", "arm", "no number"), "--cox", "arm")
        self.refuse(4, (":4:", "died", "--competing"), content=TABLE.replace("5.25,1", "5.25,2"))
        self.refuse(4, (":4:", "died"), content=TABLE.replace("5.25,1", "5.25,0.5"))
        self.refuse(4, (":4:", "died"), "--competing", content=TABLE.replace("5.25,1", "5.25,-1"))
        self.refuse(4, (":3:", "months", "0 or more"), content=TABLE.replace("4,0", "-4,0"))
        self.refuse(4, (":3:", "months", "not finite"), content=TABLE.replace("4,0", "Inf,0"))
        self.refuse(4, (":7:", "age", "not finite"), "--cox", "age", content=TABLE.replace("59", "-Inf"))
        self.refuse(4, (":5:", "entry", "before"), "--start", "entry", content=TABLE.replace("48,2", "48,6"))
        self.refuse(4, "one level", "--cox", "factor(arm)", content=TABLE.replace(",B,", ",A,"))
        self.refuse(1, "--zph", "--zph", "km")
        self.refuse(1, "--strata", "--strata", "site")
        self.refuse(1, "--competing", "--competing", "--start", "entry")
        self.refuse(1, "empty term", "--cox", "age,,entry")
        self.refuse(1, "twice", "--cox", "age,age")
        self.refuse(1, "efron,breslow", "--ties", "exact")
        self.refuse(1, "log,log-log,plain", "--conf", "logit")
        self.refuse(1, "km,identity,rank,log", "--cox", "age", "--zph", "root")
        self.refuse(1, ".svg", "--figure", self.folder / "f.jpg")
        self.refuse(4, "time 0", "--cox", "age", "--zph", "log", content=TABLE.replace("3.5,1", "0,1"))
        self.assertEqual(support.stasis("evidence", "survival", self.folder / "none.csv", "--time", "a", "--status",
                                        "b").returncode, 2)
        self.assertEqual(support.stasis("evidence", "survival", self.folder / "t.csv", "--time", "a").returncode, 1)

    def test_endless_and_redundant_are_said(self):
        own = self.ask("--cox", "age,factor(arm),entry", content=TABLE.replace(",1,A", ",0,A"))
        self.assertIn("factor(arm)B", own["cox"]["infinite"])
        self.assertIsNone(own["cox"]["coef"][1])
        self.assertTrue(any("factor(arm)B" in note and "infinite" in note for note in own["notes"]))
        lines = TABLE.splitlines()
        content = "\n".join([lines[0] + ",years"] + [line + "," + line.split(",")[4] for line in lines[1:]])
        own = self.ask("--cox", "age,years", content=content)
        self.assertEqual(own["cox"]["redundant"], ["years"])
        self.assertEqual((own["cox"]["coef"][1], own["cox"]["df"]), (None, 1))
        self.assertTrue(any("years is left out" in note for note in own["notes"]))

    def test_nothing_happened(self):
        own = self.ask("--group", "arm", "--cox", "age", "--zph", "km", "--competing",
                       content=TABLE.replace(",1,A", ",0,A").replace(",1,B", ",0,B"))
        self.assertEqual((own["events"], own["logrank"]["df"], own["cox"]["coef"]), (0, 0, [None]))
        self.assertEqual((own["zph"], own["competing"], own["overall"]["median"]["est"]), (None, None, None))
        self.assertEqual(own["overall"]["rmean"]["est"], 9.5)
        self.assertGreaterEqual(len(own["notes"]), 3)

    def test_text_says_the_same(self):
        options = ("--group", "arm", "--cox", "age,factor(site)", "--zph", "rank", "--competing", "--strata", "site")
        own = self.ask(*options)
        text = self.succeed("evidence", "survival", self.folder / "t.csv", "--time", "months", "--status", "died",
                            *options).stdout
        for value in (own["logrank"]["chisq"], own["overall"]["median"]["est"], own["overall"]["rmean"]["est"],
                      own["cox"]["lrt"], own["competing"]["curve"]["cif"][0][-1]):
            self.assertIn(f"{value:.4g}", text)
        for name in (*own["cox"]["terms"], *own["notes"]):
            self.assertIn(name, text)

    def test_figures(self):
        for ending, head in (("svg", b"<?xml"), ("pdf", b"%PDF"), ("png", b"\x89PNG")):
            for options in ((), ("--group", "arm"), ("--competing",), ("--competing", "--group", "arm"),
                            ("--start", "entry")):
                path = self.folder / f"f.{ending}"
                self.ask("--figure", path, *options)
                self.assertEqual(path.read_bytes()[:len(head)], head)
                path.unlink()


if __name__ == "__main__":
    support.main()
