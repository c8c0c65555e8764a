"""Tests without containers: `python3 -m unittest` in the directory above. They need nothing but Python."""
