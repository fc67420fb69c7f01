"""Finds what a model's containers use: images, model data, and the network that they are in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.permissions.execution_role.kinds import RoleUse, UseKind
from iamcheck.permissions.execution_role.places import Unclear, repository_of, s3_place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.deployment.located import Member
    from iamcheck.iam.model import ContextInput
    from iamcheck.permissions.execution_role.places import Home
    from iamcheck.permissions.execution_role.walk import Walk

__all__ = ["model_uses", "network_uses"]

_GIVE_SOURCES = "give the model with its Image and its model data"


def model_uses(walk: Walk, model: Member, home: Home) -> Iterator[RoleUse]:
    """What a CreateModel request makes SageMaker use."""
    containers = walk.items(model, "Containers")
    primary = walk.object(model, "PrimaryContainer")
    if primary is not None:
        containers = (primary, *containers)
    if not any(walk.there(model, name) for name in ("Containers", "PrimaryContainer")):
        walk.unclear(model, Unclear("has no container", _GIVE_SOURCES))
    for container in containers:
        yield from _container_uses(walk, container, home)
    yield from network_uses(walk, model, home)


def _container_uses(walk: Walk, container: Member, home: Home) -> Iterator[RoleUse]:
    package = walk.there(container, "ModelPackageName")
    if package is not None:
        walk.unclear(package, Unclear("hides the image and the model data", _GIVE_SOURCES))
    yield from _image_uses(walk, container)
    data = walk.there(container, "ModelDataUrl")
    if data is not None:
        is_folder = _is_multi_model(walk, container)
        if is_folder is not None:
            yield from _data_uses(walk, data, home, is_folder=is_folder)
    sources = [walk.object(container, "ModelDataSource"), *walk.items(container, "AdditionalModelDataSources")]
    for source in sources:
        yield from _source_uses(walk, walk.object(source, "S3DataSource"), home)


def _is_multi_model(walk: Walk, container: Member) -> bool | None:
    """Whether ModelDataUrl is a folder of models; None where that is not known."""
    mode = container.get("Mode")
    text = walk.text(mode)
    return None if text is None and mode is not None and mode.value is not None else text == "MultiModel"


def _data_uses(walk: Walk, uri: Member, home: Home, *, is_folder: bool) -> Iterator[RoleUse]:
    """Reading an object, or a folder: then its objects are listed too, under prefixes that begin as it does."""
    text = walk.text_or_pattern(uri)
    place = None if text is None else walk.settled(uri, s3_place(text[0], is_pattern=text[1]))
    if place is None:
        return
    if not is_folder and not place.key:
        walk.unclear(uri, Unclear("names a bucket and no object", "write it as s3://BUCKET/KEY"))
        return
    yield RoleUse(UseKind.MODEL_DATA, place.arn(home.partition, below=is_folder), uri.place)
    if is_folder:
        prefix = place.arn("", below=True).partition("/")[2]
        # of a whole bucket nobody says with which prefix it is listed, if with any
        known: dict[str, ContextInput] = {"s3:prefix": prefix} if place.key else {}
        yield RoleUse(UseKind.MODEL_LISTING, place.bucket_arn(home.partition), uri.place, known)


def _source_uses(walk: Walk, source: Member | None, home: Home) -> Iterator[RoleUse]:
    if source is None:
        return
    hub = walk.there(source, "HubAccessConfig")
    if hub is not None:
        walk.unclear(hub, Unclear("takes the model data from a hub", _GIVE_SOURCES))
    manifest = walk.there(source, "ManifestS3Uri")
    if manifest is not None:
        yield from _data_uses(walk, manifest, home, is_folder=False)
    uri = walk.there(source, "S3Uri")
    kind = walk.text(source.get("S3DataType"))
    if uri is None:
        return
    if kind not in ("S3Prefix", "S3Object"):
        known = walk.there(source, "S3DataType")
        if known is None or isinstance(known.value, str):
            walk.unclear(source, Unclear("does not say whether it is an S3Object or an S3Prefix", "give S3DataType"))
        return
    yield from _data_uses(walk, uri, home, is_folder=kind == "S3Prefix")


def _image_uses(walk: Walk, container: Member) -> Iterator[RoleUse]:
    access = walk.object(container, "ImageConfig")
    credentials = walk.there(access, "RepositoryAuthConfig")
    if credentials is not None:
        walk.unclear(
            credentials,
            Unclear("has a Lambda function log in to the registry, whose permissions are not covered", _GIVE_SOURCES),
        )
    image = walk.there(container, "Image")
    if image is None:
        if walk.there(container, "ModelPackageName") is None:
            walk.unclear(container, Unclear("has no Image", _GIVE_SOURCES))
        return
    # a tag that is known only later is part of no permission
    named = walk.text_or_pattern(image)
    if named is None:
        return
    text = named[0]
    repository = repository_of(text)
    if repository is None:
        mode = None if access is None else access.get("RepositoryAccessMode")
        if walk.text(mode) != "Vpc":
            walk.unclear(
                image,
                Unclear(
                    f"is no image in ECR: {text!r}", "write it as ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPOSITORY:TAG"
                ),
            )
        return
    arn = walk.settled(image, repository)
    if arn is not None:
        yield RoleUse(UseKind.IMAGE, arn, image.place)


def network_uses(walk: Walk, owner: Member, home: Home) -> Iterator[RoleUse]:
    """What a VpcConfig, of a model or of an endpoint config, makes SageMaker use.

    Subnets and security groups are taken to be the account's own: their ids do not say whose they are.
    """
    vpc = walk.object(owner, "VpcConfig")
    if vpc is None:
        return
    yield RoleUse(UseKind.NETWORK, "*", vpc.place)
    yield RoleUse(UseKind.INTERFACE, home.arn("ec2", "network-interface/*"), vpc.place)
    for member, resource in (("Subnets", "subnet"), ("SecurityGroupIds", "security-group")):
        for item in walk.items(vpc, member):
            text = walk.text(item)
            if text is not None:
                if text.replace("-", "").isalnum() and text.isascii():
                    yield RoleUse(UseKind.INTERFACE_PLACE, home.arn("ec2", f"{resource}/{text}"), item.place)
                else:
                    walk.unclear(item, Unclear(f"is no id: {text!r}", f"give the id of a {resource}"))
