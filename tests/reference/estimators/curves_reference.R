# Survival curves and their numbers: R's survival, prodlim, geepack; tables by km.ci.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE))), "references.R"))
tied <- get_data("tied"); sim <- get_data("sim_trial"); switching <- get_data("switching")
columns <- function(name) if (name == "sim_trial") list(time = "pfs", event = "pfs_ev") else list(time = "time", event = "event")
ticks <- function(name) if (name == "sim_trial") c(180, 365, 545) else c(6, 12, 24)
survival_of <- function(d, name) { k <- columns(name); Surv(d[[k$time]], d[[k$event]]) }
scales <- c(plain = "plain", log = "log", "log-log" = "log-log", logit = "logit", arcsine = "arcsin")
both <- list(tied = tied, sim_trial = sim)

# curves, every scale, with quantiles
for (name in names(both)) for (scale in names(scales)) {
  f <- survfit(survival_of(both[[name]], name) ~ 1, conf.type = scales[[scale]])
  s <- summary(f, times = ticks(name)); q <- quantile(f, c(0.25, 0.5, 0.6))
  put("kaplan_meier", sprintf("R survival 3.5-3: survfit(conf.type = '%s'), quantile", scales[[scale]]), name,
      list(survival = s$surv, standard_error = s$std.err, lower = s$lower, upper = s$upper,
           quantile = q$quantile, quantile_lower = q$lower, quantile_upper = q$upper),
      c(columns(name), list(scale = scale, at = ticks(name), probability = c(0.25, 0.5, 0.6))))
}
# late entry, weights, clusters, repeats
late <- function(data, d, y, extra, at, call, ...) {
  f <- survfit(y ~ 1, ..., conf.type = "log-log"); s <- summary(f, times = at)
  put("weighted_curve", paste0("R survival 3.5-3: ", call), data,
      list(survival = s$surv, standard_error = s$std.err, lower = s$lower, upper = s$upper,
           hazard = s$cumhaz, hazard_error = s$std.chaz), c(extra, list(at = at)))
}
e <- c(columns("tied"), list(entry = "entry")); w <- list(weight = "weight"); k <- list(cluster = "site")
y <- Surv(tied$time, tied$event); l <- Surv(tied$entry, tied$time, tied$event)
late("tied", tied, l, e, ticks("tied"), "survfit(Surv(entry, time, event) ~ 1)")
late("tied", tied, y, c(columns("tied"), w), ticks("tied"), "survfit(weights =)", weights = tied$weight)
late("tied", tied, y, c(columns("tied"), k), ticks("tied"), "survfit(cluster =)", cluster = tied$site)
late("tied", tied, l, c(e, w, k), ticks("tied"), "survfit(Surv(entry, time, event) ~ 1, weights =, cluster =)",
     weights = tied$weight, cluster = tied$site)
late("tied", tied, y, c(columns("tied"), list(repeats = "arm_plus_1")), ticks("tied"),
     "survfit(weights = arm + 1, robust = FALSE)", weights = tied$arm + 1, robust = FALSE)
s0 <- list(time = "stop", event = "event", entry = "start")
late("switching", switching, Surv(switching$start, switching$stop, switching$event), c(s0, list(cluster = "id")),
     c(3, 10, 25), "survfit(Surv(start, stop, event) ~ 1, cluster = id)", cluster = switching$id)
late("switching", switching, Surv(switching$start, switching$stop, switching$event), s0,
     c(3, 10, 25), "survfit(Surv(start, stop, event) ~ 1)")
