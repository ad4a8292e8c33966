"""Imported by a test: never finishes."""

import time

while True:
    time.sleep(0.01)
