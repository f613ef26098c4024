"""LeNet-5 as published in 1998, and a reader of handwritten digits. Imports nothing heavy."""
