# Rates of two groups: R's poisson.test and glm, metafor 3.8-1; by hand where R has no package; lrstat
# 0.3.3 from the collection of results.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE))), "references.R"))
suppressMessages(library(metafor))
z <- qnorm(0.975)
root <- function(f, a, b) uniroot(f, sort(c(a, b)), tol = 1e-16, maxiter = 1e4)$root
sim <- get_data("sim_trial"); by <- function(v) as.vector(tapply(v, factor(sim$arm, 1:0), sum))
pairs <- list(list(x = by(sim$n_ae), t = by(sim$exposure) / 365.25), list(x = c(11, 21), t = c(800, 3011)), list(x = c(3, 0), t = c(12.5, 10)), list(x = c(1, 9), t = c(41.2, 35.9)))
for (one in pairs) {
  x <- one$x; t <- one$t; n <- sum(x); q <- t[1] / sum(t); arguments <- list(events = rev(x), time = rev(t)); d <- x[1] / t[1] - x[2] / t[2]
  e <- poisson.test(x, t); odds <- function(p) p / (1 - p) * t[2] / t[1]
  values <- function(l) Filter(is.finite, list(value = x[1] / t[1] / (x[2] / t[2]), lower = l[1], upper = l[2]))
  put("rate_ratio_exact", "R stats: poisson.test", "none", c(values(e$conf.int), list(p_value = e$p.value)), arguments)
  over <- function(p) pbinom(x[1], n, p, lower.tail = FALSE) + dbinom(x[1], n, p) / 2
  put("rate_ratio_mid_p", "R stats: pbinom and uniroot (tol 1e-16)", "none",
      c(values(c(odds(root(function(p) over(p) - 0.025, 1e-12, 1)), if (x[2] == 0) Inf else odds(root(function(p) over(p) - 0.975, 0, 1)))), list(p_value = e$p.value - dbinom(x[1], n, q) / 2)), arguments)
  score <- function(r) { l0 <- n / (t[1] * r + t[2]); (x[1] / t[1] - r * x[2] / t[2])^2 / (r * l0 / t[1] + r^2 * l0 / t[2]) - z^2 }
  mid <- if (x[2] == 0) 1e4 else x[1] / t[1] / (x[2] / t[2])
  put("rate_ratio_score", "by hand in R (restricted rates; limits by uniroot, tol 1e-16)", "none",
      c(values(c(exp(root(function(l) score(exp(l)), log(mid) - 20, log(mid))), if (x[2] == 0) Inf else exp(root(function(l) score(exp(l)), log(mid), log(mid) + 20)))),
        list(p_value = pchisq((x[1] - n * q)^2 / (n * q * (1 - q)), 1, lower.tail = FALSE))), arguments)
  v <- function(delta) { # restricted rates by the root of the slope
    low <- max(0, -delta); s <- function(l) (if (x[1]) x[1] / (l + delta) else 0) + (if (x[2]) x[2] / l else 0) - sum(t)
    l0 <- if (s(low + 1e-13) <= 0) low else root(s, low + 1e-13, n / min(t) * 10 + abs(delta) * 10)
    (l0 + delta) / t[1] + l0 / t[2] }
  limit <- function(to) root(function(u) abs(u - d) - z * sqrt(v(u)), d + sign(to) * 1e-6, to)
  put("rate_difference", "by hand in R (restricted rates and limits by uniroot, tol 1e-16)", "none",
      list(value = d, lower = limit(d - 10 * n / min(t)), upper = limit(d + 10 * n / min(t)), statistic = d^2 / (n / sum(t) * sum(1 / t))), arguments)
  w <- escalc("IRD", x1i = x[1], t1i = t[1], x2i = x[2], t2i = t[2], add = 0); s <- summary(w)
  put("rate_difference_wald", "R metafor: escalc(measure = 'IRD', add = 0)", "none", list(value = w$yi, lower = s$ci.lb, upper = s$ci.ub), arguments)
}
for (s in list(list(name = "sim_trial", x = "n_ae", t = "exposure", by = "stratum"), list(name = "sim_trial", x = "n_ae", t = "exposure", by = "site"), list(name = "tied", x = "count", t = "time", by = "stratum"))) {
  d <- get_data(s$name); d <- d[d$arm < 2, ]; by <- factor(d[[s$by]])
  sums <- function(column, arm) as.vector(tapply(d[[column]] * (d$arm == arm), by, sum))
  x1 <- sums(s$x, 1); t1 <- sums(s$t, 1); x0 <- sums(s$x, 0); t0 <- sums(s$t, 0); arguments <- list(count = s$x, time = s$t, strata = I(s$by))
  fit <- function(m) rma.mh(x1i = x1, t1i = t1, x2i = x0, t2i = t0, measure = m, add = 0, drop00 = FALSE, correct = FALSE)
  a <- fit("IRR"); b <- fit("IRD")
  put("common_rate_ratio", "R metafor: rma.mh(measure = 'IRR', add = 0)", s$name, list(value = exp(a$beta), log_standard_error = a$se, lower = exp(a$ci.lb), upper = exp(a$ci.ub)), arguments)
  put("stratified_rates", "R metafor: rma.mh(measure = 'IRR', correct = FALSE)$MH", s$name, list(statistic = a$MH, p_value = a$MHp), arguments)
  put("common_rate_difference", "R metafor: rma.mh(measure = 'IRD', add = 0)", s$name, list(value = b$beta, standard_error = b$se, lower = b$ci.lb, upper = b$ci.ub), arguments)
  long <- data.frame(x = c(x1, x0), t = c(t1, t0), arm = rep(1:0, each = length(x1)), s = factor(rep(seq_along(x1), 2)))
  long <- long[long$s %in% which(x1 + x0 > 0), ]; g <- glm.control(1e-15, 200)
  f <- glm(x ~ s + arm + offset(log(t)), poisson, long, control = g); h <- suppressWarnings(glm(x ~ s * arm + offset(log(t)), poisson, long, control = g))
  r <- anova(f, h, test = "Rao")
  put("rate_homogeneity", "R stats: anova(glm, test = 'Rao') of the interaction", s$name, list(statistic = r$Rao[2], df = r$Df[2], p_value = r$`Pr(>Chi)`[2]), arguments)
}
collected <- fromJSON(file.path(dirname(shared), "ref_design_ae.json"), simplifyDataFrame = FALSE)$results
one <- Filter(function(r) r$id == "eair_sim", collected)[[1]]$values
arguments <- list(events = one$x, time = one$pyears); note <- "lrstat stops its root finding after 7 digits."
put("rate_difference", "lrstat 0.3.3: mnRateDiffCI", "none", list(lower = one$mn_rd[1], value = one$mn_rd[2], upper = one$mn_rd[3]), arguments, digits = 6, note = note)
put("rate_ratio_score", "lrstat 0.3.3: mnRateRatioCI", "none", list(lower = one$mn_rr[1], value = one$mn_rr[2], upper = one$mn_rr[3]), arguments, digits = 6, note = note)
write_cases("rates")
