"""Holds what Terraform's provider does to the members of a request: names, lists, defaults, what it leaves out."""

from __future__ import annotations

from typing import Final

__all__ = [
    "COMPUTED_BLOCKS",
    "DEFAULTS",
    "LISTS",
    "NEVER_COMPUTED",
    "NOT_SENT",
    "ORDERED",
    "RENAMED",
    "ZEROS",
]

RENAMED: Final = {
    ("CreateEndpointConfig", "KmsKeyId"): "kms_key_arn",
    ("CreateModel", "Containers"): "container",
    ("ContainerDefinition", "AdditionalModelDataSources"): "additional_model_data_source",
}
"""Structure and member -> attribute, where its name is not the member's."""
LISTS: Final = frozenset(
    {
        "AcceleratorPartitionLayouts",
        "AdditionalModelDataSources",
        "Alarms",
        "CaptureOptions",
        "Containers",
        "Dimensions",
        "InstancePools",
        "Metrics",
        "MetricsEndpoints",
        "ProductionVariants",
        "ShadowProductionVariants",
        "Tags",
    }
)
"""Members that are lists of structures; Terraform writes a single structure as a list of one."""
ZEROS: Final = frozenset(
    {
        "InitialSamplingPercentage",
        "InitialVariantWeight",
        "MaxCapacity",
        "MinCapacity",
        "ScaleInCooldown",
        "ScaleOutCooldown",
        "TargetValue",
        "TerminationWaitInSeconds",
        "Threshold",
        "WaitIntervalInSeconds",
    }
)
"""Members that are sent when they are zero."""
DEFAULTS: Final = {("DataCaptureConfig", "EnableCapture"): False}
"""Structure and member -> what is sent where the attribute is not set, and the API's own default is another."""
NOT_SENT: Final = frozenset({"arn", "id", "name", "name_prefix", "region", "tags", "tags_all", "timeouts"})
"""Attributes of a resource that are no member of a request, or that are read by themselves."""
ORDERED: Final = frozenset({"ProductionVariants", "ShadowProductionVariants", "Containers"})
"""Lists whose blocks the configuration and the plan have in the same order; others may be sets."""
NEVER_COMPUTED: Final = frozenset(
    {
        "EndpointConfigName",
        "ExecutionRoleArn",
        "Image",
        "InstanceType",
        "KmsKeyId",
        "ModelDataUrl",
        "ModelName",
        "ModelPackageName",
    }
)
"""Members that permissions depend on and that no provider computes: unknown, whatever the configuration says."""
COMPUTED_BLOCKS: Final = frozenset({"AdditionalModelDataSources", "InferenceExecutionConfig", "ModelDataSource"})
"""Blocks that the provider computes. Of any other block that is unknown and not in the configuration, a `dynamic` block
decides how many there are, which configurations leave out."""
