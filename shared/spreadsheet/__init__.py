"""Spreadsheets: read, XLSX and CSV, however people have made them; and written for people to download."""
