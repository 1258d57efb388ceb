# Writes rpact_numbers.json: what rpact 3.3.4 of Debian says of designs with looks (`Rscript rpact_numbers.R`).
suppressMessages({library(rpact); library(jsonlite)})
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
rates <- c(0.3, 0.6, 1); events <- c(60, 120, 200)
pocock <- getDesignGroupSequential(kMax = 3, alpha = 0.025, sided = 1, typeOfDesign = "asP", informationRates = rates, tolerance = 1e-10)
analyse <- function(design, z, looks) getAnalysisResults(design, getDataset(overallEvents = events[looks],
  overallLogRanks = z[looks], overallAllocationRatios = rep(1, length(looks))), directionUpper = TRUE)
stopped <- analyse(pocock, c(1.1, 2.6), 1:2)
size <- getSampleSizeSurvival(getDesignGroupSequential(kMax = 2, alpha = 0.025, sided = 1, beta = 0.1, typeOfDesign = "asP",
  informationRates = c(0.5, 1), tolerance = 1e-10), hazardRatio = 0.7, lambda2 = 0.05, accrualTime = c(0, 12), followUpTime = 24)
normal <- getDesignInverseNormal(kMax = 3, alpha = 0.025, typeOfDesign = "asP", informationRates = rates, tolerance = 1e-10)
combined <- analyse(normal, c(1.1, 1.4, 2.2), 1:3)
fisher <- function(alpha0) as.vector(getDesignFisher(kMax = 2, alpha = 0.025, method = "userDefinedAlpha", userAlphaSpending = c(0.01, 0.025), alpha0Vec = alpha0, tolerance = 1e-14)$criticalValues)
wedge <- function(binding) {
  d <- suppressWarnings(getDesignGroupSequential(kMax = 3, alpha = 0.05, beta = 0.2, sided = 2, typeOfDesign = "asOF", typeBetaSpending = "bsHSD",
    gammaB = -2, bindingFutility = binding, twoSidedPower = TRUE, tolerance = 1e-10))
  list(upper = d$criticalValues, lower = d$futilityBounds[2], shift = suppressWarnings(getDesignCharacteristics(d)$shift))
}
found <- list(
  wedge = list(wedge(FALSE), wedge(TRUE)),
  stopped = list(p_value = stopped$finalPValues[2], estimate = log(stopped$medianUnbiasedEstimates[2]),
                 lower = log(stopped$finalConfidenceIntervalLowerBounds[2]), upper = log(stopped$finalConfidenceIntervalUpperBounds[2])),
  hazard_ratio = list(events = as.vector(size$eventsPerStage), ratio = as.vector(size$criticalValuesEffectScale)),
  inverse_normal = list(stages = as.vector(combined$.stageResults$pValues), z = as.vector(combined$.stageResults$combInverseNormal)),
  fisher = list(none = fisher(1), half = fisher(0.5)))
writeLines(toJSON(found, auto_unbox = TRUE, digits = I(17), na = "null", pretty = TRUE), file.path(here, "rpact_numbers.json"))
