# Several events in one patient: R's survival (Wei-Lin-Weissfeld), shared frailty.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE))), "references.R"))
upper <- function(m) m[upper.tri(m, diag = TRUE)]

# Wei-Lin-Weissfeld: one stratum a kind of event, all covariates by kind
trial <- get_data("sim_trial")
two <- rbind(data.frame(trial, kind = 0, time = trial$pfs, event = trial$pfs_ev), data.frame(trial, kind = 1, time = trial$os, event = trial$os_ev))
tied <- get_data("tied")
tied <- rbind(data.frame(tied, kind = 0, done = as.numeric(tied$cause == 1)), data.frame(tied, kind = 1, done = as.numeric(tied$cause == 2)))
bladder <- get_data("bladder"); bladder$kind <- bladder$enum - 1
lesions <- get_data("sim_lesions"); lesions$kind <- pmin(lesions$lesion, 3) - 1; lesions$local <- as.numeric(lesions$status == 1)
sets <- list(
  list(name = "bladder", d = bladder, time = "stop", event = "event", x = c("rx", "size", "number"), ties = "breslow"),
  list(name = "bladder", d = bladder, time = "stop", event = "event", x = c("rx", "size", "number"), ties = "efron"),
  list(name = "sim_trial", d = two, time = "time", event = "event", x = c("arm", "age"), ties = "efron", stack = TRUE),
  list(name = "tied", d = tied, time = "time", event = "done", x = c("marker", "age"), ties = "efron", weight = "weight", entry = "entry", stratum = "arm", stack = TRUE),
  list(name = "sim_lesions", d = lesions, time = "time", event = "local", x = c("arm", "vol"), ties = "efron"))
for (s in sets) {
  d <- s$d; k <- max(d$kind) + 1; p <- length(s$x)
  # every covariate once for each kind: kind by kind, so that the order is ours
  for (j in 1:k) for (i in 1:p) d[[paste0("x", j, "_", i)]] <- d[[s$x[i]]] * (d$kind == j - 1)
  names <- paste0("x", rep(1:k, each = p), "_", rep(1:p, k))
  d$w <- if (is.null(s$weight)) 1 else d[[s$weight]]
  d$start <- if (is.null(s$entry)) 0 else d[[s$entry]]
  d$s <- if (is.null(s$stratum)) 0 else d[[s$stratum]]
  form <- as.formula(paste0("Surv(start, ", s$time, ", ", s$event, ") ~ ", paste(names, collapse = " + "), " + strata(kind, s)"))
  f <- coxph(form, d, weights = w, cluster = id, ties = s$ties, control = tight)
  rows <- (0:(k - 1)) * p + 1
  b <- coef(f)[rows]; V <- f$var[rows, rows]
  w <- solve(V, rep(1, k)); error <- 1 / sqrt(sum(w)); w <- w / sum(w); common <- sum(w * b)
  C <- cbind(-1, diag(k - 1)); apart <- C %*% b
  put("marginal_cox", sprintf("R survival 3.5-3: coxph(strata(kind), cluster, ties = '%s'), contrasts by hand", s$ties), s$name,
    list(coefficients = coef(f), covariance = upper(f$var), weight = w, common = c(common, error, exp(common + c(-1, 1) * qnorm(0.975) * error)),
      global = drop(b %*% solve(V, b)), equality = drop(t(apart) %*% solve(C %*% V %*% t(C), apart))),
    c(list(x = s$x, ties = s$ties), if (!is.null(s$weight)) list(weight = s$weight, entry = s$entry, stratum = s$stratum)))
}
# One common effect at once: a stratum a kind, robust variance by patient; and Andersen-Gill, each row from the event before
for (s in sets) if (is.null(s$weight)) {
  f <- coxph(as.formula(paste0("Surv(", s$time, ", ", s$event, ") ~ ", paste(s$x, collapse = " + "), " + strata(kind)")), s$d, cluster = id, ties = s$ties, control = tight)
  put("common_cox", sprintf("R survival 3.5-3: coxph(strata(kind), cluster, ties = '%s')", s$ties), s$name,
    list(coefficients = coef(f), robust = upper(f$var), robust_score = f$rscore), list(x = s$x, ties = s$ties))
}
bladder$begin <- with(bladder, ave(stop, id, FUN = function(v) c(0, head(v, -1))))
recurrent <- subset(bladder, stop > begin)
switching <- get_data("switching")
for (ties in c("efron", "breslow")) {
  f <- coxph(Surv(begin, stop, event) ~ rx + size + number, recurrent, cluster = id, ties = ties, control = tight)
  put("andersen_gill", sprintf("R survival 3.5-3: coxph(Surv(start, stop, event), cluster, ties = '%s')", ties), "bladder",
    list(coefficients = coef(f), robust = upper(f$var), robust_score = f$rscore), list(x = c("rx", "size", "number"), ties = ties))
  f <- coxph(Surv(start, stop, event) ~ arm + marker + switched, switching, cluster = id, ties = ties, control = tight)
  put("andersen_gill", sprintf("R survival 3.5-3: coxph(Surv(start, stop, event), cluster, ties = '%s')", ties), "switching",
    list(coefficients = coef(f), robust = upper(f$var), robust_score = f$rscore), list(x = c("arm", "marker", "switched"), ties = ties))
}
given <- fromJSON(file.path(dirname(shared), "ref_survival.json"), simplifyVector = FALSE)$results
of <- function(id, name) unlist(Filter(function(r) r$id == id, given)[[1]]$values[[name]])
put("marginal_cox", "R survival 3.8-6: coxph WLW", "bladder",
  list(rx = of("wlw_bladder", "rx_by_enum"), pooled = c(of("wlw_bladder", "rx_pooled"), of("wlw_bladder", "rx_pooled_se"))),
  list(x = c("rx", "size", "number"), ties = "breslow"))

