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
write_cases("cox")
