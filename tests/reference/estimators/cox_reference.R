# Cox's model and what follows from it: R's survival.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE))), "references.R"))
R <- "R survival 3.5-3: "
lower <- function(v) { v <- as.matrix(v); v[lower.tri(v, diag = TRUE)] }

# how a data set is read: time, event, covariates and, where the case says so, strata, weights, entry
roles <- list(
  tied = list(time = "time", event = "event", covariates = c("arm", "marker", "age"), stratum = "stratum",
              weight = "weight", entry = "entry", cluster = "site"),
  switching = list(time = "stop", event = "event", covariates = c("arm", "switched", "marker"), stratum = "stratum",
                   entry = "start", cluster = "id"),
  sim_trial = list(time = "pfs", event = "pfs_ev", covariates = c("arm", "ecog", "age"), stratum = "stratum", cluster = "site"),
  veteran = list(time = "time", event = "status", covariates = c("trt", "karno", "age")),
  lung = list(time = "time", event = "status", covariates = c("age", "sex", "ph.ecog"), one = 2),
  gbsg = list(time = "rfstime", event = "status", covariates = c("hormon", "age", "nodes")),
  bladder = list(time = "stop", event = "event", covariates = c("rx", "size", "number"), stratum = "enum", cluster = "id")
)
get_rows <- function(name) {
  d <- get_data(name); r <- roles[[name]]
  d <- d[complete.cases(d[, r$covariates]), ]
  if (!is.null(r$one)) d[[r$event]] <- as.integer(d[[r$event]] == r$one)
  d
}
fit_cox <- function(name, with = character(), ties = "efron", covariates = roles[[name]]$covariates, d = get_rows(name)) {
  r <- roles[[name]]
  surv <- if ("entry" %in% with) sprintf("Surv(%s, %s, %s)", r$entry, r$time, r$event) else sprintf("Surv(%s, %s)", r$time, r$event)
  right <- c(covariates, if ("stratum" %in% with) sprintf("strata(%s)", r$stratum))
  call <- list(quote(coxph), as.formula(paste(surv, "~", paste(right, collapse = "+"))), data = quote(d), ties = ties,
               control = quote(tight), x = TRUE, y = TRUE, model = TRUE)
  # without robust = FALSE R takes the robust variance where weights are not whole
  if ("weight" %in% with) { call$weights <- as.name(r$weight); call$robust <- FALSE }
  if ("cluster" %in% with) call$cluster <- as.name(r$cluster)
  if ("robust" %in% with) { d$row <- seq_len(nrow(d)); call$cluster <- quote(row); call$robust <- TRUE }
  f <- eval(as.call(call))
  environment(f$formula) <- environment(f$terms) <- environment()
  assign("d", d, envir = globalenv())
  f
}
args_of <- function(name, with, ties = "efron", covariates = roles[[name]]$covariates, ...)
  c(list(with = I(as.character(with)), ties = ties, covariates = I(covariates)), list(...))
words <- function(name, with, ties, what) {
  parts <- c(if (length(with)) paste(with, collapse = ", "), paste0("ties = '", ties, "'"))
  paste0(R, what, " (", paste(parts, collapse = "; "), "; eps = 1e-14)")
}

fits <- list(
  list("tied", character()), list("tied", "stratum"), list("tied", "weight"), list("tied", c("stratum", "weight", "entry")),
  list("tied", c("stratum", "entry", "cluster")), list("tied", c("entry", "weight", "robust")), list("tied", "entry"),
  list("switching", "entry"), list("switching", c("entry", "stratum", "cluster")), list("sim_trial", "stratum"),
  list("sim_trial", "cluster"), list("sim_trial", "robust"), list("veteran", character()), list("lung", character()),
  list("gbsg", character()), list("bladder", c("stratum", "cluster")))
