"""Lists the messages of the tools that call AWS, and of calls that never came to an answer."""

from __future__ import annotations

from typing import Final

from iamcheck.explain.messages.families.family import MessageFamily

__all__ = ["FAMILIES"]

_DEPLOYER: Final = "whoever deploys"
_NO_DENIAL: Final = " This says nothing about permissions."

FAMILIES: Final = (
    MessageFamily(
        "stack-exists",
        "What the stack should create exists already",
        (
            r"Resource of type '(?P<type>AWS::\w+::\w+)' with identifier '(?P<identifier>[^']{1,200})' already exists",
            r"(?P<identifier>[\w:/-]{1,200}) already exists in stack (?P<stack>arn:[\w-]+:cloudformation:[^\s\"']+)",
        ),
        "CloudFormation should create {identifier}, which exists already: made by hand, by another stack, or left by a "
        "stack that was deleted." + _NO_DENIAL,
        "Give it another name, leave the name to CloudFormation, import it into the stack, or delete what exists.",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/troubleshooting.html",
        "Resource of type 'AWS::SageMaker::EndpointConfig' with identifier 'churn-v7' already exists.",
        ("what or who made the one that exists",),
        (),
        _DEPLOYER,
        ("endpoint-config.ready", "endpoint-name.ready"),
    ),
    MessageFamily(
        "request-shape",
        "The request has not the shape that the SDK knows",
        (
            r"Parameter validation failed:? (?P<rule>"
            r"(?:Missing required|Unknown) parameter in [\w\[\]. ]{1,80}: ?[\"']?\w+"
            r"|Invalid (?:type|length|range) for parameter [\w\[\].]{1,120})",
            r"Parameter validation failed",
        ),
        "The SDK refused the request before it asked AWS: {rule}." + _NO_DENIAL,
        "Correct the member that it names; the check request.valid lists everything of the kind at once.",
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html",
        "Parameter validation failed: Missing required parameter in ProductionVariants[0]: ModelName",
        (),
        ("check-request",),
        _DEPLOYER,
        ("request.valid",),
    ),
    MessageFamily(
        "no-region",
        "No Region is set",
        (r"You must specify a region", r"NoRegionError", r"Must setup local AWS configuration with a region"),
        "The program does not know which Region to call, and AWS was not asked." + _NO_DENIAL,
        "Set AWS_REGION, or a region in the profile, or give it to the client.",
        "https://docs.aws.amazon.com/sdkref/latest/guide/feature-region.html",
        "botocore.exceptions.NoRegionError: You must specify a region.",
        (),
        (),
        _DEPLOYER,
    ),
    MessageFamily(
        "unreachable",
        "AWS could not be reached",
        (
            r"Could not connect to the endpoint URL:? ?[\"']?https://(?P<host>[\w.-]+)",
            r"Connect(?:ion)? timeout on endpoint URL:? ?[\"']?https://(?P<host>[\w.-]+)",
            r"Connection was closed before we received a valid response from endpoint URL",
            r"EndpointConnectionError",
            r"dial tcp: lookup (?P<host>[\w.-]+)(?: on [\d.:]+)?: no such host",
        ),
        "No answer came from {host}: the Region's name is wrong, the service is not there, or the network, a proxy or "
        "a VPC without an endpoint for the service stands in the way." + _NO_DENIAL,
        "Compare the Region's name; in a VPC, look for a VPC endpoint of the service, or a route to the internet.",
        "https://docs.aws.amazon.com/general/latest/gr/sagemaker.html",
        'Could not connect to the endpoint URL: "https://api.sagemaker.eu-west-9.amazonaws.com/"',
        ("whether the name, the network or the service is at fault",),
        (),
        _DEPLOYER,
    ),
    MessageFamily(
        "clock",
        "The time of the call was refused",
        (
            r"Signature expired:? (?:\d{8}T\d{6}Z )?is now earlier than",
            r"Signature not yet current",
            r"RequestTimeTooSkewed",
            r"RequestExpired",
        ),
        "AWS refused the call's signature for its time: the clock of the machine is wrong, or the call waited too long "
        "before it was sent." + _NO_DENIAL,
        "Set the clock of the machine, such as with NTP or chrony, and try again.",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/signature-v4-troubleshooting.html",
        "Signature expired: 20260901T120000Z is now earlier than 20260901T121000Z (20260901T121500Z - 5 min.)",
        (),
        ("identity",),
        "whoever runs the machine",
    ),
    MessageFamily(
        "signature",
        "The signature is not that of the key",
        (r"SignatureDoesNotMatch", r"[Tt]he request signature we calculated does not match"),
        "The secret access key does not belong to the access key, or something changed the call on its way."
        + _NO_DENIAL,
        "Set the credentials anew; look for blanks at the end of the secret, and for a proxy that changes headers.",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/signature-v4-troubleshooting.html",
        "An error occurred (SignatureDoesNotMatch) when calling the CreateEndpoint operation: The request signature we "
        "calculated does not match the signature you provided.",
        ("whether the key or the way is at fault",),
        ("identity",),
        "whoever holds the credentials",
    ),
    MessageFamily(
        "internal",
        "AWS failed by itself",
        (
            r"Request to service failed\. If failure persists after retry, contact customer support",
            r"\((?:InternalFailure|InternalServerError|InternalServiceError|ServiceUnavailable(?:Exception)?)\)",
            r"[Ww]e encountered an internal error",
        ),
        "AWS could not do it, for a reason of its own that it does not say." + _NO_DENIAL,
        "Try again; where it goes on, look at AWS Health, and ask AWS Support with the request id.",
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/CommonErrors.html",
        "Request to service failed. If failure persists after retry, contact customer support.",
        ("why it failed",),
        ("describe-endpoint",),
        "AWS",
    ),
)
