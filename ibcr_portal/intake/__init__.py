"""Brings what a project already has into the portal, in one workbook or as pasted rows."""
