"""The izin command."""
