# Allocating again and multiple imputation: coin, mice.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE))), "references.R"))
suppressMessages({library(coin); library(mice)})

for (rows in list(1:18, 40:62)) {
  d <- get_data("tied")[rows, ]
  d$group <- as.integer(d$arm == 1)
  exact <- logrank_test(Surv(time, event) ~ factor(group), d, distribution = "exact")
  put("logrank_permutation", "R coin 1.4-2: logrank_test(distribution = 'exact')", "tied",
      list(p_value = as.vector(pvalue(exact))), list(time = "time", event = "event", group = "arm", rows = range(rows)))
}
if (nchar(shared)) {
  d <- get_data("aml")
  exact <- logrank_test(Surv(time, status) ~ factor(x), d, distribution = "exact")
  put("logrank_permutation", "R coin 1.4-2: logrank_test(distribution = 'exact')", "aml",
      list(p_value = as.vector(pvalue(exact))), list(time = "time", event = "status", group = "x", rows = c(1, 23)))
}
pool <- function(q, u, n) {
  x <- pool.scalar(q, u, n = n, k = 1)
  put("rubin", "R mice 3.15: pool.scalar(k = 1)", "none",
      list(value = x$qbar, within = x$ubar, between = x$b, total = x$t, degrees_of_freedom = x$df, missing = x$fmi),
      list(estimates = q, variances = u, complete = n - 1))
}
pool(c(-.42, -.38, -.45, -.40, -.36), c(.0171, .0169, .0173, .0170, .0168), 300)
pool(c(0.11, 0.35, 0.02, 0.27, 0.19, 0.41), c(.05, .06, .055, .052, .058, .061), 44)
write_cases("sensitivity")