# Shared frailty. coxph's own search for theta stops at 5 digits (history$theta is its next guess, not the fit's): so theta
# is fixed, and moved to where the slope of the integrated likelihood is 0
control <- coxph.control(eps = 1e-15, toler.chol = 1e-16, iter.max = 200)
kidney <- get_data("kidney"); rats <- subset(get_data("rats"), sex == "f"); rats$id <- rats$litter
lesions$status <- lesions$local
switching$status <- switching$event; switching$id <- switching$id %% 20
shared_sets <- list(
  list(name = "kidney", d = kidney, x = c("age", "sex"), surv = "Surv(time, status)"),
  list(name = "rats", d = rats, x = "rx", surv = "Surv(time, status)"),
  list(name = "sim_lesions", d = lesions, x = c("arm", "vol"), surv = "Surv(time, status)"),
  list(name = "sim_lesions", d = lesions, x = "arm", surv = "Surv(time, status)", stratum = "stratum"),
  list(name = "switching", d = switching, x = c("arm", "switched"), surv = "Surv(start, stop, status)"))
fit_frailty <- function(s, theta, law) {
  form <- as.formula(sprintf("%s ~ %s + frailty(id, distribution = '%s', theta = %.17g, sparse = FALSE)%s", s$surv, paste(s$x, collapse = " + "), law, theta,
    if (is.null(s$stratum)) "" else paste0(" + strata(", s$stratum, ")")))
  f <- coxph(form, s$d, control = control, ties = "efron", x = TRUE, model = TRUE)
  logs <- coef(f)[-seq_along(s$x)]
  if (law == "gamma") logs <- logs - log(mean(exp(logs)))
  beta <- coef(f)[seq_along(s$x)]
  s$d$eta <- drop(as.matrix(s$d[s$x]) %*% beta) + logs[as.integer(factor(s$d$id))]
  part <- coxph(as.formula(paste0(s$surv, " ~ offset(eta)", if (is.null(s$stratum)) "" else paste0(" + strata(", s$stratum, ")"))), s$d)$loglik[1]
  own <- -seq_along(s$x)
  list(beta = beta, logs = logs, part = part, se = sqrt(diag(f$var))[seq_along(s$x)], block = solve(f$var)[own, own])
}
gamma_value <- function(f, d, theta) {
  nu <- 1 / theta
  f$part + sum(f$logs) * nu + sum(d - (nu + d) * log(nu + d) + nu * log(nu) + lgamma(nu + d) - lgamma(nu))
}
normal_value <- function(f, d, theta) f$part - sum(f$logs^2) / (2 * theta) - length(d) * log(theta) / 2 - as.numeric(determinant(f$block)$modulus) / 2
for (s in shared_sets) {
  d <- tapply(s$d$status, s$d$id, sum)
  for (law in c("gamma", "gaussian")) {
    if (law == "gaussian" && length(d) > 60) next # a fit takes R too long
    value <- if (law == "gamma") gamma_value else normal_value
    slope <- if (law == "gamma") function(log_theta) {
      f <- fit_frailty(s, exp(log_theta), law); nu <- exp(-log_theta)
      -nu * sum(digamma(nu + d) - digamma(nu) - log(1 + d / nu) + f$logs)
    } else function(log_theta) {
      h <- 0.01
      at <- sapply(c(-2, -1, 1, 2), function(i) value(fit_frailty(s, exp(log_theta + i * h), law), d, exp(log_theta + i * h)))
      (8 * (at[3] - at[2]) - (at[4] - at[1])) / (12 * h)
    }
    found <- uniroot(slope, log(c(0.02, 2)), tol = 1e-11)
    theta <- exp(found$root); f <- fit_frailty(s, theta, law)
    note <- if (law == "gamma") "(theta to the rounding of the slope of the likelihood)" else "(theta by differences of the likelihood)"
    put(paste0("frailty_", if (law == "gamma") "gamma" else "normal"),
      sprintf("R survival 3.5-3: coxph(frailty(distribution = '%s', theta, sparse = FALSE)), theta by uniroot", law), s$name,
      list(coefficients = f$beta, standard_error = f$se, variance = theta, log_likelihood = value(f, d, theta), frailty = exp(f$logs)),
      list(x = as.list(s$x), surv = s$surv, stratum = if (is.null(s$stratum)) "" else s$stratum), digits = 9, note = note)
  }
}
for (id in c("kidney", "rats", "lesions")) {
  name <- paste0("frailty_gamma_", id)
  s <- shared_sets[[if (id == "kidney") 1 else 2]]
  put("frailty_gamma", "R survival 3.8-6: coxph(frailty(eps = 1e-10))", if (id == "lesions") "sim_lesions" else id,
    list(coefficients = of(name, "coef"), log_likelihood = of(name, "c_loglik")),
    list(x = if (id == "lesions") list("arm") else if (id == "rats") list("rx") else s$x, surv = "Surv(time, status)", stratum = ""),
    digits = 5, note = "(coxph ends its search for theta at 5 digits of the coefficients)")
}
coxme <- "(coxme ends its search where the likelihood is lower by 6e-6)"
where <- list(x = c("age", "sex"), surv = "Surv(time, status)", stratum = "")
put("frailty_normal", "coxme 2.2-22: coxme((1 | id))", "kidney", list(log_likelihood = of("frailty_gaussian_coxme_kidney", "loglik")[2]), where, digits = 7, note = coxme)
put("frailty_normal", "coxme 2.2-22: coxme((1 | id))", "kidney", list(coefficients = of("frailty_gaussian_coxme_kidney", "coef"), variance = of("frailty_gaussian_coxme_kidney", "vc")), where, digits = 2, note = coxme)
write_cases("clustered_hazards")
