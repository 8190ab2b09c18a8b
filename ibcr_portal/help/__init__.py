"""Help in place: a text for each page, the glossary, and the keys that the portal knows."""
