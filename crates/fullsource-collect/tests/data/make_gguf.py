"""Writes small.gguf with the PyPI package gguf (0.19.0): what its writer makes, our reader must read.

    pip install gguf==0.19.0 && python make_gguf.py

Random weights; nothing in it comes from a published model.
"""

import pathlib

import gguf
import numpy as np

path = pathlib.Path(__file__).with_name("small.gguf")
writer = gguf.GGUFWriter(path, "llama")
writer.add_name("Small")
writer.add_license("apache-2.0")
writer.add_license_name("Apache License 2.0")
writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
writer.add_base_model_count(1)
writer.add_base_model_name(0, "Parent")
writer.add_base_model_organization(0, "Example")
writer.add_base_model_repo_url(0, "https://example.org/parent")
writer.add_dataset_count(1)
writer.add_dataset_name(0, "Texts")
writer.add_dataset_repo_url(0, "https://example.org/texts")
writer.add_languages(["en", "no"])
writer.add_tokenizer_model("gpt2")
writer.add_token_list(["a", "b", "<s>"])
writer.add_token_scores([0.0, 0.5, 1.0])
writer.add_add_bos_token(True)
random = np.random.default_rng(1)
weights = random.standard_normal((3, 64), dtype=np.float32)
quantized = gguf.quants.quantize(weights, gguf.GGMLQuantizationType.Q8_0)
writer.add_tensor("token_embd.weight", quantized, raw_dtype=gguf.GGMLQuantizationType.Q8_0)
writer.add_tensor("output_norm.weight", random.standard_normal(5, dtype=np.float32))
writer.add_tensor("rope.half", random.standard_normal((2, 3)).astype(np.float16))
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
