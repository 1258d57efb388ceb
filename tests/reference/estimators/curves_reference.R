# Survival curves: R's survival.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE))), "references.R"))

for (name in c("tied", "sim_trial")) {
  d <- get_data(name)
  columns <- if (name == "tied") list("time", "event") else list("pfs", "pfs_ev")
  at <- if (name == "tied") c(6, 12, 24) else c(180, 365, 545)
  f <- survfit(Surv(d[[columns[[1]]]], d[[columns[[2]]]]) ~ 1, conf.type = "log-log")
  s <- summary(f, times = at)
  put("kaplan_meier", "R survival 3.5-3: summary(survfit(conf.type = 'log-log'))", name,
      list(survival = s$surv, standard_error = s$std.err, lower = s$lower, upper = s$upper),
      list(time = columns[[1]], event = columns[[2]], at = at))
}
write_cases("curves")
