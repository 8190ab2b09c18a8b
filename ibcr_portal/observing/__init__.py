"""How the portal is doing: for machines that ask, for the administrator, and by mail."""
