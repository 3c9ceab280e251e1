"""Nothing of an assessment is in the admin site, on purpose.

A list of scores, returns or reports there would be a second way to read them, past
`visible_to`, past the reveal and past the log. A test keeps it so.
"""
