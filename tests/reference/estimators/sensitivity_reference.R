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

# weights of those who stay, written out: Cox model of leaving by arm, weight before each event time
stay <- function(name, time, status, group, covariates) {
  d <- get_data(name)
  d <- data.frame(id = seq_len(nrow(d)), time = d[[time]], event = as.integer(d[[status]] == 1),
                  left = as.integer(d[[status]] == 2), group = as.integer(d[[group]] == 1), d[covariates])
  at <- sort(unique(d$time[d$event == 1]))
  long <- survSplit(Surv(time, event) ~ ., d, cut = at, start = "entry", end = "stop")
  long$weight <- 1
  for (g in 0:1) {
    own <- d[d$group == g, ]
    leaving <- coxph(as.formula(paste("Surv(time, left) ~", paste(covariates, collapse = "+"))), own, ties = "breslow", control = tight)
    base <- basehaz(leaving, centered = FALSE)
    plain <- survfit(Surv(time, left) ~ 1, own)
    before <- function(t, x, y) { i <- findInterval(t, x, left.open = TRUE); c(0, y)[i + 1] }
    rows <- long$group == g
    risk <- exp(as.matrix(long[rows, covariates]) %*% coef(leaving))
    long$weight[rows] <- exp(before(long$stop[rows], base$time, base$hazard) * risk - before(long$stop[rows], plain$time, plain$cumhaz))
  }
  f <- coxph(Surv(entry, stop, event) ~ group, long, weights = weight, cluster = id, control = tight)
  put("weighted_stayers", "R survival 3.5-3: coxph of leaving and weighted coxph(cluster), written out", name,
      list(coefficient = coef(f), robust_variance = f$var), list(time = time, status = status, group = group, covariates = covariates))
}
stay("tied", "time", "cause", "arm", c("age", "marker"))
stay("sim_trial", "pfs", "cr_status", "arm", c("age", "ecog"))
write_cases("sensitivity")
