"""A readiness report as files to work on. Each is made from ReportContents alone, so none can say
what the page for the same reader does not.

excel.py   a workbook: sheets for people to read, filter and print
sheets.py  what stands in each sheet
csv.py     one row for each statement
json.py    everything, in the structure that report.schema.json describes
"""
