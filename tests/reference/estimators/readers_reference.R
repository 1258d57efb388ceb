# Readers: kappa by vcd and psych; Fleiss' by its papers.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE))), "references.R"))
suppressMessages({library(vcd); library(psych)})
# readings made of columns at hand: the truth, and readers who miss it now and then (the answers make the same)
readings <- list(
  tied = with(get_data("tied"), cbind(stratum, pmin(stratum + (site %% 3 == 0), 3), abs(stratum - (age %% 4 == 0)))),
  sim_trial = with(get_data("sim_trial"), cbind(resp + ae3, pmin(resp + ae3 + (age %% 5 == 0), 2), abs(resp + ae3 - (site %% 4 == 0)))))
upto <- c(tied = 3, sim_trial = 2)

for (name in names(readings)) {
  r <- readings[[name]]; k <- upto[[name]] + 1; n <- nrow(r)
  crossed <- table(factor(r[, 1], 0:upto[[name]]), factor(r[, 2], 0:upto[[name]]))
  for (weighting in c("none", "linear", "quadratic")) {
    K <- Kappa(crossed, weights = if (weighting == "linear") "Equal-Spacing" else "Fleiss-Cohen")
    one <- if (weighting == "none") K$Unweighted else K$Weighted
    limits <- one[1] + c(-1, 1) * qnorm(0.975) * one[2]
    put("two_readers", "vcd 1.4-11: Kappa", name, list(value = one[1], standard_error = one[2], limits = limits), list(weighting = weighting, categories = k))
  }
  P <- cohen.kappa(crossed)
  put("two_readers", "psych 2.2.9: cohen.kappa", name, list(value = P$kappa, standard_error = sqrt(P$var.kappa)), list(weighting = "none", categories = k))
  put("two_readers", "psych 2.2.9: cohen.kappa", name, list(value = P$weighted.kappa), list(weighting = "quadratic", categories = k),
    note = sprintf("(psych's error of the weighted kappa, %.4f, is not that of vcd or of the jackknife, %.4f)", sqrt(P$var.weighted), one[2]))
  # Fleiss, Cohen, Everitt (1969), (9)
  for (power in 1:2) {
    w <- 1 - abs(outer(0:(k - 1), 0:(k - 1), "-") / (k - 1))^power
    p <- crossed / n; row <- rowSums(p); column <- colSums(p); e <- sum(outer(row, column) * w)
    null <- sqrt((sum(outer(row, column) * (w - outer(drop(w %*% column), drop(row %*% w), "+"))^2) - e^2) / n) / (1 - e)
    put("two_readers", "R 4.2.2: by hand (readers_reference.R)", name, list(standard_error_null = null), list(weighting = c("linear", "quadratic")[power], categories = k))
  }
  # Fleiss (1971); Fleiss, Nee, Landis (1979), (15); Gwet (2008)
  counts <- t(apply(r, 1, function(x) tabulate(x + 1, k))); m <- ncol(r)
  p <- colSums(counts) / (n * m); q <- 1 - p
  agree <- apply(counts, 1, function(x) sum(choose(x, 2)) / choose(m, 2))
  kappa <- (mean(agree) - sum(p^2)) / (1 - sum(p^2))
  null <- sqrt(2) / (sum(p * q) * sqrt(n * m * (m - 1))) * sqrt(sum(p * q)^2 - sum(p * q * (q - p)))
  each <- sapply(1:k, function(j) 1 - sum(counts[, j] * (m - counts[, j])) / (n * m * (m - 1) * p[j] * q[j]))
  star <- (agree - sum(p^2)) / (1 - sum(p^2)) - 2 * (1 - kappa) * (counts %*% p / m - sum(p^2)) / (1 - sum(p^2))
  put("many_readers", "R 4.2.2: by hand (readers_reference.R)", name,
    list(value = kappa, standard_error = sqrt(sum((star - kappa)^2) / (n * (n - 1))), standard_error_null = null, by_category = each), list(categories = k))
}
write_cases("readers")
