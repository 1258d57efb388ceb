# Sizes, events and the expected course of trials: R's stats, rpact 3.3.4, collected numbers of gsDesign, gsDesign2, lrstat;
# enumeration and integrals by hand.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE))), "references.R"))
suppressMessages(library(rpact))
stored <- fromJSON(file.path(shared, "..", "ref_design_ae.json"), simplifyVector = FALSE)$results
got <- function(id) { one <- Filter(function(r) r$id == id, stored)[[1]]$values; lapply(one, unlist) }

# two shares: exact size of the reference arm
for (p in list(c(0.5, 0.8, 0.8), c(0.1, 0.15, 0.9), c(0.6, 0.3, 0.8)))
  put("shares", "R 4.2.2: power.prop.test(tol = 1e-14)", "none",
      list(exact = power.prop.test(p1 = p[1], p2 = p[2], power = p[3], tol = 1e-14)$n),
      list(reference = p[1], experimental = p[2], power = p[3], test = "pooled"))
fixed <- function(alpha = 0.025, beta = 0.2) getDesignGroupSequential(kMax = 1, alpha = alpha, beta = beta, sided = 1)
for (a in list(c(0.8, 0.75, -0.1, 1), c(0.8, 0.75, -0.1, 2), c(0.5, 0.5, 0.15, 1), c(0.8, 0.5, 0, 3)))
  put("shares", "rpact 3.3.4: getSampleSizeRates(normalApproximation = TRUE)", "none",
      list(exact = getSampleSizeRates(fixed(), groups = 2, pi1 = a[1], pi2 = a[2], thetaH0 = a[3],
           allocationRatioPlanned = a[4], normalApproximation = TRUE)$nFixed / (1 + a[4])),
      list(reference = a[2], experimental = a[1], margin = a[3], ratio = a[4], power = 0.8, test = "pooled"))
unpooled <- function(p, q) (qnorm(0.975) + qnorm(0.8))^2 * (p * (1 - p) + q * (1 - q)) / (p - q)^2
for (p in list(c(0.5, 0.8), c(0.1, 0.2))) {
  put("shares", "R 4.2.2, formula without pooling (Fleiss, Levin, Paik 2003, 4.2)", "none", list(exact = unpooled(p[1], p[2])),
      list(reference = p[1], experimental = p[2], power = 0.8, test = "unpooled"))
  h <- 2 * asin(sqrt(p[2])) - 2 * asin(sqrt(p[1]))
  put("shares", "R 4.2.2, formula with arcsines (Cohen 1988, 6.4)", "none", list(exact = 2 * ((qnorm(0.975) + qnorm(0.8)) / h)^2),
      list(reference = p[1], experimental = p[2], power = 0.8, test = "arcsine"))
  n <- power.prop.test(p1 = p[1], p2 = p[2], power = 0.8, tol = 1e-14)$n
  put("shares", "R 4.2.2, formula of Fleiss, Tytun, Ury (1980) on power.prop.test", "none",
      list(exact = n / 4 * (1 + sqrt(1 + 4 / (n * abs(p[2] - p[1]))))^2),
      list(reference = p[1], experimental = p[2], power = 0.8, test = "corrected"))
}
fisher_power <- function(n, p, q, alpha) {
  r <- outer(0:n, 0:n, Vectorize(function(a, b) fisher.test(matrix(c(b, n - b, a, n - a), 2), alternative = "greater", conf.int = FALSE)$p.value <= alpha))
  sum(r * outer(dbinom(0:n, n, p), dbinom(0:n, n, q)))
}
for (a in list(c(20, 0.2, 0.6), c(39, 0.5, 0.8), c(44, 0.5, 0.8)))
  put("share_power", "R 4.2.2: fisher.test of every table, dbinom", "none", list(power = fisher_power(a[1], a[2], a[3], 0.025)),
      list(reference = a[2], experimental = a[3], n = a[1], test = "fisher"))
# one share, means
one <- function(n, p, q) { x <- qbinom(0.025, n, p, lower.tail = FALSE) + 1; c(n, x, pbinom(x - 1, n, p, lower.tail = FALSE), pbinom(x - 1, n, q, lower.tail = FALSE)) }
for (a in list(c(0.2, 0.4), c(0.5, 0.8), c(0.05, 0.2))) {
  n <- 2; while (one(n, a[1], a[2])[4] < 0.8) n <- n + 1
  put("one_share", "R 4.2.2: qbinom, pbinom of every size from 2 on", "none", list(found = one(n, a[1], a[2])), list(expected = a[1], hoped = a[2]))
  put("one_share_normal", "rpact 3.3.4: getSampleSizeRates(groups = 1, normalApproximation = TRUE)", "none",
      list(exact = getSampleSizeRates(fixed(), groups = 1, pi1 = a[2], thetaH0 = a[1], normalApproximation = TRUE)$nFixed), list(expected = a[1], hoped = a[2]))
}
for (a in list(c(0.5, 1), c(0.5, 2), c(1.2, 1))) {
  power <- function(n) { f <- n * (1 + a[2]) - 2; pt(qt(0.975, f), f, a[1] / sqrt(1 / n + 1 / (a[2] * n)), lower.tail = FALSE) }
  put("means", "R 4.2.2: pt(ncp), uniroot(tol = 1e-14); as power.t.test", "none", list(exact = uniroot(function(n) power(n) - 0.8, c(3, 200), tol = 1e-14)$root),
      list(difference = a[1], ratio = a[2]))
}

