"""ONNX models as oracles."""
