"""Sessions side by side: one embedding of all, which clusters are which, logos in pairs."""
