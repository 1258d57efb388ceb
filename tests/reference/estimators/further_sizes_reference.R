# Sizes and effects that sizes_reference.R leaves out: least effects, unequal arms, margins, strata, the length of a study,
# the score of weighted tests. R's stats, rpact 3.3.4, epiR 2.0.57, Hmisc 4.8-0, pwr 1.3-0; formulas and integrals by hand.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE))), "references.R"))
suppressMessages({library(rpact); library(epiR)})
za <- qnorm(0.975); zb <- qnorm(0.8)
fixed <- function(beta = 0.2) getDesignGroupSequential(kMax = 1, alpha = 0.025, beta = beta, sided = 1)
solve <- function(f, range) uniroot(f, range, tol = 1e-14, maxiter = 1000)$root

# two shares: unequal arms, margins, the score test of Miettinen and Nurminen, exact tests
for (a in list(c(0.5, 0.8, 2), c(0.1, 0.2, 0.5)))
  put("shares", "Hmisc: bsamsize(fraction)", "none", list(exact = Hmisc::bsamsize(a[1], a[2], 1 / (1 + a[3]), 0.05, 0.8)[["n1"]]),
      list(reference = a[1], experimental = a[2], ratio = a[3], test = "pooled"))
for (a in list(c(0.75, 0.8, -0.1, 1), c(0.75, 0.8, -0.1, 2), c(0.9, 0.85, -0.15, 0.5)))
  put("shares", "epiR: epi.ssninfb(nfractional = TRUE)", "none",
      list(exact = epi.ssninfb(treat = a[2], control = a[1], delta = -a[3], n = NA, r = a[4], power = 0.8, nfractional = TRUE, alpha = 0.025)$n.control),
      list(reference = a[1], experimental = a[2], margin = a[3], ratio = a[4], test = "unpooled"))
for (a in list(c(0.5, 0.8, 40, 55), c(0.1, 0.2, 120, 60)))
  put("share_power", "pwr: pwr.2p2n.test(alternative = 'greater')", "none",
      list(power = pwr::pwr.2p2n.test(h = pwr::ES.h(a[2], a[1]), n1 = a[3], n2 = a[4], sig.level = 0.025, alternative = "greater")$power),
      list(reference = a[1], experimental = a[2], n = a[3:4], test = "arcsine"))
score_null <- function(p0, p1, n0, n1, margin) {  # the shares that are likeliest at the margin, by optimise
  l <- function(q) -(n0 * (p0 * log(q) + (1 - p0) * log(1 - q)) + n1 * (p1 * log(q + margin) + (1 - p1) * log(1 - q - margin)))
  d <- function(q) n0 * (p0 / q - (1 - p0) / (1 - q)) + n1 * (p1 / (q + margin) - (1 - p1) / (1 - q - margin))
  edge <- c(max(0, -margin), min(1, 1 - margin)); q <- solve(d, edge + c(1e-12, -1e-12)); stopifnot(l(q) <= l(q + 1e-6), l(q) <= l(q - 1e-6))
  sqrt((q * (1 - q) / n0 + (q + margin) * (1 - q - margin) / n1) * (n0 + n1) / (n0 + n1 - 1))
}
mn_power <- function(p0, p1, n0, n1, margin) pnorm((abs(p1 - p0 - margin) - za * score_null(p0, p1, n0, n1, margin)) / sqrt(p0 * (1 - p0) / n0 + p1 * (1 - p1) / n1))
for (a in list(c(0.5, 0.8, 0, 1), c(0.75, 0.8, -0.1, 1), c(0.2, 0.2, 0.1, 2)))
  put("shares", "R 4.2.2: likelihood at the margin by uniroot, times N / (N - 1) (Miettinen, Nurminen 1985)", "none",
      list(exact = solve(function(n) mn_power(a[1], a[2], n, a[4] * n, a[3]) - 0.8, c(5, 2000))),
      list(reference = a[1], experimental = a[2], margin = a[3], ratio = a[4], test = "miettinen-nurminen"))