for (ties in c("efron", "breslow")) for (one in fits) {
  name <- one[[1]]; with <- one[[2]]
  f <- fit_cox(name, with, ties)
  values <- list(coefficients = coef(f), covariance = lower(if (is.null(f$naive.var)) f$var else f$naive.var),
                 log_likelihood = f$loglik, score = f$score, likelihood_ratio = 2 * diff(f$loglik))
  if (any(c("cluster", "robust") %in% with)) values <- c(values, list(robust = lower(f$var), robust_score = f$rscore))
  put("fit", words(name, with, ties, "coxph"), name, values, args_of(name, with, ties))
}
for (one in list(list("tied", character()), list("tied", c("stratum", "entry")), list("veteran", character()), list("lung", character()), list("switching", "entry"))) {
  f <- fit_cox(one[[1]], one[[2]], "exact")
  put("exact", words(one[[1]], one[[2]], "exact", "coxph"), one[[1]],
      list(coefficients = coef(f), covariance = lower(f$var), log_likelihood = f$loglik, score = f$score),
      args_of(one[[1]], one[[2]], "exact"))
}
for (ties in c("efron", "breslow"))
  for (one in list(list("tied", "stratum"), list("tied", c("weight", "entry")), list("switching", "entry"), list("veteran", character()))) {
    name <- one[[1]]; with <- one[[2]]
    if (ties == "breslow" && !("weight" %in% with)) next
    f <- fit_cox(name, with, ties)
    d <- get_rows(name)
    put("residuals", words(name, with, ties, "residuals(coxph)"), name,
        list(martingale = residuals(f), deviance = residuals(f, "deviance"), score = residuals(f, "score"),
             influence = residuals(f, "dfbeta"), schoenfeld = residuals(f, "schoenfeld"), scaled = residuals(f, "scaledsch")),
        args_of(name, with, ties))
  }
for (ties in c("efron", "breslow"))
  for (one in list(list("tied", "stratum"), list("tied", "entry"), list("tied", "weight"), list("switching", "entry"), list("veteran", character()))) {
    name <- one[[1]]; with <- one[[2]]
    f <- fit_cox(name, with, ties)
    d <- get_rows(name)
    patient <- d[3, ]
    s <- survfit(f, newdata = patient, conf.type = "log-log")
    keep <- s$n.event > 0
    put("predicted", words(name, with, ties, "survfit(coxph, conf.type = 'log-log')"), name,
        list(time = s$time[keep], hazard = s$cumhaz[keep], standard_error = s$std.err[keep], survival = s$surv[keep],
             lower = s$lower[keep], upper = s$upper[keep]),
        args_of(name, with, ties, patient = as.numeric(patient[roles[[name]]$covariates]),
                stratum = if ("stratum" %in% with) patient[[roles[[name]]$stratum]] else 0))
  }
for (ties in c("efron", "breslow"))
  for (one in list(list("tied", c("stratum", "weight", "entry")), list("tied", character()), list("switching", "entry"),
                   list("veteran", character()), list("sim_trial", "stratum"))) for (scale in c("km", "rank", "log", "identity")) {
    f <- fit_cox(one[[1]], one[[2]], ties)
    z <- cox.zph(f, transform = scale)
    put("slopes", words(one[[1]], one[[2]], ties, paste0("cox.zph(transform = '", scale, "')")), one[[1]],
        list(statistic = z$table[, 1], p = z$table[, 3]), args_of(one[[1]], one[[2]], ties, scale = scale))
  }

