"""How often somebody may do what could be tried or asked for without end."""

RATE_LIMITS = {
    "login_failed": "10/m/ip,5/5m/key",
    # On a device of the owner's: whatever others do elsewhere, it is not locked (accounts/devices.py).
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
}
