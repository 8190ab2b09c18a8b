"""What visitors and search engines find: the front page, and which other pages are public."""