exact_of <- function(n0, n1, p0, p1, rejects) { r <- outer(0:n0, 0:n1, Vectorize(rejects)); sum(r * outer(dbinom(0:n0, n0, p0), dbinom(0:n1, n1, p1))) }
z_of <- function(a, b, n0, n1, correct) { p <- suppressWarnings(prop.test(c(b, a), c(n1, n0), alternative = "greater", correct = correct)$p.value); !is.na(p) && p <= 0.025 }
for (n in list(c(18, 25), c(24, 24)))
  put("exact_power", "R 4.2.2: prop.test and fisher.test of every table, dbinom", "none",
      list(chi_square = exact_of(n[1], n[2], 0.3, 0.6, function(a, b) z_of(a, b, n[1], n[2], FALSE)),
           fisher = exact_of(n[1], n[2], 0.3, 0.6, function(a, b) fisher.test(matrix(c(b, n[2] - b, a, n[1] - a), 2), alternative = "greater", conf.int = FALSE)$p.value <= 0.025)),
      list(n = n, reference = 0.3, experimental = 0.6))

# the least effect of a size
for (a in list(c(44, 0.5), c(120, 0.1)))
  put("least_share", "R 4.2.2: power.prop.test(p2 = NULL, tol = 1e-14)", "none", list(share = power.prop.test(n = a[1], p1 = a[2], power = 0.8, tol = 1e-14)$p2),
      list(n = a[1], reference = a[2]))
for (n in c(12, 60))
  put("least_mean", "R 4.2.2: power.t.test(delta = NULL, tol = 1e-14)", "none", list(difference = power.t.test(n = n, sd = 2, power = 0.8, tol = 1e-14)$delta), list(n = n))
events_of <- function(hr, margin, ratio) getSampleSizeSurvival(fixed(), lambda2 = 0.05, hazardRatio = hr, thetaH0 = margin, allocationRatioPlanned = ratio, accrualTime = c(0, 24), followUpTime = 12)$eventsFixed
for (a in list(c(200, 1, 1), c(90, 1, 2), c(300, 1.3, 1)))
  put("least_ratio", "rpact 3.3.4: getSampleSizeSurvival solved for hazardRatio", "none",
      list(hazard_ratio = solve(function(x) events_of(a[2] * x, a[2], a[3]) - a[1], c(0.2, 0.97)) * a[2]), list(events = a[1], margin = a[2], ratio = a[3]))
size_of <- function(hr, margin = 1, ratio = 1) getSampleSizeSurvival(fixed(), lambda2 = log(2) / 12, hazardRatio = hr, thetaH0 = margin, dropoutRate1 = 0.05, dropoutRate2 = 0.05,
  dropoutTime = 12, allocationRatioPlanned = ratio, accrualTime = c(0, 24), followUpTime = 12)
for (a in list(c(300, 1), c(420, 2)))
  put("least_logrank", "rpact 3.3.4: getSampleSizeSurvival solved for hazardRatio", "none",
      list(hazard_ratio = solve(function(x) size_of(x, ratio = a[2])$nFixed - a[1], c(0.3, 0.9))), list(subjects = a[1], ratio = a[2]))

# events: what a book prints without its digits, by rpact
for (hr in c(0.57, 0.75))
  put("events", "rpact 3.3.4: getSampleSizeSurvival(beta = 0.1)$eventsFixed", "none",
      list(events = getSampleSizeSurvival(fixed(0.1), lambda2 = 0.05, hazardRatio = hr, accrualTime = c(0, 24), followUpTime = 12)$eventsFixed), list(hazard_ratio = hr))

