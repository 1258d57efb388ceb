# The log-rank test and its relatives: R's survival, survMisc, coin's weights, mvtnorm; simtrial, nphRCT
# and nph as stored; MaxCombo also in 40 digits (ranks_exact.json).
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE))), "references.R"))
suppressMessages({library(survMisc); library(coin); library(mvtnorm)})

sets <- list(
  tied = list(time = "time", event = "event", group = "arm", strata = "stratum"),
  sim_trial = list(time = "pfs", event = "pfs_ev", group = "arm", strata = c("stratum", "ecog")),
  lung = list(time = "time", event = "status", group = "sex", strata = "ph.ecog"),
  veteran = list(time = "time", event = "status", group = "celltype", strata = "prior"))
read_set <- function(name) {
  d <- get_data(name)
  if (name == "lung") { d$status <- d$status - 1; d <- d[!is.na(d$ph.ecog), ] }
  d
}
arguments_of <- function(name, stratified, ...) {
  a <- sets[[name]]
  a$strata <- if (stratified) as.list(a$strata)
  c(a[!sapply(a, is.null)], list(...))
}
test_values <- function(f) list(observed = rowSums(cbind(f$obs)), expected = rowSums(cbind(f$exp)),
  covariance = f$var, statistic = f$chisq)
difference <- function(d, a, rho) {
  columns <- paste(a$group, if (length(a$strata)) paste0("+ strata(", paste(a$strata, collapse = ", "), ")"))
  survdiff(as.formula(paste0("Surv(", a$time, ", ", a$event, ") ~ ", columns)), d, rho = rho)
}
for (name in names(sets)) for (stratified in c(FALSE, TRUE)) {
  d <- read_set(name); a <- arguments_of(name, stratified)
  f <- difference(d, a, 0)
  values <- test_values(f)
  values$p <- pchisq(f$chisq, length(unique(d[[a$group]])) - 1, lower.tail = FALSE)
  put("logrank", "R survival 3.5-3: survdiff", name, values, a)
  f <- difference(d, a, 1)
  put("fleming_harrington", "R survival 3.5-3: survdiff(rho = 1)", name, test_values(f), c(a, list(rho = 1, gamma = 0)))
}

# two groups: arm 0 against the others
two <- function(name) {
  d <- read_set(name); a <- sets[[name]]
  d$group <- as.integer(d[[a$group]] > min(d[[a$group]]))
  list(d = d, a = list(time = a$time, event = a$event, group = a$group, against_first = TRUE))
}
for (name in c("tied", "sim_trial", "lung")) {
  s <- two(name); d <- s$d; y <- Surv(d[[s$a$time]], d[[s$a$event]])
  f <- survdiff(y ~ group, d)
  ratio <- (f$obs[2] - f$exp[2]) / f$var[2, 2]
  put("one_step", "R survival 3.5-3: exp((O - E) / V) of survdiff, by hand", name,
      list(value = exp(ratio), lower = exp(ratio - qnorm(0.975) / sqrt(f$var[2, 2])),
           upper = exp(ratio + qnorm(0.975) / sqrt(f$var[2, 2]))), s$a)
  x <- ten(survfit(y ~ group, d)); sink("/dev/null"); comp(x, p = c(0, 1), q = c(1, 1)); sink()
  l <- attr(x, "lrt")
  kinds <- c(n = "gehan", sqrtN = "tarone_ware", S1 = "peto", S2 = "modified_peto")
  # not its z: for two groups its variance has n - d / (n - 1) where (n - d) / (n - 1) belongs
  for (kind in names(kinds)) put(kinds[[kind]], "R survMisc 0.5.6: comp, Q", name, list(numerator = l$Q[l$W == kind]), s$a)
  for (p in 0:1) put("fleming_harrington", "R survMisc 0.5.6: comp(p, q), Q", name,
    list(numerator = l$Q[l$W == paste0("FH_p=", p, "_q=1")]), c(s$a, list(rho = p, gamma = 1)))
}
for (name in c("tied", "veteran")) {
  d <- get_data(name); a <- arguments_of(name, FALSE)
  x <- ten(survfit(as.formula(paste0("Surv(", a$time, ", ", a$event, ") ~ ", a$group)), d)); sink("/dev/null"); comp(x, p = 1, q = 1); sink()
  l <- attr(x, "lrt")
  for (kind in names(kinds)) put(kinds[[kind]], "R survMisc 0.5.6: comp, more than two groups", name, list(statistic = l$chiSq[l$W == kind]), a)
}

