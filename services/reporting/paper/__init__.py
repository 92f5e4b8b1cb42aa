"""The monthly reports as documents: what stands in them, and how it is written as a workbook, on paper and as CSV."""
