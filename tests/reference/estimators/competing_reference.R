# Competing risks and clustered lesions: cmprsk, survival, and stored results of crrSC.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE))), "references.R"))
suppressMessages({library(cmprsk)})
stored <- fromJSON(file.path(shared, "..", "ref_survival.json"), simplifyVector = FALSE)$results
stored_values <- function(id) Filter(function(one) one$id == id, stored)[[1]]$values

# the columns of each data set: time, cause, group, stratum, cluster
sets <- list(
  tied = list(time = "time", cause = "cause", group = "arm", stratum = "stratum", cluster = "site", covariates = c("arm", "age", "marker")),
  sim_trial = list(time = "pfs", cause = "cr_status", group = "arm", stratum = "stratum", cluster = "site", covariates = c("arm", "ecog", "age")),
  sim_lesions = list(time = "time", cause = "status", group = "arm", stratum = "stratum", cluster = "id", covariates = c("arm", "vol"))
)

# Fine-Gray. crr's own tolerance leaves 6 digits
for (name in names(sets)) {
  s <- sets[[name]]; d <- get_data(name); x <- as.matrix(d[, s$covariates])
  for (groups in c(FALSE, TRUE)) {
    f <- crr(d[[s$time]], d[[s$cause]], x, gtol = 1e-13, maxiter = 100,
             cengroup = if (groups) d[[s$group]] else rep(1, nrow(d)))
    p <- predict(f, x[1, ])
    put("fine_gray", "R cmprsk 2.2-11: crr(gtol = 1e-13)", name,
        c(list(coefficients = f$coef, model = f$invinf, likelihood = f$loglik, null = f$loglik.null,
               time = p[, 1], incidence = p[, 2]), if (!groups) list(robust = f$var)),
        c(s, if (groups) list(cengroup = s$group)))
  }
  # survival: events leave before censorings, no term for the estimated censoring
  d$kind <- factor(d[[s$cause]], 0:2); d$row <- seq_len(nrow(d))
  d$w <- if (is.null(d$weight)) 1 / ave(d$row, d[[s$cluster]], FUN = length) else d$weight
  # cases: weights; groups of censoring are finegray's strata, and strata of the model
  for (kind in c("plain", "weighted", "stratified", "clustered")) {
    v <- list(time = d[[s$time]], kind = d$kind, row = d$row, w = if (kind == "weighted") d$w else rep(1, nrow(d)),
              st = as.integer(factor(d[[s$stratum]])), cl = if (kind == "clustered") d[[s$cluster]] else d$row)
    v <- cbind(data.frame(v), x)
    g <- if (kind == "stratified") finegray(Surv(time, kind) ~ . + strata(st), v, etype = "1", weights = w, timefix = FALSE)
         else finegray(Surv(time, kind) ~ ., v, etype = "1", weights = w, timefix = FALSE)
    right <- paste(c(s$covariates, if (kind == "stratified") "strata(st)"), collapse = " + ")
    f <- coxph(as.formula(paste("Surv(fgstart, fgstop, fgstatus) ~", right)), g, weights = fgwt, cluster = g$cl,
               ties = "breslow", control = tight)
    put("fine_gray_as_cox", paste0("R survival 3.5-3: finegray, coxph(ties = 'breslow', cluster), ", kind), name,
        list(coefficients = coef(f), robust = f$var, likelihood = f$loglik[2]), c(s, list(kind = kind)))
  }
}
for (one in list(list("cluster_finegray_lesions", "sim_lesions", "time", "status", "arm", "id"),
                 list("cluster_finegray_center", "crrsc_center", "ftime", "fstatus", c("fm", "cells"), "id"))) {
  v <- stored_values(one[[1]])
  put("fine_gray_clustered", "R crrSC 1.1.2: crrc(gtol = 1e-12)", one[[2]],
      list(coefficients = unlist(v$coef), standard_error = unlist(v$se)),
      list(time = one[[3]], cause = one[[4]], covariates = I(one[[5]]), cluster = one[[6]]),
      digits = if (one[[2]] == "crrsc_center") 9 else 10,
      note = if (one[[2]] == "crrsc_center") "crrc stops where the score is 3e-9; ours is 1e-14" else "")
}
# Gray's test: for each cause, with and without strata and weight
for (name in names(sets)) {
  s <- sets[[name]]; d <- get_data(name)
  for (rho in c(0, 1)) for (by in c(FALSE, TRUE)) {
    f <- cuminc(d[[s$time]], d[[s$cause]], d[[s$group]], strata = if (by) d[[s$stratum]] else rep(1, nrow(d)), rho = rho)
    put("gray", paste0("R cmprsk 2.2-11: cuminc(rho = ", rho, if (by) ", strata", ")"), name,
        list(statistic = f$Tests[, "stat"], p_value = f$Tests[, "pv"], df = f$Tests[, "df"]),
        c(s, list(rho = rho, by = by)))
  }
}
write_cases("competing")
