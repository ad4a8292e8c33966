"""An example of a package that adds to SEAM: a method of each kind, a file each."""
