# Regression of shares and counts: R's glm, sandwich, MASS and brglm2; standardised risks by hand.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE))), "references.R"))
suppressMessages({library(sandwich); library(MASS); library(brglm2); library(lmtest)})
# glm stops by the deviance, which no longer moves when the coefficients have 8 digits: start again there
control <- glm.control(epsilon = 1e-15, maxit = 200)
glm <- function(...) {
  call <- match.call(stats::glm, sys.call())
  call[[1]] <- quote(stats::glm)
  f <- suppressWarnings(eval(call, parent.frame()))
  for (i in if (is.null(call$method)) 1:25 else NULL) { call$start <- coef(f); f <- suppressWarnings(eval(call, parent.frame())) }
  f
}
tied <- get_data("tied")
trial <- get_data("sim_trial")
trial$solitary <- as.numeric(trial$stratum == "solitary")
sets <- list(
  list(name = "tied", d = tied, share = "response", count = "count", offset = "time", x = c("arm", "marker", "age"), log = c("arm", "age"), cluster = "site"),
  list(name = "sim_trial", d = trial, share = "resp", count = "n_ae", offset = "exposure", x = c("arm", "solitary", "ecog"), log = c("arm", "solitary"), cluster = "site"))
formula_of <- function(y, x) as.formula(paste(y, "~", paste(x, collapse = " + ")))
upper <- function(m) m[upper.tri(m, diag = TRUE)]
se <- function(v) sqrt(diag(v))