# events
g <- got("schoenfeld_events")
put("events", "gsDesign 3.11.0: nEvents (collected)", "none", list(events = c(g$e80, g$e80r2)), list(formula = "schoenfeld", ratio = c(1, 2), power = 0.8))
put("events", "gsDesign 3.11.0: nEvents (collected)", "none", list(events = g$e90), list(formula = "schoenfeld", ratio = 1, power = 0.9))
put("event_power", "gsDesign 3.11.0: nEvents(n = 200) (collected)", "none", list(power = g$power200), list(events = 200))
for (d in c(60, 120)) put("event_power", "R 4.2.2: pnorm, Schoenfeld (1981)", "none", list(power = pnorm(abs(log(2 / 3)) * sqrt(d) / 2 - qnorm(0.975))), list(events = d))
f <- got("freedman_events")
put("events", "rpact 4.5.0: typeOfComputation = 'Freedman' (collected)", "none", list(events = c(f$freedman, f$freedman_r2)), list(formula = "freedman", ratio = c(1, 2), power = 0.8))
put("events", "rpact 4.5.0: typeOfComputation = 'HsiehFreedman' (collected)", "none", list(events = c(f$hsieh, f$hsieh_r2)), list(formula = "hsieh-freedman", ratio = c(1, 2), power = 0.8))
for (hr in c(0.5, 0.8)) for (margin in c(1, 1.3))
  put("events", "rpact 3.3.4: getSampleSizeSurvival(thetaH0)$eventsFixed", "none",
      list(events = getSampleSizeSurvival(fixed(), lambda2 = 0.05, hazardRatio = hr, thetaH0 = margin, accrualTime = c(0, 24), followUpTime = 12)$eventsFixed),
      list(formula = "schoenfeld", ratio = 1, power = 0.8, hazard_ratio = hr, margin = margin))

# subjects and the course of a trial
l <- got("lachin_foulkes")
put("logrank_size", "gsDesign 3.11.0: nSurvival(type = 'rr') (collected)", "none", list(subjects = l$n, events = l$nEvents), list(variance = "lachin-foulkes", ratio = 1))
put("logrank_size", "gsDesign 3.11.0: nSurvival(type = 'rd') (collected)", "none", list(subjects = l$n_rd, events = l$nEvents_rd), list(variance = "lachin-foulkes-difference", ratio = 1))
r <- got("rpact_event_prob")
put("course", "rpact 4.5.0: getEventProbabilities (collected)", "none", list(events0 = 150 * r$p2, events1 = 150 * r$p1),
    list(at = c(12, 24, 36), until = 24))
l <- got("lrstat_expected")
put("course", "lrstat 0.3.3: lrstat (collected)", "none",
    list(subjects = l$subjects, events0 = l$nevents2, events1 = l$nevents1, dropouts0 = l$ndropouts2, dropouts1 = l$ndropouts1),
    list(at = c(12, 24, 36, 38.56), until = 24))
a <- got("ahr_gsDesign2")
put("average", "gsDesign2 1.1.8: ahr (collected)", "none", list(ratio = a$ahr, events = a$event, information = a$info, information_null = a$info0), list(at = c(18, 24, 36, 48)))
# piecewise hazards, drop-out, unequal arms, accrual in pieces: rpact, and integrals by hand
pieces <- function(type, ratio) getSampleSizeSurvival(fixed(), piecewiseSurvivalTime = list("0 - <6" = 0.025, "6 - <9" = 0.04, ">=9" = 0.015),
  hazardRatio = 0.6, dropoutRate1 = 0.05, dropoutRate2 = 0.02, dropoutTime = 12, allocationRatioPlanned = ratio, accrualTime = c(0, 6, 24),
  accrualIntensity = c(0.4, 0.8), accrualIntensityType = "relative", followUpTime = 12, typeOfComputation = type)
