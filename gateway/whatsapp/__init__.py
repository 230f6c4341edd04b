"""What Meta calls things: the only rooms that know the Cloud API's words."""
