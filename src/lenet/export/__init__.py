"""How it leaves: the network as an ONNX file or a C header, and proof that it answers the same."""
