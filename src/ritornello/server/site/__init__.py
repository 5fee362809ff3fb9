"""The pages for people: one file a page, made here and not in the browser, with small scripts of our own."""
