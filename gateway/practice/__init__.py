"""A stand-in for the Cloud API, for trying, testing and load: same wire format, same limits, same errors.

`serve` runs one in this process, `running` in a process of its own. Its people have habits; its doors under /practice
arrange the world and say what really arrived.
"""

from gateway.practice.server import serve
from gateway.practice.settings import Number, PracticeProblem, PracticeSettings
from gateway.practice.starting import RunningPractice, running

__all__ = ["Number", "PracticeProblem", "PracticeSettings", "RunningPractice", "running", "serve"]