for (s in sets) {
  d <- s$d
  arguments <- list(outcome = s$share, x = s$x, cluster = s$cluster)
  for (weighted in c(FALSE, TRUE)) {
    if (weighted && is.null(d$weight)) next
    d$w <- if (weighted) d$weight else 1
    a <- if (weighted) c(arguments, weight = "weight") else arguments
    f <- glm(formula_of(s$share, s$x), binomial, d, weights = w, control = control)
    f0 <- glm(formula_of(s$share, s$x[-1]), binomial, d, weights = w, control = control)
    tests <- suppressWarnings(c(anova(f0, f, test = "Rao")$Rao[2], f0$deviance - f$deviance))
    values <- list(coefficients = coef(f), covariance = upper(vcov(f)), HC0 = se(vcovHC(f, type = "HC0")), HC1 = se(vcovHC(f, type = "HC1")),
      cluster_HC0 = se(vcovCL(f, cluster = d[[s$cluster]], type = "HC0", cadjust = FALSE)),
      cluster_HC1 = se(vcovCL(f, cluster = d[[s$cluster]], type = "HC1")), score_and_ratio_test = tests)
    if (!weighted) values <- c(values, list(HC2 = se(vcovHC(f, type = "HC2")), HC3 = se(vcovHC(f, type = "HC3")), log_likelihood = as.numeric(logLik(f)), wald_test = unname(coef(f)[2]^2 / vcov(f)[2, 2])))
    put("logistic", "R 4.2.2: glm(binomial, epsilon = 1e-15, started again 25 times), anova(test = 'Rao'); sandwich 3.0.2: vcovHC, vcovCL", s$name, values, a)
  }
  # the profile interval by its definition: where twice the fall in likelihood is the quantile
  x <- model.matrix(f)[, -1]
  y <- d[[s$share]]
  f <- glm(y ~ x, family = binomial, control = control)
  profile <- function(b) {
    g <- glm(y ~ x[, -1], family = binomial, offset = b * x[, 1], control = control)
    g$deviance - f$deviance - qchisq(0.95, 1)
  }
  e <- sqrt(vcov(f)[2, 2]); b <- coef(f)[2]
  limits <- c(uniroot(profile, b - c(3, 1) * e, tol = 1e-15)$root, uniroot(profile, b + c(1, 3) * e, tol = 1e-15)$root)
  put("profile", "R 4.2.2: uniroot(tol = 1e-15) on the deviance of glm(offset = b x)", s$name, list(limits = limits), arguments)

  # Firth's likelihood: brglm2, and its profile by restricted fits; separated: no responder in the last arm
  for (separated in c(FALSE, TRUE)) {
    d$y <- y <- if (separated) d[[s$share]] * (d$arm < max(d$arm)) else d[[s$share]]
    z <- cbind(1, x)
    fb <- glm(formula_of("y", s$x), binomial, d, method = "brglmFit", type = "AS_mean", control = list(epsilon = 1e-13, maxit = 1000))
    penalised <- function(beta) {
      p <- plogis(drop(z %*% beta)); k <- crossprod(z * sqrt(p * (1 - p)))
      list(value = sum(dbinom(y, 1, p, log = TRUE)) + 0.5 * as.numeric(determinant(k)$modulus), information = k,
        score = drop(crossprod(z, y - p + rowSums((z %*% solve(k)) * z) * p * (1 - p) * (0.5 - p))))
    }
    restricted <- function(b) {
      beta <- coef(fb); beta[2] <- b
      for (i in 1:200) { now <- penalised(beta); move <- solve(now$information[-2, -2], now$score[-2]); beta[-2] <- beta[-2] + move / max(1, max(abs(move))) }
      penalised(beta)$value
    }
    best <- penalised(coef(fb))$value
    fall <- function(b) 2 * (best - restricted(b)) - qchisq(0.95, 1)
    b <- coef(fb)[2]; e <- sqrt(vcov(fb)[2, 2])
    limits <- c(uniroot(fall, b - c(4, 0.5) * e, tol = 1e-15, extendInt = "downX")$root, uniroot(fall, b + c(0.5, 4) * e, tol = 1e-15, extendInt = "upX")$root)
    put("firth", "brglm2 0.9: glm(method = 'brglmFit', type = 'AS_mean', epsilon = 1e-13); uniroot on its penalised likelihood", s$name,
      list(coefficients = coef(fb), standard_error = se(vcov(fb)), log_likelihood = best, limits = limits, ratio_test = 2 * (best - restricted(0))),
      c(arguments, if (separated) list(separated = TRUE)))
  }
  y <- d[[s$share]]

  # risks and their ratios
  p <- glm(formula_of(s$share, s$x), poisson, d, control = control)
  put("modified_poisson", "R 4.2.2: glm(poisson, epsilon = 1e-15); sandwich 3.0.2: vcovHC(type = 'HC0')", s$name,
    list(coefficients = coef(p), HC0 = se(vcovHC(p, type = "HC0"))), arguments)
  l <- glm(formula_of(s$share, s$log), binomial("log"), d, control = control, start = c(log(mean(y)), 0, 0))
  put("log_binomial", "R 4.2.2: glm(binomial('log'), epsilon = 1e-15)", s$name,
    list(coefficients = coef(l), standard_error = se(vcov(l)), log_likelihood = as.numeric(logLik(l))), list(outcome = s$share, x = s$log))
  m <- lm(formula_of(s$share, s$x), d)
  put("linear", "R 4.2.2: lm; sandwich 3.0.2: vcovHC, vcovCL", s$name,
    list(coefficients = coef(m), standard_error = se(vcov(m)), HC0 = se(vcovHC(m, type = "HC0")), HC1 = se(vcovHC(m, type = "HC1")),
      HC2 = se(vcovHC(m, type = "HC2")), HC3 = se(vcovHC(m, type = "HC3")),
      cluster_HC1 = se(vcovCL(m, cluster = d[[s$cluster]], type = "HC1")), log_likelihood = as.numeric(logLik(m))), arguments)

  # counts
  off <- log(d[[s$offset]])
  a <- list(outcome = s$count, x = s$x, cluster = s$cluster, time = s$offset)
  pc <- glm(update(formula_of(s$count, s$x), . ~ . + offset(off)), poisson, d, control = control)
  put("poisson", "R 4.2.2: glm(poisson, offset, epsilon = 1e-15); sandwich 3.0.2", s$name,
    list(coefficients = coef(pc), standard_error = se(vcov(pc)), HC0 = se(vcovHC(pc, type = "HC0")),
      cluster_HC0 = se(vcovCL(pc, cluster = d[[s$cluster]], type = "HC0", cadjust = FALSE)), log_likelihood = as.numeric(logLik(pc))), a)
  theta <- glm.nb(update(formula_of(s$count, s$x), . ~ . + offset(off)), d)$theta
  for (i in 1:8) {
    nb <- glm(update(formula_of(s$count, s$x), . ~ . + offset(off)), negative.binomial(theta), d, control = control)
    th <- theta.ml(d[[s$count]], fitted(nb), limit = 200, eps = 1e-14)
    theta <- as.numeric(th)
  }
  mu <- fitted(nb)
  yc <- d[[s$count]]
  put("negative_binomial", "MASS 7.3-58.2: glm(negative.binomial(theta)) and theta.ml(eps = 1e-14) in turn, 8 times", s$name,
    list(coefficients = coef(nb), standard_error = se(vcov(nb) / summary(nb)$dispersion), theta = theta, theta_standard_error = attr(th, "SE"),
      HC0 = se(sandwich(nb)), log_likelihood = sum(dnbinom(yc, size = theta, mu = mu, log = TRUE))), a)
}