# any weights: those at risk and the events from survfit, weights by the formula
by_hand <- function(time, event, group, weigh) {
  f <- summary(survfit(Surv(time, event) ~ 1)); t <- f$time
  n1 <- sapply(t, function(x) sum(time >= x & group == 1)); d1 <- sapply(t, function(x) sum(time == x & event == 1 & group == 1))
  n <- f$n.risk; d <- f$n.event; w <- weigh(t, n, d, c(1, f$surv[-length(t)]), f$surv)
  list(u = sum(w * (d1 - d * n1 / n)), v = sum(w^2 * d * ifelse(n > 1, (n - d) / (n - 1), 0) * n1 / n * (1 - n1 / n)))
}
last <- function(x, none) if (length(x)) x[length(x)] else none
rules <- list(
  list("prentice", "R coin: logrank_weight(type = 'Prentice')", list(), function(t, n, d, before, after) logrank_weight(t, n, d, "Prentice")),
  list("piecewise", "R survival 3.5-3: survfit, weights by hand", list(cuts = c(8, 200), weights = c(0, 1, 0.5)),
       function(t, n, d, before, after) ifelse(t < 8, 0, ifelse(t < 200, 1, 0.5))),
  list("modest", "R survival 3.5-3: survfit, weights by hand", list(until = 12, largest = 1e6),
       function(t, n, d, before, after) 1 / pmax(before, last(after[t <= 12], 1))),
  list("held", "R survival 3.5-3: survfit, weights by hand", list(until = 12, largest = 1.6),
       function(t, n, d, before, after) pmin(1 / pmax(before, last(before[t <= 12], 1)), 1.6)))
for (rule in rules) for (name in c("tied", "sim_trial")) for (stratified in c(FALSE, TRUE)) {
  s <- two(name); d <- s$d
  split_by <- if (stratified) interaction(d[sets[[name]]$strata], drop = TRUE) else rep(1, nrow(d))
  parts <- lapply(split(d, split_by), function(o) by_hand(o[[s$a$time]], o[[s$a$event]], o$group, rule[[4]]))
  u <- sum(sapply(parts, `[[`, "u")); v <- sum(sapply(parts, `[[`, "v"))
  put(rule[[1]], rule[[2]], name, list(z = u / sqrt(v), numerator = u, variance = v),
      c(s$a, if (stratified) list(strata = as.list(sets[[name]]$strata)), rule[[3]]))
}

# the score test of Cox's model with exact ties is the log-rank test, with late entry and scores too
score <- function(formula, d) unname(coxph(formula, d, ties = "exact", control = tight)$score)
tied <- get_data("tied"); switching <- get_data("switching"); sim <- get_data("sim_trial"); veteran <- get_data("veteran")
call <- "R survival 3.5-3: score test of coxph(ties = 'exact')"
# with tied events and late entry coxph would try every subset: the sums by hand there
late <- function(d) {
  k <- sort(unique(d$arm)); u <- 0; v <- 0
  for (h in unique(d$stratum)) for (t in unique(d$time[d$event == 1 & d$stratum == h])) {
    here <- d$stratum == h & d$entry < t & d$time >= t; dead <- here & d$time == t & d$event == 1
    n <- sum(here); m <- sum(dead); share <- sapply(k, function(g) mean(d$arm[here] == g))
    u <- u + sapply(k, function(g) sum(dead & d$arm == g)) - m * share
    if (n > 1) v <- v + m * (n - m) / (n - 1) * (diag(share) - share %o% share)
  }
  drop(u[-1] %*% solve(v[-1, -1]) %*% u[-1])
}
columns <- list(time = "time", event = "event", group = "arm", entry = "entry")
put("late_entry", "R: sums over risk sets by hand", "tied", list(statistic = late(transform(tied, stratum = 0))), columns)
put("late_entry", "R: sums over risk sets by hand", "tied", list(statistic = late(tied)), c(columns, list(strata = list("stratum"))))
put("late_entry", "R survival 3.5-3: score test of coxph, no ties", "switching",
    list(statistic = unname(coxph(Surv(start, stop, event) ~ switched, switching, ties = "breslow", control = tight)$score)),
    list(time = "stop", event = "event", group = "switched", entry = "start"))
put("trend", call, "tied", list(statistic = score(Surv(time, event) ~ arm, tied)), list(time = "time", event = "event", group = "arm"))
put("trend", call, "tied", list(statistic = score(Surv(time, event) ~ arm + strata(stratum), tied)),
    list(time = "time", event = "event", group = "arm", strata = list("stratum")))
put("trend", call, "sim_trial", list(statistic = score(Surv(pfs, pfs_ev) ~ ecog, sim)), list(time = "pfs", event = "pfs_ev", group = "ecog"))
put("trend", call, "veteran", list(statistic = score(Surv(time, status) ~ karno, veteran)),
    list(time = "time", event = "status", group = "karno", by_value = TRUE))

