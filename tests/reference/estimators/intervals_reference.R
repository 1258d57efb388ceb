# Interval-censored times: npsurv (Turnbull), coin (permutation tests of the scores), icenReg and interval (stored results).
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE))), "references.R"))
suppressMessages({library(npsurv); library(coin)})
stored <- fromJSON(file.path(shared, "..", "ref_survival.json"), simplifyVector = FALSE)$results
stored <- setNames(stored, sapply(stored, function(one) one$id))
sets <- list(intervals = c("left", "right", "arm"), sim_trial = c("iv_L", "iv_R", "arm"), icens_mice = c("l", "u", "grp"))
bounds <- function(name) {
  d <- get_data(name); d$L <- d[[sets[[name]][1]]]; d$R <- d[[sets[[name]][2]]]; d$R[is.na(d$R)] <- Inf
  d$g <- factor(d[[sets[[name]][3]]]); d
}
covered <- function(f, d) t(sapply(seq_len(nrow(d)), function(i)
  if (d$L[i] == d$R[i]) f$f$left == d$L[i] & f$f$right == d$L[i]
  else f$f$left >= d$L[i] & f$f$right <= d$R[i] & !(f$f$left == f$f$right & f$f$left == d$L[i])))
# npsurv stops by the gain of the likelihood, so its masses have 8 digits: three of Newton's steps on them. Masses below 1e-12 are rounding.
masses <- function(d) {
  f <- npsurv(cbind(d$L, d$R), tol = 1e-15, maxit = 5000); there <- f$f$p > 1e-12
  f$f$left <- f$f$left[there]; f$f$right <- f$f$right[there]; p <- f$f$p[there]
  A <- covered(f, d) + 0
  for (k in 1:3) { q <- drop(A %*% p); p <- p + solve(crossprod(A / q), crossprod(A, 1 / q) - nrow(d)) }
  f$f$p <- drop(p); f
}
where <- function(name) as.list(setNames(sets[[name]], c("left", "right", "group")))

