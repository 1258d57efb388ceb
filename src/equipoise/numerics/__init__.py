"""Numbers: kernels on flat arrays, with no trial words beyond time, cause, group and stratum."""
