# Parametric survival: R's survreg at its tightest; a likelihood written out here and climbed by nlm and Newton for late entry,
# quantities of curves by numDeriv, and the stored results of icenReg and simtrial.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE))), "references.R"))
suppressMessages(library(numDeriv))
stored <- fromJSON(file.path(shared, "..", "ref_survival.json"), simplifyVector = FALSE)$results
stored <- setNames(stored, sapply(stored, function(one) one$id))
control <- survreg.control(rel.tolerance = 1e-15, toler.chol = 1e-15, maxiter = 200)
dist <- c(exponential = "exponential", weibull = "weibull", "log-normal" = "lognormal", "log-logistic" = "loglogistic")
months <- function(d) list(time = "time", event = "event", covariates = c("arm", "marker"))
days <- function(d) list(time = "pfs", event = "pfs_ev", covariates = c("arm", "age"))
answer <- function(f) {
  s <- if (f$dist == "exponential") 0 else log(f$scale)
  list(coefficients = coef(f), log_scales = s, covariance = f$var, log_likelihood = f$loglik)
}
told <- function(name, ...) paste0("R survival 3.5-3: survreg(dist = '", dist[name], "'", ..., ", rel.tolerance = 1e-15)")
for (name in names(dist)) for (data in c("tied", "sim_trial")) {
  d <- get_data(data); a <- if (data == "tied") months() else days()
  d$t <- d[[a$time]]; d$e <- d[[a$event]]
  f <- survreg(reformulate(a$covariates, quote(Surv(t, e))), d, dist = dist[name], control = control)
  put("censored", told(name), data, answer(f), c(a, family = name))
}
for (name in names(dist)) {
  d <- get_data("tied")
  f <- survreg(Surv(time, event) ~ arm + marker, d, weights = weight, cluster = site, dist = dist[name], control = control)
  robust <- crossprod(rowsum(resid(f, "dfbeta", weighted = TRUE), get_data("tied")$site))  # f$var leaves the weights out
  put("weighted", told(name, ", weights, cluster = site; resid('dfbeta', weighted = TRUE)"), "tied",
      list(coefficients = coef(f), covariance = f$naive.var, robust = robust, log_likelihood = f$loglik), c(months(), family = name))
  f <- survreg(Surv(pfs, pfs_ev) ~ arm + age, get_data("sim_trial"), cluster = site, dist = dist[name], control = control)
  put("weighted", told(name, ", cluster = site"), "sim_trial",
      list(coefficients = coef(f), covariance = f$naive.var, robust = f$var, log_likelihood = f$loglik), c(days(), family = name))
}
for (name in names(dist)[-1]) {
  f <- survreg(Surv(time, event) ~ arm + marker + strata(stratum), get_data("tied"), dist = dist[name], control = control)
  put("strata", told(name, " + strata"), "tied", answer(f), c(months(), family = name, strata = "stratum"))
  f <- survreg(Surv(pfs, pfs_ev) ~ arm + age + strata(stratum), get_data("sim_trial"), dist = dist[name], control = control)
  put("strata", told(name, " + strata"), "sim_trial", answer(f), c(days(), family = name, strata = "stratum"))
}
for (name in names(dist)) for (data in c("intervals", "sim_trial")) {
  d <- get_data(data); a <- if (data == "intervals") list(left = "left", right = "right", covariates = c("arm", "marker")) else
    list(left = "iv_L", right = "iv_R", covariates = "arm")
  d$L <- d[[a$left]]; d$R <- d[[a$right]]; d$L[d$L == 0] <- NA
  f <- survreg(reformulate(a$covariates, quote(Surv(L, R, type = "interval2"))), d, dist = dist[name], control = control)
  put("interval", told(name, ", type = 'interval2'"), data, answer(f), c(a, family = name))
}
icen <- stored$ic_ph_weibull_sim_iv$values
put("weibull_hazards", "R icenReg 2.0.16: ic_par(model = 'ph', dist = 'weibull') (stored)", "sim_trial",
    list(log_shape = icen$coef[[1]], log_ratio = icen$coef[[3]], standard_error = icen$se[[3]]),
    list(left = "iv_L", right = "iv_R", covariates = "arm"), digits = 4,
    note = "icenReg's second derivatives are differences; survreg (interval) has our digits")
put("weibull_likelihood", "R icenReg 2.0.16: ic_par(model = 'ph', dist = 'weibull') (stored)", "sim_trial",
    list(log_likelihood = icen$llk), list(left = "iv_L", right = "iv_R", covariates = "arm"))
