from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.utils import translation

from sen.kernel.errors import (
    ConflictError,
    InputCheck,
    InvalidInputError,
    Meanwhile,
    NotFoundError,
    PermissionDeniedError,
    RuleNotInForceError,
    SenError,
)
from sen.lib.errors import InputError


@pytest.fixture(autouse=True)
def vietnamese() -> object:
    with translation.override("vi"):
        yield


def test_wrong_input_is_told_by_field() -> None:
    error = InvalidInputError({"name": "Hãy ghi tên.", "km": ["Quá lớn.", "Không có đoạn này."]})
    assert error.fields == {"name": ["Hãy ghi tên."], "km": ["Quá lớn.", "Không có đoạn này."]}
    problem = error.as_problem()
    assert problem["status"] == 422
    assert problem["type"] == "urn:sen:problem:invalid-input"
    assert problem["title"] == "Dữ liệu nhập chưa đúng."
    assert problem["detail"] == "Hãy ghi tên."
    assert problem["errors"] == error.fields
    assert InvalidInputError().message == "Dữ liệu nhập chưa đúng."


def test_a_check_collects_all_fields_before_it_raises() -> None:
    check = InputCheck()
    check.need(True, "a", "không có")
    check.done()
    check.need("", "name", "Hãy ghi tên.")
    check.add("name", "Tên quá ngắn.")
    check.add("km", "Hãy ghi lý trình.")
    with pytest.raises(InvalidInputError) as caught:
        check.done()
    assert caught.value.fields == {
        "name": ["Hãy ghi tên.", "Tên quá ngắn."],
        "km": ["Hãy ghi lý trình."],
    }


def test_errors_of_the_library_become_errors_of_a_field() -> None:
    error = InvalidInputError.of("km", InputError("Không đọc được “%(text)s”.", text="Km?"))
    assert error.fields == {"km": ["Không đọc được “Km?”."]}


def test_a_refusal_names_the_permission() -> None:
    error = PermissionDeniedError("assets.asset.change")
    assert error.message == "Tài khoản của bạn không có quyền “assets.asset.change”."
    assert error.as_problem()["permission"] == "assets.asset.change"
    assert error.hint
    assert PermissionDeniedError().message == "Bạn không có quyền thực hiện việc này."


def test_what_is_hidden_is_told_like_what_is_missing() -> None:
    assert NotFoundError().status == 404
    assert "cầu “B-12”" in str(NotFoundError("cầu", "B-12"))


def test_a_conflict_tells_each_step() -> None:
    at = datetime(2026, 9, 1, 3, 5, tzinfo=UTC)
    error = ConflictError(
        current_version=4,
        meanwhile=[Meanwhile(3, at, "Lan", ("tên", "chiều dài")), Meanwhile(4, at, "Bình")],
    )
    assert error.message == (
        "Lan đã sửa tên, chiều dài lúc 10:05 01/09/2026. Bình đã sửa lúc 10:05 01/09/2026."
    )
    assert error.as_problem()["meanwhile"][0]["fields"] == ["tên", "chiều dài"]
    assert "current_version" not in ConflictError().as_problem()


def test_a_missing_rule_names_rule_and_date() -> None:
    error = RuleNotInForceError("tải trọng trục", date(2030, 1, 2))
    assert "“tải trọng trục”" in error.message
    assert "02/01/2030" in error.message
    assert error.as_problem()["on"] == "2030-01-02"


def test_every_error_has_its_own_code_and_a_sentence() -> None:
    kinds = SenError.__subclasses__()
    codes = [kind.code for kind in kinds]
    assert len(set(codes)) == len(codes)
    for kind in kinds:
        assert kind.default_message().endswith(".")
        # 503: a part of the machine is missing, which no change of the request would mend.
        assert 400 <= kind.status < 500 or kind.status == 503
