"""From a wish to a list: what is liked together, what sounds alike, and how the two are weighed. No database here."""
