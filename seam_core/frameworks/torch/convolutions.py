"""Convolutions of short patches, as matrix products that copy little.

A patch is (m, width, C) with its channels together, so that the patches of a batch are the rows
of one matrix (m width, C), and what lies a few steps on in every patch a view of the same memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from seam_core.frameworks.torch.runtime import import_torch

# Channels from which PyTorch's convolution of what lies so is quicker than one of copies.
MANY_CHANNELS = 16
# Filters for each channel up to which the products of all steps are smaller than copies are.
FEW_FILTERS = 0.25


def convolved(patch: Any, weight: Any, bias: Any, stride: int, dilation: int) -> Any:
    """(m, width, C) to (m, outputs, C'): a convolution without padding.

    Parameters
    ----------
    weight : (C', C, size); bias : (C',) or None
    """
    filters, channels, size = weight.shape
    if stride == 1 and size > 1 and filters <= FEW_FILTERS * channels:
        return _products_first(patch, weight, bias, dilation)
    if channels >= MANY_CHANNELS:
        return _channels_last(patch, weight, bias, stride, dilation)
    return _of_copies(patch, weight, bias, stride, dilation)


def add_convolved(
    outputs: Any, change: Any, steps: Sequence[Any], dilation: int, first: int
) -> None:
    """Add to (m, outputs, C') what a change (m, width, C) of some of the inputs makes.

    A kernel whose steps are far apart makes three times as many outputs of few inputs, most of
    them of one step alone: a product each is less than the convolution.

    Parameters
    ----------
    steps : (C, C') of each step of the kernel
    first : the output that the first step makes of the first position; later ones lie before it
    """
    m, width, channels = change.shape
    for step, weight in enumerate(steps):
        begin = first - step * dilation
        start, stop = max(0, begin), min(outputs.shape[1], begin + width)
        if start < stop:
            # one product for all mutants: many small ones keep threads waiting for each other
            made = change[:, start - begin : stop - begin].reshape(-1, channels) @ weight
            outputs[:, start:stop].add_(made.view(m, stop - start, -1))


def _channels_last(patch: Any, weight: Any, bias: Any, stride: int, dilation: int) -> Any:
    """PyTorch's own for images of one row: it takes channels together as they lie."""
    rows = import_torch().nn.functional.conv2d(
        patch.transpose(1, 2)[:, :, None], weight[:, :, None], bias, stride, 0, (1, dilation)
    )
    return rows[:, :, 0].transpose(1, 2)


def _products_first(patch: Any, weight: Any, bias: Any, dilation: int) -> Any:
    """The products of every position with all steps, then those that belong together added."""
    m, width, channels = patch.shape
    filters, _, size = weight.shape
    products = patch.reshape(m * width, channels) @ weight.permute(1, 2, 0).reshape(channels, -1)
    row = size * filters
    together = products.as_strided(
        (m, width - (size - 1) * dilation, size, filters),
        (width * row, row, dilation * row + filters, 1),
        products.storage_offset(),
    ).sum(dim=2)
    return together if bias is None else together + bias


def _of_copies(patch: Any, weight: Any, bias: Any, stride: int, dilation: int) -> Any:
    """What each output is made of copied side by side, then one product."""
    m, width, channels = patch.shape
    filters, _, size = weight.shape
    outputs = (width - (size - 1) * dilation - 1) // stride + 1
    along, across = patch.stride(1), patch.stride(2)
    seen = patch.as_strided(
        (m, outputs, size, channels),
        (patch.stride(0), stride * along, dilation * along, across),
        patch.storage_offset(),
    )
    kernel = weight.permute(0, 2, 1).reshape(filters, -1)
    flat = seen.reshape(m * outputs, -1)
    return import_torch().nn.functional.linear(flat, kernel, bias).view(m, outputs, -1)
