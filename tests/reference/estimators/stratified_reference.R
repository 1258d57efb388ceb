# Shares over strata: R's mantelhaen.test, metafor 3.8-1 (rma.mh); by hand where R has no
# package; ratesci 1.0.0 from the collection of results.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE))), "references.R"))
suppressMessages(library(metafor))
z <- qnorm(0.975)
sets <- list(
  list(name = "sim_trial", event = "resp", strata = c("stratum", "ecog")), list(name = "sim_trial", event = "ae3", strata = "stratum"),
  list(name = "tied", event = "response", strata = "stratum"), list(name = "tied", event = "event", strata = "stratum"), list(name = "tied", event = "response", strata = c("stratum", "site")))
for (s in sets) {
  d <- get_data(s$name); arguments <- list(event = s$event, strata = I(s$strata))
  stratum <- interaction(d[s$strata], drop = TRUE)
  # all arms: general association
  if (length(unique(d$arm)) > 2 && length(s$strata) == 1) {
    m <- mantelhaen.test(table(d$arm, d[[s$event]], stratum))
    put("cmh_of_groups", "R stats: mantelhaen.test", s$name, list(statistic = m$statistic, df = m$parameter, p_value = m$p.value), arguments)
  }
  two <- d$arm < 2; d <- d[two, ]; stratum <- droplevels(stratum[two])
  count <- function(v, arm) as.vector(tapply(v * (d$arm == arm), stratum, sum))
  y <- d[[s$event]]; x1 <- count(y, 1); n1 <- count(1, 1); x0 <- count(y, 0); n0 <- count(1, 0)
  both <- n1 > 0 & n0 > 0; x1 <- x1[both]; n1 <- n1[both]; x0 <- x0[both]; n0 <- n0[both]; t <- n1 + n0; w <- n1 * n0 / t
  cells <- array(rbind(x1, x0, n1 - x1, n0 - x0), c(2, 2, length(x1)))
  a <- mantelhaen.test(cells, correct = FALSE); b <- mantelhaen.test(cells, correct = TRUE)
  put("cmh", "R stats: mantelhaen.test(correct = FALSE)", s$name, list(statistic = a$statistic, p_value = a$p.value), arguments)
  put("cmh_corrected", "R stats: mantelhaen.test(correct = TRUE)", s$name, list(statistic = b$statistic, p_value = b$p.value), arguments)
  put("common_odds_ratio", "R stats: mantelhaen.test", s$name, list(value = a$estimate, lower = a$conf.int[1], upper = a$conf.int[2]), arguments)
  fit <- function(measure) rma.mh(ai = x1, n1i = n1, ci = x0, n2i = n0, measure = measure, add = 0, drop00 = FALSE)
  rr <- fit("RR"); rd <- fit("RD"); or <- fit("OR")
  put("common_risk_ratio", "R metafor: rma.mh(measure = 'RR', add = 0)", s$name,
      list(value = exp(rr$beta), log_standard_error = rr$se, lower = exp(rr$ci.lb), upper = exp(rr$ci.ub)), arguments)
  put("common_risk_difference", "R metafor: rma.mh(measure = 'RD', add = 0): Sato", s$name,
      list(value = rd$beta, standard_error = rd$se, lower = rd$ci.lb, upper = rd$ci.ub), arguments)
  tells <- x1 + x0 > 0 & x1 + x0 < t  # metafor counts the degrees of freedom of all strata
  ta <- rma.mh(ai = x1[tells], n1i = n1[tells], ci = x0[tells], n2i = n0[tells], measure = "OR", add = 0)
  put("breslow_day", "R metafor: rma.mh(measure = 'OR')$BD, $TA", s$name,
      list(breslow_day = ta$BD, tarone = ta$TA, breslow_day_p = ta$BDp, tarone_p = ta$TAp), arguments)
  e <- sum((x1 * n0 - x0 * n1) / t) / sum(w)
  P <- sum((n1^2 * x0 - n0^2 * x1 + n1 * n0 * (n0 - n1) / 2) / t^2); Q <- sum((x1 * (n0 - x0) + x0 * (n1 - x1)) / (2 * t))
  edge <- function(from, to) uniroot(function(u) (e - u)^2 - z^2 * (u * P + Q) / sum(w)^2, c(from, to), tol = 1e-16)$root
  put("klingenberg", "by hand in R (Klingenberg 2014; Sato's variance at the limit, uniroot)", s$name, list(lower = edge(-1, e), upper = edge(e, 1)), arguments)
  # minimum risk, closed form of the paper
  dif <- x1 / n1 - x0 / n0; v <- x1 / n1 * (1 - x1 / n1) / n1 + x0 / n0 * (1 - x0 / n0) / n0
  p1 <- (x1 + 0.5) / (n1 + 1); p0 <- (x0 + 0.5) / (n0 + 1); none <- v == 0
  v[none] <- (p1 * (1 - p1) / (n1 + 1) + p0 * (1 - p0) / (n0 + 1))[none]
  f <- t / sum(t); alpha <- dif * sum(1 / v) - sum(dif / v); beta <- (1 + alpha * sum(f * dif)) / v
  wt <- beta / sum(1 / v) - alpha / v / (sum(1 / v) + sum(alpha * dif / v)) * sum(dif * beta) / sum(1 / v)
  put("minimum_risk", "by hand in R (Mehrotra, Railkar 2000, closed form of the weights)", s$name,
      list(value = sum(wt * dif), lower = sum(wt * dif) - z * sqrt(sum(wt^2 * v)), upper = sum(wt * dif) + z * sqrt(sum(wt^2 * v))), arguments)
  # stratified Newcombe
  wt <- w / sum(w)
  wilson <- function(x, n) {
    p <- x / n; s <- sqrt(p * (1 - p) / n); q <- z * sqrt(sum(wt^2 * s^2)) / sum(wt * s)
    limits <- mapply(function(x, n) suppressWarnings(prop.test(x, n, correct = FALSE, conf.level = 2 * pnorm(q) - 1)$conf.int), x, n)
    rowSums(limits * rbind(wt, wt))
  }
  l1 <- wilson(x1, n1); l0 <- wilson(x0, n0); g1 <- sum(wt^2 / n1); g0 <- sum(wt^2 / n0); dw <- sum(wt * dif)
  put("stratified_newcombe", "by hand in R (Yan, Su 2010) on stats::prop.test(correct = FALSE)", s$name,
      list(value = dw, lower = dw - z * sqrt(g1 * l1[1] * (1 - l1[1]) + g0 * l0[2] * (1 - l0[2])),
           upper = dw + z * sqrt(g1 * l1[2] * (1 - l1[2]) + g0 * l0[1] * (1 - l0[1]))), arguments)
  # stratified score, restricted shares by optimize-free roots
  score <- function(delta, how) {
    p0 <- mapply(function(x1, n1, x0, n0) {
      low <- max(0, -delta); high <- min(1, 1 - delta); g <- 1e-15
      s <- function(p) x0 / p - (n0 - x0) / (1 - p) + (if (x1) x1 / (p + delta) else 0) - (if (x1 < n1) (n1 - x1) / (1 - p - delta) else 0)
      if (s(low + g) <= 0) low else if (s(high - g) >= 0) high else uniroot(s, c(low + g, high - g), tol = 1e-16, maxiter = 1e4)$root }, x1, n1, x0, n0)
    p1 <- p0 + delta; vv <- (p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0) * t / (t - 1)
    wt <- if (how == "inverse_variance") 1 / vv else w
    if (how == "miettinen_nurminen") for (i in 1:2000) {
      R1 <- sum(wt * p1) / sum(wt); R0 <- sum(wt * p0) / sum(wt); wt <- 1 / (R1 * (1 - R1) / (R0 * (1 - R0)) / n1 + 1 / n0) }
    wt <- wt / sum(wt); c(sum(wt * dif) - delta, sum(wt^2 * vv))
  }
  for (how in c("mantel_haenszel", "miettinen_nurminen", "inverse_variance")) {
    if (how == "inverse_variance") { # strata where nobody or everybody has the event would weigh without end
      x1 <- x1[tells]; n1 <- n1[tells]; x0 <- x0[tells]; n0 <- n0[tells]; t <- t[tells]; w <- w[tells]; dif <- dif[tells] }
    value <- uniroot(function(u) score(u, how)[1], c(-0.9, 0.9), tol = 1e-16)$root
    edge <- function(from, to) uniroot(function(u) { k <- score(u, how); abs(k[1]) - z * sqrt(k[2]) }, c(from, to), tol = 1e-16)$root
    null <- score(0, how)
    put("stratified_score", "by hand in R (Miettinen, Nurminen 1985; restricted shares and limits by uniroot)", s$name,
        list(value = value, lower = edge(-0.95, value), upper = edge(value, 0.95), statistic = null[1]^2 / null[2]), c(arguments, weights = how))
  }
}
collected <- fromJSON(file.path(dirname(shared), "ref_design_ae.json"), simplifyDataFrame = FALSE)$results
one <- Filter(function(r) r$id == "mn_stratified_resp_sim", collected)[[1]]$values
for (how in c("mn", "mh")) put("stratified_score", "ratesci 1.0.0: scoreci(stratified = TRUE, skew = FALSE, precis = 10)", "sim_trial",
  list(lower = one[[how]][1], value = one[[how]][2], upper = one[[how]][3]),
  list(event = "resp", strata = c("stratum", "ecog"), weights = c(mn = "miettinen_nurminen", mh = "mantel_haenszel")[[how]]),
  digits = 9, note = "ratesci's precis = 10 leaves about 9 digits.")
write_cases("stratified")
