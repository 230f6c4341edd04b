"""What is legal and what things mean, as pure rules and values."""
