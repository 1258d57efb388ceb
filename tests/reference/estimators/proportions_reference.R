# Shares of one and of two groups: R's stats, epitools, Epi; by hand where R has no package (roots to
# 1e-15); ratesci 1.0.0, lrstat 0.3.3 and high-precision values from the collection of results.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE))), "references.R"))
suppressMessages({library(epitools); library(Epi)})
z <- qnorm(0.975)
root <- function(f, lower, upper) uniroot(f, c(lower, upper), tol = 1e-16, maxiter = 10000)$root

# one share -----------------------------------------------------------------------------------
for (one in list(c(3, 10), c(0, 29), c(41, 150), c(20, 20), c(1, 2000))) {
  x <- one[1]; n <- one[2]; arguments <- list(events = x, n = n)
  ci <- function(v) list(value = x / n, lower = v[1], upper = v[2])
  put("wilson", "R epitools: binom.wilson", "none", ci(unlist(binom.wilson(x, n)[4:5])), arguments)
  put("clopper_pearson", "R stats: binom.test", "none", ci(binom.test(x, n)$conf.int), arguments)
  put("jeffreys", "R stats: qbeta, closed to 0 and 1 (Brown, Cai, DasGupta 2001)", "none",
      ci(c(if (x == 0) 0 else qbeta(0.025, x + 0.5, n - x + 0.5), if (x == n) 1 else qbeta(0.975, x + 0.5, n - x + 0.5))), arguments)
  m <- (x + z^2 / 2) / (n + z^2); h <- z * sqrt(m * (1 - m) / (n + z^2))
  put("agresti_coull", "by hand in R (Brown, Cai, DasGupta 2001)", "none", ci(c(max(0, m - h), min(1, m + h))), arguments)
  over <- function(p) pbinom(x, n, p, lower.tail = FALSE) + dbinom(x, n, p) / 2
  put("mid_p", "R stats: pbinom and uniroot (tol 1e-16)", "none",
      ci(c(if (x == 0) 0 else root(function(p) over(p) - 0.025, 0, 1), if (x == n) 1 else root(function(p) over(p) - 0.975, 0, 1))), arguments)
  for (p in c(0.1, 0.35)) {
    tests <- sapply(c("two.sided", "less", "greater"), function(a) binom.test(x, n, p, a)$p.value)
    put("binomial_test", "R stats: binom.test", "none",
        list(p_value = tests[1], p_less = tests[2], p_greater = tests[3]), c(arguments, expected = p))
  }
}

# two shares: score methods, with the restricted shares as roots of the slope of the likelihood --
share_given <- function(x1, n1, x0, n0, p1_of, low, high) {
  loglik <- function(p0) { p1 <- p1_of(p0); dbinom(x1, n1, p1, log = TRUE) + dbinom(x0, n0, p0, log = TRUE) }
  step <- 1e-6
  slope <- function(p0) { # of the log likelihood, by the chain rule with a numeric derivative of p1
    p1 <- p1_of(p0); d <- attr(p1, "d")
    x0 / p0 - (n0 - x0) / (1 - p0) + d * ((if (x1) x1 / p1 else 0) - (if (x1 < n1) (n1 - x1) / (1 - p1) else 0))
  }
  e <- 1e-15
  if (slope(low + e * max(1, 1)) <= 0) return(low)
  if (slope(high - e) >= 0) return(high)
  root(slope, low + e, high - e)
}
ratio_statistic <- function(x1, n1, x0, n0, r) {
  p0 <- share_given(x1, n1, x0, n0, function(p) structure(r * p, d = r), 0, min(1, 1 / r))
  v <- (r * p0 * (1 - r * p0) / n1 + r^2 * p0 * (1 - p0) / n0) * (n1 + n0) / (n1 + n0 - 1)
  (x1 / n1 - r * x0 / n0)^2 / v
}
odds_statistic <- function(x1, n1, x0, n0, r) {
  p0 <- share_given(x1, n1, x0, n0, function(p) structure(p * r / (1 - p + p * r), d = r / (1 - p + p * r)^2), 0, 1)
  p1 <- p0 * r / (1 - p0 + p0 * r)
  (n1 * (x1 / n1 - p1))^2 * (1 / (n1 * p1 * (1 - p1)) + 1 / (n0 * p0 * (1 - p0))) * (n1 + n0 - 1) / (n1 + n0)
}
log_limit <- function(f, inner, outer) exp(root(function(l) f(exp(l)) - z^2, inner, outer))
for (one in list(c(41, 150, 26, 150), c(56, 70, 48, 80), c(7, 34, 1, 34), c(5, 149, 0, 151), c(0, 34, 9, 30))) {
  x1 <- one[1]; n1 <- one[2]; x0 <- one[3]; n0 <- one[4]; arguments <- list(events = c(x0, x1), n = c(n0, n1))
  pearson <- unname(suppressWarnings(chisq.test(matrix(c(x1, n1 - x1, x0, n0 - x0), 2), correct = FALSE)$statistic)) * (n1 + n0 - 1) / (n1 + n0)
  f <- function(r) ratio_statistic(x1, n1, x0, n0, r); g <- function(r) odds_statistic(x1, n1, x0, n0, r)
  rr <- (x1 / n1) / (x0 / n0); or <- x1 * (n0 - x0) / (x0 * (n1 - x1))
  at <- function(v) if (v == 0) -3 else if (v == Inf) 3 else log(v)
  put("risk_ratio", "by hand in R (restricted shares and limits by uniroot, tol 1e-16)", "none",
      c(if (is.finite(rr)) list(value = rr), list(lower = if (rr == 0) 0 else log_limit(f, at(rr), at(rr) - 6)),
        if (rr < Inf) list(upper = log_limit(f, at(rr), at(rr) + 6)), list(statistic = pearson)), arguments)
  put("odds_ratio", "by hand in R (restricted shares and limits by uniroot, tol 1e-16)", "none",
      c(if (is.finite(or)) list(value = or), list(lower = if (or == 0) 0 else log_limit(g, at(or), at(or) - 6)),
        if (or < Inf) list(upper = log_limit(g, at(or), at(or) + 6)), list(statistic = pearson)), arguments)
  d <- x1 / n1 - x0 / n0; se <- sqrt(x1 / n1 * (1 - x1 / n1) / n1 + x0 / n0 * (1 - x0 / n0) / n0); cc <- (1 / n1 + 1 / n0) / 2
  put("wald", "by hand in R; = stats::prop.test(correct = FALSE)$conf.int", "none",
      list(lower = prop.test(c(x1, x0), c(n1, n0), correct = FALSE)$conf.int[1], upper = prop.test(c(x1, x0), c(n1, n0), correct = FALSE)$conf.int[2]), arguments)
  put("wald_continuity", "by hand in R (Newcombe 1998, method 2)", "none", list(lower = d - z * se - cc, upper = d + z * se + cc), arguments)
  pd <- ci.pd(x1, x0, n1 - x1, n0 - x0, method = "AC", print = FALSE)
  put("agresti_caffo", "R Epi: ci.pd(method = 'AC')", "none", list(lower = pd[6], upper = pd[7]), arguments)
  nc <- ci.pd(x1, x0, n1 - x1, n0 - x0, method = "Nc", print = FALSE)
  put("newcombe", "R Epi: ci.pd(method = 'Nc')", "none", list(value = nc[5], lower = nc[6], upper = nc[7]), arguments)
  for (margin in c(-0.1, 0.05)) {
    low <- max(0, -margin); high <- min(1, 1 - margin)
    p0 <- share_given(x1, n1, x0, n0, function(p) structure(p + margin, d = 1), low, high); p1 <- p0 + margin
    zz <- (d - margin) / sqrt(p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0)
    put("margin", "by hand in R (Farrington, Manning 1990; restricted shares by uniroot)", "none",
        list(z = zz, p_value = 2 * pnorm(-abs(zz)), p_greater = pnorm(-zz), p_less = pnorm(zz)), c(arguments, margin = margin))
  }
}

