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
write_cases("parametric")
