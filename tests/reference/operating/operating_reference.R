# Power of rpact's simulated trials on a grid: `Rscript operating_reference.R > operating_reference.json`.
suppressMessages({ library(rpact); library(jsonlite) })
trials <- 20000
three <- getDesignGroupSequential(kMax = 3, alpha = 0.025, informationRates = c(0.335, 0.67, 1), typeOfDesign = "asOF")
simulate <- function(ratio, subjects, events, design = NULL) {
  found <- getSimulationSurvival(design = design, directionUpper = FALSE, lambda2 = log(2) / 12, hazardRatio = ratio,
    maxNumberOfSubjects = subjects, accrualTime = c(0, 24), plannedEvents = events, dropoutRate1 = 0.05, dropoutRate2 = 0.05,
    dropoutTime = 12, maxNumberOfIterations = trials, seed = 2026)
  list(ratio = ratio, subjects = subjects, events = events, trials = trials, power = found$overallReject,
    stopped = as.vector(found$rejectPerStage), months = as.vector(found$studyDuration))
}
cases <- list()
for (ratio in c(0.6, 2 / 3, 0.8, 1)) {
  cases[[length(cases) + 1]] <- simulate(ratio, 300, 200)
  cases[[length(cases) + 1]] <- simulate(ratio, 300, c(67, 134, 200), three)
}
cat(toJSON(list(reference = paste("rpact", packageVersion("rpact")), cases = cases), auto_unbox = TRUE, digits = 10, pretty = TRUE), "\n")
