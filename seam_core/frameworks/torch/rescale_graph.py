"""What the graph of a gradient says of operations that no rule is known for."""

from __future__ import annotations

import re
from typing import Any

from seam_core.frameworks.network import of_two, without_rule
from seam_core.frameworks.torch.runtime import import_torch
from seam_core.validate import InputError

# Node of the gradient's graph -> the call that made it; "" of what calls were only given.
Makers = dict[Any, str]
# Nodes of the gradient's graph that need no rule; of those in BILINEAR one argument may vary.
LINEAR = re.compile(
    r"(Transpose|Permute|View|UnsafeView|ReshapeAlias|Add|Sub|Rsub|Neg|Mean|Sum|"
    r"Select|Slice|Squeeze|Unsqueeze|Cat|Stack|Expand|Clone|ToCopy|"
    r"AsStrided|T|AvgPool\dD|AdaptiveAvgPool\dD|ConstantPadNd|ReflectionPad\dD|Split|SplitWithSizes|"
    r"Unbind|Alias|IndexSelect|Index|Repeat|Flip|MaxPoolRule|Rule|Detach|Diagonal|"
    r"IndexPut\w*|IndexAdd|IndexCopy|IndexFill|Scatter|ScatterAdd|ReplicationPad\dD|Im2Col|Col2Im|"
    r"PixelShuffle|PixelUnshuffle|Rot90|MaskedSelect|MaskedScatter|"
    r"UnsafeSplit|Tril|Triu|Unfold|Roll|Gather|Pad|Cumsum|ToDense|FftR2C|FftC2C|FftC2R|Real|Imag|Copy|"
    r"Upsample(Nearest|Linear|Bilinear)\w*|"
    r"ViewAsReal|ViewAsComplex|Conj|ConjPhysical)Backward\w*|BackwardHookFunction(Backward)?|"
    r"CopySlices"
)
BILINEAR = re.compile(
    r"(Mul|Div|Mm|Bmm|Matmul|Dot|Mv|Einsum|Addmm|Baddbmm|Convolution|MkldnnConvolution|"
    r"Linear|MkldnnLinear|NativeBatchNorm|CudnnBatchNorm)Backward\w*"
)


def check_rules(output: Any, module: Any, makers: Makers) -> None:
    """Raise `InputError` for a node of the gradient's graph that no rule is known for."""
    todo: list[tuple[Any, str]] = [(output.grad_fn, "")]
    seen = set()
    while todo:
        node, maker = todo.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        maker = makers.get(node, maker)
        name = node.name().split("::")[-1]
        following = [each for each, _ in node.next_functions if each is not None]
        operation = re.sub(r"Backward\w*$", "", name)
        if BILINEAR.fullmatch(name):
            first = name.startswith(("Addmm", "Baddbmm"))  # what is added
            factors = node.next_functions[first : first + 2]
            if all(each is not None for each, _ in factors):
                raise of_two(_as_called(operation))
        elif not LINEAR.fullmatch(name) and name != "AccumulateGrad":
            raise _refused(operation, maker, module)
        todo.extend((each, maker) for each in following)


def _refused(operation: str, maker: str, module: Any) -> InputError:
    """What to say of an operation without a rule.

    Parameters
    ----------
    operation : its name in the gradient's graph
    maker : the call that made it; "" where none was seen
    """
    if isinstance(module, import_torch().jit.ScriptModule):
        program = "a TorchScript program, whose layers cannot be looked into"
        return without_rule(program, "the PyTorch module that it was made of")
    name = _as_called(operation)
    if not maker:
        hidden = f"the operation {name} where it cannot be looked into (TorchScript, torch.vmap)"
        return without_rule(hidden, "plain calls of PyTorch there")
    return without_rule(f"the operation {name}" + ("" if maker == name else f" of {maker}"))


def _as_called(operation: str) -> str:
    """ "layer_norm" of "LayerNorm"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", operation).lower()
