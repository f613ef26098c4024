"""The network as an ONNX file or a C header, verified against our own engine."""
