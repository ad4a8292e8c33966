"""Kept selections side by side: logos, their difference, MSM rows, histograms, what differs."""
