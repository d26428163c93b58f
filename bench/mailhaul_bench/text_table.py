"""Rows of cells as text, each column as wide as its widest cell."""


def aligned(rows, *, left: int) -> str:
    """The first row is the heading; the first `left` columns are flush left, the others right."""
    widths = [max(map(len, column)) for column in zip(*rows)]
    rule = tuple("-" * width for width in widths)
    return "\n".join(_line(row, widths, left) for row in (rows[0], rule, *rows[1:]))


def _line(row, widths, left: int) -> str:
    cells = (
        cell.ljust(width) if i < left else cell.rjust(width)
        for i, (cell, width) in enumerate(zip(row, widths))
    )
    return "  ".join(cells).rstrip()