for (name in names(sets)) {
  d <- bounds(name)
  for (g in c("all", levels(d$g))) {
    f <- masses(if (g == "all") d else d[d$g == g, ])
    right <- f$f$right; right[is.infinite(right)] <- NA
    put("turnbull", "R npsurv 0.5-0: npsurv(tol = 1e-15), then three of Newton's steps", name,
        list(left = f$f$left, right = right, mass = f$f$p, log_likelihood = f$ll), c(where(name), keep = g))
  }
}
# icenReg: survival after each of its intervals, those of mass 0 too
icen <- list(icens_mice = stored$icreg_np_mice$values$curves, sim_trial = stored$turnbull_sim_iv$values)
for (name in names(icen)) for (g in names(icen[[name]])) {
  curve <- icen[[name]][[g]]
  ends <- sapply(curve$Tbull, function(x) if (is.null(x)) NA else x)
  ends <- ends[seq(2, length(ends), 2)][-1]  # the first interval stands twice, as the start
  inside <- !is.na(ends)
  put("turnbull_at", "R icenReg 2.0.16: ic_np (stored)", name,
      list(survival = unlist(curve$S)[-1][inside]), c(where(name), list(keep = g, at = ends[inside])),
      digits = 6, note = "icenReg stops where a step gains less than 1e-10; npsurv above has our masses to 1e-10")
}
# scores of Fay and Shaw (2010) from npsurv's curve; their test by coin
curve_at <- function(f, d) {
  after <- 1 - cumsum(f$f$p); before <- c(1, after[-length(after)]); after[length(after)] <- 0
  k <- covered(f, d)
  list(p = f$f$p, before = before, after = after, low = apply(k, 1, function(x) min(which(x))), high = apply(k, 1, function(x) max(which(x))))
}
scores <- function(d, kind) {
  k <- curve_at(masses(d), d)
  SL <- k$before[k$low]; SR <- k$after[k$high]
  if (kind == "wilcoxon") return(SL + SR - 1)
  H <- if (kind == "sun") cumsum(k$p / k$before) else -log(k$after)
  product <- function(S, h) ifelse(S > 0, S * h, 0)
  (product(SR, H[k$high]) - product(SL, c(0, H)[k$low])) / (SL - SR)
}
for (name in names(sets)) for (kind in c("sun", "finkelstein", "wilcoxon")) {
  d <- bounds(name); d$score <- scores(d, kind)
  t <- independence_test(score ~ g, data = d, teststat = "quad")
  z <- statistic(independence_test(score ~ g, data = d, teststat = "scalar"), "standardized")
  put("logrank", "R coin: independence_test of the scores of Fay, Shaw (2010) from npsurv", name,
      list(statistic = statistic(t), p = pvalue(t), z = -z), c(where(name), scores = kind))
}
# strata, and a trend over four groups
for (name in c("intervals", "sim_trial")) for (kind in c("sun", "finkelstein")) {
  d <- bounds(name); s <- factor(d$stratum)
  for (level in levels(s)) d$score[s == level] <- scores(d[s == level, ], kind)
  t <- independence_test(score ~ g | s, data = d, teststat = "quad")
  put("logrank", "R coin: the same, scores and permutations within strata", name,
      list(statistic = statistic(t), p = pvalue(t)), c(where(name), scores = kind, stratum = "stratum"))
}
for (name in c("intervals", "sim_trial")) {
  d <- bounds(name); d$g <- as.numeric(d$g) - 1 + 2 * as.numeric(factor(d$stratum)) - 2; d$score <- scores(d, "sun")
  t <- independence_test(score ~ factor(g), data = d, teststat = "quad")
  z <- statistic(independence_test(score ~ g, data = d, teststat = "scalar"), "standardized")
  put("logrank", "R coin: four groups (arm and stratum), quadratic form and trend", name,
      list(statistic = statistic(t), p = pvalue(t), trend = z), c(where(name), scores = "sun", groups = "arm + 2 stratum"))
}
put("logrank", "R interval 1.1-1.0: ictest(scores = 'logrank1') (stored)", "icens_mice",
    list(z = -stored$ictest_mice$values$statistic, p = stored$ictest_mice$values$p), c(where("icens_mice"), scores = "sun"),
    digits = 3, note = "its curve is self-consistent to 1e-6 only: the same steps from equal masses give 1.07766 at 3e-6, 1.07783 at 3e-8 and tend to ours")
