"""Actions that reach beyond one row, a file per subject."""
