"""Batches in the window: starting one, following it, its tables and its loci one by one."""
