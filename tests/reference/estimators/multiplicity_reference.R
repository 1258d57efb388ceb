# Adjusted p values: R's p.adjust; graphs by closed testing written out in R; graphicalMCP's own prints.
source(file.path(dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE))), "references.R"))
sets <- list(c(0.01, 0.02, 0.03, 0.04), c(0.041, 0.001, 0.0121, 0.3, 0.0121, 0.02, 1), c(0.7, 0.04, 0.04, 0.02, 0.01), 0.2)
for (p in sets) {
  for (m in c("bonferroni", "holm", "hochberg", "hommel", "BH"))
    put(tolower(c(bonferroni = "bonferroni", holm = "holm", hochberg = "hochberg", hommel = "hommel", BH = "benjamini_hochberg")[[m]]),
        paste0("R stats: p.adjust(method = '", m, "')"), "none", list(adjusted = p.adjust(p, m)), list(p = I(p)))
  put("fixed_sequence", "R base: cummax", "none", list(adjusted = cummax(p)), list(p = I(p)))
}
# closed testing: every set by the weighted Bonferroni test of its graph
set_weights <- function(w, g, out) {
  for (j in out) {
    w <- w + w[j] * g[j, ]; w[j] <- 0; h <- g * 0
    for (l in seq_along(w)) for (k in seq_along(w)) if (l != k && l != j && k != j && g[l, j] * g[j, l] < 1)
      h[l, k] <- (g[l, k] + g[l, j] * g[j, k]) / (1 - g[l, j] * g[j, l])
    g <- h
  }
  w
}
closed <- function(p, w, g) {
  m <- length(p); adjusted <- rep(0, m)
  for (code in 1:(2^m - 1)) {
    inside <- which(bitwAnd(code, 2^(0:(m - 1))) > 0)
    v <- set_weights(w, g, setdiff(1:m, inside))[inside]
    adjusted[inside] <- pmax(adjusted[inside], min(1, (p[inside] / v)[v > 0]))
  }
  pmin(adjusted, 1)
}
successive <- rbind(c(0, 0, 1, 0), c(0, 0, 0, 1), c(0, 1, 0, 0), c(1, 0, 0, 0))
mixed <- rbind(c(0, 0.5, 0.3, 0.2), c(0.4, 0, 0.6, 0), c(0.1, 0.2, 0, 0.7), c(1, 0, 0, 0))
call <- "by hand in R (closed testing over all sets; Bretz et al. 2009)"
graphs <- list(list(w = c(0.5, 0.5, 0, 0), g = successive), list(w = c(0.4, 0.3, 0.2, 0.1), g = mixed), list(w = c(0.8, 0.2, 0, 0), g = mixed))
for (one in graphs) for (p in list(c(0.01, 0.005, 0.015, 0.022), c(0.02, 0.015, 0.010, 0.023), c(0.001, 0.9, 0.004, 0.2)))
  put("graph", call, "none", list(adjusted = closed(p, one$w, one$g)), list(p = I(p), weights = one$w, transitions = one$g))
put("graph", "graphicalMCP: test_graph_shortcut(simple_successive_1(), rep(0.01, 4)), as its tests/testthat/_snaps/print.graph_report.md prints", "none",
    list(adjusted = rep(0.02, 4)), list(p = rep(0.01, 4), weights = c(0.5, 0.5, 0, 0), transitions = successive))
write_cases("multiplicity")