# Standardised risks: predictions under each arm, their mean, and four variances
standardise <- function(d, y, arm, x, interaction, strata) {
  d$A <- factor(arm); d$y <- y; n <- nrow(d); levels <- levels(d$A)
  form <- as.formula(paste("y ~ A", if (interaction) "*" else "+", "(", paste(x, collapse = " + "), ")"))
  f <- glm(form, binomial, d, control = control)
  at <- lapply(levels, function(l) model.matrix(delete.response(terms(f)), transform(d, A = factor(l, levels))))
  m <- sapply(at, function(z) plogis(drop(z %*% coef(f))))
  D <- t(sapply(at, function(z) { q <- plogis(drop(z %*% coef(f))); colMeans(z * q * (1 - q)) }))
  model <- D %*% vcov(f) %*% t(D)
  robust <- D %*% vcovHC(f, type = "HC0") %*% t(D)
  influence <- sweep(m, 2, colMeans(m)) + n * (estfun(f) %*% vcov(f)) %*% t(D)
  stacked <- crossprod(influence) / n^2
  k <- length(levels); ye <- matrix(0, k, k); part <- as.numeric(table(d$A)) / n
  for (a in 1:k) for (b in 1:k) {
    ia <- d$A == levels[a]; ib <- d$A == levels[b]
    ye[a, b] <- cov(y[ia], m[ia, b]) + cov(y[ib], m[ib, a]) - cov(m[, a], m[, b])
    if (a == b) ye[a, b] <- ye[a, b] + var(y[ia] - m[ia, a]) / part[a]
  }
  blocks <- matrix(0, k, k)
  for (z in unique(strata)) {
    R <- diag(sapply(1:k, function(a) mean((y - m[, a])[d$A == levels[a] & strata == z]) / part[a]))
    blocks <- blocks + mean(strata == z) * R %*% (diag(part) - part %*% t(part)) %*% R
  }
  known <- if (interaction) diag else upper  # the others are 0 then
  list(risk = colMeans(m), model = known(model), sandwich = known(robust), stacked = upper(stacked), randomised = upper(ye / n), blocks = upper((ye - blocks) / n))
}
how <- "R 4.2.2: by hand from glm(binomial, epsilon = 1e-15), sandwich 3.0.2 (regression_reference.R)"
for (interaction in c(FALSE, TRUE)) {
  put("standardised", how, "tied", standardise(tied, tied$response, tied$arm, c("marker", "age"), interaction, tied$stratum),
    list(outcome = "response", group = "arm", x = c("marker", "age"), stratum = "stratum", interaction = interaction))
  put("standardised", how, "sim_trial", standardise(trial, trial$resp, trial$arm, c("solitary", "ecog"), interaction, trial$stratum),
    list(outcome = "resp", group = "arm", x = c("solitary", "ecog"), stratum = "stratum", interaction = interaction))
}
for (measure in c("difference", "ratio", "odds ratio")) for (name in c("tied", "sim_trial")) {
  d <- if (name == "tied") tied else trial
  s <- if (name == "tied") standardise(d, d$response, d$arm, c("marker", "age"), FALSE, d$stratum) else standardise(d, d$resp, d$arm, c("solitary", "ecog"), FALSE, d$stratum)
  r <- s$risk[1:2]; v <- matrix(s$randomised[c(1, 2, 2, 3)], 2)
  g <- switch(measure, difference = r, ratio = log(r), "odds ratio" = qlogis(r))
  h <- switch(measure, difference = c(1, 1), ratio = 1 / r, "odds ratio" = 1 / (r * (1 - r))) * c(-1, 1)
  est <- g[2] - g[1]; e <- sqrt(drop(h %*% v %*% h)); ends <- est + c(0, -1, 1) * qnorm(0.975) * e
  if (measure != "difference") ends <- exp(ends)
  put("standardised_contrast", paste(how, measure), name, list(effect = ends, standard_error = e, p = 2 * pnorm(-abs(est / e))),
    if (name == "tied") list(outcome = "response", group = "arm", x = c("marker", "age"), measure = measure)
    else list(outcome = "resp", group = "arm", x = c("solitary", "ecog"), measure = measure))
}