# cumulative hazards
for (name in names(both)) for (ties in c("Aalen", "one after another")) {
  f <- survfit(survival_of(both[[name]], name) ~ 1, stype = 2, ctype = if (ties == "Aalen") 1 else 2, conf.type = "log-log")
  s <- summary(f, times = ticks(name))
  put("nelson_aalen", sprintf("R survival 3.5-3: survfit(stype = 2, ctype = %d, conf.type = 'log-log')", if (ties == "Aalen") 1 else 2), name,
      list(hazard = s$cumhaz, error = s$std.chaz, survival = s$surv, survival_lower = s$lower, survival_upper = s$upper),
      c(columns(name), list(ties = ties, at = ticks(name))))
}
for (name in names(both)) {
  f <- survfit(survival_of(both[[name]], name) ~ 1); n <- f$n.risk; d <- f$n.event
  at <- findInterval(ticks(name), f$time); v <- cumsum(d * (n - d) / n^3)[at]; h <- cumsum(d / n)[at]
  z <- qnorm(0.975); half <- z / 2 * sqrt(v / (exp(h) - 1)); a <- asin(exp(-h / 2))
  put("nelson_aalen", "R 4.2.2, formulas of Klein (1991) and Bie, Borgan, Liestol (1987)", name,
      list(hazard = h, error = sqrt(v), plain_lower = pmax(h - z * sqrt(v), 0), plain_upper = h + z * sqrt(v),
           log_lower = h * exp(-z * sqrt(v) / h), log_upper = h * exp(z * sqrt(v) / h),
           arcsine_lower = -2 * log(sin(pmin(pi / 2, a + half))), arcsine_upper = -2 * log(sin(pmax(0, a - half)))),
      c(columns(name), list(ties = "binomial", at = ticks(name))))
}
# bands
tables <- function(level, kind) get(paste0("critical.value.", kind, ".", level), getNamespace("km.ci"))
put("critical_value", "r-cran-km.ci 0.5-6: table of Hall-Wellner critical values (Klein, Moeschberger, C.4)", "none",
    list(critical = c(tables(95, "hall")[1, 1], tables(95, "hall")[31, 6], tables(95, "hall")[41, 16], tables(99, "hall")[41, 6])),
    list(kind = "Hall-Wellner", first = c(0, 0.1, 0.3, 0.1), last = c(0.1, 0.7, 0.9, 0.9), level = c(0.95, 0.95, 0.95, 0.99)),
    digits = 4, note = "The table is printed to four decimals.")
put("critical_value", "r-cran-km.ci 0.5-6: table of equal-precision critical values (Klein, Moeschberger, C.3)", "none",
    list(critical = c(tables(95, "nair")[45, 1], tables(95, "nair")[41, 5], tables(90, "nair")[45, 1])),
    list(kind = "equal precision", first = c(0.02, 0.1, 0.02), last = c(0.98, 0.9, 0.98), level = c(0.95, 0.95, 0.90)),
    digits = 2, note = "The table solves Nair's tail formula, which is not exact; ours is.")

# one time compared: two and three groups, strata
g <- list(plain = function(s) s, log = log, "log-log" = function(s) log(-log(s)), logit = qlogis, arcsine = function(s) asin(sqrt(s)))
slope <- list(plain = function(s) 1, log = function(s) 1 / s, "log-log" = function(s) 1 / (s * log(s)),
              logit = function(s) 1 / (s * (1 - s)), arcsine = function(s) 1 / (2 * sqrt(s * (1 - s))))
for (name in names(both)) for (scale in names(g)) {
  d <- both[[name]]; at <- ticks(name)[2]
  s <- summary(survfit(survival_of(d, name) ~ d$arm), times = at); k <- length(s$surv)
  y <- g[[scale]](s$surv); v <- diag((s$std.err * slope[[scale]](s$surv))^2); contrast <- cbind(-1, diag(k - 1))
  x <- contrast %*% y; all <- t(x) %*% solve(contrast %*% v %*% t(contrast)) %*% x
  two <- (y[2] - y[1])^2 / (v[1, 1] + v[2, 2])
  put("milestone", "R survival 3.5-3: survfit, formulas of Klein et al. (2007)", name,
      list(survival = s$surv, standard_error = s$std.err, two_groups = two, all_groups = all, p = pchisq(all, k - 1, lower.tail = FALSE)),
      c(columns(name), list(scale = scale, at = at)))
}
stored <- fromJSON(file.path(shared, "..", "ref_survival.json"), simplifyVector = FALSE)$results
old <- function(id) { v <- Filter(function(one) one$id == id, stored)[[1]]$values; lapply(v, unlist) }
x <- old("milestone_simtrial_sim_pfs_365")
put("milestone", "R simtrial 1.0.2: milestone(test_type = 'log-log')", "sim_trial", list(two_groups = x$loglog_z^2),
    c(columns("sim_trial"), list(scale = "log-log", at = 365)))
