"""The gateway: storage remembers, whatsapp speaks, actions do, web and cli show."""