# from the collection: high precision, ratesci, lrstat --------------------------------------------
folder <- dirname(shared)
for (one in fromJSON(file.path(folder, "truth_miettinen_nurminen_rd.json"), simplifyDataFrame = FALSE)) {
  x <- unlist(one$x); arguments <- list(events = x[c(3, 1)], n = x[c(4, 2)])
  for (how in c("mn", "mee")) {
    v <- as.numeric(unlist(one[[how]]))
    put(c(mn = "miettinen_nurminen", mee = "mee")[[how]], "high precision (truth_miettinen_nurminen_rd.json)", "none",
        list(value = v[2], lower = v[1], upper = v[3]), arguments, digits = 12)
  }
}
collected <- fromJSON(file.path(folder, "ref_design_ae.json"), simplifyDataFrame = FALSE)$results
names(collected) <- sapply(collected, function(one) one$id)
tables <- list(c(41, 150, 26, 150), c(5, 149, 0, 151), c(7, 34, 1, 34), c(56, 70, 48, 80), c(0, 29, 0, 20), c(10, 10, 0, 20))
for (x in tables) for (what in c("mn_rd", "mee_rd", "mn_rr", "mn_or", "newcombe_rd")) {
  one <- collected[[paste(c(what, x), collapse = "_")]]$values
  if (is.null(one) || !is.null(one$ERROR)) next
  arguments <- list(events = x[c(3, 1)], n = x[c(4, 2)])
  finite <- function(v) { v <- as.list(v); names(v) <- c("lower", "value", "upper"); Filter(function(u) !is.null(u) && is.finite(u), lapply(v, function(u) if (is.null(u)) NA else as.numeric(u))) }
  ratesci_note <- "ratesci's precis = 10 leaves about 8 digits."; lrstat_note <- "lrstat stops its root finding after 6 to 8 digits; by hand with a tolerance of 1e-16 our digits come out."
  if (what == "mn_rd" && !is.null(one$scoreci)) put("miettinen_nurminen", "ratesci 1.0.0: scoreci(skew = FALSE, bcf = TRUE, precis = 10)", "none", finite(one$scoreci), arguments, digits = 7, note = ratesci_note)
  if (what == "mee_rd" && !is.null(one$ci)) put("mee", "ratesci 1.0.0: scoreci(skew = FALSE, bcf = FALSE, precis = 10)", "none", finite(one$ci), arguments, digits = 7, note = ratesci_note)
  if (what == "newcombe_rd") put("newcombe", "by hand in R and ratesci 1.0.0: moverci(type = 'wilson')", "none", finite(one$newcombe), arguments)
  values <- if (what %in% c("mn_rr", "mn_or")) finite(one$lrstat) else list()
  if (length(values)) put(c(mn_rr = "risk_ratio", mn_or = "odds_ratio")[[what]], c(mn_rr = "lrstat 0.3.3: mnRiskRatioCI", mn_or = "lrstat 0.3.3: mnOddsRatioCI")[[what]], "none", values, arguments, digits = 6, note = lrstat_note)
}
write_cases("proportions")
