"""DeepLIFT's rescale rule, by framework: how each goes through a network, and the rules."""
