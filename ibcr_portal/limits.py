"""How often somebody may try something, as allauth counts it: by network address (`ip`), by person or by
what they try (`key`). What a view does with one of these is named after it."""

RATE_LIMITS = {
    "login_failed": "10/m/ip,5/5m/key",
    # On a device of the owner's: whatever others do elsewhere, it is not locked (accounts/identities.py).
    "login_failed_known_device": "10/5m/key",
    # A village may have one address in the network; a mailbox is written to by its key.
    "propose": "40/h/ip,4/h/key",
    # Codes by which what a link lists is opened; one has six digits, and lasts ten minutes or twenty.
    "link_code": "10/h/key,20/d/key",
    "link_code_sent": "10/h/key,20/d/key",
    # Files that a browser could not hash itself; a ministry may have one address, too.
    "verify_file": "60/h/ip",
    # Whoever types is asked for three times a second at most, and never for a minute on end.
    "search": "40/m/user",
    "search_quick": "150/m/user",
    "gist": "40/m/user",
    # The key to an empty portal has 100 bits; who types it makes a few mistakes.
    "first_visit": "10/10m/ip",
    # Each asks the organisation's server for its addresses; a ministry may have one address, too.
    "organisation": "60/5m/ip",
}
