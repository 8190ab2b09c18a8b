"""The portfolio: where all projects of a reader stand, side by side.

`standing` computes what is stored of each project, `reading` asks for what the reader may see,
`lines` and `common` put it into words, `sheet` into a workbook.
"""
