"""How others see an institution: a page that it opens by link, and on which it hides at once."""
