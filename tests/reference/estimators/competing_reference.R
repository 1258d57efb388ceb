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
# late entry, by Geskus' weights; finegray wants its clock in one piece
for (one in list(list("tied", "entry", "time", "cause", c("arm", "age", "marker")), list("sim_lesions", "late", "time", "status", c("arm", "vol")))) {
  d <- get_data(one[[1]]); d$late <- if (one[[1]] == "tied") d$entry else pmin(floor(d$vol * 20), floor(d[[one[[3]]]] / 3))
  d$t <- d[[one[[3]]]]; d$kind <- factor(d[[one[[4]]]], 0:2); d$row <- seq_len(nrow(d))
  v <- d[, c("t", "late", "kind", "row", one[[5]])]
  g <- finegray(Surv(late, t, kind) ~ ., v, id = row, etype = "1", timefix = FALSE)
  f <- coxph(as.formula(paste("Surv(fgstart, fgstop, fgstatus) ~", paste(one[[5]], collapse = " + "))), g, weights = fgwt, cluster = row, ties = "breslow", control = tight)
  put("fine_gray_late", "R survival 3.5-3: finegray(Surv(entry, time, cause)), coxph(ties = 'breslow', cluster)", one[[1]],
      list(coefficients = coef(f), robust = f$var, likelihood = f$loglik[2]), list(time = one[[3]], cause = one[[4]], covariates = one[[5]]))
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
# Incidence of both causes, group 0 and 1 at three times; Aalen's variance
times <- list(tied = c(6, 12, 20), sim_trial = c(180, 365, 545), sim_lesions = c(180, 365, 730))
for (name in names(sets)) {
  s <- sets[[name]]; d <- get_data(name); at <- times[[name]]
  p <- timepoints(cuminc(d[[s$time]], d[[s$cause]], d[[s$group]]), at)
  rows <- c("0 1", "0 2", "1 1", "1 2")
  put("incidence", "R cmprsk 2.2-11: cuminc, timepoints", name,
      list(incidence = t(p$est[rows, ]), variance = t(p$var[rows, ])), c(s, list(at = at)))
  one <- rbind(p$est["0 1", ], p$est["1 1", ]); v <- rbind(p$var["0 1", ], p$var["1 1", ])
  g <- log(-log(1 - one)); w <- v / ((1 - one) * log(1 - one))^2
  put("incidence_difference", "R cmprsk 2.2-11: cuminc; differences by hand", name,
      list(difference = diff(one), standard_error = sqrt(colSums(v)), plain = diff(one)^2 / colSums(v), cloglog = diff(g)^2 / colSums(w),
           ratio = one[2, ] / one[1, ],
           ratio_upper = one[2, ] / one[1, ] * exp(qnorm(.975) * sqrt(colSums(v / one^2)))), c(s, list(at = at)))
  # the infinitesimal jackknife: rows, clusters, weights, late entry; and the time lost
  d$kind <- factor(d[[s$cause]], 0:2); d$row <- seq_len(nrow(d)); d$t <- d[[s$time]]; d$g <- d[[s$group]]; d$cl <- d[[s$cluster]]
  d$w <- if (is.null(d$weight)) 1 / ave(d$row, d$cl, FUN = length) else d$weight
  for (how in c("rows", "clusters", "weights", if (name == "tied") "late")) for (scale in if (how == "rows") c("plain", "log", "log-log") else "log-log") {
    one <- lapply(0:1, function(arm) {
      e <<- d[d$g == arm, ]
      e$y <<- if (how == "late") with(e, Surv(entry, t, kind)) else with(e, Surv(t, kind))
      if (how != "weights") e$w <<- 1
      if (how %in% c("rows", "late")) e$cl <<- e$row
      f <- survfit(y ~ 1, e, weights = w, id = row, conf.type = scale)
      x <- summary(f, times = at)
      out <- list(p = x$pstate[, 2:3], se = x$std.err[, 2:3], lo = x$lower[, 2:3], up = x$upper[, 2:3])
      if (!how %in% c("rows", "late")) {  # survfit 3.5-3 takes no clusters for states: by its residuals
        r <- residuals(f, times = at, type = "pstate")
        out$se <- sapply(2:3, function(j) sqrt(colSums(rowsum(e$w * r[, , j], e$cl)^2)))
        out$lo <- out$up <- NULL
      }
      if (how %in% c("rows", "clusters")) {
        r <- residuals(f, times = at[3], type = "auc")[, 2:3, drop = FALSE]
        r <- if (how == "clusters") rowsum(r, e$cl) else r
        out$lost <- summary(f, rmean = at[3])$table[2:3, "rmean"]; out$lost_se <- sqrt(colSums(r^2))
      }
      out
    })
    all <- function(what) unlist(lapply(one, function(x) as.vector(x[[what]])))
    put("incidence_jackknife", paste0("R survival 3.5-3: survfit(conf.type = '", scale, "'), ", how), name,
        c(list(incidence = all("p"), standard_error = all("se")),
          if (!is.null(one[[1]]$lo)) list(lower = all("lo"), upper = all("up")),
          if (!is.null(one[[1]]$lost)) list(lost = all("lost"), lost_error = all("lost_se"))),
        c(s, list(at = at, how = how, scale = scale)))
  }
  f <- prodlim::prodlim(prodlim::Hist(t, k) ~ 1, data = data.frame(t = d$t, k = d[[s$cause]]))
  put("incidence_pseudo", "R prodlim: jackknife(cause)", name,
      lapply(c(one_more = 1, two_more = 2), function(k) 1 + prodlim::jackknife(f, times = at[2], cause = k)),  # 0 has no digits
      c(s, list(at = at[2])))
}
# rows clustered in patients: robust scores at no effect
for (name in names(sets)) {
  s <- sets[[name]]; d <- get_data(name); d$row <- seq_len(nrow(d)); d$t <- d[[s$time]]; d$g <- factor(d[[s$group]]); d$cl <- d[[s$cluster]]
  d$st <- d[[s$stratum]]; d$k <- d[[s$cause]]; d$w <- 1 / ave(d$row, d$cl, FUN = length); d$kind <- factor(d$k, 0:2)
  for (how in c("plain", "stratified", "weighted")) {
    if (how != "weighted") d$one <- 1 else d$one <- d$w
    f <- coxph(as.formula(paste("Surv(t, k == 1) ~ g", if (how == "stratified") "+ strata(st)")), d, cluster = cl, weights = one, ties = "breslow")
    put("clustered_logrank", paste0("R survival 3.5-3: coxph(ties = 'breslow', cluster)$rscore, ", how), name,
        list(statistic = f$rscore), c(s, list(how = how)))
  }
}
put("clustered_cox", "R survival 3.8-6: coxph(cluster)$rscore", "sim_lesions",
    list(statistic = unlist(stored_values("cluster_cox_lesions")$rscore)), sets$sim_lesions)
f <- coxph(Surv(time, cause == 1) ~ arm, get_data("tied"), cluster = site)
put("clustered_cox", "R survival 3.5-3: coxph(cluster)$rscore", "tied", list(statistic = f$rscore), sets$tied)
for (name in names(sets)) {
  s <- sets[[name]]; d <- get_data(name); d$t <- d[[s$time]]; d$k <- d[[s$cause]]; d$cl <- d[[s$cluster]]
  f <- lapply(1:2, function(k) {d$e <- d$k == k; coxph(as.formula(paste("Surv(t, e) ~", paste(s$covariates, collapse = " + "))), d, cluster = cl, control = tight)})
  put("cause_specific_cox", "R survival 3.5-3: coxph(eps = 1e-14, cluster)", name,
      list(coefficients = sapply(f, coef), covariance = sapply(f, function(x) x$naive.var), robust = sapply(f, function(x) x$var)), s)
}
# illness and death: free of progression (0), progressed (1), dead (2). Simulated months, and patients whose
# treatment switches (1) before death (2)
ill <- list(tied = with(get_data("tied"), data.frame(id = id, end = time + count, died = as.integer(cause > 0 & id %% 4 > 0), ill = ifelse(cause == 1 & count > 0, time, NA), arm = arm)),
            switching = with(get_data("switching"), data.frame(id = unique(id), end = tapply(stop, id, max), died = tapply(event, id, max),
                             ill = tapply(ifelse(switched == 1, start, NA), id, max, na.rm = TRUE), arm = tapply(arm, id, max))))
ill$switching$ill[!is.finite(ill$switching$ill)] <- NA
for (name in names(ill)) {
  d <- ill[[name]]; at <- if (name == "tied") c(6, 15, 24) else c(4, 10, 20)
  a <- with(d, data.frame(id = id, start = 0, stop = ifelse(is.na(ill), end, ill), from = 0, to = ifelse(is.na(ill), ifelse(died == 1, "2", "cens"), "1")))
  b <- with(d[!is.na(d$ill), ], data.frame(id = id, start = ill, stop = end, from = 1, to = ifelse(died == 1, "2", "cens")))
  r <- rbind(a, b); r <- r[order(r$id, r$start), ]; r$id <- as.integer(r$id)
  e <- r; names(e)[2:3] <- c("entry", "exit"); e$from <- as.character(e$from)
  can <- matrix(FALSE, 3, 3); can[1, 2:3] <- TRUE; can[2, 3] <- TRUE
  f <- etm::etm(e, state.names = c("0", "1", "2"), tra = can, cens.name = "cens", s = 0)
  j <- findInterval(at, f$time)
  put("illness_death", "R etm: etm (Greenwood)", name,
      list(free = f$est["0", "0", j], ill = f$est["0", "1", j], ill_dead = f$est["1", "2", j],
           free_variance = f$cov["0 0", "0 0", j], ill_variance = f$cov["0 1", "0 1", j], dead_variance = f$cov["0 2", "0 2", j],
           ill_dead_variance = f$cov["1 2", "1 2", j]), list(at = at))
  r$event <- factor(r$to, c("cens", "1", "2")); r$y <- with(r, Surv(start, stop, event))
  g <- survfit(y ~ 1, r, id = id, istate = from, influence = TRUE); s <- summary(g, times = at)
  width <- pmax(pmin(c(g$time[-1], Inf), at[3]) - pmin(g$time, at[3]), 0)
  q <- apply(g$influence.pstate, 3, function(u) u[, ncol(u) - length(width) + seq_along(width)] %*% width)  # its integral
  put("state_occupation", "R survival 3.5-3: survfit(istate), influence.pstate", name,
      list(share = s$pstate, error = s$std.err, time = summary(g, rmean = at[3])$table[, "rmean"], time_error = sqrt(colSums(q^2))), list(at = at))
}
v <- stored_values("cluster_aj_lesions")  # states s0, 1, 2 by time, arm 0 and 1
order <- c(5, 6, 9, 10, 7, 8, 11, 12)
put("incidence_jackknife", "R survival 3.8-6: survfit(cluster)", "sim_lesions",
    list(incidence = unlist(v$pstate)[order], standard_error = unlist(v$se)[order]),
    c(sets$sim_lesions, list(at = c(365, 730), how = "clusters", scale = "log-log")))
# pseudo-values of the incidence regressed: the complementary log-log link, by patient
for (name in names(sets)) {
  s <- sets[[name]]; d <- get_data(name); at <- times[[name]][2]
  f <- prodlim::prodlim(prodlim::Hist(t, k) ~ 1, data = data.frame(t = d[[s$time]], k = d[[s$cause]]))
  d$y <- as.vector(prodlim::jackknife(f, times = at, cause = 1)); d$cl <- as.integer(factor(d[[s$cluster]])); d <- d[order(d$cl), ]
  g <- geepack::geese(as.formula(paste("y ~", paste(s$covariates, collapse = " + "))), id = cl, data = d, mean.link = "cloglog",
                      variance = "gaussian", corstr = "independence", jack = FALSE, scale.fix = TRUE, control = geepack::geese.control(epsilon = 1e-13, maxit = 100))
  put("incidence_regression", "R prodlim: jackknife; geepack: geese(mean.link = 'cloglog', id)", name,
      list(coefficients = g$beta, covariance = g$vbeta), c(s, list(at = at)))
}
write_cases("competing")
