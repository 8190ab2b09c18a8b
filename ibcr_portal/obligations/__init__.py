"""Obligations: one list of everything that falls due in all apps.

They are stored (`writing`) and read for one person (`reading`). A new kind of obligation is two
functions: one that finds the rows of a project, in `writing.SOURCES`, and one that gives them words
for a reader, in `reading.SHOWN`.
"""
