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
write_cases("curves")