# late entry: the likelihood written out, by nlm from survreg's answer, then Newton with Richardson's derivatives
line <- function(d, X, name, entry = TRUE) {
  logS <- list(weibull = function(z) -exp(z), "log-logistic" = function(z) plogis(-z, log.p = TRUE), "log-normal" = function(z) pnorm(-z, log.p = TRUE))[[name]]
  logf <- list(weibull = function(z) z - exp(z), "log-logistic" = function(z) dlogis(z, log = TRUE), "log-normal" = function(z) dnorm(z, log = TRUE))[[name]]
  function(p) {
    sigma <- exp(p[length(p)]); eta <- drop(X %*% p[-length(p)]); z <- (log(d$time) - eta) / sigma
    one <- ifelse(d$event == 1, logf(z) - log(sigma * d$time), logS(z))
    sum(d$weight * (one - ifelse(d$entry > 0, logS((log(pmax(d$entry, 1e-300)) - eta) / sigma), 0)))
  }
}
top <- function(f, p) {
  for (i in 1:6) { H <- hessian(f, p); p <- p - solve(H, grad(f, p)) }
  list(p = p, V = solve(-hessian(f, p)), value = f(p))
}
for (name in names(dist)[-1]) for (w in c(TRUE, FALSE)) {
  d <- get_data("tied"); if (!w) d$weight <- 1
  X <- cbind(1, d$arm, d$marker); g <- survreg(Surv(time, event) ~ arm + marker, d, dist = dist[name])
  f <- line(d, X, name); t <- top(f, nlm(function(p) -f(p), c(coef(g), log(g$scale)), gradtol = 1e-10)$estimate)
  put("late_entry", paste0("R: the likelihood of survreg with late entry", if (w) " and weights", ", by nlm and Newton's steps (numDeriv)"), "tied",
      list(coefficients = t$p[1:3], log_scales = t$p[4], covariance = t$V, log_likelihood = t$value),
      c(months(), family = name, entry = "entry", if (w) list(weight = "weight")), digits = 7,
      note = "numDeriv's derivatives have about 9 digits; the log likelihood agrees to 1e-13")
}
# curves: survival from predict(type = 'quantile') is not given by survreg, so from pweibull and the delta method by numDeriv
for (name in names(dist)[-1]) for (data in c("tied", "sim_trial")) {
  d <- get_data(data); a <- if (data == "tied") months() else days()
  d$t <- d[[a$time]]; d$e <- d[[a$event]]
  f <- survreg(reformulate(a$covariates, quote(Surv(t, e))), d, dist = dist[name], control = control)
  p <- c(coef(f), log(f$scale)); at <- if (data == "tied") c(3, 12, 24) else c(60, 180, 365); x <- if (data == "tied") c(1, 0.5) else c(1, 60)
  S <- function(p, t, x) { z <- (log(t) - sum(p[1:3] * c(1, x))) / exp(p[4])
    switch(name, weibull = exp(-exp(z)), "log-logistic" = 1 / (1 + exp(z)), "log-normal" = pnorm(-z)) }
  mean_to <- function(p, x) integrate(function(v) 4 * v^3 * at[3] * S(p, at[3] * v^4, x), 0, 1, rel.tol = 1e-13, subdivisions = 2000)$value
  delta <- function(g) { G <- jacobian(g, p); sqrt(diag(G %*% f$var %*% t(G))) }
  other <- c(0, x[2])
  put("curves", "R survival 3.5-3: survreg, its formulas and numDeriv", data, list(
    survival = S(p, at, x), survival_error = delta(function(p) S(p, at, x)),
    difference = S(p, at, x) - S(p, at, other), difference_error = delta(function(p) S(p, at, x) - S(p, at, other)),
    mean = mean_to(p, x), mean_error = delta(function(p) mean_to(p, x)),
    gain = mean_to(p, x) - mean_to(p, other), gain_error = delta(function(p) mean_to(p, x) - mean_to(p, other))),
    c(a, list(family = name, at = at, x = x, other = other)), digits = 8, note = "derivatives of numDeriv")
}
rates <- stored$exp_rate_sim_pfs$values$rate
put("rates", "events / time (stored)", "sim_trial", list(rate = unlist(rates)), list(time = "pfs", event = "pfs_ev"), digits = 12)
pieces <- stored$pw_exp_fit_sim_pfs$values
put("pieces", "R simtrial 1.0.2: fit_pwexp(intervals = c(180, 180)) (stored)", "sim_trial",
    list(rate = unlist(pieces$rate), minus_two_log_likelihood = unlist(pieces$m2ll)), list(time = "pfs", event = "pfs_ev", cuts = c(180, 360)))
