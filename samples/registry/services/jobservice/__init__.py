"""jobservice: does the regular work of the registry, and what is asked for in between."""