# subjects: a margin, unequal arms, strata, and how long a study of a given size takes
for (a in list(c(1, 1.3, 1), c(0.9, 1.25, 2))) {
  x <- size_of(a[1], a[2], a[3])
  put("logrank_size", "rpact 3.3.4: getSampleSizeSurvival(thetaH0)", "none", list(subjects = x$nFixed, events = x$eventsFixed),
      list(hazard_ratio = a[1], margin = a[2], ratio = a[3], variance = "schoenfeld"))
}
share_of <- function(h, g, t = 36, r = 24) h / (h + g) * (1 - (exp(-(h + g) * (t - r)) - exp(-(h + g) * t)) / ((h + g) * r))
lf <- function(medians, hr, ratio) {  # Lachin and Foulkes on the log ratio, strata of one size; g: drop-out
  g <- -log(0.95) / 12; q <- c(1, ratio) / (1 + ratio); s <- function(h0, h1) 1 / (1 / (q[1] * share_of(h0, g)) + 1 / (q[2] * share_of(h1, g)))
  h <- log(2) / medians; mean_h <- (h + ratio * hr * h) / (1 + ratio)
  n <- (za / sqrt(mean(s(mean_h, mean_h))) + zb / sqrt(mean(s(h, hr * h))))^2 / log(hr)^2
  c(n, n * mean(q[1] * share_of(h, g) + q[2] * share_of(hr * h, g)))
}
for (a in list(list(12, 1), list(12, 2), list(c(6, 12, 24), 1), list(c(6, 12, 24), 2))) {
  x <- lf(a[[1]], 0.7, a[[2]])
  put("stratified_size", "R 4.2.2, formula of Lachin, Foulkes (1986)", "none", list(subjects = x[1], events = x[2]), list(medians = I(a[[1]]), ratio = a[[2]]))
}
for (n in c(290, 340)) {
  x <- getSampleSizeSurvival(fixed(), lambda2 = log(2) / 12, hazardRatio = 2 / 3, dropoutRate1 = 0.05, dropoutRate2 = 0.05, dropoutTime = 12, accrualTime = c(0, 24), maxNumberOfSubjects = n)
  put("study_end", "rpact 3.3.4: getSampleSizeSurvival(maxNumberOfSubjects)", "none", list(end = 24 + x$followUpTime, events = x$eventsFixed), list(subjects = n), digits = 6, note = "rpact stops its search of follow-up at 1e-6")
}

# an effect from month 6 on: the size by the average hazard ratio, and the score of weighted tests
h0 <- function(t) ifelse(t < 6, 0.025, ifelse(t < 9, 0.04, 0.015)); H0 <- function(t) 0.025 * pmin(t, 6) + 0.04 * pmin(pmax(t - 6, 0), 3) + 0.015 * pmax(t - 9, 0)
h1 <- function(t) ifelse(t < 6, 1, 0.6) * h0(t); H1 <- function(t) pmin(H0(t), 0.15) + 0.6 * pmax(H0(t) - 0.15, 0)
parts <- function(f, end) { cuts <- sort(unique(c(0, 6, 9, max(end - 24, 0), end))); cuts <- cuts[cuts <= end]
  sum(mapply(function(a, b) integrate(f, a, b, rel.tol = 1e-12, subdivisions = 2000)$value, head(cuts, -1), tail(cuts, -1))) }