# numbers of packages that Debian lacks, and MaxCombo
stored <- fromJSON(file.path(shared, "..", "ref_survival.json"), simplifyVector = FALSE)$results
stored <- setNames(stored, sapply(stored, `[[`, "id"))
value <- function(id, name) as.numeric(unlist(stored[[id]]$values[[name]]))
pfs <- list(time = "pfs", event = "pfs_ev", group = "arm")
for (id in grep("^wlr_FH", names(stored), value = TRUE)) {
  stratified <- grepl("strat$", id)
  put("fleming_harrington", "R simtrial 1.0.2: wlr(fh(rho, gamma)), its z turned", "sim_trial",
      list(z = -value(id, "z"), numerator = value(id, "estimate"), variance = value(id, "se")^2),
      c(pfs, if (stratified) list(strata = list("stratum")), list(rho = value(id, "rho"), gamma = value(id, "gamma"))))
}
put("held", "R simtrial 1.0.2: wlr(mb(delay = 180, w_max = 2)), its z turned", "sim_trial",
    list(z = -value("wlr_MB_delay6m_wmax2_sim_pfs", "z")), c(pfs, list(until = 180, largest = 2)))
put("modest", "R nphRCT 0.1.1: wlrt(method = 'mw', t_star = 180)", "sim_trial",
    list(z = value("wlr_mw_tstar180_sim_pfs", "z"), numerator = value("wlr_mw_tstar180_sim_pfs", "u"),
         variance = value("wlr_mw_tstar180_sim_pfs", "v_u")), c(pfs, list(until = 180, largest = 1e6)))
four <- list(c(0, 0), c(0, 1), c(1, 0), c(1, 1))
put("maxcombo", "R simtrial 1.0.2: maxcombo", "sim_trial",
    list(z = value("maxcombo_sim_pfs", "z"), correlation = value("maxcombo_sim_pfs", "corr")), c(pfs, list(weights = four, side = "FEWER_EVENTS")))
put("maxcombo", "R nph 2.1: logrank.maxtest", "sim_trial", list(p = value("maxcombo_nph_sim_pfs", "pmult")),
    c(pfs, list(weights = four[1:3], side = "TWO_SIDED")), digits = 3, note = "nph draws points at random; see the exact rows")
truth <- fromJSON(file.path(shared, "..", "truth_maxcombo.json"))
put("maxcombo", "quadrature, as stored", "sim_trial", list(p = truth$p_one_sided_FH00_01_10_11),
    c(pfs, list(weights = four, side = "FEWER_EVENTS")), digits = 12)
rounded <- "the stored number is right to 11 digits: the exact rows (40-digit arithmetic) differ from it as ours do"
put("maxcombo", "quadrature, as stored", "sim_trial", list(p = truth$p_one_sided_FH00_01_10),
    c(pfs, list(weights = four[1:3], side = "FEWER_EVENTS")), digits = 11, note = rounded)
put("maxcombo", "quadrature, as stored", "sim_trial", list(p = truth$p_two_sided_FH00_01_10),
    c(pfs, list(weights = four[1:3], side = "TWO_SIDED")), digits = 11, note = rounded)
exact <- fromJSON(file.path(here, "ranks_exact.json"), simplifyVector = FALSE)
for (one in exact) put("maxcombo", "40-digit arithmetic (ranks_exact.py, mpmath 1.3)", one$data,
    list(z = unlist(one$z), p = one$p), one$arguments, digits = 12)

# three weights that are not bound to each other: mvtnorm's TVPACK is deterministic
weights_by <- list(c(0, 0), c(0, 1), c(1, 1))
for (name in c("tied", "sim_trial")) {
  s <- two(name); d <- s$d; time <- d[[s$a$time]]; event <- d[[s$a$event]]
  f <- summary(survfit(Surv(time, event) ~ 1)); before <- c(1, f$surv[-length(f$time)])
  w <- sapply(weights_by, function(r) before^r[1] * (1 - before)^r[2])
  n1 <- sapply(f$time, function(x) sum(time >= x & d$group == 1)); d1 <- sapply(f$time, function(x) sum(time == x & event == 1 & d$group == 1))
  n <- f$n.risk; v <- f$n.event * ifelse(n > 1, (n - f$n.event) / (n - 1), 0) * n1 / n * (1 - n1 / n)
  covariance <- t(w) %*% (w * v); z <- colSums(w * (d1 - f$n.event * n1 / n)) / sqrt(diag(covariance))
  p <- 1 - pmvnorm(upper = rep(max(-z), 3), corr = cov2cor(covariance), algorithm = TVPACK(abseps = 1e-15))
  put("maxcombo", "R mvtnorm: pmvnorm(algorithm = TVPACK(1e-15)) of survfit's numbers", name,
      list(z = z, correlation = cov2cor(covariance), p = p), c(s$a, list(weights = weights_by, side = "FEWER_EVENTS")))
}
write_cases("ranks")
