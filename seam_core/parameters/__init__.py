"""The parameters of the stages and of the oracle; names are unique across them, but `seed`."""

from seam_core.parameters.attributer import AttributerParameters
from seam_core.parameters.base import Parameter, Parameters, describe, in_use
from seam_core.parameters.batcher import BatchParameters
from seam_core.parameters.clusterer import ClustererParameters
from seam_core.parameters.compiler import CompilerParameters
from seam_core.parameters.designer import DesignerParameters
from seam_core.parameters.experimenter import ExperimenterParameters
from seam_core.parameters.identifier import IdentifierParameters
from seam_core.parameters.meta_explainer import MetaExplainerParameters
from seam_core.parameters.mutagenizer import MutagenizerParameters
from seam_core.parameters.oracle import OracleParameters
from seam_core.parameters.reprogrammer import ReprogrammerParameters
from seam_core.parameters.variants import VariantParameters

__all__ = [
    "AttributerParameters",
    "BatchParameters",
    "ClustererParameters",
    "CompilerParameters",
    "DesignerParameters",
    "ExperimenterParameters",
    "IdentifierParameters",
    "MetaExplainerParameters",
    "MutagenizerParameters",
    "OracleParameters",
    "Parameter",
    "Parameters",
    "ReprogrammerParameters",
    "VariantParameters",
    "describe",
    "in_use",
]
