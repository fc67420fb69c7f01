"""Names the words of a command line: what click gives a command, one mapping for each group of options."""

from __future__ import annotations

from typing import Literal, TypedDict

__all__ = [
    "AccountExportWords",
    "CheckWords",
    "ConnectionWords",
    "DeploymentWords",
    "ExplainWords",
    "ExportWords",
    "FleetReportWords",
    "FleetWords",
    "GenerateWords",
    "LayerWords",
    "OutputFormatWords",
    "OutputWords",
    "PrincipalCanWords",
    "RecordWords",
    "RoleWords",
    "SimulateWords",
    "StsWords",
    "WhoCanWords",
]


class ConnectionWords(TypedDict):
    """The words of `options.connection`."""

    region: str | None
    account_id: str | None
    profile: str | None


class DeploymentWords(ConnectionWords):
    """The words of `options.names` and `options.requests`."""

    endpoint_argument: str | None
    config_argument: str | None
    endpoint_name: str | None
    endpoint_config_name: str | None
    request: str | None
    config_request: str | None
    model_request: tuple[str, ...]
    request_for: tuple[str, ...]
    service_linked_role: Literal["present", "missing"] | None
    source: str | None
    parameters: tuple[str, ...]
    stack_name: str | None
    stack_tags: tuple[str, ...]
    no_stack_tags: bool
    only: str | None
    values: tuple[str, ...]
    name_patterns: tuple[str, ...]


class LayerWords(TypedDict):
    """The words of `options.layers` and `options.context`."""

    policy: tuple[str, ...]
    boundary: str | None
    scp: tuple[str, ...]
    rcp: tuple[str, ...]
    resource_policy: tuple[str, ...]
    session_policy: tuple[str, ...]
    context: tuple[str, ...]
    absent: tuple[str, ...]


class RenderingWords(TypedDict):
    """The words of `options.rendering`."""

    scope: str | None
    template: str | None
    template_dir: str | None
    pin: bool


class RoleWords(TypedDict):
    """The words of `options.execution_roles`."""

    execution_role: str | None
    model_data_key: tuple[str, ...]
    async_input: tuple[str, ...]


class OutputFormatWords(TypedDict):
    """The words that `options.output` and `options.report_output` share."""

    output: str
    no_color: bool
    debug: bool


class OutputWords(OutputFormatWords):
    """The words of `options.output`."""

    output_file: str | None


class CheckWords(DeploymentWords, LayerWords, RenderingWords, RoleWords, OutputFormatWords):
    """The words of `iamcheck check`."""

    output_files: tuple[str, ...]
    file_assumptions: tuple[str, ...]
    """What a configuration file sets that loosens the check; not an option."""

    offline: bool
    engine: str
    principal: str | None
    cloudformation_role: str | None
    authorization_details: str | None
    organizations: str | None
    strict: bool
    checks: tuple[str, ...]
    skip: tuple[str, ...]
    excess: bool
    explain: bool
    verbose: bool
    redact: bool
    sts_probe_role: str | None
    endpoint: Literal["new", "existing"] | None
    config: Literal["new", "existing", "any"] | None
    timeout: float
    max_concurrency: int


class FleetWords(CheckWords):
    """The words of `iamcheck fleet`: those of `check`, for rows that do not have them, and its own."""

    manifest: str | None
    workers: int
    scheduler: str | None
    assume_role_name: str | None
    external_id: str | None
    max_calls: int | None
    resume: str | None
    output_file: str | None


class ExplainWords(ConnectionWords, LayerWords, OutputWords):
    """The words of `iamcheck explain`."""

    message: tuple[str, ...]
    from_endpoint: str | None
    from_stack: str | None
    redact: bool
    timeout: float


class FleetReportWords(OutputWords):
    """The words of `iamcheck fleet report`."""

    results: str
    parquet: str | None
    redact: bool


class ExportWords(ConnectionWords):
    """The words of `iamcheck organizations export`."""

    verb: str
    folder: str
    timeout: float
    max_concurrency: int
    debug: bool


class AccountExportWords(ExportWords):
    """The words of `iamcheck account export`."""

    key_regions: tuple[str, ...]


class PrincipalCanWords(OutputWords):
    """The words of `iamcheck principal-can`."""

    principal: str
    authorization_details: str
    organizations: str | None
    scp: tuple[str, ...]


class WhoCanWords(OutputWords):
    """The words of `iamcheck who-can`."""

    action: str
    resource: str
    authorization_details: tuple[str, ...]
    organizations: str | None
    scp: tuple[str, ...]
    rcp: tuple[str, ...]
    resource_policy: tuple[str, ...]
    context: tuple[str, ...]
    absent: tuple[str, ...]
    shows_denied: bool


class GenerateWords(DeploymentWords, RenderingWords, RoleWords):
    """The words of `iamcheck generate`."""

    subject: str
    principal: str | None
    live: bool
    checks: tuple[str, ...]
    sts_probe_role: str | None
    form: str
    portable: bool
    output_file: str | None
    split: str | None
    debug: bool


class RecordWords(TypedDict):
    """The words of `iamcheck record`."""

    words_of_command: tuple[str, ...]
    live: bool
    existing: tuple[str, ...]
    principal: str | None
    region: str | None
    account_id: str | None
    output_file: str
    debug: bool


class SimulateWords(ConnectionWords, OutputWords):
    """The words of `iamcheck simulate`, beside those of AWS's own arguments."""

    cli_input_json: str | None
    boundary: str | None
    scp: tuple[str, ...]
    rcp: tuple[str, ...]
    session_policy: tuple[str, ...]
    absent: tuple[str, ...]
    engine: str
    semantics: str
    explain: bool
    timeout: float


class StsWords(ConnectionWords, OutputWords):
    """The words of `iamcheck sts`."""

    regions: tuple[str, ...]
    all_regions: bool
    sts_probe_role: str | None
    wait: float
    timeout: float
    max_concurrency: int
