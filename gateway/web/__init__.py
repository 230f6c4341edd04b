"""What browsers and Meta reach over HTTP."""
