"""What the tabs are called, in their order: read before Qt and the rest are imported."""

TABS = ("Library", "Table", "Attribution", "Clusters", "Explore", "Identify")
