"""core: hands out the registry's tokens, keeps users, projects and the catalogue in PostgreSQL, and serves the portal's API."""
