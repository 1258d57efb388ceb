"""Report: tables, figures and one self-contained page from results."""
