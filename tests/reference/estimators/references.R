# What every *_reference.R of this folder starts from: data sets, and the writing of cases.
# Call: Rscript NAME_reference.R FOLDER_OF_SHARED_DATA   (writes NAME_reference.json beside it)
suppressMessages({library(jsonlite); library(survival)})
shared <- commandArgs(TRUE)[1]
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
get_data <- function(name) {
  places <- file.path(c(file.path(here, "data"), file.path(here, "..", "numerics"), shared), paste0(name, ".csv"))
  read.csv(places[file.exists(places)][1], stringsAsFactors = FALSE)
}
cases <- list()
# values: a named list of numeric vectors (matrices by column); arguments: what our answer needs
put <- function(method, reference, data, values, arguments = list(), digits = 10, note = "") {
  one <- list(method = method, reference = reference, data = data, values = lapply(values, function(v) I(as.numeric(v))))
  if (length(arguments)) one$arguments <- arguments
  if (digits != 10) one$digits <- digits
  if (note != "") one$note <- note
  cases[[length(cases) + 1]] <<- one
}
write_cases <- function(family) {
  text <- sapply(cases, function(one) toJSON(one, auto_unbox = TRUE, digits = I(17), na = "null"))
  writeLines(paste0("[\n", paste(text, collapse = ",\n"), "\n]"), file.path(here, paste0(family, "_reference.json")))
}
tight <- coxph.control(eps = 1e-14, toler.chol = 1e-16, iter.max = 100)
