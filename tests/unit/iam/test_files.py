"""Policy files: whatever a path leads to, the answer is a policy or one line that names the file."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from iamcheck.errors import InvalidInputError
from iamcheck.iam.files import read_document, read_log, read_policy, text_of_log
from iamcheck.iam.model import PolicyType

GOOD = '{"Version": "2012-10-17",\n "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}\n'


def test_a_file_gives_its_name_and_lines(tmp_path: Path) -> None:
    path = tmp_path / "policy.json"
    path.write_bytes(GOOD.encode("utf-8-sig"))
    policy = read_policy(path)
    assert policy.name == str(path)
    assert policy.statements[0].line == 2
    named = read_policy(str(path), name="deployer")
    assert (named.name, named.statements) == ("deployer", policy.statements)


def test_newlines_are_kept_as_they_stand(tmp_path: Path) -> None:
    # positions count the characters of the file itself
    path = tmp_path / "policy.json"
    path.write_bytes(GOOD.replace("\n", "\r\n").encode())
    assert read_document(path) == GOOD.replace("\n", "\r\n")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "{file}: the file is empty (is it the right file?)"),
        (b" \n", "{file}: the file is empty (is it the right file?)"),
        (b"\x7fELF\0\0", "{file}: the file is binary (is it the right file?)"),
        (GOOD.encode("utf-16"), "{file}: the text is UTF-16, not UTF-8 (save it as UTF-8)"),
        (b'{\n"Sid": "\xe9"}', "{file}, line 2: not UTF-8 text: byte 0xe9 at offset 10 (save it as UTF-8)"),
        (
            GOOD.encode()[:-3],
            "{file}, line 2, Statement: not JSON: the text ends where a comma or }} is due (is it cut off?)",
        ),
        (
            GOOD.encode()[:-5],
            "{file}, line 2, Statement.Resource: not JSON: a text without its closing quote (is it cut off?)",
        ),
        (
            GOOD.replace('"Action"', '"Acton"').encode(),
            "{file}, line 2, Statement.Acton: unknown element 'Acton' in a statement (did you mean Action?)",
        ),
        (b"[" * 1000, "{file}, line 1, " + "[0]" * 32 + ": nested more than 32 levels deep (no policy is so deep)"),
        (GOOD.encode() + b" " * 131_072, "{file}: longer than 131,072 characters (is it the right file?)"),
        (
            GOOD.replace('"s3:*"', f'"s3:{"x" * 131_072}"').encode(),
            "{file}: longer than 131,072 characters (is it the right file?)",
        ),
        (
            b"[" + b"0," * 131_072 + b"0]",
            "{file}: longer than 131,072 characters (is it the right file?)",
        ),
        (b" " * 10_000_001, "{file}: larger than 10,000,000 bytes (is it the right file?)"),
    ],
    ids=lambda value: str(value[:40]),
)
def test_bad_content_is_one_line(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "policy.json"
    path.write_bytes(content)
    with pytest.raises(InvalidInputError) as caught:
        read_policy(path)
    assert str(caught.value) == message.format(file=path)


def test_paths_that_lead_to_no_file(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"missing\.json: there is no such file \(check the path\)$"):
        read_policy(tmp_path / "missing.json")
    with pytest.raises(InvalidInputError, match=r"it is a directory \(name the file in it\)$"):
        read_policy(tmp_path)
    with pytest.raises(InvalidInputError, match="cannot be read: File name too long"):
        read_policy(tmp_path / ("n" * 5000))
    with pytest.raises(InvalidInputError, match="cannot be read: Not a directory"):
        read_policy(Path(__file__) / "policy.json")
    with pytest.raises(InvalidInputError, match="cannot be read: the path is no path"):
        read_policy("nul\0l.json")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_rights(tmp_path: Path) -> None:
    path = tmp_path / "policy.json"
    path.write_text(GOOD)
    path.chmod(0)
    with pytest.raises(InvalidInputError, match="cannot be read: Permission denied"):
        read_policy(path)


def test_endless_input_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="larger than"):
        read_policy("/dev/zero")


def test_standard_input() -> None:
    assert read_policy("-", stdin=io.BytesIO(GOOD.encode())).name == "standard input"
    with pytest.raises(InvalidInputError, match=r"^standard input: the file is empty"):
        read_policy("-", stdin=io.BytesIO())


def test_the_processes_own_standard_input() -> None:
    program = "from iamcheck.iam.files import read_policy; print(len(read_policy('-').statements))"
    done = subprocess.run([sys.executable, "-c", program], input=GOOD, capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"


def test_the_layer_is_minded(tmp_path: Path) -> None:
    path = tmp_path / "trust.json"
    path.write_text(GOOD.replace('"Action"', '"Principal": "*", "Action"'))
    assert read_policy(path, layer=PolicyType.RESOURCE).statements
    with pytest.raises(InvalidInputError, match="Principal has no place in identity policies"):
        read_policy(path, layer=PolicyType.IDENTITY)


def test_of_a_log_the_end_is_read(tmp_path: Path) -> None:
    path = tmp_path / "build.log"
    path.write_bytes(b"first line\nlast \xff line\n")
    assert read_log(path, longest=12) == "last \ufffd line\n"
    assert read_log(path) == "first line\nlast \ufffd line\n"


@pytest.mark.parametrize(
    ("encoding", "mark"), [("utf-8", b""), ("utf-8-sig", b""), ("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff")]
)
@pytest.mark.parametrize("longest", [400_000, 24, 25, 26, 27])
def test_the_end_of_a_log_is_read_in_its_encoding(tmp_path: Path, encoding: str, mark: bytes, longest: int) -> None:
    path = tmp_path / "deploy.log"
    data = mark + "the first line\r\nit failed\r\n".encode(encoding)
    path.write_bytes(data)
    assert "it failed\r\n".endswith(read_log(path, longest=longest)[-11:])
    assert read_log(path) == text_of_log(data) == "the first line\r\nit failed\r\n"