d <- get_data("tied"); s <- survSplit(Surv(entry, time, event) ~ ., d, cut = c(6, 18), episode = "piece", start = "begin", end = "time")
g <- glm(event ~ factor(piece) - 1 + offset(log(time - begin)), poisson, s, control = glm.control(epsilon = 1e-15, maxit = 100))
put("pieces", "R: glm(poisson) on survSplit rows with late entry", "tied", list(rate = exp(coef(g))), list(time = "time", event = "event", entry = "entry", cuts = c(6, 18)))
e <- tapply(d$event, d$arm, sum) / tapply(d$time, d$arm, sum)
put("rates", "R: tapply", "tied", list(rate = e), list(time = "time", event = "event"), digits = 12)
i <- get_data("intervals"); i$L <- ifelse(i$left == 0, NA, i$left)
f <- survreg(Surv(L, right, type = "interval2") ~ arm, i, dist = "weibull", control = control)
p <- c(coef(f), log(f$scale)); h <- function(p) -p[2] / exp(p[3]); G <- grad(h, p)
put("weibull_hazards", "R survival 3.5-3: survreg(type = 'interval2'), delta method", "intervals",
    list(log_shape = -p[3], log_scale = p[1], log_ratio = h(p), standard_error = sqrt(drop(G %*% f$var %*% G))),
    list(left = "left", right = "right", covariates = "arm"), digits = 9, note = "derivative of numDeriv")
put("weibull_likelihood", "R survival 3.5-3: survreg(type = 'interval2')", "intervals", list(log_likelihood = f$loglik[2]),
    list(left = "left", right = "right", covariates = "arm"))
