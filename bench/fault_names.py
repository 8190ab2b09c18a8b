"""The faults of the table in docs/chaos.md, in its order: each has a row, whatever becomes of it."""

AWAY = 30  # seconds

NAMES = {
    "database-killed": "Database killed, restarted at once",
    "database-away": f"Database away for {AWAY} s",
    "broker-killed": "Broker killed, restarted empty",
    "broker-away": f"Broker away for {AWAY} s",
    "storage-away": f"Storage of files away for {AWAY} s",
    "memory": "Memory runs out: the kernel kills two renderers",
    "clock": "The clock of a host jumps an hour ahead, then an hour back",
    "cut": f"A host is cut off for {AWAY} s during renders",
    "upload": "Web server killed during an upload",
    "mail": f"Mail server away for {AWAY} s",
    "killed-update": "Killed at each step of an update",
    "full": "Disk full",
    "half": "A file is half written",
    "restore": "Restored in the wrong order: files before their rows, rows before their files",
    "update": "Old code on a new schema: hosts updated one after the other, a column renamed",
}
# Played together, on one host that keeps its files in a folder.
ON_A_DISK = ("full", "half", "restore")