for (type in c("Schoenfeld", "Freedman", "HsiehFreedman")) for (ratio in c(1, 2)) {
  x <- pieces(type, ratio)
  put("pieces_size", sprintf("rpact 3.3.4: getSampleSizeSurvival(piecewiseSurvivalTime, typeOfComputation = '%s')", type), "none",
      list(subjects = x$nFixed, events = x$eventsFixed), list(variance = c(Schoenfeld = "schoenfeld", Freedman = "freedman", HsiehFreedman = "hsieh-freedman")[[type]], ratio = ratio))
}
hz <- function(t) ifelse(t < 6, 0.025, ifelse(t < 9, 0.04, 0.015)); H <- function(t) 0.025 * pmin(t, 6) + 0.04 * pmin(pmax(t - 6, 0), 3) + 0.015 * pmax(t - 9, 0)
tight_integral <- function(f, cuts) sum(mapply(function(a, b) integrate(f, a, b, rel.tol = 1e-13, subdivisions = 1000)$value, head(cuts, -1), tail(cuts, -1)))
ramp <- function(u) ifelse(u < 10, u / 10, 1)  # then constant to 20: 15 in all
events_of <- function(hr, eta, t) {
  chance <- function(x) sapply(x, function(y) { c <- c(0, 6, 9); c <- c(c[c < y], y); if (y <= 0) 0 else tight_integral(function(s) hr * hz(s) * exp(-hr * H(s) - eta * s), c) })
  cuts <- sort(unique(pmin(pmax(c(0, 10, 20, t - 6, t - 9), 0), min(t, 20))))
  100 / 15 * tight_integral(function(u) ramp(u) * chance(t - u), cuts)
}
for (at in list(5, c(12, 30)))
  put("ramp", "R 4.2.2: integrate twice, for a ramp, by hand", "none",
      list(events0 = sapply(at, function(t) events_of(1, 0.01, t)), events1 = sapply(at, function(t) events_of(0.6, 0.01, t))), list(at = I(at)))
# an effect from month 6 on, two to one, by piece: hazard, share still followed, and who came early enough
for (at in list(18, c(30, 48))) {
  piece <- function(k, hr, share, t) { a <- c(0, 6, 9)[k]; b <- min(c(6, 9, Inf)[k], t); if (b <= a) return(0)
    f <- function(s) share * hr[k] * hz(s) * exp(-(hr[1] * pmin(H(s), H(6)) + hr[2] * pmax(H(s) - H(6), 0)) - 0.01 * s) * 300 / 24 * pmin(pmax(t - s, 0), 24)
    tight_integral(f, sort(unique(c(a, b, max(a, min(b, t - 24)))))) }
  d0 <- sapply(at, function(t) sapply(1:3, piece, hr = c(1, 1, 1), share = 1 / 3, t = t)); d1 <- sapply(at, function(t) sapply(1:3, piece, hr = c(1, 0.6, 0.6), share = 2 / 3, t = t))
  d <- d0 + d1; both <- d0 * d1 / d; both[d == 0] <- 0
  put("average", "R 4.2.2: integrate, average hazard ratio by hand (Lu 2021)", "none",
      list(ratio = exp(colSums(d * log(c(1, 0.6, 0.6))) / colSums(d)), events = colSums(d), information = colSums(both), information_null = colSums(d) * 2 / 9), list(at = I(at), ratio = 2))
}
# the milestone test and the restricted mean
came <- function(u) pmin(pmax(u, 0), 24) / 24
spread <- function(hr, eta, at, end, weight) tight_integral(function(s) weight(s)^2 * hr * hz(s) / (exp(-hr * H(s) - eta * s) * came(end - s)), sort(unique(c(0, 6, 9, max(end - 24, 0), at)))[sort(unique(c(0, 6, 9, max(end - 24, 0), at))) <= at])
for (end in c(20, 36)) {
  s <- exp(-c(1, 0.6) * H(12)); v <- c(spread(1, 0.01, 12, end, function(s) 1), spread(0.6, 0.01, 12, end, function(s) 1)) * 2
  z <- c(plain = (s[2] - s[1]) / sqrt(sum(s^2 * v)), log = log(s[2] / s[1]) / sqrt(sum(v)),
         "log-log" = (log(-log(s[1])) - log(-log(s[2]))) / sqrt(sum(v / log(s)^2)),
         logit = (qlogis(s[2]) - qlogis(s[1])) / sqrt(sum(v / (1 - s)^2)), arcsine = (asin(sqrt(s[2])) - asin(sqrt(s[1]))) / sqrt(sum(v * s / (4 * (1 - s)))))
  for (scale in names(z)) put("milestone", "R 4.2.2: integrate, expected Greenwood by hand (Klein et al. 2007)", "none",
      list(subjects = ((qnorm(0.975) + qnorm(0.8)) / z[[scale]])^2, values = s), list(scale = scale, study_end = end))
  mean_of <- function(hr, from) tight_integral(function(t) exp(-hr * H(t)), c(from, c(6, 9)[c(6, 9) > from], 12))
  w <- function(hr) function(s) sapply(s, function(x) if (x >= 12) 0 else mean_of(hr, x))
  m <- c(mean_of(1, 0), mean_of(0.6, 0)); v <- 2 * c(spread(1, 0.01, 12, end, w(1)), spread(0.6, 0.01, 12, end, w(0.6)))
  put("milestone", "R 4.2.2: integrate twice, restricted mean by hand (Royston, Parmar 2013)", "none",
      list(subjects = ((qnorm(0.975) + qnorm(0.8)) * sqrt(sum(v)) / diff(m))^2, values = m), list(measure = "restricted-mean", study_end = end))
}
write_cases("sizes")
