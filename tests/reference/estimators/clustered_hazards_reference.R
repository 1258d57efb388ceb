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
given <- fromJSON(file.path(dirname(shared), "ref_survival.json"), simplifyVector = FALSE)$results
of <- function(id, name) unlist(Filter(function(r) r$id == id, given)[[1]]$values[[name]])
put("marginal_cox", "R survival 3.8-6: coxph WLW", "bladder",
  list(rx = of("wlw_bladder", "rx_by_enum"), pooled = c(of("wlw_bladder", "rx_pooled"), of("wlw_bladder", "rx_pooled_se"))),
  list(x = c("rx", "size", "number"), ties = "breslow"))
write_cases("clustered_hazards")
