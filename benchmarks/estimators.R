# The tasks of estimators.py by R: `Rscript estimators.R TASK... FOLDER`. A task returns the numbers to compare.
# What a task would take too long for is left out above `most` rows, unless EQUIPOISE_LONG is set.
suppressMessages({ library(survival); library(cmprsk) })
words <- commandArgs(TRUE); folder <- words[length(words)]
files <- list.files(folder, "[.]f64$")
d <- as.data.frame(setNames(lapply(file.path(folder, files), function(f) readBin(f, "double", file.size(f) / 8)), sub("[.]f64$", "", files)))
x <- as.matrix(d[c("arm", "x1", "x2", "x3")])
settled <- coxph.control(eps = 1e-12, iter.max = 50)  # to compare all digits; one step more than by default
told <- function(fit) c(coef(fit), sqrt(diag(vcov(fit))))
four <- function() coxph(Surv(time, event) ~ arm + x1 + x2 + x3, d, control = settled)
tasks <- list(
  curves_and_logrank = function() {
    f <- survfit(Surv(time, event) ~ arm, d, conf.type = "log-log")
    c(survdiff(Surv(time, event) ~ arm, d)$chisq, summary(f, times = 365)$surv)
  },
  logrank_strata = function() survdiff(Surv(time, event) ~ arm + strata(stratum), d)$chisq,
  cox_one = function() told(coxph(Surv(time, event) ~ arm, d, control = settled)),
  cox_four = function() told(four()),
  cox_strata = function() told(coxph(Surv(time, event) ~ arm + strata(stratum), d, control = settled)),
  hazards_over_time = function() cox.zph(four(), terms = FALSE)$table["GLOBAL", "chisq"],
  gray = function() cuminc(d$time, d$cause, d$arm)$Tests[1, "stat"],
  incidence = function() {
    f <- timepoints(cuminc(d$time, d$cause, d$arm), 365)
    c(rbind(f$est[1:2, 1], sqrt(f$var[1:2, 1])))
  },
  fine_gray = function() {
    f <- crr(d$time, d$cause, x)  # with a finer gtol it climbs in vain
    c(f$coef, sqrt(diag(f$var)))
  },
  restricted_mean = function() {
    f <- summary(survfit(Surv(time, event) ~ arm, d), rmean = 365)$table
    c(f[, "rmean"], sqrt(sum(f[, "se(rmean)"]^2)))
  },
  weibull = function() {
    f <- survreg(Surv(time, event) ~ arm + x1 + x2 + x3, d, control = survreg.control(rel.tolerance = 1e-13, maxiter = 50))
    c(coef(f), sqrt(diag(vcov(f)))[1:5])
  },
  logistic = function() told(glm(event ~ arm + x1 + x2 + x3, binomial, d, epsilon = 1e-13))
)
packages <- list(gray = "cmprsk", incidence = "cmprsk", fine_gray = "cmprsk", logistic = "stats")
most <- list(fine_gray = 1e3)
clock <- function() sum(proc.time()[1:2])
peer_of <- function(name) {
  package <- if (is.null(packages[[name]])) "survival" else packages[[name]]
  sprintf("R %s %s", package, packageVersion(package))
}
measure <- function(name) {
  start <- clock(); values <- tasks[[name]](); first <- clock() - start
  times <- 1; once <- first
  while (once < 0.2 && times < 1e4) {  # R's clock has steps of a millisecond: so many calls that one sees them
    start <- clock(); for (i in seq_len(times)) tasks[[name]](); once <- clock() - start
    if (once < 0.2) times <- times * 4
  }
  best <- once / times; spent <- once
  while (spent < 2) { start <- clock(); for (i in seq_len(times)) tasks[[name]](); one <- clock() - start; spent <- spent + one; best <- min(best, one / times) }
  cat(sprintf('{"peer": "%s", "task": "%s", "seconds": %.9g, "values": [%s]}\n', peer_of(name), name, best,
              paste(sprintf("%.17g", values), collapse = ", ")))
}
for (name in intersect(words[-length(words)], names(tasks))) {
  limit <- if (is.null(most[[name]])) Inf else most[[name]]
  if (nrow(d) > limit && Sys.getenv("EQUIPOISE_LONG") == "") {
    cat(sprintf('{"peer": "%s", "task": "%s", "error": "too slow, --long runs it"}\n', peer_of(name), name))
  } else measure(name)
}