x <- old("kmdiff_lrstat_sim_pfs_365_strat")
put("milestone_strata", "R lrstat 0.3.3: kmdiff(stratum = 'stratum', milestone = 365)", "sim_trial",
    list(difference = x$survDiff, standard_error = x$sesurvDiff, z = x$survDiffZ, p = x$survDiffPValue, lower = x$lower, upper = x$upper),
    c(columns("sim_trial"), list(weighting = "size", at = 365)))
in_strata <- function(d, name, number) {
  k <- columns(name)
  t(sapply(split(d, d$stratum), function(h) {
    f <- sapply(0:1, function(a) number(h[h$arm == a, ], k))
    c(f[1, 2] - f[1, 1], f[2, 1]^2 + f[2, 2]^2, sum(h$arm == 0), sum(h$arm == 1))
  }))
}
weigh <- list(size = function(x) x[, 3] + x[, 4], "Mantel-Haenszel" = function(x) x[, 3] * x[, 4] / (x[, 3] + x[, 4]),
              "inverse variance" = function(x) 1 / x[, 2])
pool <- function(method, d, name, number, arguments, call) for (w in names(weigh)) {
  x <- in_strata(d, name, number); u <- weigh[[w]](x); u <- u / sum(u)
  m <- sum(u * x[, 1]); e <- sqrt(sum(u^2 * x[, 2]))
  put(method, call, name, list(difference = m, standard_error = e, z = m / e, p = 2 * pnorm(-abs(m / e)),
      lower = m - qnorm(0.975) * e, upper = m + qnorm(0.975) * e), c(columns(name), list(weighting = w), arguments))
}
at_time <- function(at) function(h, k) { s <- summary(survfit(Surv(h[[k$time]], h[[k$event]]) ~ 1), times = at); c(s$surv, s$std.err) }
mean_to <- function(tau) function(h, k) summary(survfit(Surv(h[[k$time]], h[[k$event]]) ~ 1), rmean = tau)$table[c("rmean", "se(rmean)")]
pool("milestone_strata", tied[tied$arm < 2, ], "tied", at_time(10), list(at = 10), "R survival 3.5-3: survfit within strata")
pool("milestone_strata", sim, "sim_trial", at_time(180), list(at = 180), "R survival 3.5-3: survfit within strata")
# restricted means
for (tau in c(365, 545)) {
  f <- survfit(Surv(pfs, pfs_ev) ~ arm, sim); s <- summary(f, rmean = tau)$table; m <- s[, "rmean"]; e <- s[, "se(rmean)"]
  z <- qnorm(0.975); r <- sqrt(sum((e / m)^2)); lost <- tau - m; q <- sqrt(sum((e / lost)^2))
  put("rmst", "R survival 3.5-3: summary(survfit, rmean =), ratios on the log scale", "sim_trial",
      list(mean = m, standard_error = e, difference = m[2] - m[1], ratio = m[2] / m[1] * exp(c(0, -z, z) * r),
           lost_ratio = lost[2] / lost[1] * exp(c(0, -z, z) * q)), c(columns("sim_trial"), list(horizon = tau)))
}
two <- tied[tied$arm < 2, ]
s <- summary(survfit(Surv(time, event) ~ arm, two), rmean = 15)$table
put("rmst", "R survival 3.5-3: summary(survfit, rmean =)", "tied",
    list(mean = s[, "rmean"], standard_error = s[, "se(rmean)"], difference = diff(s[, "rmean"])), c(columns("tied"), list(horizon = 15)))
x <- old("rmst_sim_pfs_365")
put("rmst", "R survRM2 1.0-4: rmst2(tau = 365)", "sim_trial",
    list(mean = c(x$arm0[1], x$arm1[1]), standard_error = c(x$arm0[2], x$arm1[2]), difference = x$diff[1], lower = x$diff[2],
         upper = x$diff[3], p = x$diff[4], ratio = x$ratio[1:3]), c(columns("sim_trial"), list(horizon = 365)))