at_risk <- function(H, end) function(s) exp(-H(s) - 0.01 * s) * pmin(pmax(end - s, 0), 24) / 24
moments <- function(end, ratio, rho, gamma) {
  q <- c(1, ratio) / (1 + ratio); y0 <- function(s) q[1] * at_risk(H0, end)(s); y1 <- function(s) q[2] * at_risk(H1, end)(s)
  own <- function(s) { a <- q[1] * exp(-H0(s)); b <- q[2] * exp(-H1(s)); (a * h0(s) + b * h1(s)) / (a + b) }
  S <- function(s) sapply(s, function(x) { c <- c(0, 6, 9); c <- c(c[c < x], x); exp(-sum(mapply(function(a, b) integrate(own, a, b, rel.tol = 1e-13)$value, head(c, -1), tail(c, -1)))) })
  w <- function(s) if (rho + gamma == 0) 1 else { v <- S(s); v^rho * (1 - v)^gamma }
  both <- function(s) y0(s) * y1(s) / (y0(s) + y1(s))
  300 * c(parts(function(s) w(s) * both(s) * (h0(s) - h1(s)), end),
          parts(function(s) w(s)^2 * both(s) * (y0(s) * h0(s) + y1(s) * h1(s)) / (y0(s) + y1(s)), end),
          parts(function(s) w(s)^2 * both(s)^2 * (h0(s) / y0(s) + h1(s) / y1(s)), end))
}
for (a in list(c(36, 1, 0, 0), c(36, 2, 0, 1), c(20, 2, 0.5, 0.5))) {
  m <- moments(a[1], a[2], a[3], a[4])
  put("score", "R 4.2.2: integrate, the score by hand (Yung, Liu 2020)", "none",
      list(score = m[1], variance = m[2], spread = m[3], subjects = 300 * ((za * sqrt(m[2]) + zb * sqrt(m[3])) / m[1])^2),
      list(study_end = a[1], ratio = a[2], rho = a[3], gamma = a[4]))
}
for (end in c(24, 48)) {
  d <- sapply(list(list(H0, h0, 1 / 3), list(H1, h1, 2 / 3)), function(one) sapply(list(c(0, 6), c(6, end)), function(r) {
    cuts <- sort(unique(c(r, 9, max(end - 24, 0)))); cuts <- cuts[cuts >= r[1] & cuts <= r[2]]
    one[[3]] * sum(mapply(function(a, b) integrate(function(s) one[[2]](s) * at_risk(one[[1]], end)(s), a, b, rel.tol = 1e-13)$value, head(cuts, -1), tail(cuts, -1))) }))
  # within a piece of one ratio the arms' events stand for its information; months 6 to 9 and later are two pieces
  d3 <- sapply(list(list(H0, h0, 1 / 3), list(H1, h1, 2 / 3)), function(one) sapply(list(c(0, 6), c(6, 9), c(9, end)), function(r) {
    cuts <- sort(unique(c(r, max(end - 24, 0)))); cuts <- cuts[cuts >= r[1] & cuts <= r[2]]
    one[[3]] * sum(mapply(function(a, b) integrate(function(s) one[[2]](s) * at_risk(one[[1]], end)(s), a, b, rel.tol = 1e-13)$value, head(cuts, -1), tail(cuts, -1))) }))
  log_ahr <- log(0.6) * sum(d[2, ]) / sum(d); null <- sum(d) * 2 / 9; under <- sum(d3[, 1] * d3[, 2] / rowSums(d3))
  put("average_size", "R 4.2.2: integrate, size by the average hazard ratio by hand (Lu 2021)", "none", list(subjects = ((za / sqrt(null) + zb / sqrt(under)) / log_ahr)^2), list(at = end))
}

# survival at a time over strata, and against a margin, on the plain scale
came <- function(u) pmin(pmax(u, 0), 24) / 24
for (margin in c(0, -0.05)) {
  share <- c(0.4, 0.6); k <- c(1, 2); v <- 0; s <- c(0, 0)
  for (j in 1:2) for (arm in 1:2) { f <- k[j] * c(1, 0.6)[arm]; S <- exp(-f * H0(12))
    g <- sum(mapply(function(a, b) integrate(function(x) f * h0(x) / (exp(-f * H0(x) - 0.01 * x) * came(36 - x)), a, b, rel.tol = 1e-13)$value, c(0, 6, 9), c(6, 9, 12)))
    s[arm] <- s[arm] + share[j] * S; v <- v + share[j] * S^2 * g * 2 }
  put("stratified_milestone", "R 4.2.2: integrate, expected Greenwood by hand (Klein et al. 2007)", "none",
      list(subjects = ((za + zb) * sqrt(v) / (s[2] - s[1] - margin))^2, values = s), list(margin = margin))
}
write_cases("further_sizes")
