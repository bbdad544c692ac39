"""Who owes which data by when, and changes that others check and approve."""
