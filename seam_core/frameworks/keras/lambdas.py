"""Lambda layers whose formula is known: it is put in their place, and their code is not run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LAMBDA = "Lambda"
# ChromBPNet's: the counts of chromatin and of the enzyme's bias added, on the scale of logarithms.
COUNTS = "logcount_predictions"
WITHOUT_BIAS = "wo_bias_bpnet_"


def is_chrombpnet_counts(items: list[tuple[str, Mapping[str, Any]]]) -> bool:
    """Is the only Lambda of a model ChromBPNet's log of a sum of exponentials?

    items : (class, configuration) of everything that the model is made of
    """
    lambdas = [item for kind, item in items if kind == LAMBDA]
    if len(lambdas) != 1 or lambdas[0].get("config", {}).get("name") != COUNTS:
        return False
    named = {str(item.get("config", {}).get("name")): kind for kind, item in items}
    fed_by = _inbound(lambdas[0])
    of_two = len(fed_by) == 1 and named.get(fed_by[0]) == "Concatenate"
    return of_two and any(name.startswith(WITHOUT_BIAS) for name in named)


def log_sum_exp(keras: Any) -> type:
    """The layer that takes its place, of Keras 3 or of tf-keras."""

    class LogSumExp(keras.layers.Layer):  # type: ignore[misc,name-defined]
        """log(sum(exp(x))) over the last axis, which stays as one."""

        @classmethod
        def from_config(cls, config: Mapping[str, Any]) -> Any:
            return cls(name=config["name"])

        def call(self, inputs: Any) -> Any:
            from seam_core.frameworks.keras.runtime import import_tensorflow

            # what any of them is more than its log-softmax: deepshap has a rule for that
            return (inputs - import_tensorflow().nn.log_softmax(inputs))[..., :1]

    return LogSumExp


def _inbound(item: Mapping[str, Any]) -> list[str]:
    """Names of the layers whose outputs a layer takes, as Keras 2 files write it."""
    nodes = item.get("inbound_nodes")
    if not isinstance(nodes, list) or len(nodes) != 1 or not isinstance(nodes[0], list):
        return []
    return [str(each[0]) for each in nodes[0] if isinstance(each, list) and each]
