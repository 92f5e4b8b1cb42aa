"""Spreadsheets, read: XLSX and CSV, however people have made them."""
