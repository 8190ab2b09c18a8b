"""Pages of reports, and those of the documents made of them; what one may not see is a 404."""
