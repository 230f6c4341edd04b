"""When people are left alone: quiet hours, frequency caps, the service window. Pure: time is an argument."""
