"""How right and how fast Ritornello is, beside others, on the same files."""
