"""What decides how Keras computes, whatever it computes."""

import platform

import keras
import numpy as np

from groundup.runs import flags, slots

NUMERIC_FLAGS = (
    "TF_ENABLE_ONEDNN_OPTS",
    "TF_XLA_FLAGS",
    "XLA_FLAGS",
    "TF_DETERMINISTIC_OPS",
    "NVIDIA_TF32_OVERRIDE",
)


def settings() -> dict:
    """What decides how Keras computes here, whatever it computes."""
    return {
        "versions": _versions(),
        "backend": keras.backend.backend(),
        "device": _device(),
        "floatx": keras.config.floatx(),
        "epsilon": keras.config.epsilon(),
        "dtype_policy": keras.config.dtype_policy().name,
        "image_data_format": keras.config.image_data_format(),
        "threads": _threads(),
        "deterministic_operations": _deterministic_operations(),
        "options": _options(),
        "flags": flags.taken(NUMERIC_FLAGS),
    }


def _versions() -> dict[str, str]:
    versions = {
        "python": ".".join(platform.python_version_tuple()[:2]),
        "numpy": np.__version__,
        "keras": keras.__version__,
    }
    if keras.backend.backend() == "tensorflow":
        import tensorflow

        versions["tensorflow"] = tensorflow.__version__
    elif keras.backend.backend() == "torch":
        import torch

        versions["torch"] = torch.__version__
    return versions


def _device() -> str:
    if keras.backend.backend() == "tensorflow":
        import tensorflow

        return "gpu" if tensorflow.config.list_physical_devices("GPU") else "cpu"
    import torch

    return "gpu" if torch.cuda.is_available() else "cpu"


def _deterministic_operations() -> bool:
    if keras.backend.backend() == "tensorflow":
        from tensorflow.python.framework.config import is_op_determinism_enabled

        return is_op_determinism_enabled()
    import torch

    return torch.are_deterministic_algorithms_enabled()


def _options() -> dict:
    """What was set of the backend in this process and decides how it computes."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow

        return {
            "eager": tensorflow.config.functions_run_eagerly(),
            "jit": tensorflow.config.optimizer.get_jit(),
            "optimizer": dict(
                sorted(tensorflow.config.optimizer.get_experimental_options().items())
            ),
            "tf32": tensorflow.config.experimental.tensor_float_32_execution_enabled(),
        }
    import torch

    return {
        "precision": torch.get_float32_matmul_precision(),
        "dtype": str(torch.get_default_dtype()),
    }


def _threads() -> int:
    """How many threads share the work of one operation, which decides the order of its sums."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow

        asked = tensorflow.config.threading.get_intra_op_parallelism_threads()
        named = flags.taken(("TF_NUM_INTRAOP_THREADS",))["TF_NUM_INTRAOP_THREADS"]
        return asked or int(named or 0) or slots.usable_cores()
    import torch

    return torch.get_num_threads()
