"""HTTP: parse, call one function, shape. One resource per file; :func:`ritornello.server.app.create_app` joins them."""
