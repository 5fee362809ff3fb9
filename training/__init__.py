"""How the weights that Ritornello ships came to be."""
