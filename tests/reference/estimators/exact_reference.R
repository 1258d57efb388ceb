# Exact methods for two shares: R's fisher.test, mcnemar.test; by hand where R has no package or stops
# early (roots to 1e-16); lrstat 0.3.3 from the collection of results.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE))), "references.R"))
root <- function(f, a, b) uniroot(f, c(a, b), tol = 1e-16, maxiter = 1e4)$root
tables <- list(c(41, 150, 26, 150), c(7, 34, 1, 34), c(56, 70, 48, 80), c(10, 10, 0, 20), c(12, 17, 7, 15))
for (one in tables) {
  x1 <- one[1]; n1 <- one[2]; x0 <- one[3]; n0 <- one[4]; arguments <- list(events = c(x0, x1), n = c(n0, n1))
  cells <- matrix(c(x1, n1 - x1, x0, n0 - x0), 2); f <- function(a) fisher.test(cells, alternative = a)
  k <- max(0, x1 + x0 - n0):min(x1 + x0, n1); logs <- dhyper(k, n1, n0, x1 + x0, log = TRUE)
  d <- function(l) { u <- exp(logs + k * l - max(logs + k * l)); u / sum(u) }
  limit <- function(goal, what) exp(root(function(l) sum(d(l)[what]) - goal, -12, 12))
  values <- list(p_value = f("two.sided")$p.value, p_greater = f("greater")$p.value, p_less = f("less")$p.value)
  put("fisher", "R stats: fisher.test", "none", values, arguments)
  finite <- Filter(is.finite, list(odds_ratio = unname(f("two.sided")$estimate), lower = f("two.sided")$conf.int[1], upper = f("two.sided")$conf.int[2]))
  put("conditional_odds_ratio", "R stats: fisher.test", "none", finite, arguments, digits = 2,
      note = "fisher.test looks for its roots with uniroot's default tolerance (1.2e-4); by hand in R to 1e-16 our digits come out.")
  exact <- list(lower = limit(0.025, k >= x1))
  if (x1 < max(k)) exact <- list(odds_ratio = exp(root(function(l) sum(k * d(l)) - x1, -12, 12)), lower = exact$lower, upper = limit(0.025, k <= x1))
  put("conditional_odds_ratio", "by hand in R (dhyper, uniroot with tol 1e-16)", "none", exact, arguments)
}
for (one in list(c(3, 10), c(21, 9), c(0, 5))) {
  m <- suppressWarnings(mcnemar.test(matrix(c(7, one[1], one[2], 4), 2), correct = FALSE))
  b <- binom.test(one[1], sum(one))$p.value
  put("pairs", "R stats: mcnemar.test(correct = FALSE), binom.test, dbinom", "none",
      list(statistic = unname(m$statistic), p_value = b, mid_p = b - dbinom(one[1], sum(one), 0.5)), list(first = one[1], second = one[2]))
}
# unconditional: all tables, the greatest chance over the shares
greatest <- function(mask, n1, n0, delta = 0) {
  low <- max(0, -delta); high <- min(1, 1 - delta)
  at <- function(p) rowSums((outer(pmin(pmax(p + delta, 0), 1), 0:n1, function(p, k) dbinom(k, n1, p)) %*% mask) * outer(p, 0:n0, function(p, k) dbinom(k, n0, p)))
  grid <- low + (high - low) * sin(seq(0, pi / 2, length.out = 801))^2; v <- at(grid)
  tops <- which(v >= 0.99 * max(v) & v >= c(-1, v[-801]) & v >= c(v[-1], -1))
  max(v, sapply(tops, function(i) optimize(at, grid[c(max(i - 1, 1), min(i + 1, 801))], maximum = TRUE, tol = 1e-12)$objective))
}
scores <- function(n1, n0, delta) {
  x1 <- row(matrix(0, n1 + 1, n0 + 1)) - 1; x0 <- col(x1) - 1
  low <- matrix(max(0, -delta), n1 + 1, n0 + 1); high <- matrix(min(1, 1 - delta), n1 + 1, n0 + 1)
  for (i in 1:80) { p <- (low + high) / 2
    s <- ifelse(x0 > 0, x0 / p, 0) - ifelse(x0 < n0, (n0 - x0) / (1 - p), 0) + ifelse(x1 > 0, x1 / (p + delta), 0) - ifelse(x1 < n1, (n1 - x1) / (1 - p - delta), 0)
    low <- ifelse(s > 0, p, low); high <- ifelse(s > 0, high, p) }
  p0 <- (low + high) / 2; p1 <- pmin(pmax(p0 + delta, 0), 1); gap <- x1 / n1 - x0 / n0 - delta
  ifelse(abs(gap) < 1e-14, 0, gap / sqrt(p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0))
}
for (one in list(c(7, 34, 1, 34), c(12, 17, 7, 15), c(10, 10, 0, 20))) {
  x1 <- one[1]; n1 <- one[2]; x0 <- one[3]; n0 <- one[4]; arguments <- list(events = c(x0, x1), n = c(n0, n1)); seen <- cbind(x1 + 1, x0 + 1)
  s <- scores(n1, n0, 0)
  put("barnard", "by hand in R (all tables; optimize over the share)", "none",
      list(p_value = greatest(abs(s) >= abs(s[seen]) - 1e-9, n1, n0), p_greater = greatest(s >= s[seen] - 1e-9, n1, n0)), arguments)
  fisher <- function(a) outer(0:n1, 0:n0, Vectorize(function(i, j) fisher.test(matrix(c(i, n1 - i, j, n0 - j), 2), alternative = a, conf.int = FALSE)$p.value))
  two <- fisher("two.sided"); more <- fisher("greater")
  put("boschloo", "by hand in R (stats::fisher.test of all tables; optimize over the share)", "none",
      list(p_value = greatest(two <= two[seen] * (1 + 1e-9), n1, n0), p_greater = greatest(more <= more[seen] * (1 + 1e-9), n1, n0)), arguments)
}
# Chan and Zhang: the outermost difference that is not rejected
outermost <- function(x1, n1, x0, n0) {
  p <- function(delta) { s <- scores(n1, n0, delta); greatest(s >= s[x1 + 1, x0 + 1] - 1e-9, n1, n0, delta) }
  a <- max(-1, x1 / n1 - x0 / n0 - 0.45)
  for (b in seq(a, x1 / n1 - x0 / n0, by = 0.004)[-1]) { if (p(b) > 0.025) break; a <- b }
  for (i in 1:45) { m <- (a + b) / 2; if (p(m) > 0.025) b <- m else a <- m }
  b
}
for (one in list(c(7, 34, 1, 34), c(0, 29, 0, 20), c(10, 10, 0, 20), c(12, 17, 7, 15))) {
  lower <- outermost(one[1], one[2], one[3], one[4])
  upper <- if (one[1] == one[2] && one[3] == 0) 1 else -outermost(one[3], one[4], one[1], one[2])
  put("chan_zhang", "by hand in R (all tables; optimize over the shares; outermost of a scan by 0.004)", "none",
      list(lower = lower, upper = upper), list(events = one[c(3, 1)], n = one[c(4, 2)]))
}
collected <- fromJSON(file.path(dirname(shared), "ref_design_ae.json"), simplifyDataFrame = FALSE)$results
for (one in list(list(c(0, 29, 0, 20), c("lower", "upper")), list(c(5, 149, 0, 151), "lower"), list(c(41, 150, 26, 150), "upper"))) {
  x <- one[[1]]; v <- Filter(function(r) r$id == paste(c("exact_rd", x), collapse = "_"), collected)[[1]]$values
  note <- "lrstat stops after 7 digits. Where the chance rises and falls it gives an inner crossing, within the differences that are not rejected (docs/validation/shares.md): those limits are left out here."
  put("chan_zhang", "lrstat 0.3.3: riskDiffExactCI", "none", v[one[[2]]], list(events = x[c(3, 1)], n = x[c(4, 2)]), digits = 6, note = note)
}
write_cases("exact")
