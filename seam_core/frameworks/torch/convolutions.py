"""Convolutions of short patches, as matrix products that copy little.

A patch is (m, width, C) with its channels together, so that the patches of a batch are the rows
of one matrix (m width, C). What lies `k` steps on in every patch is the same matrix without its
first rows: a product for each step needs no copy. Rows that reach into the next patch come to
nothing that is used.
"""

from __future__ import annotations

from typing import Any

from seam_core.frameworks.torch.runtime import import_torch

# Channels from which a product for each step of the kernel is quicker than one of copies.
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
    if stride == 1 and size > 1 and channels >= MANY_CHANNELS:
        return _step_by_step(patch, weight, bias, dilation)
    return _of_copies(patch, weight, bias, stride, dilation)


def _step_by_step(patch: Any, weight: Any, bias: Any, dilation: int) -> Any:
    """A product for each step of the kernel, added up."""
    torch = import_torch()
    m, width, channels = patch.shape
    filters, _, size = weight.shape
    rows = patch.reshape(m * width, channels)
    used = len(rows) - (size - 1) * dilation
    sums = rows.new_empty((m * width, filters))
    total = sums[:used]
    for step in range(size):
        seen = rows[step * dilation : step * dilation + used]
        kernel = weight[:, :, step].t()
        if step:
            total.addmm_(seen, kernel)
        elif bias is None:
            torch.mm(seen, kernel, out=total)
        else:
            torch.addmm(bias, seen, kernel, out=total)
    return sums.view(m, width, filters)[:, : width - (size - 1) * dilation]


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
