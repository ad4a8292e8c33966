"""Imported by a test: never finishes."""

import threading

threading.Event().wait()
