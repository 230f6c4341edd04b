"""Meta's own description of a send request, cut out of its OpenAPI file; see NOTICE for origin and licence."""
