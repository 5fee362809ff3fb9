"""Published tables of open data, read as a stream: one file a source, no database."""
