"""One partner's scores as an Excel workbook, out and back.

layout.py   what stands where, and the values that go in and come out
build.py    the values of one partner return, from the database
write.py    values to the bytes of a workbook
package.py  the bytes of an uploaded file to parts that are safe to read
cells.py    what is in a sheet that must not be read: formulas, errors, far too much
read.py     safe parts to answers, matched by statement id and never by wording
compare.py  answers beside what is saved: what an upload would change
"""
