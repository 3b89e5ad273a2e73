"""Training of embedding models: fine-tuning on pairs of texts, distillation to fewer layers. Needs extra `train`."""
