"""Policies from templates: what is granted, and every way in which a template can go wrong."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from iamcheck.deployment import Deployment
from iamcheck.errors import InvalidInputError, TemplateError
from iamcheck.permissions import SCOPES
from iamcheck.policies.rendering import generate_policy, render_policy

DEPLOYMENT = Deployment("churn", "Churn-V7", region="cn-north-1", account_id="012345678901")
CASES = Path(__file__).parents[2] / "cases" / "policies"
ALLOW = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "a:B", "Resource": "RESOURCE"}]}'


def template(folder: Path, text: str) -> Path:
    path = folder / "mine.json.j2"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("scope", SCOPES)
def test_each_scope_grants_what_its_case_file_shows(scope: str) -> None:
    assert generate_policy(DEPLOYMENT, scope) == json.loads((CASES / f"{scope}.json").read_text())


@pytest.mark.parametrize("scope", SCOPES)
def test_a_policy_is_the_same_every_time_and_sorted(scope: str) -> None:
    policy = generate_policy(DEPLOYMENT, scope)

    assert json.dumps(policy) == json.dumps(generate_policy(DEPLOYMENT, scope))
    statements = policy["Statement"]
    assert isinstance(statements, list)
    for statement in statements:
        assert isinstance(statement, dict)
        assert list(statement) == ["Sid", "Effect", "Action", "Resource"]
        assert statement["Action"] == sorted(statement["Action"])


def test_the_policy_of_the_documentation_is_aws_option_2() -> None:
    deployment = Deployment("endpointName", "c", region="us-east-1", account_id="123456789012")
    (statement,) = render_policy(deployment, "docs").policy.statements

    assert statement.actions == ("sagemaker:CreateEndpoint", "sagemaker:CreateEndpointConfig")
    assert statement.resources == (*deployment.endpoint_arns, *deployment.endpoint_config_arns)


def test_the_longest_names_stay_below_the_limit_of_a_managed_policy() -> None:
    deployment = Deployment("A" * 63, "B" * 63, region="us-gov-east-1", account_id="123456789012")

    for scope in SCOPES:
        assert render_policy(deployment, scope).policy.statements


def test_a_template_of_ones_own_has_the_deployment_at_hand(tmp_path: Path) -> None:
    path = template(
        tmp_path,
        ALLOW.replace(
            "RESOURCE",
            "arn:{{ partition }}:sagemaker:{{ region }}:{{ account_id }}:{{ scope }}/{{ endpoint_name }}"
            "/{{ endpoint_config_name | lower }}",
        ),
    )

    rendered = render_policy(DEPLOYMENT, "update", template=path)

    assert rendered.policy.statements[0].resources == (
        "arn:aws-cn:sagemaker:cn-north-1:012345678901:update/churn/churn-v7",
    )
    assert rendered.template == str(path)
    assert generate_policy(DEPLOYMENT, template=str(path), scope="update") == rendered.document


def test_a_template_is_given_both_spellings_of_an_arn(tmp_path: Path) -> None:
    path = template(tmp_path, ALLOW.replace('"RESOURCE"', '[{{ arns("model", endpoint_config_name) }}]'))

    (statement,) = render_policy(DEPLOYMENT, template=path).policy.statements

    assert statement.resources == tuple(
        f"arn:aws-cn:sagemaker:cn-north-1:012345678901:model/{name}" for name in ("Churn-V7", "churn-v7")
    )


def test_a_template_may_include_the_packaged_ones(tmp_path: Path) -> None:
    path = template(tmp_path, '{% include "policies/docs.json.j2" %}')

    assert render_policy(DEPLOYMENT, template=path).document == generate_policy(DEPLOYMENT, "docs")


def test_a_folder_of_templates_is_laid_out_as_the_packaged_one(tmp_path: Path) -> None:
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "create.json.j2").write_text(ALLOW.replace("RESOURCE", "*"))

    assert generate_policy(DEPLOYMENT, template_dir=tmp_path) == json.loads(ALLOW.replace("RESOURCE", "*"))
    with pytest.raises(TemplateError, match=r"update\.json\.j2: there is no such template file"):
        generate_policy(DEPLOYMENT, "update", template_dir=tmp_path)


# Names that AWS takes hold nothing of this, so an expression in the template stands for a value that does
def test_no_value_breaks_out_of_a_string(tmp_path: Path) -> None:
    values = ['"', '", "x": "', "\\", '\\\\"', "\n", "\u2028", "\u00e9", "</script>", "&'", ""]
    forms = ['"{{ VALUE }}"', "{{ VALUE | tojson }}", '{% set x = VALUE %}"{{ x }}"']
    tags = {
        f"aws:PrincipalTag/{place}-{at}": (form, value)
        for place, form in enumerate(forms)
        for at, value in enumerate(values)
    }
    tests = ", ".join(f'"{key}": {form.replace("VALUE", json.dumps(value))}' for key, (form, value) in tags.items())
    condition = f'"Condition": {{"StringEquals": {{{tests}}}}}, "Effect"'
    path = template(tmp_path, ALLOW.replace('"Effect"', condition).replace("RESOURCE", "*"))

    (statement,) = render_policy(DEPLOYMENT, template=path).policy.statements

    assert {one.key: one.values for one in statement.conditions} == {key: (value,) for key, (_, value) in tags.items()}


def test_lists_and_numbers_go_in_as_json(tmp_path: Path) -> None:
    path = template(tmp_path, ALLOW.replace('"RESOURCE"', '{{ ["*", "arn:aws:s3:::" ~ endpoint_name] }}'))

    (statement,) = render_policy(DEPLOYMENT, template=path).policy.statements

    assert statement.resources == ("*", "arn:aws:s3:::churn")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "valid IAM policy"),
        ("[]", "valid IAM policy"),
        ('{"Version": "2012-10-17"', "valid IAM policy"),
        ('{"Version": "2012-10-17"}', "Statement"),
        (ALLOW.replace("Allow", "Maybe"), r"Statement\[0\]\.Effect"),
        (ALLOW.replace("2012-10-17", "2012-10-18"), "Version"),
        (ALLOW.replace('"Effect"', '"Efect"'), r"Statement\[0\]"),
        (ALLOW.replace('"Effect"', '"Principal": "*", "Effect"'), "Principal"),
        (ALLOW.replace('"a:B"', '"a:B", "Action": "c:D"'), "Action"),
        (ALLOW.replace('"Version"', '\n"Version": {{ region }}, "Id"'), "line 2"),
        ("\n{{ endpoint }}", r"mine\.json\.j2, line 2: .*'endpoint' is undefined"),
        ('"{{ endpoint_name.nothing }}"', "line 1: .*nothing"),
        ("\n\n{% if %}", r"mine\.json\.j2, line 3"),
        ("{{ endpoint_name", "line 1"),
        ('{% include "nowhere.j2" %}', r"nowhere\.j2.*not there"),
        ('{% include "../secret.j2" %}', r"secret\.j2.*not there"),
        ("{{ 1 / 0 }}", "division by zero"),
        ("{{ region | nofilter }}", "nofilter"),
        ("{{ region.format }}", "mine"),
        ("{{ ''.__class__.__mro__ }}", "unsafe"),
        ("{{ range(10 ** 9) | list }}", "Range too big"),
    ],
)
def test_a_template_that_makes_no_policy_is_named_with_the_place(tmp_path: Path, text: str, said: str) -> None:
    path = template(tmp_path, text)

    with pytest.raises(TemplateError, match=said) as caught:
        generate_policy(DEPLOYMENT, template=path)

    assert "mine.json.j2" in str(caught.value)


def test_a_template_that_is_no_text_is_an_error_of_the_template(tmp_path: Path) -> None:
    path = tmp_path / "mine.json.j2"
    path.write_bytes(b"\xff\xfe\x00{")

    with pytest.raises(TemplateError, match=r"mine\.json\.j2"):
        generate_policy(DEPLOYMENT, template=path)


def test_missing_templates_are_named(tmp_path: Path) -> None:
    for missing in (tmp_path / "nothing.j2", tmp_path):
        with pytest.raises(TemplateError, match="there is no such template file"):
            generate_policy(DEPLOYMENT, template=missing)
    with pytest.raises(TemplateError, match="there is no such template file"):
        generate_policy(DEPLOYMENT, template_dir=tmp_path / "nowhere")


def test_a_template_and_a_folder_contradict_each_other(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="exclude each other"):
        generate_policy(DEPLOYMENT, template=template(tmp_path, ALLOW), template_dir=tmp_path)


def test_an_unknown_scope_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="no scope 'everything'"):
        generate_policy(DEPLOYMENT, "everything")


# IAM User Guide, "IAM and AWS STS quotas": 6,144 characters in a managed policy, white space not counted
@pytest.mark.parametrize("over", [0, 1])
def test_a_policy_is_at_most_as_long_as_a_managed_policy(tmp_path: Path, over: int) -> None:
    bare = ALLOW.replace(" ", "").replace("RESOURCE", "arn:aws:s3:::")
    path = template(
        tmp_path, ALLOW.replace(" ", "  \n").replace("RESOURCE", "arn:aws:s3:::" + "b" * (6144 + over - len(bare)))
    )

    if over:
        with pytest.raises(TemplateError, match=r"6145 characters .* at most 6144"):
            generate_policy(DEPLOYMENT, template=path)
    else:
        assert generate_policy(DEPLOYMENT, template=path)["Version"] == "2012-10-17"


# each asks for more time, memory or text than there is, in a way of its own; jinja2's sandbox knows ranges only
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{% for a in range(10 ** 9) %}x{% endfor %}", "Range too big"),
        (
            "{% for a in range(99999) %}{% for b in range(99999) %}x{% endfor %}{% endfor %}",
            "more than 131,072 characters",
        ),
        ("{{ 'x' * 10 ** 9 }}", "more memory"),
        ("{{ [0] * 10 ** 9 }}", "more memory"),
        ("{{ '%1000000000d' % 1 }}", "more memory"),
        ("{{ 'x' | center(10 ** 9) }}", "more memory"),
        (
            "{% set kept = namespace(x='ab') %}{% for a in range(60) %}{% set kept.x = kept.x ~ kept.x %}{% endfor %}",
            "more memory",
        ),
        ('{% include "mine.json.j2" %}', "recursion"),
        ("{% macro again() %}{{ again() }}{% endmacro %}{{ again() }}", "recursion"),
        pytest.param(
            "{% for a in range(99999) %}{% for b in range(99999) %}{% set _ = 1 %}{% endfor %}{% endfor %}",
            "within 3 seconds",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_a_template_that_asks_for_too_much_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(TemplateError, match=said) as caught:
        generate_policy(DEPLOYMENT, template=template(tmp_path, text))

    assert "mine.json.j2" in str(caught.value)


def test_a_template_includes_files_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "all.j2").write_text(ALLOW.replace("RESOURCE", "*"))
    path = template(tmp_path, '{% include "parts/all.j2" %}')

    assert generate_policy(DEPLOYMENT, template=path) == json.loads(ALLOW.replace("RESOURCE", "*"))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("linked.j2", "a link leads out of the folder"),
        ("outside/secret.j2", "a link leads out of the folder"),
        ("secret.txt", "not there"),
        ("../beside/secret.j2", "not there"),
        ("./linked.j2", "not there"),
    ],
)
def test_a_template_reads_nothing_else(tmp_path: Path, name: str, said: str) -> None:
    beside, folder = tmp_path / "beside", tmp_path / "mine"
    beside.mkdir()
    folder.mkdir()
    (beside / "secret.j2").write_text(ALLOW)
    (folder / "secret.txt").write_text(ALLOW)
    (folder / "linked.j2").symlink_to(beside / "secret.j2")
    (folder / "outside").symlink_to(beside)

    with pytest.raises(TemplateError, match=said):
        generate_policy(DEPLOYMENT, template=template(folder, f'{{% include "{name}" %}}'))


def test_a_template_may_be_a_link_itself(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    real = template(tmp_path / "real", ALLOW.replace("RESOURCE", "*"))
    link = tmp_path / "link.j2"
    link.symlink_to(real)

    assert generate_policy(DEPLOYMENT, template=link) == generate_policy(DEPLOYMENT, template=real)


def test_a_template_file_has_a_size(tmp_path: Path) -> None:
    path = template(tmp_path, "{# " + "x" * 1_048_576 + " #}" + ALLOW)

    with pytest.raises(TemplateError, match="larger than 1,048,576 bytes"):
        generate_policy(DEPLOYMENT, template=path)


def test_an_error_names_what_a_template_without_a_folder_includes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    template(tmp_path, "{% include 'inner.j2' %}")
    (tmp_path / "inner.j2").write_text("{% if %}", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(TemplateError) as raised:
        generate_policy(DEPLOYMENT, template="mine.json.j2")
    assert str(raised.value).startswith(f"{os.curdir}{os.sep}inner.j2, line 1: ")
