"""All of the gateway's SQL."""
