"""The course of a rehearsed trial, written as the entries of its forms."""