# Effects of subgroups: fixed-effect meta-analysis
suppressMessages(library(metafor))
logs <- list(
  list(name = "tied", d = tied, by = "stratum", y = "response", cut = quote(arm > 0)),
  list(name = "sim_trial", d = trial, by = "ecog", y = "resp", cut = quote(arm)), list(name = "sim_trial", d = trial, by = "site", y = "resp", cut = quote(arm)))
for (s in logs) {
  fits <- lapply(split(s$d, s$d[[s$by]]), function(part) glm(part[[s$y]] ~ as.numeric(eval(s$cut, part)), family = binomial, control = control))
  effect <- sapply(fits, function(f) coef(f)[2]); error <- sapply(fits, function(f) sqrt(vcov(f)[2, 2])); score <- seq_along(effect)^2
  kept <- error < 100; effect <- effect[kept]; error <- error[kept]; score <- score[kept]
  r <- rma(effect, sei = error, method = "FE"); slope <- rma(effect, sei = error, mods = ~ score, method = "FE")
  put("heterogeneity", "metafor: rma(method = 'FE'), mods", s$name,
    list(pooled = r$beta, standard_error = r$se, q = r$QE, p = r$QEp, i_squared = r$I2 / 100, slope = slope$beta[2], slope_standard_error = slope$se[2], trend = slope$QM),
    list(effect = effect, error = error, score = score))
}

# from elsewhere: R 4.2.2 with glm's and glm.nb's own tolerances
given <- fromJSON(file.path(dirname(shared), "ref_design_ae.json"), simplifyVector = FALSE)$results
of <- function(id, name) unlist(Filter(function(r) r$id == id, given)[[1]]$values[[name]])
put("logistic", "R 4.2.2: glm(binomial, epsilon = 1e-14)", "sim_trial",
  list(coefficients = of("logistic_resp_sim", "coef"), standard_error = of("logistic_resp_sim", "se"), log_likelihood = -of("logistic_resp_sim", "dev") / 2),
  list(outcome = "resp", x = c("arm", "solitary", "ecog")), digits = 7, note = "(glm takes its errors from the step before the last)")
put("poisson", "R 4.2.2: glm(poisson, offset)", "sim_trial",
  list(coefficients = of("nb_reg_sim", "pois_coef")),
  list(outcome = "n_ae", x = list("arm"), time = "exposure"), digits = 8, note = "(glm stops at 1e-8 of the deviance)")
put("negative_binomial", "MASS 7.3-58.2: glm.nb(epsilon = 1e-12)", "sim_trial",
  list(coefficients = of("nb_reg_sim", "coef"), theta = of("nb_reg_sim", "theta"), standard_error = of("nb_reg_sim", "se")),
  list(outcome = "n_ae", x = list("arm"), time = "exposure"), digits = 7, note = "(glm.nb stops theta at 1e-4 a step)")
write_cases("regression")
