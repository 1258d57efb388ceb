"""The pages from which people work: work list, subjects, the page of a subject."""
