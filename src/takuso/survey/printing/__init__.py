"""The report of a survey as papers: one dataset for PDF and workbook, and the pictures that HTML and PDF share."""
