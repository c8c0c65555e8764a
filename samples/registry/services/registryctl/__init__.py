"""registryctl: beside the registry on the same storage, for what the registry cannot do while it serves."""