pool("rmst_strata", two, "tied", mean_to(12), list(horizon = 12), "R survival 3.5-3: summary(survfit, rmean =) within strata")
pool("rmst_strata", sim, "sim_trial", mean_to(365), list(horizon = 365), "R survival 3.5-3: summary(survfit, rmean =) within strata")
x <- old("rmst_adj_sim_pfs_545")$adjdiff
put("rmst_adjusted", "R survRM2 1.0-4: rmst2(tau = 545, covariates = age, ecog)", "sim_trial",
    list(coefficient = x[1], standard_error = x[2], lower = x[5], upper = x[6], p = x[4]),
    c(columns("sim_trial"), list(covariates = c("age", "ecog"), horizon = 545, link = "identity", censored_first = TRUE)),
    note = "Asked with the censored moved a quarter of a day ahead, as survRM2 has them before the events of a day.")
# Tian, Zhao, Wei (2014), the censoring of each arm by risk sets without the events of the day
tian <- function(time, event, arm, covariates, tau, log_link) {
  y <- pmin(time, tau); known <- event == 1 | time >= tau; x <- cbind(1, arm, as.matrix(covariates)); w <- numeric(length(y))
  risk <- function(rows, u) rows[y[rows] > u | (y[rows] == u & !known[rows])]
  for (a in 0:1) { rows <- which(arm == a)
    for (i in rows[known[rows]]) { u <- unique(y[rows][!known[rows] & y[rows] < y[i]])
      w[i] <- 1 / prod(1 - vapply(u, function(v) sum(y[rows] == v & !known[rows]) / length(risk(rows, v)), 0)) } }
  b <- if (log_link) glm.fit(x, y, w, family = quasipoisson(), control = glm.control(1e-15, 100))$coefficients else solve(t(x * w) %*% x, t(x * w) %*% y)
  m <- if (log_link) exp(drop(x %*% b)) else drop(x %*% b); s <- x * w * (y - m); k <- s
  for (a in 0:1) { rows <- which(arm == a); ends <- rows[!known[rows]]
    for (i in rows) {
      for (j in ends[y[ends] < y[i] | (y[ends] == y[i] & !known[i])]) { r <- risk(rows, y[j]); k[i, ] <- k[i, ] - colSums(s[r, , drop = FALSE]) / length(r)^2 }
      if (!known[i]) { r <- risk(rows, y[i]); k[i, ] <- k[i, ] + colSums(s[r, , drop = FALSE]) / length(r) }
    } }
  bread <- solve(t(x * (if (log_link) m else 1)) %*% x)
  list(coefficient = b[-1], standard_error = sqrt(diag(bread %*% t(k) %*% k %*% bread))[-1])
}
for (log_link in c(FALSE, TRUE)) {
  link <- if (log_link) "log" else "identity"
  put("rmst_adjusted", "R 4.2.2, formulas of Tian, Zhao, Wei (2014) row by row", "tied",
      tian(two$time, two$event, two$arm, two[, c("age", "marker")], 15, log_link), c(columns("tied"), list(covariates = c("age", "marker"), horizon = 15, link = link)))
  put("rmst_adjusted", "R 4.2.2, formulas of Tian, Zhao, Wei (2014) row by row", "sim_trial",
      tian(sim$pfs, sim$pfs_ev, sim$arm, sim[, c("age", "ecog")], 365, log_link), c(columns("sim_trial"), list(covariates = c("age", "ecog"), horizon = 365, link = link)))
}
# weighted means: R's residuals are what a unit of a row's weight moves, times the weight
for (name in names(both)) for (by in c("row", "site")) {
  d <- both[[name]]; d <- d[d$arm < 2, ]; k <- columns(name); tau <- ticks(name)[2]
  d$w <- if (name == "tied") d$weight else d$age / 60
  moved <- matrix(0, nrow(d), 2); m <- numeric(2)
  for (a in 0:1) {
    rows <- which(d$arm == a); f <- survfit(Surv(d[[k$time]][rows], d[[k$event]][rows]) ~ 1, weights = d$w[rows])
    m[a + 1] <- summary(f, rmean = tau)$table["rmean"]
    moved[rows, a + 1] <- drop(residuals(f, times = tau, type = "rmst", weighted = TRUE))
  }
  if (by == "site") moved <- rowsum(moved, d$site)
  e <- sqrt(sum((moved[, 2] - moved[, 1])^2))
  put("rmst_weighted", "R survival 3.5-3: survfit(weights =), residuals(type = 'rmst', weighted = TRUE)", name,
      list(mean = m, standard_error = sqrt(colSums(moved^2)), difference = m[2] - m[1], difference_error = e, p = 2 * pnorm(-abs(m[2] - m[1]) / e)),
      c(k, list(weight = if (name == "tied") "weight" else "age / 60", horizon = tau, by = by)))
}
# pseudo-values and their regression
suppressMessages({library(prodlim); library(geepack)})
tiny <- geese.control(epsilon = 1e-13, maxit = 200)
for (name in names(both)) {
  d <- both[[name]]; k <- columns(name); at <- ticks(name)[2]
  d$time_ <- d[[k$time]]; d$event_ <- d[[k$event]]
  j <- drop(jackknife(prodlim(Hist(time_, event_) ~ 1, d), times = at))
  area <- function(rows) summary(survfit(Surv(time_, event_) ~ 1, d[rows, ]), rmean = at)$table["rmean"]
  n <- nrow(d); r <- n * area(seq_len(n)) - (n - 1) * sapply(seq_len(n), function(i) area(-i))
  few <- which(abs(j) > 1e-6)[1:10]
  put("pseudo_values", "r-cran-prodlim: jackknife; R survival 3.5-3: survfit(rmean =) without each patient", name,
      list(survival = j[few], mean = r[few]), c(k, list(at = at, rows = few - 1)),
      digits = 9, note = "A pseudo-value is n - 1 times a small difference: prodlim's loses a digit or two.")
  covariates <- if (name == "tied") c("arm", "marker") else c("arm", "age", "ecog")
  cluster <- d$site
  for (what in c("survival", "mean")) for (link in if (what == "survival") c("identity", "logit", "log-log") else c("identity", "log")) {
    y <- if (what == "survival") j else r; if (link == "log-log") y <- 1 - y
    for (by in c("row", "site")) {
      own <- if (by == "row") seq_len(n) else cluster; order_ <- order(own)
      asked <- list(cbind(1, as.matrix(d[order_, covariates])), y[order_], id = own[order_], family = gaussian(),
                    mean.link = if (link == "log-log") "cloglog" else link, corstr = "independence", control = tiny)
      if (link == "log") asked$b <- c(log(mean(y)), 0 * seq_along(covariates))
      f <- do.call(geese.fit, asked)
      put("pseudo_regression", sprintf("r-cran-geepack 1.3.9: geese(mean.link = '%s', independence)", if (link == "log-log") "cloglog" else link), name,
          list(coefficient = f$beta, standard_error = sqrt(diag(f$vbeta))),
          c(k, list(what = what, at = at, link = link, covariates = covariates, by = by)))
    }
  }
}
# conditional survival, and the difference of medians
for (name in names(both)) {
  d <- both[[name]]; k <- columns(name); at <- ticks(name)
  s <- summary(survfit(survival_of(d, name) ~ 1, start.time = at[1] + 0.5, conf.type = "log-log"), times = at[2:3])
  put("conditional_survival", "R survival 3.5-3: survfit(start.time = just after, conf.type = 'log-log')", name,
      list(survival = s$surv, standard_error = s$std.err, lower = s$lower, upper = s$upper), c(k, list(given = at[1], at = at[2:3])))
  q <- quantile(survfit(survival_of(d, name) ~ d$arm, conf.type = "log-log"), 0.5)
  m <- q$quantile[1:2]; l <- q$lower[1:2]; u <- q$upper[1:2]; x <- m[2] - m[1]
  put("quantile_difference", "R survival 3.5-3: quantile(survfit(conf.type = 'log-log')); MOVER of Zou, Donner (2008)", name,
      list(difference = x, lower = x - sqrt((m[2] - l[2])^2 + (u[1] - m[1])^2), upper = x + sqrt((u[2] - m[2])^2 + (m[1] - l[1])^2),
           ratio = m[2] / m[1], ratio_lower = exp(log(m[2] / m[1]) - sqrt(log(m[2] / l[2])^2 + log(u[1] / m[1])^2)),
           ratio_upper = exp(log(m[2] / m[1]) + sqrt(log(u[2] / m[2])^2 + log(m[1] / l[1])^2))), k)
}
write_cases("curves")
