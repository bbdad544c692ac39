"""Maps on paper: vector PDF at a true scale, drawn from the layers that the web map shows."""
