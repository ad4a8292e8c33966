"""A copy of a Keras network that gives the same numbers sooner.

Three things take a CPU longer than they need to. The gradient of max-pooling: TensorFlow's kernel
for any windows takes as long as the convolutions around it, where windows that lie one after
another tell by their own values which was the largest. Pooling comes after layers that never change
which of two values of a channel is the larger (ReLUs, normalisations with positive scales): done
before them it leaves them half the work. And the gradient by the sequence of the first convolution:
it has a letter's number of input channels and many output channels, where TensorFlow's kernel is
made for many of both; one product of matrices takes less than half of its time.

What the network computes forward stays the same to the last bit: a rounding there could move a
maximum, or the sign of what a ReLU is given, and with it the gradient.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from seam_core.frameworks.keras.runtime import import_keras, import_tensorflow
from seam_core.frameworks.keras.structure import as_given

# Input channels up to which the product of matrices is the faster one.
FEW_CHANNELS = 8
# Positions of a window of a max-pool that are looked at one by one.
LARGEST_WINDOW = 8
DROPOUTS = ("Dropout", "SpatialDropout1D", "GaussianNoise", "GaussianDropout")


def quicker_copy(model: Any, example: Any) -> Any:
    """A copy of a Keras 3 model with the quicker gradient, or the model itself.

    Parameters
    ----------
    example : an input of the model

    Returns
    -------
    The model itself where nothing can be gained, where it cannot be copied (a subclassed model,
    a layer that does not say how it is made), or where the copy's answer to the example differs
    in a bit.
    """
    keras, tf = import_keras(), import_tensorflow()
    if not isinstance(model, keras.Model) or len(getattr(model, "inputs", None) or []) != 1:
        return model
    try:
        copy = _copy(model, keras)
        if copy is None:
            return model
        given = as_given(model, [example])
        answers, wanted = (tf.nest.flatten(each(given, training=False)) for each in (copy, model))
        names = getattr(model, "output_names", copy.output_names)  # a Sequential has none
        same = copy.output_names == names and all(map(np.array_equal, answers, wanted))
    # What layers of other people raise when they are made a second time.
    except (TypeError, ValueError, KeyError, AttributeError, NotImplementedError, RuntimeError):
        return model
    return copy if same else model


def _copy(model: Any, keras: Any) -> Any:
    """The quicker copy, not yet tried; None where there is nothing to change."""
    convolutions = _first_convolutions(model)
    pools = _early_pools(model, keras)
    apart = {layer.name for layer in model.layers if _is_quicker_apart(layer)}
    if not (convolutions or pools or apart):
        return None
    few_channels, pool_apart = _few_channels_layer(keras), _pool_apart_layer(keras)
    late = {pool.name for pool in pools.values()}

    def kind_of(layer: Any) -> Any:
        if layer.name in convolutions:
            return few_channels
        return pool_apart if layer.name in apart else layer.__class__

    def quicker(layer: Any) -> Any:
        kind, config = kind_of(layer), layer.get_config()
        if layer.name in pools and _has_kernel(layer, keras):
            config["activation"] = None  # it follows the pool
        return kind.from_config(config)

    def called(layer: Any, *args: Any, **options: Any) -> Any:
        if layer.name in late:
            return args[0]
        pool = pools.get(layer.name)
        if pool is None:
            return layer(*args, **options)
        pool = kind_of(pool).from_config(pool.get_config())
        if not _has_kernel(layer, keras):
            return layer(pool(args[0]), *args[1:], **options)
        return keras.ops.relu(pool(layer(*args, **options)))

    if isinstance(model, keras.Sequential):
        model = keras.Model(model.inputs, model.outputs)
    copy = keras.models.clone_model(model, clone_function=quicker, call_function=called)
    for layer in model.layers:
        if layer.weights:
            copy.get_layer(layer.name).set_weights(layer.get_weights())
    return copy


# -- pooling first ----------------------------------------------------------------------------


def _early_pools(model: Any, keras: Any) -> dict[str, Any]:
    """Max-pools that may come sooner: the layer they may come before, by name, and the pool.

    Where that layer is a convolution or dense layer they come after it, before its activation.
    """
    ends = {id(tensor) for tensor in import_tensorflow().nest.flatten(model.outputs)}
    pools = {}
    for pool in model.layers:
        plain = type(pool).__name__ == "MaxPooling1D" and pool.data_format == "channels_last"
        if not plain or len(pool._inbound_nodes) != 1:
            continue
        first, layer = None, _only_source(pool)
        while layer is not None and id(layer.output) not in ends and _keeps_order(layer, keras):
            first = layer
            if _has_kernel(layer, keras):
                break
            layer = _only_source(layer)
        if first is not None:
            pools[first.name] = pool
    return pools


def _only_source(layer: Any) -> Any:
    """The layer whose output this one reads, if nothing else reads it and it is used once."""
    tensors = layer._inbound_nodes[0].input_tensors
    if len(tensors) != 1:
        return None
    source = tensors[0]._keras_history.operation
    once = len(source._inbound_nodes) == 1 and len(source._outbound_nodes) == 1
    return source if once else None


def _has_kernel(layer: Any, keras: Any) -> bool:
    return isinstance(layer, (keras.layers.Conv1D, keras.layers.Dense))


def _keeps_order(layer: Any, keras: Any) -> bool:
    """Does the larger of two inputs of a channel (of a kernel's sums) stay the larger?"""
    kind = type(layer).__name__
    if kind == "BatchNormalization":
        per_channel = layer.axis in (-1, 2) and layer.compute_dtype == "float32"
        return per_channel and (not layer.scale or bool(np.all(np.asarray(layer.gamma) >= 0)))
    if kind == "ReLU":
        return not layer.negative_slope and not layer.threshold
    if kind == "Activation":
        return layer.activation in (keras.activations.relu, keras.activations.linear)
    if _has_kernel(layer, keras):
        return layer.activation is keras.activations.relu and kind in ("Conv1D", "Dense")
    return kind in DROPOUTS


# -- windows that do not overlap --------------------------------------------------------------


def _is_quicker_apart(layer: Any) -> bool:
    """Is it a max-pool that is used once, whose windows lie one after another?"""
    once = type(layer).__name__ == "MaxPooling1D" and len(layer._inbound_nodes) == 1
    return once and windows_apart(layer) and None not in layer.output.shape[1:]


def windows_apart(pool: Any) -> bool:
    """Do a MaxPooling1D's windows, of few positions, lie one after another?"""
    return (
        pool.data_format == "channels_last"
        and pool.padding == "valid"
        and tuple(pool.strides) == tuple(pool.pool_size)
        and pool.pool_size[0] <= LARGEST_WINDOW
        and pool.compute_dtype == "float32"
    )


def _pool_apart_layer(keras: Any) -> Any:
    """A MaxPooling1D whose gradient goes to the first of a window's largest values."""
    import tensorflow as tf

    class MaxPooling1D(keras.layers.MaxPooling1D):  # type: ignore[misc, name-defined]
        """Of the same name: it is that layer to all that ask which kind it is."""

        def call(self, inputs: Any) -> Any:
            (size,) = self.pool_size
            pooled = super().call

            @tf.custom_gradient
            def largest(inputs: Any) -> tuple[Any, Any]:
                largest_ones = pooled(inputs)

                def back(gradient: Any) -> Any:
                    n_windows, n_channels = largest_ones.shape[1:]
                    shape = (-1, n_windows, size, n_channels)
                    windows = tf.reshape(inputs[:, : n_windows * size], shape)
                    shares, open_ones = [], gradient
                    for value in tf.unstack(windows, axis=2)[:-1]:
                        shares.append(open_ones * tf.cast(value == largest_ones, tf.float32))
                        open_ones = open_ones - shares[-1]
                    given = tf.reshape(
                        tf.stack([*shares, open_ones], axis=2), (-1, n_windows * size, n_channels)
                    )
                    left = inputs.shape[1] - n_windows * size
                    return tf.pad(given, ((0, 0), (0, left), (0, 0))) if left else given

                return largest_ones, back

            return largest(inputs)

    return MaxPooling1D


# -- the first convolution --------------------------------------------------------------------


def _first_convolutions(model: Any) -> set[str]:
    """Names of plain convolutions of the model's input."""
    (start,) = model.inputs
    return {
        layer.name
        for layer in model.layers
        if type(layer).__name__ == "Conv1D"
        and any(node.input_tensors[0] is start for node in layer._inbound_nodes)
        and layer.kernel.shape[1] <= FEW_CHANNELS
        and layer.groups == layer.strides[0] == layer.dilation_rate[0] == 1
        and layer.data_format == "channels_last"
        and layer.padding in ("same", "valid")
        and layer.compute_dtype == "float32"
    }


def _few_channels_layer(keras: Any) -> Any:
    """A Conv1D of stride and dilation 1 whose gradient is a product of matrices."""
    import tensorflow as tf

    class FewChannels(keras.layers.Conv1D):  # type: ignore[misc, name-defined]
        def call(self, inputs: Any) -> Any:
            size, n_letters, n_filters = self.kernel.shape
            left = (size - 1) // 2 if self.padding == "same" else 0

            @tf.custom_gradient
            def convolved(inputs: Any, kernel: Any) -> tuple[Any, Any]:
                def back(gradient: Any) -> tuple[Any, None]:
                    """Each output position's share for the `size` inputs it sees, added up."""
                    by_tap = tf.reshape(tf.transpose(kernel, (2, 0, 1)), (n_filters, -1))
                    shares = tf.reshape(gradient, (-1, n_filters)) @ by_tap
                    shape = (-1, tf.shape(gradient)[1], size, n_letters)
                    moved = [
                        tf.pad(share, ((0, 0), (tap, size - 1 - tap), (0, 0)))
                        for tap, share in enumerate(tf.unstack(tf.reshape(shares, shape), axis=2))
                    ]
                    return tf.add_n(moved)[:, left : left + tf.shape(inputs)[1]], None

                return keras.ops.conv(inputs, kernel, 1, self.padding), back

            values = convolved(inputs, tf.convert_to_tensor(self.kernel))
            values = values + tf.reshape(self.bias, (1, 1, -1)) if self.use_bias else values
            return values if self.activation is None else self.activation(values)

    return FewChannels