# covariates tested together: celltype of veteran, three columns for one term
for (ties in c("efron", "breslow")) for (scale in c("km", "log")) {
  d <- get_data("veteran")
  f <- coxph(Surv(time, status) ~ celltype + karno, d, ties = ties, control = tight)
  z <- cox.zph(f, transform = scale)
  put("slopes_of_terms", words("veteran", character(), ties, paste0("cox.zph(transform = '", scale, "')")), "veteran",
      list(statistic = z$table[, 1], p = z$table[, 3]), list(ties = ties, scale = scale, factor = "celltype", covariate = "karno"))
}
for (scale in c("km", "log", "identity", "rank"))
  for (one in list(list("tied", c("stratum", "entry"), 2), list("switching", "entry", 1), list("veteran", character(), 2))) {
    f <- fit_cox(one[[1]], one[[2]])
    z <- cox.zph(f, transform = scale)
    # the line of plot.cox.zph
    at <- seq(min(z$x), max(z$x), length = 40)
    basis <- splines::ns(c(at, z$x), df = 4, intercept = TRUE)
    q <- qr(basis[-(1:40), ]); y <- z$y[, one[[3]]]
    R1 <- qr.R(q)[order(q$pivot), order(q$pivot)]
    spread <- rowSums((basis[1:40, ] %*% solve(crossprod(R1))) * basis[1:40, ])
    put("effect_over_time", words(one[[1]], one[[2]], "efron", paste0("cox.zph(transform = '", scale, "') and the spline of its plot")),
        one[[1]], list(position = z$x, effect = sort(y), line = drop(basis[1:40, ] %*% qr.coef(q, y)),
                       standard_error = sqrt(z$var[one[[3]], one[[3]]] * spread)),
        args_of(one[[1]], one[[2]], "efron", scale = scale, column = one[[3]] - 1))
  }

for (one in list(list("tied", character()), list("tied", c("stratum", "weight")), list("tied", c("stratum", "weight", "entry")),
                 list("switching", "entry"), list("veteran", character()), list("sim_trial", "stratum"))) {
  f <- fit_cox(one[[1]], one[[2]])
  d <- get_rows(one[[1]])
  k <- concordance(f)
  count <- if (is.matrix(k$count)) colSums(k$count) else k$count
  put("concordance", words(one[[1]], one[[2]], "efron", "concordance(coxph)"), one[[1]],
      list(value = k$concordance, standard_error = sqrt(k$var), pairs = count[1:3]), args_of(one[[1]], one[[2]]))
}

# the profile likelihood by hand: the coefficient held by an offset, the others at their best
profile_limits <- function(f, top, fall, bounds) {
  g <- function(b) f(b) - (top - fall)
  find <- function(from, to) if (is.infinite(to)) to else uniroot(g, sort(c(from, to)), tol = 1e-14, maxiter = 10000)$root
  c(find(bounds[2], bounds[1]), find(bounds[2], bounds[3]))
}
for (one in list(list("tied", c("stratum", "entry"), 1), list("switching", "entry", 2), list("veteran", character(), 2))) for (ties in c("efron", "breslow")) {
  name <- one[[1]]; with <- one[[2]]; column <- one[[3]]
  full <- fit_cox(name, with, ties)
  covariates <- roles[[name]]$covariates
  beside <- function(b) {
    d <- get_rows(name)
    d$shift <- b * d[[covariates[column]]]
    fit_cox(name, with, ties, c(covariates[-column], "offset(shift)"), d)$loglik[2]
  }
  b <- unname(coef(full)[column]); s <- sqrt(full$var[column, column])
  limits <- profile_limits(beside, full$loglik[2], qchisq(0.95, 1) / 2, c(b - 4 * s, b, b + 4 * s))
  put("profile", words(name, with, ties, "coxph with offset() and uniroot()"), name,
      list(log_value = b, log_lower = limits[1], log_upper = limits[2], statistic = 2 * (full$loglik[2] - beside(0))),
      args_of(name, with, ties, column = column - 1))
}

