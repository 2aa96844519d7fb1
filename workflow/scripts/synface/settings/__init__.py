"""The one description of the configuration: a class for every kind of entry, a field for every key."""
