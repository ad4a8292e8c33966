"""PyTorch modules as oracles."""

from seam_core.frameworks.torch.files import load_torch_oracle
from seam_core.frameworks.torch.oracle import TorchOracle

__all__ = ["TorchOracle", "load_torch_oracle"]