# Firth's penalty written out: each risk set's central moments up to the third (Heinze, Schemper 2001)
firth_sums <- function(d, r, covariates, with, ties, beta) {
  x <- as.matrix(d[, covariates, drop = FALSE]); p <- ncol(x)
  time <- d[[r$time]]; event <- d[[r$event]]
  entry <- if ("entry" %in% with) d[[r$entry]] else rep(-1, nrow(d))
  stratum <- if ("stratum" %in% with) d[[r$stratum]] else rep(0, nrow(d))
  risk <- exp(drop(x %*% beta))
  l <- 0; U <- numeric(p); I <- matrix(0, p, p); K <- array(0, c(p, p, p))
  for (g in unique(stratum)) for (t in sort(unique(time[event == 1 & stratum == g]))) {
    at <- which(stratum == g & entry < t & time >= t); fail <- which(stratum == g & time == t & event == 1)
    l <- l + sum(log(risk[fail])); U <- U + colSums(x[fail, , drop = FALSE])
    for (k in seq_along(fail) - 1) {
      w <- risk[at]
      if (ties == "efron") w[at %in% fail] <- w[at %in% fail] * (1 - k / length(fail))
      l <- l - log(sum(w)); w <- w / sum(w)
      m <- colSums(w * x[at, , drop = FALSE]); z <- sweep(x[at, , drop = FALSE], 2, m)
      U <- U - m; I <- I + t(z) %*% (w * z)
      for (j in 1:p) K[, , j] <- K[, , j] + t(z) %*% (w * z[, j] * z)
    }
  }
  V <- solve(I)
  list(l = l + log(det(I)) / 2, U = U + apply(K, 3, function(k) sum(V * k)) / 2, I = I)
}
firth_top <- function(f, start, free) {
  b <- start
  for (step in 1:500) {
    s <- f(b); move <- solve(s$I[free, free], s$U[free]); b[free] <- b[free] + move
    if (max(abs(move)) < 1e-15) break
  }
  c(list(b = b), f(b))
}
# data without events in one arm: no other package's answer exists at all
sparse <- function() { d <- get_rows("tied"); d$sparse <- as.integer(d$arm == 2 & d$stratum == 3); d$event[d$sparse == 1] <- 0; d }
for (one in list(list("tied", character(), "sparse"), list("tied", c("stratum", "entry"), "own"), list("switching", "entry", "own"), list("veteran", character(), "own")))
  for (ties in c("efron", "breslow")) {
    name <- one[[1]]; with <- one[[2]]; r <- roles[[name]]
    d <- if (one[[3]] == "sparse") sparse() else get_rows(name)
    covariates <- if (one[[3]] == "sparse") c("sparse", "marker") else r$covariates[1:2]
    f <- function(b) firth_sums(d, r, covariates, with, ties, b)
    top <- firth_top(f, c(0, 0), 1:2)
    beside <- function(b) firth_top(f, c(b, top$b[2]), 2)$l
    s <- sqrt(solve(top$I)[1, 1])
    limits <- profile_limits(beside, top$l, qchisq(0.95, 1) / 2, top$b[1] + c(-1, 0, 1) * ifelse(one[[3]] == "sparse", 8, 4 * s))
    note <- if (one[[3]] == "sparse") "Covariate sparse: arm 2 in stratum 3, made to have no event." else ""
    put("firth", paste0("R 4.2.2: Firth's score written out (ties = '", ties, "')"), name,
        list(coefficients = top$b, covariance = lower(solve(top$I)), log_likelihood = top$l, log_lower = limits[1],
             log_upper = limits[2], statistic = 2 * (top$l - beside(0))),
        args_of(name, with, ties, covariates, sparse = one[[3]] == "sparse"), note = note)
  }
# the whole likelihood ratio of a covariate without events: the likelihood's limit, from R's climb
for (ties in c("efron", "breslow")) {
  d <- sparse()
  beside <- function(b) { d$shift <- b * d$sparse; fit_cox("tied", character(), ties, c("marker", "offset(shift)"), d)$loglik[2] }
  top <- beside(-45)
  put("profile", words("tied", character(), ties, "coxph with offset() and uniroot()"), "tied",
      list(log_value = -Inf, log_lower = -Inf, log_upper = profile_limits(beside, top, qchisq(0.95, 1) / 2, c(-Inf, -20, 2))[2],
           statistic = 2 * (top - beside(0))),
      args_of("tied", character(), ties, c("sparse", "marker"), column = 0, sparse = TRUE),
      note = "Covariate sparse: arm 2 in stratum 3, made to have no event.")
}
write_cases("cox")
