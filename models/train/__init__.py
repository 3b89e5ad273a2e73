"""Training of embedding models: fine-tuning on pairs of texts, distilling to fewer layers; needs the extra `train`."""
