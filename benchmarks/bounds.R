# The work of bounds.py by rpact: `Rscript bounds.R`. Processor time, as for ours.
suppressMessages(library(rpact))
tell <- function(name, looks, ...) {
  call <- function() getDesignGroupSequential(kMax = looks, alpha = 0.025, beta = 0.1, sided = 1, informationRates = seq_len(looks) / looks,
    typeOfDesign = "asOF", ...)
  call()
  best <- Inf
  for (i in 1:5) { spent <- system.time(for (j in 1:10) call()); best <- min(best, (spent[["user.self"]] + spent[["sys.self"]]) / 10) }
  cat(sprintf('{"peer": "rpact %s", "task": "%s", "ms": %.9g}\n', packageVersion("rpact"), name, 1e3 * best))
}
tell("3 looks", 3)
tell("3 looks, futility", 3, typeBetaSpending = "bsHSD", gammaB = -2, bindingFutility = FALSE)
tell("10 looks", 10)
