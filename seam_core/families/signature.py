"""Names and shapes that a model is recognised by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

Shape = tuple[int | None, ...]


@dataclass(frozen=True, eq=False)
class Signature:
    """Names and shapes of a model, as far as its file says.

    classes : of its layers (Keras), or `module.Class` of what is pickled or imported (PyTorch)
    layers : names of its layers (Keras)
    weights : shape of each weight by its name (PyTorch)
    inputs : shapes without the batch axis (Keras)
    outputs : names (Keras)
    """

    classes: frozenset[str] = frozenset()
    layers: frozenset[str] = frozenset()
    weights: Mapping[str, tuple[int, ...]] = field(default_factory=lambda: MappingProxyType({}))
    inputs: tuple[Shape, ...] = ()
    outputs: tuple[str, ...] = ()

    def has_class(self, name: str) -> bool:
        """Is it made of the class: `Class`, or `package.` and anything in it?"""
        if name.endswith("."):
            return any(each.startswith(name) for each in self.classes)
        return any(each == name or each.endswith(f".{name}") for each in self.classes)

    def has_layer(self, start: str) -> bool:
        """Has it a layer whose name begins so?"""
        return any(each.startswith(start) for each in self.layers)

    def weight(self, end: str) -> tuple[int, ...] | None:
        """The shape of the weight whose name ends so (wrappers put prefixes before it)."""
        for name, shape in self.weights.items():
            if name == end or name.endswith(f".{end}"):
                return shape
        return None