# Flexible parametric models (Royston, Parmar 2002): the likelihood written out with its own gradient and Hessian, climbed by Newton.
# Packages that fit them are not in Debian; without inner knots they are survreg's models.
rp_basis <- function(u, k) {
  up <- function(c) pmax(u - c, 0); first <- k[1]; last <- k[length(k)]; inner <- k[-c(1, length(k))]
  one <- function(c, f) { l <- (last - c) / (last - first); f(c) - l * f(first) - (1 - l) * f(last) }
  all <- function(f) matrix(as.numeric(unlist(lapply(inner, one, f = f))), nrow = length(u))
  list(B = cbind(u, all(function(c) up(c)^3)), D = cbind(rep(1, length(u)), all(function(c) 3 * up(c)^2)))
}
even <- function(u, inner) quantile(u, seq(0, 1, length.out = inner + 2), names = FALSE)
flexible <- function(t, e, entry, w, X, inner, scale, varying = 0, varying_inner = 0) {
  k <- even(log(t[e == 1]), inner); kv <- even(log(t[e == 1]), varying_inner)
  design <- function(t) { b <- rp_basis(log(t), k); v <- rp_basis(log(t), kv)
    Z <- cbind(1, b$B, X); D <- cbind(0, b$D, 0 * X)
    if (varying) { Z <- cbind(Z, X[, varying] * v$B); D <- cbind(D, X[, varying] * v$D) }
    list(Z = unname(Z), D = unname(D)) }
  s <- design(t); late <- entry > 0; n <- design(ifelse(late, entry, 1))
  R <- qr.R(qr(s$Z)); s$Z <- s$Z %*% solve(R); s$D <- s$D %*% solve(R); n$Z <- n$Z %*% solve(R)
  parts <- if (scale == "hazard") function(z, d) list(v = d * z - exp(z), g = d - exp(z), h = -exp(z))
    else function(z, d) list(v = d * z - (1 + d) * log1p(exp(z)), g = d - (1 + d) * plogis(z), h = -(1 + d) * dlogis(z))
  value <- function(p) { z <- drop(s$Z %*% p); q <- drop(s$D %*% p); if (any(q[e == 1] <= 0)) return(-Inf)
    sum(w * parts(z, e)$v) + sum((w * (log(q) - log(t)))[e == 1]) - sum((w * parts(drop(n$Z %*% p), 0)$v)[late]) }
  p <- drop(R %*% c(-mean(log(t[e == 1])), 1, rep(0, ncol(R) - 2)))
  for (i in 1:100) {
    a <- parts(drop(s$Z %*% p), e); b <- parts(drop(n$Z %*% p), 0); q <- drop(s$D %*% p); on <- w * e / q; lw <- w * late
    g <- crossprod(s$Z, w * a$g) + crossprod(s$D, on) - crossprod(n$Z, lw * b$g)
    H <- crossprod(s$Z, w * a$h * s$Z) - crossprod(s$D, on / q * s$D) - crossprod(n$Z, lw * b$h * n$Z)
    step <- drop(solve(H, g)); share <- 1; while (share > 1e-9 && value(p - share * step) < value(p) - 1e-9) share <- share / 2
    p <- p - share * step
  }
  back <- solve(R)
  list(coefficients = drop(back %*% p), covariance = back %*% solve(-H) %*% t(back), log_likelihood = value(p), knots = k)
}
forms <- list(list(inner = 0), list(inner = 1), list(inner = 2), list(inner = 4), list(inner = 2, varying = 1), list(inner = 2, varying = 1, varying_inner = 1))
for (scale in c("hazard", "odds")) for (form in forms) for (data in c("tied", "sim_trial")) {
  d <- get_data(data); a <- if (data == "tied") c(months(), entry = "entry", weight = "weight") else days()
  X <- as.matrix(d[a$covariates]); one <- rep(1, nrow(d)); tied <- data == "tied"
  f <- do.call(flexible, c(list(t = d[[a$time]], e = d[[a$event]], entry = if (tied) d$entry else 0 * one, w = if (tied) d$weight else one, X = X, scale = scale), form))
  put("flexible", "R: the likelihood of Royston, Parmar (2002) with its gradient and Hessian, by Newton's steps", data,
      f[c("coefficients", "covariance", "log_likelihood", "knots")], c(a, list(scale = scale), form))
}
for (name in c("weibull", "log-logistic", "log-normal")) for (data in c("tied", "sim_trial", "intervals")) {
  d <- get_data(data); a <- if (data == "tied") months() else days()
  if (data == "intervals") { a <- list(left = "left", right = "right", covariates = c("arm", "marker")); d$left[d$left == 0] <- NA; y <- Surv(d$left, d$right, type = "interval2") }
  else y <- Surv(d[[a$time]], d[[a$event]])
  f <- survreg(reformulate(a$covariates, quote(y)), d, dist = dist[name], control = control)
  put("flexible_straight", told(name), data, list(coefficients = c(-coef(f)[1], 1, -coef(f)[-1]) / f$scale, log_likelihood = f$loglik[2]),
      c(a, scale = c(weibull = "hazard", "log-logistic" = "odds", "log-normal" = "normal")[[name]]))
}
for (data in c("tied", "sim_trial")) {  # quantities of curves whose effect of arm changes
  d <- get_data(data); a <- if (data == "tied") months() else days(); t <- d[[a$time]]; e <- d[[a$event]]
  f <- flexible(t, e, 0 * t, 1 + 0 * t, as.matrix(d[a$covariates]), 2, "hazard", 1, 0); p <- f$coefficients
  at <- if (data == "tied") c(3, 12, 24) else c(60, 180, 365); x <- if (data == "tied") c(1, 0.5) else c(1, 60); other <- c(0, x[2])
  z <- function(p, t, x) { b <- rp_basis(log(t), f$knots); drop(cbind(1, b$B) %*% p[1:4]) + sum(x * p[5:6]) + x[1] * p[7] * log(t) }
  h <- function(p, t, x) { b <- rp_basis(log(t), f$knots); z(p, t, x) + log(drop(b$D %*% p[2:4]) + x[1] * p[7]) }
  S <- function(p, t, x) exp(-exp(z(p, t, x)))
  mean_to <- function(p, x) { # knots are breaks of the third derivative
    cuts <- c(0, exp(f$knots)[exp(f$knots) < at[3]], at[3])
    sum(sapply(seq_len(length(cuts) - 1), function(i) integrate(function(v) 4 * v^3 * S(p, v^4, x), cuts[i]^0.25, cuts[i + 1]^0.25, rel.tol = 1e-12)$value)) }
  delta <- function(g) { G <- jacobian(g, p); sqrt(diag(G %*% f$covariance %*% t(G))) }
  put("flexible_curves", "R: the same, its formulas and numDeriv", data, list(
    ratio = exp(h(p, at, x) - h(p, at, other)), ratio_error = delta(function(p) h(p, at, x) - h(p, at, other)),
    difference = S(p, at, x) - S(p, at, other), difference_error = delta(function(p) S(p, at, x) - S(p, at, other)),
    gain = mean_to(p, x) - mean_to(p, other), gain_error = delta(function(p) mean_to(p, x) - mean_to(p, other))),
    c(a, list(at = at, x = x, other = other)), digits = 8, note = "derivatives of numDeriv")
}
write_cases("parametric")
