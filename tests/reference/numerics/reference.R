# Writes reference.json: what R's survival and cmprsk say about five data sets.
# Call: Rscript reference.R DATA_FOLDER > reference.json   (DATA_FOLDER holds the CSV files)
suppressMessages({library(survival); library(cmprsk)})
folder <- commandArgs(TRUE)[1]
get_data <- function(name) read.csv(file.path(folder, paste0(name, ".csv")), stringsAsFactors = TRUE)
results <- character()
put <- function(name, x) {
  v <- formatC(as.vector(x), digits = 17, format = "g")
  v[is.na(x) | is.infinite(x)] <- "null"
  results <<- c(results, sprintf('"%s": [%s]', name, paste(trimws(v), collapse = ", ")))
}
tight <- coxph.control(eps = 1e-14, toler.chol = 1e-16, iter.max = 60)

curves <- function(name, time, event, group, at) {
  for (g in sort(unique(group))) for (type in c("plain", "log", "log-log")) {
    f <- survfit(Surv(time[group == g], event[group == g]) ~ 1, conf.type = type)
    s <- summary(f, times = at, extend = TRUE)
    key <- paste(name, "km", g, type, sep = "/")
    put(paste0(key, "/survival"), s$surv); put(paste0(key, "/standard_error"), s$std.err)
    put(paste0(key, "/lower"), s$lower); put(paste0(key, "/upper"), s$upper)
    put(paste0(key, "/at_risk"), s$n.risk)
    q <- quantile(f, c(0.25, 0.5, 0.75))
    put(paste0(key, "/quantile"), c(q$quantile, q$lower, q$upper))
    put(paste0(key, "/median"), summary(f)$table[c("median", "0.95LCL", "0.95UCL")])
    m <- summary(f, rmean = at[2])$table
    put(paste0(key, "/rmst"), m[c("rmean", "se(rmean)")])
  }
}
ranks <- function(name, d) {
  total <- function(x) if (is.matrix(x)) rowSums(x) else x
  put(paste0(name, "/observed"), total(d$obs)); put(paste0(name, "/expected"), total(d$exp))
  put(paste0(name, "/variance"), d$var); put(paste0(name, "/chi_square"), d$chisq)
}
hazards <- function(name, f) {
  put(paste0(name, "/coefficients"), coef(f)); put(paste0(name, "/covariance"), f$var)
  put(paste0(name, "/log_likelihood"), f$loglik); put(paste0(name, "/score"), f$score)
  put(paste0(name, "/wald"), f$wald.test)
  put(paste0(name, "/zph"), cox.zph(f, terms = FALSE)$table[, "chisq"])
}
robust <- function(name, f) {
  put(paste0(name, "/covariance"), f$naive.var); put(paste0(name, "/robust"), f$var)
}

tr <- get_data("sim_trial")
curves("sim_trial", tr$pfs, tr$pfs_ev, tr$arm, c(180, 365, 545))
curves("sim_trial_reverse", tr$pfs, 1 - tr$pfs_ev, rep(0, nrow(tr)), c(180, 365, 545))
ranks("sim_trial/logrank", survdiff(Surv(pfs, pfs_ev) ~ arm, tr))
ranks("sim_trial/logrank_strata", survdiff(Surv(pfs, pfs_ev) ~ arm + strata(stratum, ecog), tr))
ranks("sim_trial/logrank_ecog", survdiff(Surv(pfs, pfs_ev) ~ ecog, tr))
for (ties in c("efron", "breslow")) {
  hazards(paste0("sim_trial/cox_", ties), coxph(Surv(pfs, pfs_ev) ~ arm, tr, ties = ties, control = tight))
  hazards(paste0("sim_trial/cox_strata_", ties),
    coxph(Surv(pfs, pfs_ev) ~ arm + age + strata(stratum, ecog), tr, ties = ties, control = tight))
  robust(paste0("sim_trial/cox_site_", ties),
    coxph(Surv(pfs, pfs_ev) ~ arm + age + strata(stratum), tr, ties = ties, cluster = site, control = tight))
  w <- 0.5 + tr$ecog / 2 + tr$site / 10
  robust(paste0("sim_trial/cox_weights_", ties),
    coxph(Surv(pfs, pfs_ev) ~ arm + age, tr, weights = w, ties = ties, cluster = id, control = tight))
}
le <- get_data("sim_lesions")
robust("sim_lesions/cox_patient", coxph(Surv(time, status == 1) ~ arm, le, cluster = id, control = tight))
for (g in 0:1) {
  one <- tr[tr$arm == g, ]
  for (cause in 1:2) {
    p <- timepoints(cuminc(one$pfs, one$cr_status), c(180, 365, 545))
    put(paste("sim_trial/cif", g, cause, "estimate", sep = "/"), p$est[cause, ])
    put(paste("sim_trial/cif", g, cause, "variance", sep = "/"), p$var[cause, ])
    q <- timepoints(cuminc(le$time[le$arm == g], le$status[le$arm == g]), c(365, 730))
    put(paste("sim_lesions/cif", g, cause, "estimate", sep = "/"), q$est[cause, ])
    put(paste("sim_lesions/cif", g, cause, "variance", sep = "/"), q$var[cause, ])
  }
}

aml <- get_data("aml"); aml$g <- as.integer(aml$x == "Nonmaintained")
curves("aml", aml$time, aml$status, aml$g, c(10, 24, 40))
ranks("aml/logrank", survdiff(Surv(time, status) ~ g, aml))
for (ties in c("efron", "breslow"))
  hazards(paste0("aml/cox_", ties), coxph(Surv(time, status) ~ g, aml, ties = ties, control = tight))

lu <- get_data("lung"); lu$status <- lu$status - min(lu$status); lu <- lu[!is.na(lu$ph.ecog), ]
curves("lung", lu$time, lu$status, lu$sex, c(180, 365, 545))
ranks("lung/logrank", survdiff(Surv(time, status) ~ sex, lu))
ranks("lung/logrank_strata", survdiff(Surv(time, status) ~ sex + strata(ph.ecog), lu))
for (ties in c("efron", "breslow"))
  hazards(paste0("lung/cox_strata_", ties),
    coxph(Surv(time, status) ~ sex + age + strata(ph.ecog), lu, ties = ties, control = tight))

ve <- get_data("veteran"); ve$cell <- as.integer(ve$celltype)
curves("veteran", ve$time, ve$status, ve$trt, c(50, 100, 200))
ranks("veteran/logrank", survdiff(Surv(time, status) ~ trt, ve))
ranks("veteran/logrank_cell", survdiff(Surv(time, status) ~ cell, ve))
for (ties in c("efron", "breslow")) {
  hazards(paste0("veteran/cox_", ties), coxph(Surv(time, status) ~ trt + karno + age, ve, ties = ties, control = tight))
  hazards(paste0("veteran/cox_strata_", ties),
    coxph(Surv(time, status) ~ trt + karno + strata(cell), ve, ties = ties, control = tight))
}

ov <- get_data("ovarian")
curves("ovarian", ov$futime, ov$fustat, ov$rx, c(400, 500, 600))
ranks("ovarian/logrank", survdiff(Surv(futime, fustat) ~ rx, ov))
hazards("ovarian/cox_strata_efron",
  coxph(Surv(futime, fustat) ~ rx + age + strata(ecog.ps), ov, control = tight))
cat("{\n", paste(results, collapse = ",\n"), "\n}\n", sep = "")
