"""What drawing on the map asks of the server: exact neighbours, and what is wrong with a shape."""
