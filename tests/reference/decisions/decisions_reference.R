# p of R's tests in many simulated trials, in millionths, fixed width.
# Call: Rscript decisions_reference.R TRIALS.csv > decisions_reference.txt
# TRIALS.csv is written by `python -m reference.decisions.drawn_trials` (tests on the path).
suppressMessages({library(survival); library(cmprsk)})
trials <- read.csv(commandArgs(TRUE)[1])
tight <- coxph.control(eps = 1e-12, toler.chol = 1e-14, iter.max = 50)
settled <- function(formula, family, d) { # once more from the end: glm's covariance is that of the step before the last
  f <- glm(formula, family, d, epsilon = 1e-12); glm(formula, family, d, epsilon = 1e-12, start = coef(f))
}
wald <- function(b, v) pchisq(b^2 / v, 1, lower.tail = FALSE)
area <- function(time, event, tau) { # survRM2's rmst1: area under the curve and its variance
  f <- survfit(Surv(time, event) ~ 1); keep <- f$time <= tau & f$n.event > 0
  t <- f$time[keep]; s <- f$surv[keep]; d <- f$n.event[keep]; n <- f$n.risk[keep]
  part <- diff(c(0, t, tau)) * c(1, s); left <- rev(cumsum(rev(part[-1])))
  c(sum(part), sum((left^2 * d / (n * (n - d)))[n > d]))
}
ask <- function(d) {
  y <- Surv(d$time, d$event)
  lr <- function(f, ...) pchisq(survdiff(f, d, ...)$chisq, 1, lower.tail = FALSE)
  cox <- coxph(y ~ arm + strata(stratum), d, control = tight); s <- summary(cox)
  cause <- coxph(Surv(first, cause == 1) ~ arm + strata(stratum), d, control = tight)
  f <- summary(survfit(y ~ arm, d), times = 365, extend = TRUE); a <- f$surv; v <- (f$std.err / f$surv)^2
  cloglog <- (diff(log(-log(a))))^2 / sum(v / log(a)^2); plain <- diff(a)^2 / sum(f$std.err^2)
  r <- sapply(0:1, function(k) area(d$time[d$arm == k], d$event[d$arm == k], 548))
  fg <- crr(d$first, d$cause, d$arm, gtol = 1e-12)
  full <- settled(response ~ arm + stratum, binomial, d)
  null <- settled(response ~ stratum, binomial, d)
  rate <- settled(count ~ arm + stratum + offset(log(time)), poisson, d)
  both <- table(d$arm, d$response)
  c(logrank = lr(y ~ arm), logrank_strata = lr(y ~ arm + strata(stratum)), rho_1 = lr(y ~ arm, rho = 1),
    cox_wald = wald(coef(cox), vcov(cox)), cox_score = unname(s$sctest["pvalue"]),
    cox_lr = unname(s$logtest["pvalue"]), zph = cox.zph(cox)$table["arm", "p"],
    cause_wald = wald(coef(cause), vcov(cause)), cloglog = pchisq(cloglog, 1, lower.tail = FALSE),
    plain = pchisq(plain, 1, lower.tail = FALSE), rmst = wald(diff(r[1, ]), sum(r[2, ])),
    gray = cuminc(d$first, d$cause, d$arm)$Tests[1, "pv"], crr = wald(fg$coef, fg$var),
    fisher = fisher.test(both)$p.value, chisq = prop.test(both, correct = FALSE)$p.value,
    cmh = mantelhaen.test(table(d$arm, d$response, d$stratum), correct = FALSE)$p.value,
    logit_wald = wald(coef(full)["arm"], vcov(full)["arm", "arm"]),
    logit_lr = pchisq(null$deviance - full$deviance, 1, lower.tail = FALSE),
    poisson = wald(coef(rate)["arm"], vcov(rate)["arm", "arm"]))
}
p <- t(sapply(split(trials, trials$trial), ask))
colnames(p) <- sub("\\.(arm|pv)$", "", colnames(p))
cat(colnames(p), "\n"); cat(apply(p, 1, function(row) paste(sprintf("%.0f", 1e6 * row), collapse = " ")), sep = "\n")