# Proportional hazards of grouped times: with known times the model is a complementary log-log regression of person-periods.
# glm's answer is climbed on by Newton's steps with the observed information, which gives the covariance.
grouped <- function(t, e, X, s = rep(1, length(t)), entry = rep(0, length(t))) {
  rows <- do.call(rbind, lapply(sort(unique(s)), function(level) do.call(rbind, lapply(sort(unique(t[e == 1 & s == level])), function(day) {
    here <- which(s == level & t >= day & entry < day); y <- as.numeric(t[here] == day & e[here] == 1)
    if (all(y == 1)) NULL else data.frame(i = here, y = y, set = paste(level, day)) })))) # where all fail the hazard is infinite
  Z <- cbind(model.matrix(~ factor(set) - 1, rows), X[rows$i, , drop = FALSE]); y <- rows$y
  p <- suppressWarnings(glm.fit(Z, y, family = binomial("cloglog"), control = glm.control(epsilon = 1e-12, maxit = 100)))$coefficients
  for (i in 1:4) {
    m <- exp(drop(Z %*% p)); q <- m / expm1(m)
    H <- crossprod(Z, ifelse(y == 1, q - q^2 * exp(m), -m) * Z); p <- p - drop(solve(H, crossprod(Z, ifelse(y == 1, q, -m))))
  }
  m <- exp(drop(Z %*% p)); k <- ncol(Z) - ncol(X) + seq_len(ncol(X))
  list(coefficients = p[k], covariance = solve(-H)[k, k], log_likelihood = sum(ifelse(y == 1, log(-expm1(-m)), -m)))
}
for (data in c("tied", "sim_trial")) for (stratum in c(FALSE, TRUE)) {
  d <- get_data(data); a <- if (data == "tied") list(time = "time", event = "event", covariates = c("arm", "marker")) else
    list(time = "pfs", event = "pfs_ev", covariates = c("arm", "age"))
  f <- grouped(d[[a$time]], d[[a$event]], as.matrix(d[a$covariates]), if (stratum) d$stratum else rep(1, nrow(d)))
  put("proportional_hazards", "R: glm(binomial('cloglog')) on person-periods, Newton's steps with the observed information", data, f,
      c(a, if (stratum) list(stratum = "stratum")))
}
for (stratum in c(FALSE, TRUE)) {
  d <- get_data("tied"); a <- list(time = "time", event = "event", covariates = c("arm", "marker"), entry = "entry")
  f <- grouped(d$time, d$event, as.matrix(d[a$covariates]), if (stratum) d$stratum else rep(1, nrow(d)), d$entry)
  put("proportional_hazards", "R: the same regression on the person-periods after each entry", "tied", f, c(a, if (stratum) list(stratum = "stratum")))
}
# Late entry. Known times: survfit. Intervals: Turnbull's steps, with those not let in, over the innermost intervals of Frydman (1994),
# then Newton's on the masses there are. Each third row enters halfway to its left bound.
for (keep in c("all", 0, 1)) {
  d <- get_data("tied"); if (keep != "all") d <- d[d$arm == keep, ]
  f <- summary(survfit(Surv(entry, time, event) ~ 1, d)); there <- f$surv > 0
  put("turnbull_at", "R survival 3.5-3: survfit(Surv(entry, time, event) ~ 1)", "tied", list(survival = f$surv[there]),
      list(time = "time", event = "event", entry = "entry", group = "arm", keep = keep, at = f$time[there]))
}
entered <- function(L) ifelse(seq_along(L) %% 3 == 0 & L > 0, L / 2 + 0.033, 0)  # never a bound of another
truncated <- function(d) {
  d$E <- entered(d$L); end <- sort(unique(c(d$R, d$E[d$E > 0]))); begin <- sapply(end, function(r) max(-Inf, d$L[d$L < r]))
  inner <- begin >= c(-Inf, end[-length(end)]) & begin > -Inf; begin <- begin[inner]; end <- end[inner]
  A <- outer(d$L, begin, "<=") * outer(d$R, end, ">="); B <- outer(d$E, begin, "<="); p <- rep(1 / ncol(A), ncol(A))
  for (k in 1:2000) { p <- p * (crossprod(A, 1 / A %*% p) + crossprod(1 - B, 1 / B %*% p)); p <- drop(p / sum(p)) }
  slope <- function(p) drop(crossprod(A, 1 / A %*% p) - crossprod(B, 1 / B %*% p))
  there <- p > 1e-5
  for (round in 1:500) {  # a mass that falls to 0 goes out, one that would rise comes in
    p[!there] <- 0; a <- A[, there]; b <- B[, there]; qa <- drop(A %*% p); qb <- drop(B %*% p)
    step <- -solve(crossprod(b / qb) - crossprod(a / qa) - nrow(d) - diag(1e-6, sum(there)), slope(p)[there] + nrow(d) * (1 - sum(p)))
    p[there] <- p[there] + min(1, 0.9 * (p[there] / -step)[step < 0]) * step
    if (any(p[there] < 1e-9)) { there <- p >= 1e-9; next }
    if (max(abs(step)) > 1e-13) next
    if (max(slope(p)) < 1e-8) break
    there[which.max(slope(p))] <- TRUE; p[which.max(slope(p))] <- 1e-4
  }
  stopifnot(round < 500); m <- length(end); k <- seq_len(m - 1)
  # where as many enter as are last seen, and no interval begins or ends, the masses on both sides are as likely in any shares: one
  low <- sapply(d$L, function(l) sum(begin < l)); high <- sapply(d$R, function(r) sum(end <= r)); enter <- sapply(d$E, function(e) sum(end <= e))
  idle <- sapply(k, function(j) sum(low == j & high == m) == sum(enter == j & d$E > 0) & !any((low == j | high == j) & high < m))
  one <- cumsum(c(1, !idle)); mass <- tapply(p, one, sum); there <- mass > 0; end <- tapply(end, one, max)[there]
  list(left = tapply(begin, one, min)[there], right = ifelse(is.finite(end), end, NA), mass = mass[there], log_likelihood = sum(log(A %*% p) - log(B %*% p)))
}
for (name in c("intervals", "sim_trial")) for (keep in c("all", 0, 1)) {
  d <- bounds(name); d <- if (keep == "all") d else d[d$g == keep, ]
  put("turnbull", "R: Turnbull's steps with late entry over Frydman's intervals, then Newton's", name, truncated(d),
      c(where(name), keep = keep, entry = "0.033 after half of left, each third row"))
}
# With intervals: the same likelihood over all innermost intervals; a jump at 0 goes out, one whose slope is above 0 comes in.
bounded <- function(d, X) {
  X <- scale(X, scale = FALSE)
  L <- sort(unique(d$L)); R <- sort(unique(d$R)); begin <- sapply(R, function(r) max(L[L < r]))
  inner <- begin >= c(-Inf, R[-length(R)]); begin <- begin[inner]; end <- R[inner]; m <- length(end); p <- ncol(X)
  low <- sapply(d$L, function(l) sum(begin < l)); high <- sapply(d$R, function(r) sum(end <= r))
  parts <- function(par, there) {
    jump <- numeric(m - 1); jump[there] <- par[-(1:p)]; H <- c(0, cumsum(jump), Inf); r <- exp(drop(X %*% par[1:p]))
    a <- r * H[low + 1]; g <- r * (H[high + 1] - H[low + 1]); fin <- high < m; q <- ifelse(fin, 1 / expm1(g), 0)
    node <- rowsum(c(-r * (1 + q), (r * q)[fin]), c(low, high[fin])); at <- as.numeric(rownames(node))
    full <- numeric(m); full[at + 1] <- node
    list(value = sum(-a + ifelse(fin, log(-expm1(-g)), 0)), slope = c(crossprod(X, -a + ifelse(fin, g * q, 0)), rev(cumsum(rev(full[-1])))[there]))
  }
  all <- seq_len(m - 1); f <- masses(d); there <- match(f$f$right, end); there <- there[there < m]
  jump <- numeric(m - 1); jump[there] <- diff(c(0, -log(1 - cumsum(f$f$p)))) [seq_along(there)]; beta <- rep(0, p)
  for (round in 1:200) {
    par <- c(beta, jump[there]); J <- numDeriv::jacobian(function(q) parts(q, there)$slope, par)
    step <- -drop(solve(J, parts(par, there)$slope)); own <- step[-(1:p)]
    share <- min(1, 0.9 * (jump[there] / -own)[own < 0])
    while (share > 1e-9 && !isTRUE(parts(par + share * step, there)$value > parts(par, there)$value - 1e-9)) share <- share / 2
    par <- par + share * step; beta <- par[1:p]; jump[there] <- par[-(1:p)]; small <- jump[there] < 1e-7
    if (any(small)) { jump[there[small]] <- 0; there <- there[!small]; next }
    if (max(abs(step)) < 1e-9) {
      rise <- parts(c(beta, jump), all)$slope[-(1:p)]
      if (max(rise) < 1e-7) break
      there <- sort(union(there, which.max(rise))); jump[which.max(rise)] <- 1e-3
    }
  }
  stopifnot(round < 200)
  for (i in 1:3) { J <- numDeriv::jacobian(function(q) parts(q, there)$slope, par); par <- par - drop(solve(J, parts(par, there)$slope)) }
  list(coefficients = par[1:p], covariance = solve(-J)[1:p, 1:p], log_likelihood = parts(par, there)$value)
}
for (data in c("intervals", "sim_trial", "icens_mice")) {
  d <- bounds(data); a <- where(data)[c("left", "right")]
  a$covariates <- switch(data, intervals = c("arm", "marker"), sim_trial = c("arm", "age"), icens_mice = "grp")
  X <- if (data == "icens_mice") cbind(as.numeric(d$grp == "ge")) else as.matrix(d[a$covariates])
  f <- bounded(d, X)
  put("proportional_hazards", "R: likelihood over all innermost intervals by Newton's steps, jumps let in and out by its slopes (numDeriv)", data, f, a,
      digits = 8, note = "numDeriv's second derivatives in the covariance")
}
write_cases("intervals")
