# The work of replicates.py by rpact: `Rscript replicates.R TRIALS`. Processor time, as for ours.
suppressMessages(library(rpact))
trials <- as.integer(commandArgs(TRUE)[1])
three <- getDesignGroupSequential(kMax = 3, alpha = 0.025, informationRates = c(67, 134, 200) / 200, typeOfDesign = "asOF")
tell <- function(name, events, design = NULL) {
  call <- function() getSimulationSurvival(design = design, directionUpper = FALSE, median2 = 12, median1 = 18, maxNumberOfSubjects = 300,
    accrualTime = c(0, 24), plannedEvents = events, dropoutRate1 = 0.05, dropoutRate2 = 0.05, dropoutTime = 12,
    maxNumberOfIterations = trials, seed = 2026)
  best <- Inf
  for (i in 1:3) { spent <- system.time(found <- call()); best <- min(best, spent[["user.self"]] + spent[["sys.self"]]) }
  cat(sprintf('{"peer": "rpact %s", "task": "%s", "seconds": %.9g, "power": %.9g}\n', packageVersion("rpact"), name, best, found$overallReject))
}
tell("logrank", 200)
tell("three_looks", c(67, 134, 200), three)
