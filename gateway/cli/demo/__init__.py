"""`izin demo`: the main job, shown on real processes, and every promise that it exercises checked."""

from gateway.cli.demo.command import demo

__all__ = ["demo"]
