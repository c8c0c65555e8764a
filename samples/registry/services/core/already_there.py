class AlreadyThere(Exception):
    """Something with this name exists."""
