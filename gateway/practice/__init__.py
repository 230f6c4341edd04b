"""A stand-in for the Cloud API, for trying, testing and load."""
